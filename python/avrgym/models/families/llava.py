"""LLaVA: SigLIP tower, two-layer projector, Llama decoder; the family that is made to learn.

Everything is native transformers: ``AutoProcessor`` and ``AutoModelForImageTextToText`` load what
is saved, with torchvision and without.
"""

from typing import Any

from avrgym.core.extras import needs
from avrgym.models.dialects import LLAVA as DIALECT
from avrgym.models.families.family import Family, Request

with needs("train"):
    from transformers import (
        AutoProcessor,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
        SiglipImageProcessorPil,
        SiglipVisionConfig,
    )


def processor(asked: Request) -> LlavaProcessor:
    """White maps to 0: most of a board is white, and a patch without ink then excites nothing.

    The Pillow-backed image processor needs no torchvision.
    """
    image = SiglipImageProcessorPil(
        size={"height": asked.height, "width": asked.width},
        do_resize=False,  # the core draws at the model's size
        image_mean=[1.0] * 3,
        image_std=[0.25] * 3,
    )
    return LlavaProcessor(
        image_processor=image,
        tokenizer=asked.tokenizer,
        patch_size=asked.shape.patch,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=0,
        image_token=DIALECT.picture,
        chat_template=DIALECT.template,
    )


def model(asked: Request) -> LlavaForConditionalGeneration:
    """A position for each patch; input and output embeddings are one table."""
    shape = asked.shape
    vision = SiglipVisionConfig(
        hidden_size=shape.hidden,
        intermediate_size=3 * shape.hidden,
        num_hidden_layers=shape.vision_layers,
        num_attention_heads=shape.heads,
        image_size=asked.rows * shape.patch,
        patch_size=shape.patch,
        vision_use_head=False,
    )
    return LlavaForConditionalGeneration(
        LlavaConfig(
            text_config=LlamaConfig(**asked.text(), tie_word_embeddings=True),
            vision_config=vision,
            image_token_index=asked.id(DIALECT.picture),
            vision_feature_select_strategy="full",
            vision_feature_layer=-1,
            image_seq_length=asked.rows * asked.columns,
            tie_word_embeddings=True,
        )
    )


def load(folder: str, **settings: Any) -> Any:
    """Goes on with Pillow: torchvision, where it is installed, rounds otherwise."""
    factory: Any = AutoProcessor
    return factory.from_pretrained(folder, backend="pil", **settings)


FAMILY = Family("llava", DIALECT, model, processor, load, whole=False, even=False)

"""SmolVLM in the class of its first models, Idefics3; later ones want torchvision for videos."""

from typing import Any

from avrgym.core.extras import needs
from avrgym.models.dialects import SMOLVLM as DIALECT
from avrgym.models.families.family import Family, Request

with needs("train"):
    from transformers import (
        AutoProcessor,
        Idefics3Config,
        Idefics3ForConditionalGeneration,
        Idefics3ImageProcessorPil,
        Idefics3Processor,
        LlamaConfig,
    )

SCALE = 2  # patches to the side of what is shuffled into one token


def processor(asked: Request) -> Idefics3Processor:
    """No splitting: the published settings enlarge a picture and cut it into pieces."""
    image = Idefics3ImageProcessorPil(
        do_image_splitting=False,
        size={"longest_edge": asked.height},
        max_image_size={"longest_edge": asked.height},
    )
    return Idefics3Processor(
        image_processor=image,
        tokenizer=asked.tokenizer,
        image_seq_len=asked.rows * asked.columns,
        chat_template=DIALECT.template,
    )


def model(asked: Request) -> Idefics3ForConditionalGeneration:
    """A position for each patch; input and output embeddings are one table."""
    shape = asked.shape
    return Idefics3ForConditionalGeneration(
        Idefics3Config(
            text_config=LlamaConfig(**asked.text(), tie_word_embeddings=True),
            vision_config={
                "hidden_size": shape.hidden,
                "intermediate_size": 3 * shape.hidden,
                "num_hidden_layers": shape.vision_layers,
                "num_attention_heads": shape.heads,
                "image_size": asked.height,
                "patch_size": asked.half,
            },
            image_token_id=asked.id(DIALECT.picture),
            scale_factor=SCALE,
            tie_word_embeddings=True,
        )
    )


def load(folder: str, **settings: Any) -> Any:
    """Goes on with Pillow, with torchvision and without."""
    factory: Any = AutoProcessor
    return factory.from_pretrained(folder, backend="pil", **settings)


FAMILY = Family("smolvlm", DIALECT, model, processor, load)

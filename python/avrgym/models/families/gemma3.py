"""Gemma 3: SigLIP tower, patches averaged, pictures that look both ways."""

from typing import Any

from avrgym.core.extras import needs
from avrgym.models.dialects import GEMMA3 as DIALECT
from avrgym.models.families.family import Family, Request

with needs("train"):
    from transformers import (
        AutoProcessor,
        Gemma3Config,
        Gemma3ForConditionalGeneration,
        Gemma3ImageProcessorPil,
        Gemma3Processor,
        Gemma3TextConfig,
        SiglipVisionConfig,
    )


def processor(asked: Request) -> Gemma3Processor:
    """Never pans and scans: a picture is shown once, as it is."""
    image = Gemma3ImageProcessorPil(
        size={"height": asked.height, "width": asked.width}, do_pan_and_scan=False
    )
    return Gemma3Processor(
        image_processor=image,
        tokenizer=asked.tokenizer,
        image_seq_length=asked.rows * asked.columns,
        chat_template=DIALECT.template,
    )


def model(asked: Request) -> Gemma3ForConditionalGeneration:
    """Input and output embeddings are one table."""
    shape = asked.shape
    head = shape.hidden // shape.heads
    vision = SiglipVisionConfig(
        hidden_size=shape.hidden,
        intermediate_size=3 * shape.hidden,
        num_hidden_layers=shape.vision_layers,
        num_attention_heads=shape.heads,
        image_size=asked.height,
        patch_size=asked.half,
        vision_use_head=False,
    )
    return Gemma3ForConditionalGeneration(
        Gemma3Config(
            text_config=Gemma3TextConfig(
                **asked.text(), head_dim=head, query_pre_attn_scalar=head, sliding_window=1024
            ),
            vision_config=vision,
            mm_tokens_per_image=asked.rows * asked.columns,
            boi_token_index=asked.id("<start_of_image>"),
            eoi_token_index=asked.id("<end_of_image>"),
            image_token_index=asked.id("<image_soft_token>"),
            tie_word_embeddings=True,
        )
    )


def load(folder: str, **settings: Any) -> Any:
    """Goes on with Pillow, with torchvision and without."""
    factory: Any = AutoProcessor
    return factory.from_pretrained(folder, backend="pil", **settings)


FAMILY = Family("gemma3", DIALECT, model, processor, load)

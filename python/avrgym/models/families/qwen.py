"""Qwen2.5-VL and Qwen3-VL: patches merged two by two, positions in three directions."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from avrgym.core.extras import needs
from avrgym.models.dialects import QWEN as DIALECT
from avrgym.models.families.family import Family, Request

with needs("train"):
    import transformers
    from transformers import (
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2VLImageProcessorPil,
        Qwen3VLConfig,
        Qwen3VLForConditionalGeneration,
    )
    from transformers.processing_utils import ProcessorMixin

MERGE = 2
VIDEO = "video_preprocessor_config.json"
MARKS = {
    "image": "<|image_pad|>",
    "video": "<|video_pad|>",
    "vision_start": "<|vision_start|>",
    "vision_end": "<|vision_end|>",
}
# Of the published processors.
CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
HALF = ((0.5,) * 3, (0.5,) * 3)


class Still:
    """What makes a stock processor one for pictures alone; it wants torchvision, for videos."""

    video = ""

    def __init__(
        self: Any,
        image_processor: Any = None,
        tokenizer: Any = None,
        chat_template: str | None = None,
        **_: Any,
    ) -> None:
        """The marks of the family are looked up in the tokenizer."""
        for name, token in MARKS.items():
            setattr(self, f"{name}_token", token)
            setattr(self, f"{name}_token_id", tokenizer.convert_tokens_to_ids(token))
        ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)

    def save_pretrained(self: Any, save_directory: str | Path, **settings: Any) -> Any:
        """As all processors do, with the settings for videos that the stock one looks for."""
        said = ProcessorMixin.save_pretrained(self, save_directory, **settings)
        image = self.image_processor
        names = ("patch_size", "merge_size", "temporal_patch_size", "image_mean", "image_std")
        video = {name: getattr(image, name) for name in names}
        video |= {"size": dict(image.size), "video_processor_type": self.video}
        Path(save_directory, VIDEO).write_text(json.dumps(video, indent=2), "utf-8")
        return said


def _still(stock: type[Any], video: str) -> Any:
    """Under the stock name, by which saved settings are read where torchvision is installed."""
    return type(stock.__name__, (Still, stock), {"video": video, "__module__": __name__})


Qwen2_5_VLProcessor = _still(transformers.Qwen2_5_VLProcessor, "Qwen2VLVideoProcessor")
Qwen3VLProcessor = _still(transformers.Qwen3VLProcessor, "Qwen3VLVideoProcessor")


def processor(still: Any, norm: tuple[Any, Any], asked: Request) -> Any:
    """The bounds hold every picture of the run."""
    area = asked.height * asked.width
    image = Qwen2VLImageProcessorPil(
        patch_size=asked.half,
        merge_size=MERGE,
        temporal_patch_size=2,
        size={"shortest_edge": area, "longest_edge": area},
        image_mean=list(norm[0]),
        image_std=list(norm[1]),
    )
    return still(image_processor=image, tokenizer=asked.tokenizer, chat_template=DIALECT.template)


def _config(asked: Request, vision: dict[str, Any]) -> dict[str, Any]:
    shape = asked.shape
    half = shape.hidden // shape.heads // 2
    # Time, rows and columns share the directions of a head; the first gets what is left over.
    section = [half - 2 * (half * 3 // 8), half * 3 // 8, half * 3 // 8]
    return {
        "text_config": asked.text()
        | {"rope_parameters": {"rope_type": "default", "mrope_section": section}},
        "vision_config": {
            "depth": shape.vision_layers,
            "hidden_size": shape.hidden,
            "intermediate_size": 3 * shape.hidden,
            "num_heads": shape.heads,
            "patch_size": asked.half,
            "spatial_merge_size": MERGE,
            "temporal_patch_size": 2,
            "out_hidden_size": shape.hidden,
        }
        | vision,
        "image_token_id": asked.id("<|image_pad|>"),
        "video_token_id": asked.id("<|video_pad|>"),
        "vision_start_token_id": asked.id("<|vision_start|>"),
        "vision_end_token_id": asked.id("<|vision_end|>"),
        "tie_word_embeddings": True,
    }


def qwen2_5(asked: Request) -> Qwen2_5_VLForConditionalGeneration:
    """All but the last layer of the tower look at windows, as in the published models."""
    vision = {
        "window_size": 4 * asked.shape.patch,
        "fullatt_block_indexes": [asked.shape.vision_layers - 1],
    }
    return Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**_config(asked, vision)))


def qwen3(asked: Request) -> Qwen3VLForConditionalGeneration:
    """The tower's first layer is fed to the decoder's first, as the published ones feed three."""
    side = MERGE * max(asked.rows, asked.columns)
    vision = {"num_position_embeddings": side * side, "deepstack_visual_indexes": [0]}
    config = _config(asked, vision)
    config["text_config"]["head_dim"] = asked.shape.hidden // asked.shape.heads
    config["text_config"]["rope_parameters"]["mrope_interleaved"] = True
    return Qwen3VLForConditionalGeneration(Qwen3VLConfig(**config))


QWEN2_5_VL = Family(
    "qwen2_5_vl",
    DIALECT,
    qwen2_5,
    partial(processor, Qwen2_5_VLProcessor, CLIP),
    partial(Qwen2_5_VLProcessor.from_pretrained, backend="pil"),
    square=False,
)
QWEN3_VL = Family(
    "qwen3_vl",
    DIALECT,
    qwen3,
    partial(processor, Qwen3VLProcessor, HALF),
    partial(Qwen3VLProcessor.from_pretrained, backend="pil"),
    square=False,
)

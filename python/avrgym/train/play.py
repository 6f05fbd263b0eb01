"""A saved model, asked one question."""

import json
from pathlib import Path

from transformers import AutoModelForImageTextToText, AutoProcessor

from avrgym.prompts.views import style
from avrgym.train.models import replies
from avrgym.train.quiet import quieten
from avrgym.train.settings import Modality, Pictures

LONG, SHORT = 1024, 160  # tokens for a reply in full and in terse style


def play(
    model: Path, address: str, *, modality: Modality = "image", sampled: bool = False, seed: int = 0
) -> str:
    """What a model says to an address.

    Args:
        model: A folder that ``from_pretrained`` reads. Pictures are drawn as its run drew them,
            else in theme ``compact`` at the size of its image processor.
        address: What to ask.
        modality: Picture or twin.
        sampled: Draw the reply instead of taking the most likely one.
        seed: Of the drawing.
    """
    quieten()
    processor = AutoProcessor.from_pretrained(model)
    [reply] = replies(
        AutoModelForImageTextToText.from_pretrained(model),
        processor,
        [address],
        modality=modality,
        decoding="sampled" if sampled else "greedy",
        pictures=_pictures(model, processor.image_processor.size),
        max_reply=SHORT if style(address) == "terse" else LONG,
        batch=1,
        seed=seed,
    )
    return reply.decode("utf-8", "replace")


def _pictures(model: Path, size: dict[str, int]) -> Pictures:
    settings = model.parent.parent / "settings.json"
    if settings.exists():
        return Pictures(**json.loads(settings.read_text("utf-8"))["pictures"])
    return Pictures(height=size.get("height", 448), width=size.get("width", 448))

"""The parts of a vision-language model: its tower, what leads from there, and its decoder."""

import re
from typing import Any

from avrgym._core import TaskError
from avrgym.models.spec import Lora, Part

# Segments of the names of weights; a projector may lie within the tower.
PROJECTOR = re.compile(r"(multi_modal_projector|connector|merger|deepstack_merger_list)")
VISION = re.compile(r"(vision_tower|vision_model|visual)")


def part(name: str) -> Part:
    """The part that a module or weight belongs to, by its dotted name."""
    segments = name.split(".")
    if any(PROJECTOR.fullmatch(segment) for segment in segments):
        return "projector"
    return "vision" if any(VISION.fullmatch(segment) for segment in segments) else "language"


def freeze(model: Any, parts: tuple[Part, ...]) -> None:
    """Keeps parts as they are through all training that follows; the others are left alone.

    Raises:
        TaskError: The model has no weights by whose names the part can be told.
    """
    weights = list(model.named_parameters())
    found = {part(name) for name, _ in weights}
    for wanted in parts:
        if wanted not in found:
            raise TaskError(
                f'frozen: {type(model).__name__} has no weights known as "{wanted}"; '
                f"it has {sorted(found)}"
            )
    for name, weight in weights:
        if part(name) in parts:
            weight.requires_grad_(False)


def targets(model: Any, lora: Lora) -> list[str]:
    """The names of the modules that get an adapter, in full.

    Raises:
        TaskError: There are none; it names the endings that there are.
    """
    # Linear layers, quantised ones too, have these; embeddings and convolutions do not.
    linear = [
        name
        for name, module in model.named_modules()
        if hasattr(module, "in_features") and part(name) in lora.parts
    ]
    found = [name for name in linear if name.rpartition(".")[2] in lora.targets]
    if not found:
        endings = sorted({name.rpartition(".")[2] for name in linear})
        raise TaskError(
            f"lora.targets {list(lora.targets)} are in none of {list(lora.parts)}; "
            f"{type(model).__name__} has {endings} there"
        )
    return found

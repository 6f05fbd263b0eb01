"""What a stage is given to learn with: everything that is not its own setting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.models.load import Loaded
from avrgym.models.spec import Model
from avrgym.prompts.prompt import Prompt, chats
from avrgym.runs.record import Record
from avrgym.train.clock import Clock
from avrgym.train.curricula.occasion import Curriculum, Occasion
from avrgym.train.processes import Processes

with needs("train"):
    from PIL import Image

CURRICULUM = "curriculum.json"  # beside the trainer's own files in a checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A stage's place in a run.

    Attributes:
        name: The stage's.
        steps: Optimiser steps to do in all.
        seed: The run's.
        picture: How to draw.
        curriculum: What to draw.
        occasion: What that was made for.
        record: Where to write.
        processes: Who works on it.
        common: Settings of trainers that follow from the run's model.
        adapter: Whether a low-rank adapter is trained instead of the model's own weights.
        origin: Folder of the model that the stage began with, also where it goes on from a later
            one: what it is compared with, if its trainer compares it.
        reference: Loads that model.
        first: Folder of the model that the run began with.
        model: What that is, as the run's file says it.
        loads: Loads what the run saved in a folder, to train on.
        probe: Measures quickly where the model stands, and shows it; told the step.
        say: Shows a line.
        folder: For checkpoints.
        checkpoint: To go on from; None to begin.
        clock: Adds up where time goes.
    """

    name: str
    steps: int
    seed: int
    picture: Picture
    curriculum: Curriculum
    occasion: Occasion
    record: Record
    processes: Processes
    common: dict[str, Any]
    adapter: bool
    origin: Path
    reference: Callable[[], Any]
    first: Path
    model: Model
    loads: Callable[[Path], Loaded]
    probe: Callable[[int], None]
    say: Callable[[str], None]
    folder: Path
    checkpoint: Path | None = None
    clock: Clock = field(default_factory=Clock)

    def rows(self, prompts: Sequence[Prompt]) -> list[dict[str, Any]]:
        """Prompts as rows for TRL's trainers, their pictures Pillow's, equal ones drawn once.

        Returns:
            Rows with ``prompt``, ``completion`` (messages), ``images`` (0 or 1 pictures),
            ``address`` and ``format``.
        """
        distinct = list(dict.fromkeys(prompts))
        with self.clock.measure("environment"):
            words = chats(distinct)
        with self.clock.measure("pictures"):
            shown = [prompt for prompt in distinct if prompt.format.pictured]
            drawn = self.picture.draw([prompt.address for prompt in shown])
            pictures = dict(zip(shown, map(Image.fromarray, drawn), strict=True))
        said = dict(zip(distinct, words, strict=True))
        return [
            {
                "prompt": said[prompt].prompt,
                "completion": said[prompt].completion,
                "images": [pictures[prompt]] if prompt.format.pictured else [],
                "address": prompt.address,
                "format": prompt.format.name,
            }
            for prompt in prompts
        ]

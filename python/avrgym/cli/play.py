"""The verb play: a trained model asked one question."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

import avrgym
from avrgym.cli import terminal
from avrgym.cli.options import default
from avrgym.core.pieces import cut, marks
from avrgym.prompts.format import Format

_COLOURS = {"": "", "ok": "green", "wrong": "red", "unsupported": "yellow"}


@dataclass(frozen=True, slots=True)
class Play:
    """Try a trained model on an address: its reply, each step marked right or wrong.

    Attributes:
        address: Such as grid_navigation/rung2#test:0:7.
        run: The folder of a run, whose last stage is asked.
        model: A folder that from_pretrained reads, instead.
        format: What is shown and asked for: image, text, image_via_text or image_to_text; with
            -direct behind it the answer alone.
        sampled: Draw a reply instead of the most likely one.
        seed: Of the drawing.
    """

    address: Annotated[str, tyro.conf.Positional]
    run: Path = Path("runs/quickstart")
    model: Annotated[Path | None, default("the run's last stage")] = None
    format: str = "image"
    sampled: bool = False
    seed: int = 0

    def do(self) -> bool:
        """Asks, and prints question and reply."""
        [sample] = avrgym.samples([self.address])
        format = Format.parse(self.format)
        # The libraries take seconds.
        from avrgym.models.play import latest, play
        from avrgym.train.quiet import quieten

        quieten()
        said = play(
            self.model or latest(self.run),
            sample.address,
            format=format,
            decoding="sampled" if self.sampled else "greedy",
            seed=self.seed,
        )
        console = terminal.console()
        console.print(f"[dim]{sample.address}[/dim]\n{sample.question}\n\n{sample.twin}\n")
        marked(sample.address, said.reply)
        return True


def marked(address: str, reply: bytes) -> None:
    """Prints a reply, each step with its judgement, and what came of it."""
    from rich.text import Text

    verdict = avrgym.verify([address], [reply])[0]
    line = Text()
    for piece in cut(reply, marks(verdict.steps)):
        line.append(piece.text, _COLOURS[piece.state])
        for mark in piece.ended:
            line.append(" ✓" if mark.state == "ok" else f" ✗ {mark.reason}", _COLOURS[mark.state])
    console = terminal.console()
    console.print(line)
    console.print(f"\n[bold]{verdict.outcome}[/bold]")

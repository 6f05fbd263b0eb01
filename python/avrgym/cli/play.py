"""The verb play: a trained model asked one question."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

import avrgym

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Play:
    """Try a trained model on an address: its reply, each step marked right or wrong."""

    address: Annotated[str, tyro.conf.Positional]
    """Such as grid_navigation/rung2#test:0:7."""
    model: Path | None = None
    """A folder that `from_pretrained` reads; the last stage of runs/quickstart if left out."""
    modality: Literal["image", "text"] = "image"
    sampled: bool = False
    """Draw a reply instead of the most likely one."""
    seed: int = 0
    """Of the drawing."""

    def do(self) -> bool:
        """Shows what a model says to an address, step by step."""
        from rich.console import Console

        from avrgym.train.play import play as played

        console = Console(highlight=False)
        model = self.model or _latest(Path("runs/quickstart/models"))
        reply = played(
            model, self.address, modality=self.modality, sampled=self.sampled, seed=self.seed
        )
        [sample] = avrgym.samples([self.address])
        console.print(f"[dim]{sample.address}[/dim]\n{sample.question}\n\n{sample.twin}\n")
        _mark(console, self.address, reply)
        return True


def _mark(console: "Console", address: str, reply: str) -> None:
    """Prints a reply line by line, each step with its judgement."""
    from rich.text import Text

    verdict = avrgym.verify([address], [reply])[0]
    colours = {"ok": "green", "wrong": "red", "unsupported": "yellow"}
    said, at = reply.encode("utf-8", "surrogatepass"), 0
    line = Text()
    for step in verdict.steps:
        line.append(said[at : step.start].decode("utf-8", "replace"))
        line.append(step.claim, colours[step.state])
        line.append(" ✓" if step.state == "ok" else f" ✗ {step.reason}", colours[step.state])
        at = max(at, step.end)
    line.append(said[at:].decode("utf-8", "replace"))
    console.print(line)
    console.print(f"\n[bold]{verdict.outcome}[/bold]")


def _latest(models: Path) -> Path:
    """The last stage that was saved.

    Raises:
        FileNotFoundError: Nothing was.
    """
    for stage in ("dpo", "grpo", "sft", "start"):
        if (models / stage).is_dir():
            return models / stage
    raise FileNotFoundError(f"no model in {models}; train one first, or name one with --model")

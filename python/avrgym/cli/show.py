"""The verb show: one sample, with all that is known of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

import avrgym
from avrgym import Picture, TaskError
from avrgym.cli import terminal
from avrgym.cli.outputs import save
from avrgym.core.pictures import Theme
from avrgym.core.pieces import cut, marks


@dataclass(frozen=True, slots=True)
class Show:
    """Show a sample: picture, question, twin, worked steps, what makes it hard.

    A terminal shows the picture itself, as sharply as it can (kitty's protocol, sixel, or half
    blocks); elsewhere it goes to a PNG file, named after the address.

    Example: avrgym show "grid_navigation/hard?objects=2#test:0:17" --theme varied
    """

    address: Annotated[str, tyro.conf.Positional]
    """Such as grid_navigation/rung2#test:0:7."""
    to: Path | None = None
    """A PNG file for the picture, instead of the terminal."""
    picture: bool = True
    """Whether to show it at all."""
    size: int = 448
    """Pixels to the picture's side."""
    theme: Theme = "paper"
    """What the picture looks like."""
    insist: bool = False
    """Draw it even if it is too small to be read."""
    force: bool = False
    """Replace a file that is there and has another picture."""

    def do(self) -> bool:
        """Prints a sample, its picture first."""
        if self.to is not None and self.to.suffix.lower() != ".png":
            raise TaskError(f"--to {self.to} is no name of a PNG file; give one that ends in .png")
        if self.to is not None and not self.picture:
            raise TaskError(f"--no-picture leaves nothing for --to {self.to}; give one of the two")
        console = terminal.console()
        [sample] = avrgym.samples([self.address])
        drawn = None
        if self.picture:
            drawn = Picture(self.size, self.theme, self.insist).draw([sample.address])[0]
        file = None
        if drawn is not None and (self.to is not None or not terminal.draws()):
            name = "".join(c if c.isalnum() else "-" for c in sample.address)
            file = self.to or Path(f"{name}.png")
            save(drawn, file, self.force)
        console.print(f"[bold]{sample.address}[/bold]")
        if file is not None:
            print(f"picture: {file}")
        elif drawn is not None:
            terminal.show_picture(console, drawn)
        print(f"\n{sample.question}\n\n{sample.twin}\n")
        for piece in cut(sample.rationale, marks(sample.steps)):
            print(piece.text, end="")
            for mark in piece.ended:
                console.print(f" ({mark.skill})", end="", style="dim")
        print()
        hard = "  ".join(f"{name} {value:g}" for name, value in sample.features.items())
        luck = "  ".join(f"{name} {value:g}" for name, value in sample.shortcuts.items())
        console.print(f"\n[bold]difficulty[/bold]  {hard}")
        console.print(f"[bold]shortcuts[/bold]   {luck}")
        console.print(f"[bold]content[/bold]     {sample.content}")
        return True

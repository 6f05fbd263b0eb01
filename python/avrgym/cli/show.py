"""The verb show: one sample, with all that is known of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import avrgym
from avrgym import Format, Picture, TaskError
from avrgym.cli import terminal
from avrgym.cli.options import default
from avrgym.cli.outputs import save
from avrgym.core.extras import needs
from avrgym.core.pictures import Theme
from avrgym.core.pieces import cut, marks
from avrgym.prompts.formats import prompt, target

with needs("data"):
    import tyro


@dataclass(frozen=True, slots=True)
class Show:
    """Show a sample: picture, question, twin, worked steps, what makes it hard.

    A terminal shows the picture itself, as sharply as it can (kitty's protocol, sixel, or half
    blocks). What goes elsewhere is text; --to writes the picture to a PNG file as well.

    With --format it shows prompt and reply as a model is given them in that format, the reply's
    steps as the verifier finds them.

    Example: avrgym show "grid_navigation/hard?objects=2#test:0:17" --theme varied
    """

    address: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="ADDRESS")]
    """Such as grid_navigation/rung2#test:0:7."""
    to: Annotated[Path | None, default("the terminal")] = None
    """A PNG file for the picture, instead of the terminal; or a folder, in which it gets a name of
    its own by address, size and theme."""
    format: Annotated[str | None, default("question, twin and rationale")] = None
    """Such as image, text-direct or structured."""
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
        if self.to is not None and not self.picture:
            raise TaskError(f"--no-picture leaves nothing for --to {self.to}; give one of the two")
        asked = None if self.format is None else Format.parse(self.format)
        console = terminal.console()
        [sample] = avrgym.samples([self.address])
        picture = Picture(self.size, self.theme, self.insist)
        file = None if self.to is None else save(sample.address, picture, self.to, self.force)
        drawn = picture.draw([sample.address])[0] if self.picture and file is None else None
        console.print(sample.address, style="bold")
        if file is not None:
            print(f"picture: {file}")
        elif drawn is not None and terminal.draws():
            terminal.show_picture(console, drawn)
        said, steps = sample.rationale, marks(sample.steps)
        if asked is None:
            print(f"\n{sample.question}\n\n{sample.twin}\n")
        else:
            print(f"\n{prompt(sample, asked)}\n")
            said = target(sample, asked)
            steps = marks(avrgym.verify([sample.address], [said])[0].steps)
        for piece in cut(said, steps):
            print(piece.text, end="")
            for mark in piece.ended:
                console.print(f" ({mark.skill})", end="", style="dim")
        print("\n")
        terminal.listed(console, "difficulty", sample.features)
        terminal.listed(console, "shortcuts", sample.shortcuts)
        console.print("content", style="bold")
        print(f"  {sample.content}")
        return True

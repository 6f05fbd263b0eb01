"""Verbs of looking: list, show, gallery."""

import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import numpy as np
import tyro
from numpy.typing import NDArray

import avrgym
from avrgym import TaskError, _core
from avrgym.cli.codes import writing
from avrgym.core.pictures import Theme

if TYPE_CHECKING:
    from rich.console import Console

Task: TypeAlias = Literal[
    "grid_navigation", "consecutive_table_readout", "table_readout", "visual_analogy"
]

_ELSEWHERE = "give a file that can be written with --to"


@dataclass(frozen=True, slots=True)
class List:
    """List tasks and levels; of a task the levels' parameters; of a level its bounds as well.

    Examples: avrgym list; avrgym list grid_navigation; avrgym list grid_navigation/hard
    """

    what: Annotated[str, tyro.conf.Positional] = ""
    """A task, or task/level; everything if left out."""


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


@dataclass(frozen=True, slots=True)
class Gallery:
    """Write one HTML page with all tasks, levels and themes; it needs no other file."""

    to: Path = Path("gallery.html")
    """The file."""
    size: int = 448
    """Pixels to a picture's side; more where it could not be read."""
    force: bool = False
    """Replace a file that is there."""


def list_(verb: List) -> None:
    """Prints what there is."""
    task, _, level = verb.what.partition("/")
    if not task:
        for name in avrgym.TASKS:
            print(f"{name}: {' '.join(avrgym.levels(name))}")
            print(f"    {name}/{avrgym.levels(name)[0]}#train:0:0")
        return
    shown = [level] if level else list(avrgym.levels(task))
    all_of = {name: avrgym.parameters(task, name) for name in shown}
    first = all_of[shown[0]]
    # A parameter that all levels share is said once.
    shared = {
        key: value
        for key, value in first.items()
        if not level and all(own[key] == value for own in all_of.values())
    }
    for name, own in all_of.items():
        print(f"{task}/{name}: {_written({k: v for k, v in own.items() if k not in shared})}")
    if shared:
        print(f"all of them: {_written(shared)}")
    if level:
        bounds = {name: f"{bound:g}" for name, bound in _core.shortcut_bounds(task, level)}
        print(f"shortcuts succeed on at most: {_written(bounds)}")
    key = next(key for key in first if key not in shared)
    print(f"one parameter otherwise: {task}/{shown[0]}?{key}={first[key]}#train:0:0")


def _written(values: Mapping[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in values.items())


def show(verb: Show) -> None:
    """Prints a sample, its picture first."""
    if verb.to is not None and verb.to.suffix.lower() != ".png":
        raise TaskError(f"--to {verb.to} is no name of a PNG file; give one that ends in .png")
    if verb.to is not None and not verb.picture:
        raise TaskError(f"--no-picture leaves nothing for --to {verb.to}; give one of the two")
    console = _console()
    [sample] = avrgym.samples([verb.address])
    drawn = None
    if verb.picture:
        drawn = avrgym.render([sample.address], verb.size, verb.theme, insist=verb.insist)[0]
    file = None
    if drawn is not None and (verb.to is not None or not _draws()):
        name = "".join(c if c.isalnum() else "-" for c in sample.address)
        file = verb.to or Path(f"{name}.png")
        _save(drawn, file, verb.force)
    console.print(f"[bold]{sample.address}[/bold]")
    if file is not None:
        print(f"picture: {file}")
    elif drawn is not None:
        _show_picture(console, drawn)
    print(f"\n{sample.question}\n\n{sample.twin}\n")
    said = sample.rationale.encode()
    at = 0
    for step in sample.steps:
        print(said[at : step.start].decode(), end="")
        at = step.end
        console.print(said[step.start : at].decode(), end="", markup=False)
        console.print(f" ({step.skill})", end="", style="dim")
    print(said[at:].decode())
    hard = "  ".join(f"{name} {value:g}" for name, value in sample.features.items())
    luck = "  ".join(f"{name} {value:g}" for name, value in sample.shortcuts.items())
    console.print(f"\n[bold]difficulty[/bold]  {hard}")
    console.print(f"[bold]shortcuts[/bold]   {luck}")
    console.print(f"[bold]content[/bold]     {sample.content}")


def gallery(verb: Gallery) -> None:
    """Writes the gallery."""
    from avrgym.report.gallery import write_gallery

    if verb.to.exists() and not verb.force:
        raise _there(verb.to)
    with writing(_ELSEWHERE):
        written = write_gallery(verb.to, size=verb.size)
    print(written)


def _save(picture: NDArray[np.uint8], file: Path, force: bool) -> None:
    """Writes a picture as PNG.

    Raises:
        TaskError: Something else is there and was not meant to go.
        NotWrittenError: It cannot be written.
    """
    from PIL import Image

    made = io.BytesIO()
    Image.fromarray(picture).save(made, "PNG")
    if file.exists() and not force and file.read_bytes() != made.getvalue():
        raise _there(file)
    with writing(_ELSEWHERE):
        file.write_bytes(made.getvalue())


def _there(file: Path) -> TaskError:
    return TaskError(f"{file} is there already; give another file with --to, or --force")


def _show_picture(console: "Console", picture: NDArray[np.uint8]) -> None:
    import logging

    from PIL import Image

    # It logs, with a traceback, that a terminal did not answer it; it has a way without.
    logging.getLogger("textual_image").setLevel(logging.CRITICAL)
    from textual_image.renderable import Image as Shown

    # As wide as its pixels need, a cell being about eight of them, if there is room.
    width = min(console.width, picture.shape[1] // 8)
    console.print(Shown(Image.fromarray(picture), width=width, height="auto"))


def _draws() -> bool:
    """Whether the output is a terminal that has a size and shows more than letters."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return min(os.get_terminal_size(sys.stdout.fileno())) > 0


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)

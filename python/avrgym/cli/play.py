"""The verb play: a trained model asked one question, or a page to ask, walk and judge on."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import avrgym
from avrgym import TaskError
from avrgym.cli import terminal
from avrgym.cli.interrupts import Interrupts
from avrgym.cli.options import default
from avrgym.cli.outputs import save
from avrgym.core.extras import needs, remedy
from avrgym.core.pieces import cut, marks
from avrgym.prompts.format import Format

with needs("data"):
    import tyro

if TYPE_CHECKING:
    from avrgym.models.play import Player

_COLOURS = {"": "", "ok": "green", "wrong": "red", "unsupported": "yellow"}
_QUICKSTART = Path("runs/quickstart")


@dataclass(frozen=True, slots=True)
class Play:
    """Try a trained model on an address: the picture it saw, its reply, each step judged.

    With --serve a page on this machine, for browsers on it alone: any problem seen, its board
    walked, any reply judged as it is typed, and the model asked, if one is named. For example:

    avrgym play "grid_navigation/rung2#test:0:7" runs/mine

    avrgym play --serve

    avrgym play --serve runs/mine --port 8000

    Attributes:
        address: Such as grid_navigation/rung2#test:0:7; with --serve it is left out.
        model: The folder of a run, whose last stage is asked, or of a model that from_pretrained
            reads.
        format: What is shown and asked for: image, text, image_via_text, image_to_text or
            structured; with -direct behind it the answer alone.
        sampled: Draw a reply instead of the most likely one.
        seed: Of the drawing.
        to: A PNG file for the picture that the model saw, instead of the terminal; or a folder, in
            which it gets a name of its own.
        force: Replace a file that is there and has another picture.
        serve: Serve the page, until Ctrl-C.
        port: Of the page; 0 is one that is free.
    """

    address: Annotated[str | None, tyro.conf.Positional, default("none")] = None
    model: Annotated[Path | None, tyro.conf.Positional, default("runs/quickstart")] = None
    format: str = "image"
    sampled: bool = False
    seed: int = 0
    to: Annotated[Path | None, default("the terminal")] = None
    force: bool = False
    serve: bool = False
    port: int = 8642

    def do(self) -> bool:
        """Asks, and prints question and reply; or serves."""
        if self.serve:
            _serve(self)
            return True
        if self.address is None:
            raise TaskError(
                "give an address, such as grid_navigation/rung2#test:0:7, or --serve for a page"
            )
        [sample] = avrgym.samples([self.address])
        format = Format.parse(self.format)
        player = _taken(self.model or _QUICKSTART)
        said = player.ask(
            sample.address,
            format=format,
            decoding="sampled" if self.sampled else "greedy",
            seed=self.seed,
        )
        console = terminal.console()
        console.print(f"[bold]{sample.address}[/bold]\nmodel: {player.folder}")
        if format.pictured:
            _show(self, player, sample.address)
        print(f"\n{sample.question}\n\n{sample.twin}\n")
        marked(sample.address, said.reply)
        return True


def _show(verb: Play, player: "Player", address: str) -> None:
    """Shows the picture as the model saw it."""
    picture = player.picture
    how = f"{picture.height} x {picture.width} pixels, theme {picture.theme}"
    if verb.to is not None:
        how += f": {save(address, picture, verb.to, verb.force)}"
    elif terminal.draws():
        terminal.show_picture(terminal.console(), picture.draw([address])[0])
    print(f"what the model saw: {how}")


def _taken(folder: Path, hear: Callable[[str], None] = lambda _: None) -> "Player":
    """The model of a folder; ``hear`` is told that it takes a while."""
    # What is not there is said before the libraries are loaded, which takes seconds.
    if not folder.is_dir():
        raise TaskError(f"{folder} is no folder; name one of a run or of a model, or train first")
    hear(f"loading {folder}")
    from avrgym.models.play import take
    from avrgym.train.quiet import quieten

    quieten()
    return take(folder)


def _serve(verb: Play) -> None:
    """Serves the page; its model may stand in the place of an address."""
    if verb.address is not None and verb.model is not None:
        raise TaskError(
            f"--serve shows any problem and has no use for {verb.address}; leave it out"
        )
    folder = verb.model if verb.address is None else Path(verb.address)
    if folder is not None and "#" in folder.name and not folder.exists():
        raise TaskError(f"--serve shows any problem and has no use for {folder}; leave it out")
    try:
        from avrgym.serve.server import serve
    except ModuleNotFoundError as wrong:
        raise TaskError(f"{wrong}; {remedy('serve')}") from None

    def hear(words: str) -> None:
        print(words, flush=True)

    player = None if folder is None else _taken(folder, hear)
    asked = "no model to ask: name a folder" if player is None else f"model: {player.folder}"
    heard = signal.getsignal(signal.SIGINT)
    serve(
        player,
        verb.port,
        lambda where: hear(f"{where}\n{asked}; Ctrl-C ends"),
        lambda: isinstance(heard, Interrupts) and heard.heard,
    )


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

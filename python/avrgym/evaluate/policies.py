"""What can be evaluated, by one word: a subject, a function, a file, a model, a server."""

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from avrgym._core import TaskError
from avrgym.core.arguments import quoted
from avrgym.core.pictures import Picture
from avrgym.data import tables
from avrgym.evaluate.results import Completion
from avrgym.evaluate.run import Ask
from avrgym.evaluate.subjects import SUBJECTS, luck
from avrgym.models.completion import Completion as Said
from avrgym.models.completion import Question
from avrgym.prompts.prompt import Prompt

_KINDS = (
    f"one of {', '.join(SUBJECTS)}; a function, package.module:function; a file of replies "
    f"({', '.join(tables.ENDINGS)}); the folder of a model or a run; or a server, http://…/v1"
)

_TOLD = ("picture", "decoding", "seed", "draw", "max_reply", "temperature", "top_p")


class Stream(Protocol):
    """A policy whose replies come one by one, in any order, and do not depend on each other."""

    def __call__(
        self, questions: Iterable[Question], /, *, max_reply: int, seed: int
    ) -> Iterator[tuple[Question, int, Completion]]:
        """Each reply as it comes: to which question, which of its draws, and what was said."""


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """What is evaluated.

    Attributes:
        name: As rows say it.
        ask: Asks it for batches; None where it answers one by one.
        stream: Asks it one by one; None where it answers batches.
        picture: How it is shown pictures, where nothing else is asked for.
        about: What tells it from another of its name, plain values; a folder is continued only
            with the same.
        steps: Asks a server for one line more, see :class:`avrgym.models.endpoint.Endpoint`.
        told: What was found out about it while it was asked, plain values; given what was when an
            earlier part of the same evaluation was.
        weights: Of its model; None where nobody knows.
    """

    name: str
    ask: Ask | None = None
    stream: Stream | None = None
    picture: Picture = field(default_factory=Picture)
    about: Mapping[str, Any] = field(default_factory=dict)
    steps: Callable[..., Iterator[tuple[int, Said]]] | None = None
    told: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict
    weights: int | None = None


def subject(name: str) -> Policy:
    """A subject by name.

    Raises:
        KeyError: There is none.
    """
    says = SUBJECTS[name]

    def ask(
        prompts: Sequence[Prompt], /, picture: Picture, *, seed: int, draw: int, **_: Any
    ) -> list[Said]:
        return [Said(reply.encode()) for reply in says(prompts, luck(seed, draw))]

    return Policy(name, ask)


def function(path: str) -> Policy:
    """A function by its dotted path, such as ``my.models:reply``, looked for here too.

    It is called with a list of :class:`avrgym.Prompt`, and with ``picture``, ``decoding``,
    ``temperature`` and ``top_p`` (0 and 1 where it is to be greedy), ``seed``, ``draw`` and
    ``max_reply`` by name where it takes them, and returns a reply to each, text or bytes.

    Raises:
        TaskError: There is no such function.
    """
    module, _, name = path.partition(":")
    if (here := os.getcwd()) not in sys.path:
        sys.path.insert(0, here)  # as python -m does
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as wrong:  # whatever a module of somebody's does while it is imported
        said = f"{type(wrong).__name__}: {wrong}"
        raise TaskError(f"--policy {path}: {said}; give package.module:function") from None
    if not callable(found):
        raise TaskError(f"--policy {path} is {quoted(found)}, nothing that can be called")
    taken = _taken(found)

    def ask(prompts: Sequence[Prompt], /, picture: Picture, **how: Any) -> list[Said]:
        given = how | {"picture": picture}
        try:
            said = list(found(list(prompts), **{name: given[name] for name in taken}))
        except Exception as wrong:
            raise TaskError(f"{path} failed: {type(wrong).__name__}: {wrong}") from wrong
        if len(said) != len(prompts):
            raise TaskError(
                f"{path} gave {len(said)} replies to {len(prompts)} prompts; give one to each"
            )
        return [_said(path, reply) for reply in said]

    return Policy(path, ask)


def model(folder: Path) -> Policy:
    """The model of a folder, or of a run, whose last finished stage is taken.

    Raises:
        TaskError: There is none, or it cannot be loaded.
    """
    from avrgym.models.fits import positions
    from avrgym.models.play import take
    from avrgym.models.policy import replies
    from avrgym.models.size import weights

    player = take(folder)
    most = positions(player.loaded.model)

    def ask(prompts: Sequence[Prompt], /, picture: Picture, **how: Any) -> Sequence[Completion]:
        if most is not None and how["max_reply"] >= most:
            raise TaskError(
                f"max_reply = {how['max_reply']} is too many for a model of {most} positions, "
                "which hold the prompt too; give less with --max-reply"
            )
        return replies(player.loaded, prompts, picture, **how)

    about = {"folder": str(player.folder)}
    size = weights(player.folder)
    return Policy(str(folder), ask, picture=player.picture, about=about, weights=size)


def server(url: str, name: str | None, *, in_flight: int = 16, retries: int = 5) -> Policy:
    """A model behind a server of the chat API; see :class:`avrgym.models.endpoint.Endpoint`.

    Raises:
        TaskError: It cannot be asked what it serves, or serves several models and none is named.
    """
    from avrgym.models.endpoint import Endpoint, serves

    endpoint = Endpoint(url, name or serves(url), in_flight=in_flight, retries=retries)
    how: dict[str, Any] = {"stream": endpoint.replies, "steps": endpoint.steps}
    how["told"] = lambda _before: endpoint.told()
    return Policy(endpoint.model, about={"kind": "endpoint"}, **how)


def found(word: str) -> Policy:
    """The policy that a word stands for, but for files and servers.

    Raises:
        TaskError: It stands for none, or there is none.
    """
    if word in SUBJECTS:
        return subject(word)
    if Path(word).is_dir():
        return model(Path(word))
    module, colon, name = word.partition(":")
    if colon and all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        return function(word)
    raise TaskError(f"no policy {word!r}; give {_KINDS}")


def is_server(word: str) -> bool:
    """Whether a word is the address of a server."""
    return word.startswith(("http://", "https://"))


def is_file(word: str) -> bool:
    """Whether a word is a file of replies: by its name, or because it is there."""
    return not is_server(word) and (
        Path(word).is_file() or word.lower().endswith(tuple(tables.ENDINGS))
    )


def _taken(function: Callable[..., Any]) -> set[str]:
    """What a function takes by name."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return set()
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return set(_TOLD)
    # The first are the prompts, whatever it calls them.
    return {each.name for each in list(parameters)[1:]} & set(_TOLD)


def _said(path: str, reply: Any) -> Said:
    if isinstance(reply, Said):
        return reply
    if isinstance(reply, str):
        return Said(reply.encode("utf-8", "surrogatepass"))
    if isinstance(reply, bytes):
        return Said(reply)
    raise TaskError(f"{path} gave {quoted(reply)} for a reply; give text or bytes")

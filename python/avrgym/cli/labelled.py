"""Which labelled steps the options of generate stand for."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avrgym._core import TaskError
from avrgym.cli import asked
from avrgym.cli.codes import writing
from avrgym.cli.progress import progress
from avrgym.core.arguments import named, whole
from avrgym.core.corruption import CORRUPTIONS
from avrgym.core.pictures import Picture
from avrgym.data.settings import Writing
from avrgym.files import lock
from avrgym.prompts.format import Format

if TYPE_CHECKING:
    from avrgym.cli.generate import Generate
    from avrgym.prm.continuations import Audit
    from avrgym.prm.data import Labelled

GOLD = "gold"
#: What to do where labels could not be written.
AGAIN = "make room, and give the same command"
# Of a mixture by name, or of pairs.
_NOT_OURS = (
    *("task", "examples", "simple", "hard", "rationale", "internalise", "params", "batch"),
    *("template", "accuracy", "most", "cut", "ratio", "words"),
)
_OF_MONTE_CARLO = ("policy", "labels")


@dataclass(frozen=True, slots=True)
class Made:
    """What is to be written.

    Attributes:
        rows: Labelled replies, and what was done to each.
        picture: How those are drawn that show one.
        facts: What they were made of.
        audit: Of labels by continuations: how they compare with the truth.
    """

    rows: "Sequence[tuple[Labelled, str]]"
    picture: Picture
    facts: Mapping[str, Any]
    audit: "Mapping[str, Audit]" = field(default_factory=dict)


def labelled(verb: "Generate") -> Made:
    """The replies of a folder, or rationales with errors.

    Raises:
        TaskError: There are none, or an option has no use.
    """
    if Path(verb.mixture).is_dir():
        return _replies(verb)
    from avrgym.data import ranges
    from avrgym.prm.corpus import tampered

    if not ranges.found(verb.mixture):
        raise TaskError(
            f"--for: a judge of steps learns from replies, and {verb.mixture} has none; give a "
            "folder of avrgym train or of avrgym evaluate, or addresses such as "
            "grid_navigation/simple#train:0:0-9999"
        )
    for name in (*_NOT_OURS, "continuations", *_OF_MONTE_CARLO):
        if getattr(verb, name) is not None:
            raise TaskError(f"--{name} has no use for steps of addresses; leave it out")
    head, first, end = ranges.span(verb.mixture)
    if "#test:" in head:
        raise TaskError(f"{verb.mixture} is of split test, on which nothing is trained")
    kinds = [
        named("kind", kind, (*CORRUPTIONS, GOLD)) for kind in verb.kinds or (*CORRUPTIONS, GOLD)
    ]
    settings = {key: value for key, value in verb.writing.items() if key != "trainer"}
    plain = {each.name: each.default for each in fields(Writing)}
    for name in ("layout", "container", "encoding", "quality", "shard_rows", "duplicates"):
        if settings.get(name, plain[name]) != plain[name]:
            typed = name.replace("_", "-")
            raise TaskError(
                f"--{typed} has no use for steps: they are one Parquet file; leave it out"
            )
    drawn = Writing(**settings)
    picture = Picture(drawn.size, drawn.theme, drawn.insist)
    format = Format.parse(verb.format or "image")
    if format.pictured:
        picture.check(head)
    rows = tampered(
        [f"{head}{at}" for at in range(first, end)],
        format,
        kinds=[kind for kind in kinds if kind != GOLD],
        gold=GOLD in kinds,
        seed=verb.seed or 0,
    )
    return Made(rows, picture, {"source": verb.mixture, "kinds": kinds, "seed": verb.seed or 0})


def _replies(verb: "Generate") -> Made:
    """What a model said, with the verifier's labels."""
    from avrgym.models.completion import Completion
    from avrgym.prm.data import of_completions
    from avrgym.train.preferences import replied

    asked.useless(verb, *_NOT_OURS, "format", "kinds", *(each.name for each in fields(Writing)))
    found = replied(Path(verb.mixture))
    made = of_completions(found.prompts, [Completion(reply) for reply in found.replies])
    kept = [each for each in made if each.labels]
    facts: dict[str, Any] = {"source": str(found.source)}
    if verb.continuations is None:
        for name in _OF_MONTE_CARLO:
            if getattr(verb, name) is not None:
                raise TaskError(f"--{name} is of continuations; give --continuations too")
        return Made([(each, "") for each in kept], found.picture, facts)
    return _continued(verb, kept, found.picture, facts)


def _kept(to: Path) -> Path:
    """Where continuations are kept until what they are for is written."""
    whole = to.absolute()
    return whole.with_name(f".{whole.name}.unfinished") / "continuations.jsonl"


@contextmanager
def alone(to: Path) -> Iterator[None]:
    """Keeps what is drawn for a folder until that is there, and other processes out for the block.

    Args:
        to: The folder; it is there whole when the block ends well.

    Raises:
        TaskError: It is there already, or another process is at it.
    """
    begun = _kept(to).parent
    made = [each for each in (begun, *begun.parents) if not each.exists()]
    with writing(AGAIN, begun):
        begun.mkdir(parents=True, exist_ok=True)
    with lock.alone(begun, f"another process is labelling for {to}; wait for it", extra="data"):
        try:
            if to.exists():
                raise TaskError(f"{to} is there; give a new folder with --to")
            yield
        finally:
            if to.exists() or not _kept(to).exists():  # there is nothing to go on with
                shutil.rmtree(begun)
                for each in made[1:]:
                    with suppress(OSError):
                        each.rmdir()


def _continued(
    verb: "Generate", truth: "list[Labelled]", picture: Picture, facts: dict[str, Any]
) -> Made:
    """Labels by Monte Carlo, held to the truth."""
    from avrgym.models.play import take
    from avrgym.prm.continuations import audit, continued, hard
    from avrgym.train.quiet import quieten

    whole("--continuations", verb.continuations, 1, 4096)
    quieten()
    folder = verb.policy or Path(verb.mixture)
    player = take(folder)
    room = max(len(each.reply) for each in truth)  # no token has less than a byte
    with progress() as hear, writing(AGAIN, _kept(verb.to)):
        made = continued(
            player.loaded,
            truth,
            picture,
            n=verb.continuations or 1,
            max_reply=room,
            seed=verb.seed or 0,
            kept=_kept(verb.to),
            hear=partial(hear, "continue"),
        )
    rows = made.rows if verb.labels == "soft" else hard(made.rows)
    held = audit(rows, truth)
    told = {
        "continuations": verb.continuations,
        "policy": str(folder),
        "labels": verb.labels or "hard",
        "drawn": made.calls,
        "tokens": made.tokens,
        "audit": {name: asdict(each) for name, each in held.items()},
    }
    return Made([(each, "") for each in rows], picture, facts | told, held)

"""One evaluation from its settings to its rows: begun, or gone on with."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

from avrgym import config
from avrgym.core.arguments import whole
from avrgym.core.generator import generator
from avrgym.core.held_out import RAREST
from avrgym.core.pictures import Picture
from avrgym.evaluate.filed import Filed
from avrgym.evaluate.folder import Folder
from avrgym.evaluate.policies import Policy
from avrgym.evaluate.results import Key, judged, key
from avrgym.evaluate.run import (
    EVERYTHING,
    Batch,
    Share,
    Write,
    batches,
    items,
    measure,
    of,
    questions,
)
from avrgym.evaluate.suite import Evaluation
from avrgym.models.completion import Question
from avrgym.prompts.format import Format
from avrgym.runs.versions import versions

_TOGETHER = 1024  # replies of a file that are judged together

#: Told of rows: those that were there, then each batch as it comes.
Hear: TypeAlias = Callable[[Sequence[Mapping[str, Any]]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is asked of whom.

    Attributes:
        policy: Who is asked, by name.
        suite: What the evaluation is called.
        evaluation: What is asked.
        held_out: One content in so many is kept for evaluation, as by the run that trained a model.
        picture: How everything is drawn, where the evaluation says nothing else.
        about: What tells the policy from others of its name.
    """

    policy: str
    suite: str
    evaluation: Evaluation
    held_out: int = 4
    picture: Picture = field(default_factory=Picture)
    about: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        whole("held_out", self.held_out, 2, RAREST)

    def settings(self) -> dict[str, Any]:
        """All that made the rows, as ``evaluation.toml`` says it."""
        return {
            "policy": self.policy,
            "suite": self.suite,
            "held_out": self.held_out,
            "generator": generator(),
            "about": dict(self.about),
            "picture": config.table(self.picture),
            "evaluation": config.table(self.evaluation),
            "versions": versions(),
        }

    def items(self) -> dict[str, list[str]]:
        """The samples, by level; pictures are looked at too.

        Raises:
            TaskError: A level has no held-out contents, or its picture could not be read.
        """
        levels = self.evaluation.settings()
        if any(Format.parse(name).pictured for name in self.evaluation.formats):
            for picture in self.evaluation.pictures(self.picture):
                picture.check(levels)
        return items(self.evaluation, levels, self.held_out)

    def asked(self, share: Share = EVERYTHING) -> Iterator[Batch]:
        """What is asked together, in order."""
        yield from batches(self.evaluation, self.items(), self.picture, share)


class Crew(Protocol):
    """The processes that ask, as one of them sees them; all call what waits in the same order."""

    @property
    def count(self) -> int: ...  # noqa: D102  how many there are
    @property
    def rank(self) -> int: ...  # noqa: D102  which one this is, from 0

    def wait(self) -> None:
        """Waits for the others."""


@dataclass(frozen=True, slots=True)
class Alone:
    """A crew of one."""

    count: int = 1
    rank: int = 0

    def wait(self) -> None:
        """There is nobody to wait for."""


def conduct(
    session: Session, policy: Policy, folder: Folder, hear: Hear, crew: Crew | None = None
) -> None:
    """Asks what was not asked yet; each row is written as soon as it is judged.

    Several processes ask a part each, and end with all rows in one file. Whatever their number,
    what is asked, and by which batches, is the same; so it may change when an evaluation goes on.

    Args:
        session: What is asked.
        policy: Who is asked.
        folder: Takes the rows; the same in all processes.
        hear: Told of rows: of those that are there, as far as they are this process's, and of its
            own.
        crew: The processes; this one alone if None.

    Raises:
        TaskError: The folder belongs to another evaluation, or the policy fails; the rows so far
            are kept.
    """
    crew = crew or Alone()
    if crew.rank:
        crew.wait()  # for the first, which looks at the folder and joins what is there
        _part(session, policy, folder, hear, crew)
        crew.wait()
        return
    with folder.open(session.settings()):
        folder.join()
        crew.wait()
        try:
            _part(session, policy, folder, hear, crew)
        finally:
            held = folder.settings()
            if told := dict(policy.told(held.get("told", {}))):
                folder.note(held | {"told": told})
        crew.wait()
        folder.join()


def _part(session: Session, policy: Policy, folder: Folder, hear: Hear, crew: Crew) -> None:
    """Asks this process's part of what was not asked yet."""
    share = Share(crew.rank, crew.count)
    mine = None
    if share.of > 1:
        mine = {each for batch in session.asked(share) for each in batch.keys("")}
    done = _done(folder, hear, mine)
    crew.wait()  # nobody reads what another one begins to write

    def write(rows: list[dict[str, Any]]) -> None:
        folder.write(rows)
        hear(rows)

    if policy.stream is not None:
        _streamed(session, policy, done, write, share)
    elif policy.ask is not None:
        measure(
            policy.ask,
            session.evaluation,
            "",
            write,
            done,
            settings=session.evaluation.settings(),
            held_out=session.held_out,
            picture=session.picture,
            share=share,
            policy=policy.name,
        )


def file(session: Session, filed: Filed, folder: Folder, hear: Hear) -> None:
    """Judges the replies of a file that were not judged yet, and writes a row for each.

    Raises:
        TaskError: The folder belongs to another evaluation, or an address names nothing.
    """
    evaluation = session.evaluation
    with folder.open(session.settings()):
        done = _done(folder, hear)
        drawn = evaluation.sizes or evaluation.themes  # else nobody knows what was shown
        for prompts, draw, said in filed.batches(_TOGETHER):
            judges = judged(
                prompts,
                said,
                stage="",
                decoding=filed.decoding,
                draw=draw,
                picture=evaluation.pictures(session.picture)[0] if drawn else None,
                policy=session.policy,
                seed=evaluation.seed,
            )
            new = [result.row() for result in judges if result.key not in done]
            folder.write(new)
            hear(new)


def _done(folder: Folder, hear: Hear, mine: Collection[Key] | None = None) -> set[Key]:
    """Keys of the rows that are there; only of those among ``mine`` it is told."""
    done, there = set[Key](), list[dict[str, Any]]()
    for row in folder.rows():
        done.add(held := key(row))
        if mine is None or held in mine:
            there.append({"correct": row["correct"]})
    hear(there)
    return done


def _streamed(session: Session, policy: Policy, done: set[Key], write: Write, share: Share) -> None:
    """Asks one by one what is missing, and writes each reply as it comes."""
    assert policy.stream is not None
    evaluation = session.evaluation

    def missing() -> Iterator[Question]:
        for question in questions(evaluation, session.items(), session.picture, share):
            keys = {draw: of(question, draw).keys("")[0] for draw in question.draws}
            if left := tuple(draw for draw in question.draws if keys[draw] not in done):
                yield replace(question, draws=left)

    came = policy.stream(missing(), max_reply=evaluation.max_reply, seed=evaluation.seed)
    for question, draw, said in came:
        batch = of(question, draw)
        write([row.row() for row in batch.judged([said], "", policy.name, evaluation.seed)])

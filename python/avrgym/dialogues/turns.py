"""The turns of a dialogue: a sample's worked steps, cut where one question can be asked of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from avrgym._core import TaskError
from avrgym.core import facts
from avrgym.core.address import Address
from avrgym.core.samples import Sample, parameters, samples
from avrgym.core.verdicts import Step, Verdict, verify
from avrgym.dialogues.claims import Claim, Frame, Option, Relation, answer, frame, read
from avrgym.dialogues.questions import opening, question
from avrgym.prompts.formats import style

#: What a turn asks for: the ends, what is to be seen, a step, or the answer.
KINDS: tuple[str, ...] = ("locate", "transcribe", "step", "answer")

Skills: TypeAlias = tuple[str, ...]

_MOVES: tuple[Skills, ...] = (("move",), ("collect",))
_READING: tuple[Skills, ...] = (("next_cell", "read"), ("read", "next_cell"))
_SEEN: tuple[Skills, ...] = (("read",), ("avoid",))
#: Skills that stand for each other: an object may lie where a move leads.
_ALIKE = {"collect": "move"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One question, and where its own reply stands in the rationale.

    Attributes:
        kind: One of ``KINDS``.
        question: In words.
        skills: What the steps of its reply do.
        start: First byte of its own reply in the rationale's UTF-8.
        end: One past its last byte.
        claim: What the right reply says, as far as that is read.
        grounds: The turns, by number, from which its claim follows.
    """

    kind: str
    question: str
    skills: Skills
    start: int
    end: int
    claim: Claim
    grounds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A problem as a dialogue.

    Attributes:
        sample: The problem; its rationale is what the turns are cut of.
        frame: The names in its table or grid.
        turns: In the order of the rationale.
        steps: Each step of the rationale: what it does, and whether it says something again.
        opening: What goes before the first question.
    """

    sample: Sample
    frame: Frame | None
    turns: tuple[Turn, ...]
    steps: tuple[tuple[str, bool], ...]
    opening: str

    def begun(self, format: str) -> str:
        """The problem as it is told before the first question, a line's end behind it.

        Args:
            format: ``image``, or ``text`` for the twin too.
        """
        said = [self.sample.question, self.opening, self.sample.twin if format == "text" else ""]
        return "".join(f"{part}\n" for part in said if part)

    def own(self, turn: int) -> str:
        """The reply that is owed to a turn."""
        said = self.turns[turn]
        return self.sample.rationale.encode()[said.start : said.end].decode()

    def composed(self, turn: int, reply: str) -> str:
        """What the core judges: the rationale with a reply in the place of the turn's own.

        Of an answer it is the reply alone.
        """
        asked, worked = self.turns[turn], self.sample.rationale.encode()
        if asked.kind == "answer":
            return reply
        before, behind = worked[: asked.start].decode(), worked[asked.end :].decode()
        return f"{before}{reply}{behind}"


def scripts(addresses: Sequence[str]) -> list[Script]:
    """Samples as dialogues; of several shortest ways, the first one is gone.

    Raises:
        TaskError: An address names nothing, or asks for the trace of a search.
    """
    drawn = samples(_plain(address) for address in addresses)
    worked = verify([each.address for each in drawn], [each.rationale for each in drawn])
    return [_script(sample, verdict) for sample, verdict in zip(drawn, worked, strict=True)]


def refuse_searches(task: str, params: Sequence[tuple[str, object]]) -> None:
    """Complains of parameters under which a rationale tells a search.

    Raises:
        TaskError: They ask for one.
    """
    if dict(params).get("trace") == "dfs":
        raise TaskError(
            "trace=dfs tells a search, whose steps answer no questions of their own; "
            f"give a dialogue of {task} trace=path"
        )


def alike(skill: str) -> str:
    """A skill, or the one that it stands for."""
    return _ALIKE.get(skill, skill)


def _plain(address: str) -> str:
    at = Address.parse(address)
    refuse_searches(at.task, at.params)
    if "ties" not in parameters(at.task, at.level):
        return address
    # With a random one of several ways a question about a move would have several answers.
    params = {**dict(at.params), "ties": "first"}
    return str(replace(at, params=tuple(params.items())))


def _script(sample: Sample, verdict: Verdict) -> Script:
    names = frame(sample.twin, "wraps" in facts.meanings(sample.task).features)
    cuts = list(_cuts(sample.rationale, verdict.steps))
    full, worked = style(sample.address) == "full", sample.rationale.encode()
    skills = [tuple(step.skill for step in steps) for _, _, steps in cuts]
    claims: list[Claim] = [
        read(skills[place], [step.claim for step in steps], names)
        for place, (_, _, steps) in enumerate(cuts[:-1])
    ]
    claims.append(answer(worked[cuts[-1][0] : cuts[-1][1]].decode(), names))
    kinds = [*(_kind(each) for each in skills[:-1]), "answer"]
    turns = []
    for place, (start, end, _) in enumerate(cuts):
        count = 1 + sum(skills[other] in _family(skills[place]) for other in range(place))
        own = worked[start:end].decode()
        asks = question(kinds[place], skills[place], own, count)[full]
        grounds = _grounds(place, kinds, skills, claims)
        turns.append(Turn(kinds[place], asks, skills[place], start, end, claims[place], grounds))
    steps = tuple((alike(step.skill), step.repeated) for step in verdict.steps)
    ordered = any(each in _MOVES for each in skills)
    return Script(sample, names, tuple(turns), steps, opening(ordered) if full else "")


def _cuts(rationale: str, steps: Sequence[Step]) -> list[tuple[int, int, tuple[Step, ...]]]:
    """Where turns stand: line by line, and pair by pair where the answer is all of the steps."""
    found, start = [], 0
    for line in rationale.encode().split(b"\n"):
        end = start + len(line)
        mine = tuple(step for step in steps if start <= step.start and step.end <= end)
        if not mine:
            raise TaskError(f'the line "{line.decode()}" of a rationale has no step to ask for')
        found.append((start, end, mine))
        start = end + 1
    begin, end, last = found[-1]
    if "conclude" not in {step.skill for step in last}:
        pairs = [last[at : at + 2] for at in range(0, len(last), 2)]
        found[-1:] = [
            (min(s.start for s in pair), max(s.end for s in pair), pair) for pair in pairs
        ]
        found.append((begin, end, last))
    return found


def _kind(skills: Skills) -> str:
    return "locate" if skills == ("locate",) else "transcribe" if skills in _SEEN else "step"


def _family(skills: Skills) -> tuple[Skills, ...]:
    return next((each for each in (_MOVES, _READING) if skills in each), (skills,))


def _grounds(
    place: int, kinds: Sequence[str], skills: Sequence[Skills], claims: Sequence[Claim]
) -> tuple[int, ...]:
    """The turns that a turn follows from, in order."""

    def among(*wanted: Skills, before: int = place) -> list[int]:
        return [at for at in range(before) if skills[at] in wanted and kinds[at] != "answer"]

    located, moves, readings = among(("locate",)), among(*_MOVES), among(*_READING)
    examples = among(("read", "compare"))
    options, rules = among(("read", "apply_rule")), among(("infer_rule",))
    claim = claims[place]
    if kinds[place] == "answer":
        fits = [at for at in range(place) if isinstance(claims[at], Option)]
        return tuple(
            among(("apply_rule",))
            or readings
            or moves
            or fits
            or sorted([*rules, *options])
            or among(("avoid",))
        )
    if skills[place] in _READING:
        return tuple(readings[-1:] or located)
    if skills[place] in _MOVES:
        ends = located if kinds[place + 1] == "answer" else []
        return tuple(sorted({*(moves[-1:] or located), *ends, *among(("avoid",))}))
    if skills[place] == ("apply_rule",):
        return tuple(readings)
    if skills[place] == ("infer_rule",):
        return tuple(examples)
    if skills[place] == ("next_cell",):
        return tuple(located)
    if skills[place] == ("avoid",):
        return tuple(among(("next_cell",)))
    if isinstance(claim, Option):
        mine = [at for at in options if _of_option(claims[at], claim.number)]
        return tuple(sorted([*rules, *mine]))
    return ()


def _of_option(claim: Claim, number: int) -> bool:
    return isinstance(claim, Relation) and claim.number == number

"""Rationales with one error put in on purpose, for judges of steps to find.

What is done to a rationale is one of ``CORRUPTIONS``; what is wrong with it then, where it begins
and with which skill, the verifier says as of any reply. The words that are put in are those of
other steps and other problems of the level, of which those are taken first that this problem has
too, so that as little as may be but the picture tells that they are wrong.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias, TypeVar

from avrgym.core.address import Address, Addresses, spelled
from avrgym.core.arguments import named, whole
from avrgym.core.counterfactuals import numbered
from avrgym.core.facts import RationaleStep
from avrgym.core.facts import steps as steps_of
from avrgym.core.samples import Sample, samples
from avrgym.core.verdicts import SKILLS, Verdict, verify

_TRIES = 12  # of a kind at steps of one skill, before another kind is taken
_COUNTERS = 12  # counterfactuals that are tried
_APART = 64  # among so many problems behind one stands the one that lends its words
_ANSWER, _CARRIED = "answer", "carried"
_DRAWN = ("fact", "claim", "copy")  # kinds that can be done to a step in several ways
_BORROW = ("fact", "claim")  # of these, those that take words of another problem
_LENDERS = 4  # other problems that are tried
_Item = TypeVar("_Item")
_WORDS = re.compile(rb"[A-Za-z0-9]+|[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Corrupted:
    """A rationale with an error.

    Attributes:
        address: Of the problem.
        kind: What was done, one of ``CORRUPTIONS``.
        reply: The rationale as it is now.
        step: Index, among the rationale's own steps, of the one that was tampered with; of
            ``carried`` the first that is another, which is wrong.
        skill: Of that step.
    """

    address: str
    kind: str
    reply: str
    step: int
    skill: str


@dataclass(frozen=True, slots=True)
class _Worked:
    """A rationale, and its steps."""

    text: bytes
    steps: tuple[RationaleStep, ...]
    known: frozenset[bytes]  # the words that the problem has

    @classmethod
    def of(cls, sample: Sample, steps: tuple[RationaleStep, ...]) -> "_Worked":
        text = sample.rationale.encode()
        return cls(text, steps, frozenset(_WORDS.findall(text + b" " + sample.twin.encode())))

    def claim(self, at: int) -> bytes:
        return self.text[self.steps[at].start : self.steps[at].end]

    def claims(self, skill: str) -> list[bytes]:
        return [self.claim(at) for at, step in enumerate(self.steps) if step.skill == skill]

    def put(self, at: int, claim: bytes) -> bytes:
        step = self.steps[at]
        return self.text[: step.start] + claim + self.text[step.end :]


@dataclass(frozen=True, slots=True)
class _Dice:
    """Draws that depend on what they are for and nothing else."""

    key: str

    def pick(self, what: str, of: int) -> int:
        said = blake2b(f"{self.key} {what}".encode(), digest_size=8).digest()
        return int.from_bytes(said, "big") % of

    def turned(self, items: Sequence[_Item], first: _Item) -> list[_Item]:
        """One of some items, then the others in an order that is drawn."""
        rest = [each for each in items if each != first]
        return [first, *sorted(rest, key=lambda each: self.pick(f"then {each}", 2**32))]


#: A rationale, that of another problem, the step to tamper with, and draws; the words as they are
#: then, or None where it cannot be done.
_Corrupt: TypeAlias = Callable[[_Worked, _Worked, int, _Dice], bytes | None]


def _fact(mine: _Worked, other: _Worked, at: int, dice: _Dice) -> bytes | None:
    """One word of a step becomes another word that stands at its place elsewhere."""
    skill = mine.steps[at].skill
    words = _WORDS.findall(mine.claim(at))
    lent = [_WORDS.findall(claim) for claim in (*other.claims(skill), *mine.claims(skill))]
    ways: list[tuple[int, bytes]] = [
        (place, held[place])
        for held in lent
        for place in range(min(len(held), len(words)))
        if held[place] != words[place] and held[place].isalnum() and words[place].isalnum()
    ]
    likely = [way for way in ways if way[1] in mine.known] or [
        (place, name)
        for place, own in enumerate(words)
        if own[:1].isupper()
        for name in sorted(mine.known)
        if name[:1].isupper() and name != own
    ]
    if not (ways := likely or ways):
        return None
    place, word = ways[dice.pick("word", len(ways))]
    return mine.put(at, b"".join([*words[:place], word, *words[place + 1 :]]))


def _claim(mine: _Worked, other: _Worked, at: int, dice: _Dice) -> bytes | None:
    """A step becomes that of another problem."""
    ways = [each for each in other.claims(mine.steps[at].skill) if each != mine.claim(at)]
    ways = [each for each in ways if mine.known.issuperset(_WORDS.findall(each))] or ways
    return mine.put(at, ways[dice.pick("claim", len(ways))]) if ways else None


def _copy(mine: _Worked, other: _Worked, at: int, dice: _Dice) -> bytes | None:
    """A step says what an earlier one said of something else."""
    skill, own = mine.steps[at].skill, mine.claim(at)
    ways = [
        mine.claim(before)
        for before in range(at)
        if mine.steps[before].skill == skill and mine.claim(before) != own
    ]
    return mine.put(at, ways[dice.pick("copy", len(ways))]) if ways else None


def _lines(mine: _Worked, at: int) -> tuple[list[bytes], int]:
    """The lines of a rationale, and in which of them a step stands."""
    return mine.text.split(b"\n"), mine.text.count(b"\n", 0, mine.steps[at].start)


def _skipped(mine: _Worked, other: _Worked, at: int, dice: _Dice) -> bytes | None:
    """A line is left out, but not the answer."""
    lines, line = _lines(mine, at)
    return b"\n".join([*lines[:line], *lines[line + 1 :]]) if line < len(lines) - 1 else None


def _swapped(mine: _Worked, other: _Worked, at: int, dice: _Dice) -> bytes | None:
    """A line and the next one change places, but not with the answer."""
    lines, line = _lines(mine, at)
    if line >= len(lines) - 2:
        return None
    return b"\n".join([*lines[:line], lines[line + 1], lines[line], *lines[line + 2 :]])


def _answer(mine: _Worked, other: _Worked, at: int, dice: _Dice) -> bytes | None:
    """The answer, a copy of what was found, is copied wrong."""
    last = len(mine.steps) - 1
    return _fact(mine, other, last, dice) or _claim(mine, other, last, dice)


def _carried(mine: _Worked, other: _Worked, at: int, dice: _Dice) -> bytes | None:
    """All is what follows from a picture in which one fact is another: one error, carried on."""
    return other.text if other.text != mine.text else None


#: What can be done to a rationale. ``fact``: one word of a step is wrong (a cell, a value, a
#: direction, a rule); ``claim``: a step is another problem's; ``copy``: a step repeats an earlier
#: one; ``skipped``, ``swapped``: a line is missing, or comes too early; ``answer``: all is right
#: but the answer; ``carried``: one fact is misread and all that follows from it is consistent, the
#: answer with it (the rationale of a counterfactual, read as one of this problem). Of the first
#: five the answer stays right: the right one for the wrong reason.
CORRUPTIONS: Mapping[str, _Corrupt] = {
    "fact": _fact,
    "claim": _claim,
    "copy": _copy,
    "skipped": _skipped,
    "swapped": _swapped,
    _ANSWER: _answer,
    _CARRIED: _carried,
}


def corrupted(
    addresses: Addresses,
    *,
    kinds: Iterable[str] = tuple(CORRUPTIONS),
    skills: Iterable[str] = SKILLS,
    seed: int = 0,
) -> list[Corrupted | None]:
    """A rationale with one error for each address, a function of address, kinds, skills and seed.

    The kind is drawn from those given, then one of the skills that the rationale has, evenly, then
    one of its steps, evenly. So what is rare among steps is not rare among errors. Where the kind
    cannot be done there (a first step repeats nothing) it is done to another step of the skill;
    where it can be done to none, another kind is taken; and only then another skill.

    Args:
        addresses: Samples, n of them; a single string is one.
        kinds: Of ``CORRUPTIONS``.
        skills: Of ``avrgym.SKILLS``: which steps may be tampered with.
        seed: Of the draws.

    Returns:
        n of them, each with a wrong step as the verifier sees it; None where a problem is too
        small for any of the kinds (a rationale of two lines cannot swap them).

    Raises:
        TaskError: An address names nothing, or there is no such kind or skill.
    """
    ways = list(dict.fromkeys(named("kind", kind, CORRUPTIONS) for kind in kinds))
    meant = {named("skill", skill, SKILLS) for skill in skills}
    whole("seed", seed, 0, 2**64 - 1)
    asked = list(spelled(addresses))
    mine, others = _worked(asked), _worked([_beside(each, f"{seed}") for each in asked])
    found: list[Corrupted | None] = [None] * len(asked)
    left = {at: _tries(mine[at], ways, meant, asked[at], seed) for at in range(len(asked))}
    while left:
        turn = {at: each for at, tries in left.items() if (each := next(tries, None)) is not None}
        lent = dict(enumerate(others)) | _lent(asked, turn, seed)
        tried: list[Corrupted] = []
        places: list[int] = []
        for place, each in turn.items():
            made = _tampered(each, mine[place], lent[place], meant)
            if made is not None:
                reply, at = made
                skill = mine[place].steps[at].skill
                tried.append(Corrupted(asked[place], each.kind, reply.decode(), at, skill))
                places.append(place)
        judged = verify([each.address for each in tried], [each.reply for each in tried])
        for at, (place, own) in enumerate(zip(places, tried, strict=True)):
            if judged.first_error[at] < 0:
                continue
            if own.kind != _CARRIED or _follows(own, judged[at], mine[place]):
                found[place] = own
        left = {at: left[at] for at in turn if found[at] is None}
    return found


@dataclass(frozen=True, slots=True)
class _Try:
    """What might be done to a rationale: a kind, to which step, and draws of its own."""

    kind: str
    at: int
    number: int  # of the counterfactual read as this problem, from 1; of who lends words, from 0
    dice: _Dice


def _tries(
    mine: _Worked, kinds: Sequence[str], meant: set[str], address: str, seed: int
) -> Iterator[_Try]:
    """All that is tried, one after the other, until something is an error."""
    drawn = _Dice(f"{seed} 0 {address}")
    for count, each in enumerate(_in_order(mine, kinds, meant, drawn)):
        yield _Try(*each, _Dice(f"{seed} {count} {address}"))


def _in_order(
    mine: _Worked, kinds: Sequence[str], meant: set[str], dice: _Dice
) -> Iterator[tuple[str, int, int]]:
    """Kind, step and number of each, see :class:`_Try`."""
    if not kinds:
        return
    kind = kinds[dice.pick("kind", len(kinds))]
    apart = [each for each in (_ANSWER, _CARRIED) if each in kinds]
    ways = [each for each in kinds if each not in apart]
    # The answer has a kind of its own.
    steps = [step.skill for step in mine.steps[:-1]]
    held = sorted(meant & set(steps))
    if kind in apart:
        yield from _of_the_whole(kind)
    if held and ways:
        first = kind if kind in ways else ways[dice.pick("way", len(ways))]
        for skill in dice.turned(held, held[dice.pick("skill", len(held))]):
            places = [at for at, each in enumerate(steps) if each == skill]
            place = places[dice.pick("step", len(places))]
            yield first, place, 0  # which is enough mostly
            yield from _of_a_skill(dice.turned(ways, first), dice.turned(places, place))
    for way in apart:
        yield from _of_the_whole(way)


def _of_a_skill(ways: Sequence[str], places: Sequence[int]) -> Iterator[tuple[str, int, int]]:
    """The same of what is tried at the steps of a skill."""
    for lender in range(_LENDERS):
        for way in ways:
            if not lender or way in _BORROW:
                again = 2 if way in _DRAWN else 1
                for at in [at for at in places for _ in range(again)][:_TRIES]:
                    yield way, at, lender


def _of_the_whole(kind: str) -> Iterator[tuple[str, int, int]]:
    """The same of what is done to no step in particular."""
    for number in range(1, _COUNTERS + 1) if kind == _CARRIED else range(_LENDERS):
        yield kind, 0, number


def _tampered(
    each: _Try, mine: _Worked, other: _Worked, meant: set[str]
) -> tuple[bytes, int] | None:
    """A rationale with an error, and the step that it was put into."""
    at = each.at
    if each.kind == _ANSWER:
        at = len(mine.steps) - 1
    elif each.kind == _CARRIED:
        at = _parting(mine, other)
        if mine.steps[at].skill not in meant:
            return None
    reply = CORRUPTIONS[each.kind](mine, other, at, each.dice)
    return None if reply is None else (reply, at)


def _parting(mine: _Worked, other: _Worked) -> int:
    """The first step in which another rationale is not this one, the last if none is."""
    shared = range(min(len(mine.steps), len(other.steps)))
    differ = (at for at in shared if mine.claim(at) != other.claim(at))
    return next(differ, len(mine.steps) - 1)


def _follows(each: Corrupted, verdict: Verdict, mine: _Worked) -> bool:
    """Whether a rationale goes wrong where it parts from this one, to a wrong answer in the end.

    Some part by what is right here, too, such as another way, and go wrong later or never.
    """
    if verdict.correct or verdict.first_error is None:
        return False
    begin = verdict.steps[verdict.first_error].start
    return each.reply.encode()[:begin] == mine.text[:begin]


def _lent(asked: Sequence[str], turn: Mapping[int, _Try], seed: int) -> dict[int, _Worked]:
    """Who lends words, by place, where that is not the first one beside: a counterfactual for one.

    Only what is asked for is drawn.
    """
    places = [at for at, each in turn.items() if each.number]
    turned = [
        numbered(Address.parse(asked[at]), turn[at].number)
        if turn[at].kind == _CARRIED
        else _beside(asked[at], f"{seed} {turn[at].number}")
        for at in places
    ]
    return dict(zip(places, _worked(turned), strict=True))


def _worked(addresses: Sequence[str]) -> list[_Worked]:
    drawn = samples(addresses)
    return [_Worked.of(*each) for each in zip(drawn, steps_of(addresses), strict=True)]


def _beside(address: str, seed: str) -> str:
    """Another problem of the level, not far behind."""
    head, _, index = address.rpartition(":")
    return f"{head}:{int(index) + 1 + _Dice(f'{seed} {address}').pick('beside', _APART)}"

"""A dialogue under way: which question is due, what a reply earns, and what it all comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from avrgym.core.arguments import named, number
from avrgym.core.verdicts import Verdict, verify
from avrgym.dialogues.claims import Claim, Relation, answer, read
from avrgym.dialogues.follows import follows
from avrgym.dialogues.turns import Script, Turn, alike

#: The orders in which turns are asked.
ORDERS: tuple[str, ...] = ("worked", "shuffled")


@dataclass(frozen=True, slots=True)
class Worth:
    """Points for what happens in a dialogue.

    Attributes:
        turn: For a right reply.
        consistency: For a claim that follows from those that it rests on, be they right or wrong.
        unreadable: For a reply without the claim that was asked for, or with several.

    Raises:
        TaskError: One of them is no finite number.
    """

    turn: float = 1.0
    consistency: float = 1.0
    unreadable: float = -0.5

    def __post_init__(self) -> None:
        for name in ("turn", "consistency", "unreadable"):
            object.__setattr__(self, name, number(name, getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one turn.

    Attributes:
        said: The reply.
        right: Whether the worked steps with it in the place of their own are right.
        readable: Whether the claim that was asked for, and no other, was found.
        claim: What it says, as far as that is read.
    """

    said: str
    right: bool
    readable: bool
    claim: Claim


@dataclass(slots=True)
class Dialogue:
    """One problem, asked turn by turn.

    What a turn earns depends on what was said to it and to the turns that it rests on, and never on
    the order in which they were asked: consistency is paid as soon as the last of these is said.

    Attributes:
        script: The problem.
        asked: The numbers of the turns, in the order in which they are asked.
        replies: What was said, by the number of the turn.
        settled: Whether turns follow from what they rest on, by number, where all is said.
    """

    script: Script
    asked: tuple[int, ...]
    replies: dict[int, Reply]
    settled: dict[int, bool]

    @classmethod
    def begin(cls, script: Script, order: str = "worked") -> "Dialogue":
        """A dialogue before its first question; of a shuffled one the address says the order."""
        asked = list(range(len(script.turns)))
        if named("order", order, ORDERS) == "shuffled":
            asked.sort(key=lambda turn: sha256(f"{script.sample.address}/{turn}".encode()).digest())
        return cls(script, tuple(asked), {}, {})

    @property
    def over(self) -> bool:
        """Whether every turn was asked."""
        return len(self.replies) == len(self.asked)

    @property
    def place(self) -> int:
        """The number of the turn that is due; of the last one, once it is over."""
        return self.asked[min(len(self.replies), len(self.asked) - 1)]

    @property
    def turn(self) -> Turn:
        """The turn that is due."""
        return self.script.turns[self.place]

    @property
    def own(self) -> str:
        """The reply that is owed to it."""
        return self.script.own(self.place)

    def composed(self, reply: str) -> str:
        """What the core judges of a reply to it."""
        return self.script.composed(self.place, reply)

    def take(self, reply: str, verdict: Verdict) -> tuple[Reply, tuple[bool, ...]]:
        """Goes on by a reply.

        Args:
            reply: What is said to the turn that is due.
            verdict: Of what is :meth:`composed`.

        Returns:
            What became of it, and of each turn that is settled by it whether it follows.
        """
        place, script = self.place, self.script
        found = _judged(script, script.turns[place], reply, verdict)
        self.replies[place] = found
        now = []
        for other, turn in enumerate(script.turns):
            wanted = {other, *turn.grounds}
            if turn.grounds and place in wanted and wanted <= self.replies.keys():
                grounds = [self.replies[ground].claim for ground in turn.grounds]
                self.settled[other] = follows(self.replies[other].claim, grounds, script.frame)
                now.append(self.settled[other])
        return found, tuple(now)

    @property
    def right(self) -> float:
        """The share of all turns that are right so far."""
        return sum(reply.right for reply in self.replies.values()) / len(self.asked)

    @property
    def consistency(self) -> float:
        """The share of the turns that rest on others that follow from them so far; 1 if none do."""
        resting = sum(bool(turn.grounds) for turn in self.script.turns)
        return sum(self.settled.values()) / resting if resting else 1.0

    @property
    def solved(self) -> bool:
        """Whether every turn was asked, and every reply is right."""
        return self.over and all(reply.right for reply in self.replies.values())

    def most(self, worth: Worth) -> float:
        """What the replies that are owed earn together."""
        resting = sum(bool(turn.grounds) for turn in self.script.turns)
        return worth.turn * len(self.asked) + worth.consistency * resting


def parts(worth: Worth, reply: Reply, settled: Sequence[bool]) -> dict[str, float]:
    """What a reply earns, part by part; their sum is its reward."""
    return {
        "turn": worth.turn * reply.right,
        "consistency": worth.consistency * sum(settled),
        "unreadable": 0.0 if reply.readable else worth.unreadable,
    }


def judge(dialogues: Sequence[Dialogue], replies: Sequence[str | bytes]) -> list[Verdict]:
    """Verdicts on the replies to the turns that are due, in one call."""
    said = [reply if isinstance(reply, str) else decoded(reply) for reply in replies]
    return list(
        verify(
            [each.script.sample.address for each in dialogues],
            [each.composed(reply) for each, reply in zip(dialogues, said, strict=True)],
        )
    )


def decoded(reply: str | bytes) -> str:
    """A reply as text; bytes that are no UTF-8 as U+FFFD."""
    return reply if isinstance(reply, str) else reply.decode("utf-8", "replace")


def _judged(script: Script, turn: Turn, reply: str, verdict: Verdict) -> Reply:
    if turn.kind == "answer":
        claim = answer(reply, script.frame) if verdict.parsed else None
        return Reply(reply, verdict.correct, verdict.parsed, claim)
    end = turn.start + len(reply.encode("utf-8", "surrogatepass"))
    mine = [step for step in verdict.steps if turn.start <= step.start and step.end <= end]
    skills = tuple(alike(step.skill) for step in mine)
    wanted = tuple(alike(skill) for skill in turn.skills)
    if skills != wanted or any(step.thought for step in mine):
        return Reply(reply, False, False, None)
    claim = read([step.skill for step in mine], [step.claim for step in mine], script.frame)
    steps = tuple((alike(step.skill), step.repeated) for step in verdict.steps)
    sound = verdict.correct and all(step.state == "ok" for step in verdict.steps)
    right = sound and steps == script.steps and _asked_for(claim, turn.claim)
    return Reply(reply, right, True, claim)


def _asked_for(claim: Claim, owed: Claim) -> bool:
    """Whether a true claim is about what was asked; of relations the core takes any that hold."""
    if isinstance(owed, Relation):
        return claim == owed
    return True

"""Pairs of a stage that compares replies: their lines in the record, and the lesson of them.

TRL's loss takes the log-probabilities of both replies by the model that a round began with from the
batch, where they are computed once, when the round is drawn, and kept with the pair: no second
model is held, and whoever goes on within a round has what it is compared with.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avrgym.core.extras import needs
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import write
from avrgym.train.desk import Desk
from avrgym.train.trainers.gapped import PLACE
from avrgym.train.trainers.heard import Drawn, Heard, told
from avrgym.train.trainers.pairs import Contrast
from avrgym.train.trainers.rated import Rated
from avrgym.train.trainers.rounds import dealt
from avrgym.train.trainers.scores import Scores
from avrgym.train.trainers.unended import Unended

with needs("train"):
    import torch

if TYPE_CHECKING:
    from avrgym.train.stages.dpo import Dpo
    from avrgym.train.stages.sppo import Sppo

BEFORE = ("ref_chosen_logps", "ref_rejected_logps")  # as TRL calls them in a batch


@dataclass(frozen=True, slots=True)
class Held:
    """A pair as a round keeps it.

    Attributes:
        rated: The pair, and what either reply is to win.
        facts: What the verifier said of both, and which of the replies to their prompt they are.
        before: Log-probabilities of both by the model that the round began with.
    """

    rated: Rated
    facts: Mapping[str, Any]
    before: tuple[float, float] = (0.0, 0.0)

    def line(self) -> dict[str, Any]:
        """Plain values by name, of which :meth:`read` makes the same again."""
        pair = self.rated.pair
        return {
            "address": pair.prompt.address,
            "format": pair.prompt.format.name,
            "template": pair.prompt.template,
            "kept": pair.prompt.kept,
            **_said("chosen", pair.chosen),
            **_said("rejected", pair.rejected),
            "cut": pair.cut,
            "chosen_cut": pair.chosen_cut,
            **self.facts,
            "wins": self.rated.wins,
            "loses": self.rated.loses,
            "before": list(self.before),
        }

    @staticmethod
    def read(line: Mapping[str, Any]) -> "Held":
        """Of a line of the record."""
        asked = Format.parse(line["format"]), line["template"], line["kept"]
        ends = (_bytes("chosen", line), _bytes("rejected", line))
        pair = Contrast(Prompt(line["address"], *asked), *ends, line["cut"], line["chosen_cut"])
        facts = {name: line[name] for name in FACTS}
        chosen, rejected = line["before"]
        return Held(Rated(pair, line["wins"], line["loses"]), facts, (chosen, rejected))


#: What is told of where a pair is from: which of the replies to the prompt, how many of them were
#: right, and the verifier on either.
FACTS = (
    *("chosen_draw", "rejected_draw", "right", "replies"),
    *("chosen_outcome", "rejected_outcome", "chosen_first_error", "rejected_first_error"),
)


class Compared:
    """A lesson: pairs of replies."""

    def __init__(
        self,
        desk: Desk,
        stage: "Dpo | Sppo",
        scores: Scores,
        pair_up: Callable[[Heard], list[Rated]],
        lack: Callable[[Sequence[Drawn]], str],
        chosen: Callable[[list[Contrast]], list[int]] | None = None,
    ) -> None:
        """For the rounds of a stage.

        Args:
            desk: The stage's.
            stage: Itself.
            scores: Of the model.
            pair_up: Pairs of a process's replies.
            lack: Why there may be none, and the remedy.
            chosen: Places of the pairs of all processes that are learned from; all if not given.
        """
        self._desk, self._stage, self._scores = desk, stage, scores
        self._pair_up, self.lack, self._chosen = pair_up, lack, chosen

    def sifted(self, of: Heard) -> tuple[list[Drawn], list[Held]]:
        """Replies, kept where they are in a pair, and the pairs."""
        pairs, size = self._pair_up(of), self._stage.replies
        kept = {place for each in pairs for place in each.pair.drawn}
        found = told(of, [at in kept for at in range(len(of.prompts))])
        held = list[Held]()
        for each in pairs:
            chosen, rejected = each.pair.drawn
            group = chosen - chosen % size
            facts = (
                *(chosen % size, rejected % size),
                *(int(of.right[group : group + size].sum()), size),
                *(found[chosen].outcome, found[rejected].outcome),
                *(found[chosen].first_error, found[rejected].first_error),
            )
            held.append(Held(each, dict(zip(FACTS, facts, strict=True))))
        return found, held

    def finished(self, mine: list[Held], found: Sequence[Drawn], round: int) -> list[Held]:
        """The pairs of all processes, with log-probabilities, written into the record."""
        desk = self._desk
        held = desk.processes.gathered(mine)
        every = len(held)
        if self._chosen is not None:
            held = [held[at] for at in self._chosen([each.rated.pair for each in held])]
        before = self._scores.log_probabilities([each.rated.pair for each in held])
        held = [replace(each, before=said) for each, said in zip(held, before, strict=True)]
        less = f", {every - len(held):,} left out" if every > len(held) else ""
        desk.say(f"{desk.name}: {len(held):,} pairs{less}")
        if desk.processes.first:
            file = self._file(round)
            file.parent.mkdir(parents=True, exist_ok=True)
            write(file, "".join(json.dumps(each.line()) + "\n" for each in held))
        desk.processes.wait()
        return held

    def again(self, found: Sequence[Drawn], round: int) -> list[Held] | None:
        """Pairs as the record has them."""
        file = self._file(round)
        if not self._desk.processes.said(file.exists()):
            return None
        return [Held.read(json.loads(line)) for line in file.read_text("utf-8").splitlines()]

    def rows(self, items: Sequence[Held], places: Sequence[int], round: int) -> list[Any]:
        """Rows for TRL's trainer of preferences."""
        first = self._stage.turns.begin(round) * self._stage.batch
        order = [dealt(each - first, len(items), self._desk.seed, round) for each in places]
        found = [items[at] for at in order]
        shown = self._desk.rows([each.rated.pair.prompt for each in found])
        return [
            {**each.rated.pair.row(row), **moved(each, self._stage.ends), PLACE: place}
            for each, row, place in zip(found, shown, places, strict=True)
        ]

    def _file(self, round: int) -> Path:
        return self._desk.record.pairs(self._desk.name) / f"round-{round}.jsonl"


class Moved:
    """A collator of preferences whose batches have log-probabilities from before, as rows do."""

    def __init__(self, collate: Unended) -> None:
        """Around another collator."""
        self._collate = collate

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """A batch as TRL has it."""
        before = {name: torch.tensor([example[name] for example in examples]) for name in BEFORE}
        return {**self._collate(examples), **before}


def moved(held: Held, beta: float) -> dict[str, float]:
    """Log-probabilities of a pair from before, moved so that TRL's hard labels are soft ones.

    TRL's ``sppo_hard`` is (d - 1/2 / beta)^2 + (d' + 1/2 / beta)^2, of the chosen and the rejected
    reply's d = log p - log p before: P is taken for 1 and 0. With log p before moved by
    -(1 - P) / beta and P' / beta it is (d - (P - 1/2) / beta)^2 + (d' - (P' - 1/2) / beta)^2, which
    is the loss of SPPO, doubled. Where one wins all and the other none, nothing is moved.
    """
    chosen, rejected = held.before
    ends = (chosen - (1 - held.rated.wins) / beta, rejected + held.rated.loses / beta)
    return dict(zip(BEFORE, ends, strict=True))


def _said(name: str, reply: bytes) -> dict[str, Any]:
    """A reply as text, and its bytes in base64 where they are no UTF-8."""
    text = reply.decode("utf-8", "replace")
    exact = None if text.encode() == reply else base64.b64encode(reply).decode()
    return {name: text, f"{name}_raw": exact}


def _bytes(name: str, line: Mapping[str, Any]) -> bytes:
    exact: str | None = line[f"{name}_raw"]
    text: str = line[name]
    return text.encode() if exact is None else base64.b64decode(exact)

"""Numbers of pairs by a model: log-probabilities of both replies, and CHES."""

from collections.abc import Iterator, Sequence
from typing import Any

from avrgym.models.load import Loaded
from avrgym.train.desk import Desk
from avrgym.train.trainers.ches import ches, discounted, log_probabilities, looked_at
from avrgym.train.trainers.pairs import Contrast
from avrgym.train.trainers.unended import Unended


class Scores:
    """Numbers of pairs by a model, shared by processes."""

    def __init__(self, loaded: Loaded, desk: Desk, at_once: int, tail: float | None = None) -> None:
        """For a stage.

        Args:
            loaded: The model.
            desk: The stage's.
            at_once: Pairs that go through the model together.
            tail: What tokens of the longer reply count beyond the shorter one; as all others if
                None.
        """
        self._loaded, self._desk, self._collate = loaded, desk, Unended(loaded.processor)
        self._at_once, self._tail = at_once, tail

    def log_probabilities(self, pairs: Sequence[Contrast]) -> list[tuple[float, float]]:
        """Of the chosen and the rejected reply of each pair."""
        found: list[tuple[float, float]] = []
        batches = self._batches(self._desk.processes.share(pairs))
        for out, ids, scored in looked_at(self._loaded.model, batches, states=False):
            weights = scored if self._tail is None else discounted(scored, self._tail)
            chosen, rejected = log_probabilities(out.logits, ids, weights).chunk(2)
            found += zip(chosen.tolist(), rejected.tolist(), strict=True)
        return self._desk.processes.joined(found)

    def ches(self, pairs: Sequence[Contrast]) -> list[float]:
        """The length-normalised CHES of each pair."""
        found: list[float] = []
        batches = self._batches(self._desk.processes.share(pairs))
        for out, _, scored in looked_at(self._loaded.model, batches, states=True):
            found += ches(out.hidden_states[-1], scored)[1].tolist()
        return self._desk.processes.joined(found)

    def _batches(self, pairs: Sequence[Contrast]) -> Iterator[dict[str, Any]]:
        for first in range(0, len(pairs), self._at_once):
            part = pairs[first : first + self._at_once]
            rows = self._desk.rows([pair.prompt for pair in part])
            yield self._collate([pair.row(row) for pair, row in zip(part, rows, strict=True)])

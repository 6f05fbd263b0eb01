"""The reward of grid boards beside an independent reference: a search over all states."""

from collections import deque
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from avrgym import verify
from avrgym.envs.board import BoardEnv

State: TypeAlias = tuple[int, int, frozenset[tuple[int, int]]]

DESTINATION, WALKER, OBJECTS = 3, 128, range(4, 35)
WORDS = ("up", "down", "left", "right")
MOVES = ((-1, 0), (1, 0), (0, -1), (0, 1))


class Reference:
    """Actions of the shortest way on from every state, read off the first observation."""

    def __init__(self, seen: NDArray[np.uint8]) -> None:
        codes = {place: int(code) for place, code in np.ndenumerate(seen)}
        [start] = [place for place, code in codes.items() if code >= WALKER]
        open_codes = (1, 2, DESTINATION, *OBJECTS)
        self.free = {place for place, code in codes.items() if code % WALKER in open_codes}
        self.objects = {place for place, code in codes.items() if code in OBJECTS}
        [self.end] = [place for place, code in codes.items() if code == DESTINATION]
        self.place, self.left = start, frozenset(self.objects)
        self.far = self._search()
        everything = [self.far.get((*cell, self._without(self.left, cell))) for cell in self.free]
        self.most = max(far for far in everything if far is not None)

    def _without(self, left: frozenset[Any], cell: Any) -> frozenset[Any]:
        return left - {cell}

    def _search(self) -> dict[State, int]:
        """From the end backwards: whoever may step into a state is one action further."""
        into: dict[State, list[State]] = {}
        sets = [
            frozenset(cell for cell, there in zip(sorted(self.objects), bits, strict=True) if there)
            for bits in product((False, True), repeat=len(self.objects))
        ]
        for cell, left in product(self.free, sets):
            if cell in left:
                continue
            for step in MOVES:
                to = (cell[0] + step[0], cell[1] + step[1])
                if to in self.free:
                    into.setdefault((*to, self._without(left, to)), []).append((*cell, left))
        first: State = (*self.end, frozenset())
        far, queue = {first: 0}, deque([first])
        while queue:
            state = queue.popleft()
            for before in into.get(state, []):
                if before not in far:
                    far[before] = far[state] + 1
                    queue.append(before)
        return far

    def distance(self) -> int:
        return self.far[(*self.place, self.left)]

    def step(self, action: int) -> float:
        """Takes an action; what it is worth by the documented formula."""
        before = self.distance()
        to = (self.place[0] + MOVES[action][0], self.place[1] + MOVES[action][1])
        if to in self.free:
            self.place, self.left = to, self._without(self.left, to)
        after = self.distance()
        success = self.place == self.end and not self.left
        return (1 - after / self.most) - (1 - before / self.most) + success


@pytest.mark.parametrize("level", ["rung0", "rung3", "rung5", "rung8", "simple", "hard"])
@given(st.integers(0, 2**32), st.integers(0, 5))
def test_the_documented_reward_is_the_computed_one(level: str, seed: int, bias: int) -> None:
    env = BoardEnv("grid_navigation", level, max_moves=60)
    seen, info = env.reset(seed=seed)
    reference = Reference(seen)
    assert info["distance"] == reference.distance()
    first, total, success = info["distance"], 0.0, False
    address, walked = info["address"], []
    rng = np.random.default_rng(seed)
    # Some walk at random, some away from the end, where closeness was once cut off.
    drift = None if bias > 3 else bias
    over = False
    while not over:
        action = int(rng.integers(4)) if drift is None or rng.random() < 0.5 else drift
        before = reference.distance()
        expected = reference.step(action)
        _, reward, terminated, truncated, info = env.step(action)
        assert info["distance"] == reference.distance()
        assert reward == pytest.approx(expected, abs=1e-12)
        if info["distance"] > before:
            assert reward == pytest.approx(-(info["distance"] - before) / reference.most)
        total += reward
        if not (info["hit"] or info["edge"]):
            walked.append(WORDS[action])
        over, success = terminated or truncated, info["success"]
    # Gains add up: only where the walk began and ended counts.
    assert total == pytest.approx((first - info["distance"]) / reference.most + success)
    assert 0 <= info["distance"] <= reference.most
    # The judge of replies measures the same walk alike, as a share of what the start lacks.
    [verdict] = verify([address], [f"Answer: {', '.join(walked)}"])
    if walked:
        gained = 1.0 if success else min(max(1 - info["distance"] / first, 0), 0.999)
        assert verdict.components["closeness"] == pytest.approx(gained, abs=1e-6)


def test_a_board_without_a_way_pays_nothing() -> None:
    env = BoardEnv("grid_navigation", "simple", params={"p_unsolvable": 1.0}, max_moves=30)
    for seed in range(5):
        _, info = env.reset(seed=seed)
        assert info["distance"] == -1
        rewards = [
            env.step(int(action))[1] for action in np.random.default_rng(seed).integers(4, size=30)
        ]
        assert not any(rewards)

"""What only a grid can tell: by the twin alone which walks are right, and what a guesser gets."""

import random
from collections import Counter

import pytest

import avrgym
from avrgym import Sample, Source, verify

STEPS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
OBSTACLES = {"dot", "cross", "square", "triangle", "plus"}


def solves(sample: Sample, answer: str) -> bool:
    """Whether an answer solves a grid by the twin alone: the independent reference."""
    _, *rows = sample.twin.splitlines()
    cells = {
        (r, c): what.strip()
        for r, row in enumerate(rows)
        for c, what in enumerate(row.split("&")[1:])
    }
    free = {place for place, what in cells.items() if what not in OBSTACLES}
    left = {place for place in free if cells[place] not in "SDO"}
    [at] = [place for place in free if cells[place] == "S"]
    [goal] = [place for place in free if cells[place] == "D"]

    if answer == "No path exists":
        seen, fresh = {at}, [at]
        while fresh:
            r, c = fresh.pop()
            near = {(r + dr, c + dc) for dr, dc in STEPS.values()} & free - seen
            seen |= near
            fresh += near
        return not left | {goal} <= seen

    for move in answer.split(", "):
        at = (at[0] + STEPS[move][0], at[1] + STEPS[move][1])
        if at not in free:
            return False
        left.discard(at)
    return not left and at == goal


@pytest.mark.parametrize("level", avrgym.levels("grid_navigation"))
def test_answers_to_other_grids_are_judged_as_the_twin_judges_them(level: str) -> None:
    samples = Source("grid_navigation", level, split="test", seed=11).samples(range(1000))
    foreign = [*samples[1:], samples[0]]
    verdicts = verify([s.address for s in samples], [f"Answer: {f.answer}" for f in foreign])
    draw = random.Random(level)
    for sample, other, correct in zip(samples, foreign, verdicts.correct.tolist(), strict=True):
        if correct or draw.random() < 0.02:
            assert correct == solves(sample, other.answer), sample.address


@pytest.mark.parametrize("level", avrgym.levels("grid_navigation"))
def test_the_likeliest_walk_is_not_likely(level: str) -> None:
    """On nine cells one walk in ten at most; elsewhere an answer hardly ever comes twice."""
    train = Source("grid_navigation", level, split="train", seed=5).samples(range(4000))
    held = Source("grid_navigation", level, split="test", seed=5).addresses(range(2000))
    [(guess, _)] = Counter(s.answer for s in train).most_common(1)
    right = verify(held, [f"Answer: {guess}"] * len(held)).correct.mean()
    small = level in ("rung0", "rung1", "rung2", "rung3", "hard_unsolvable")
    chance = 0.10 if small else 0.03
    assert right <= chance + 4 * (chance * (1 - chance) / len(held)) ** 0.5

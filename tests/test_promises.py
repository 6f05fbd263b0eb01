"""What holds of every instance, through the package: on a thousand addresses a level.

``rust_core/tests/promises.rs`` asks the core the same of ten thousand, and of as many as one likes.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import avrgym
from avrgym import Sample, Source, _core, verify

ADDRESSES = 1000
CHUNK = 500
EVERY_LEVEL = [(task, level) for task in avrgym.TASKS for level in avrgym.levels(task)]


# Every option at once.
EVERYTHING = {
    "consecutive_table_readout": "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1",
    "table_readout": "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1",
    "grid_navigation": "left, right, up, down",
    "visual_analogy": "1, 2, 3, 4",
}


def chunks(task: str, level: str, count: int = ADDRESSES) -> Iterator[list[Sample]]:
    source = Source(task, level, split="test", seed=11)
    for start in range(0, count, CHUNK):
        yield source.samples(range(start, min(start + CHUNK, count)))


def wrong(samples: list[Sample], reply: Callable[[Sample], str]) -> None:
    """No such reply is correct."""
    verdicts = verify([s.address for s in samples], [reply(s) for s in samples])
    if verdicts.correct.any():
        at = int(np.flatnonzero(verdicts.correct)[0])
        pytest.fail(f"{samples[at].address} takes {reply(samples[at])!r}")


def off_by_one(sample: Sample) -> str:
    """The answer with its last part changed to its neighbour."""
    parts = sample.answer.split(", ")
    if parts[-1].isdigit():
        parts[-1] = str((int(parts[-1]) + 1) % 10)
    else:
        del parts[-1]
    return f"Answer: {', '.join(parts) or 'none'}"


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


@pytest.mark.parametrize(("task", "level"), EVERY_LEVEL)
def test_own_words_are_right_and_nothing_else_is(task: str, level: str) -> None:
    for samples in chunks(task, level):
        addresses = [s.address for s in samples]
        rationales = verify(addresses, [s.rationale for s in samples])
        assert rationales.correct.all(), addresses[int(np.argmin(rationales.correct))]
        assert (rationales.step_state == 0).all()
        assert (rationales.first_error == -1).all()
        assert verify(addresses, [f"Answer: {s.answer}" for s in samples]).correct.all()

        wrong(samples, lambda s: "")
        wrong(samples, lambda s: f"{s.question}\n\n{s.twin}")
        wrong(samples, lambda s: f"I see {s.answer}")  # an answer that nothing marks as one
        wrong(samples, lambda s: f"Answer: {s.answer} or none")
        wrong(samples, lambda s: f"Answer: {s.answer} <answer>no idea</answer>")
        wrong(samples, lambda s: f"Answer: not {s.answer}")
        wrong(samples, off_by_one)
        wrong(samples, lambda s: f"Answer: {EVERYTHING[task]}")


@pytest.mark.parametrize(("task", "level"), EVERY_LEVEL)
def test_answers_to_other_instances_are_wrong(task: str, level: str) -> None:
    for samples in chunks(task, level):
        foreign = [*samples[1:], samples[0]]
        verdicts = verify([s.address for s in samples], [f"Answer: {f.answer}" for f in foreign])
        for sample, other, correct in zip(samples, foreign, verdicts.correct.tolist(), strict=True):
            if task == "grid_navigation":
                if correct or random.Random(sample.address).random() < 0.02:
                    assert correct == solves(sample, other.answer), sample.address
            else:
                assert correct == (sample.answer == other.answer), sample.address


@pytest.mark.parametrize(("task", "level"), EVERY_LEVEL)
def test_every_shortcut_stays_within_its_bound(task: str, level: str) -> None:
    bounds = dict(_core.shortcut_bounds(task, level))
    count = 2000
    source = Source(task, level, split="val", seed=3)
    described = _core.describe(source.addresses(range(count)))
    names = [name for name, _ in described[0][2]]
    assert sorted([*names, "lookup"]) == sorted(bounds), (
        "a shortcut without a bound, or a bound without one"
    )
    for at, name in enumerate(names):
        rate = float(np.mean([ways[at][1] for _, _, ways in described]))
        # Four standard errors of a share near one half.
        assert rate <= bounds[name] + 2 / count**0.5, (name, rate)


# What a guesser gets that sees neither picture nor twin: one option in so many, the likeliest
# digit, the likeliest walk on nine cells; elsewhere an answer hardly ever comes twice.
CHANCE = {("grid_navigation", f"rung{rung}"): 0.10 for rung in range(4)}
CHANCE |= {("grid_navigation", "hard_unsolvable"): 0.10}
CHANCE |= {("visual_analogy", level): 0.25 for level in avrgym.levels("visual_analogy")}
CHANCE |= {("visual_analogy", "rung0"): 1 / 3, ("visual_analogy", "rung1"): 1 / 3}


@pytest.mark.parametrize(("task", "level"), EVERY_LEVEL)
def test_a_guesser_without_the_problem_scores_at_chance(task: str, level: str) -> None:
    """It knows all training answers and gives the most frequent one."""
    train = Source(task, level, split="train", seed=5).samples(range(4000))
    held = Source(task, level, split="test", seed=5).samples(range(2000))
    [(guess, _)] = Counter(s.answer for s in train).most_common(1)
    verdicts = verify([s.address for s in held], [f"Answer: {guess}"] * len(held))
    chance = CHANCE.get((task, level), 0.03)
    assert verdicts.correct.mean() <= chance + 4 * (chance * (1 - chance) / len(held)) ** 0.5


def looks(sample: Sample) -> list[Counter[str]]:
    """What can be said of each option without the rows above it: how often each word occurs."""
    options: list[Counter[str]] = []
    lines = iter(sample.twin.splitlines())
    terse = sample.twin.startswith("1a")
    inside = False
    for line in lines:
        if (terse and line.startswith("o")) or line.startswith("Option"):
            options.append(Counter())
            inside = True
        if inside:
            objects = line.split(" ", 1)[-1].split(";") if terse else [line.removeprefix("- ")]
            for words in objects:
                if not words.startswith("Option"):
                    options[-1].update(["objects", *words.replace(",", " ").split()])
    for features in options:
        features["kinds"] = len(features)
    return options


@pytest.mark.parametrize("level", avrgym.levels("visual_analogy"))
def test_a_learned_guesser_without_the_context_scores_at_chance(level: str) -> None:
    """A conditional logit on the options alone, fitted on 6000 samples, tells nothing of 3000."""
    parts = []
    for split, count in (("train", 6000), ("test", 3000)):
        found = Source("visual_analogy", level, split=split, seed=8).samples(range(count))
        parts.append([(looks(sample), int(sample.answer) - 1) for sample in found])
    names = sorted({name for options, _ in parts[0] for option in options for name in option})
    columns = {name: at for at, name in enumerate(names)}

    def matrix(rows: list[tuple[list[Counter[str]], int]]) -> tuple[np.ndarray, np.ndarray]:
        counts = np.zeros((len(rows), len(rows[0][0]), len(names)))
        for i, (options, _) in enumerate(rows):
            for j, option in enumerate(options):
                for name, value in option.items():
                    if name in columns:
                        counts[i, j, columns[name]] = value
        # Beside the counts: how each differs from the other options', and which is extreme.
        others = counts - counts.mean(1, keepdims=True)
        extreme = np.concatenate(
            [counts == counts.max(1, keepdims=True), counts == counts.min(1, keepdims=True)], -1
        )
        features = np.concatenate([others, np.abs(others), extreme], -1)
        return features, np.array([answer for _, answer in rows])

    (x, y), (held, truth) = matrix(parts[0]), matrix(parts[1])
    scale = x.std((0, 1)) + 1e-6
    x, held = x / scale, held / scale
    weights = np.zeros(x.shape[-1])
    target = np.eye(x.shape[1])[y]
    for _ in range(150):
        logits = x @ weights
        chances = np.exp(logits - logits.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        weights -= 0.5 * (np.einsum("ij,ijk->k", chances - target, x) / len(x) + 1e-3 * weights)
    right = float(((held @ weights).argmax(1) == truth).mean())
    chance = CHANCE["visual_analogy", level]
    assert right <= chance + 4 * (chance * (1 - chance) / len(held)) ** 0.5

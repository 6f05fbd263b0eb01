"""What only an analogy can tell: its options say nothing without the rows above them."""

from collections import Counter

import numpy as np
import pytest

import avrgym
from avrgym import Sample, Source


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
    chance = 1 / held.shape[1]
    assert right <= chance + 4 * (chance * (1 - chance) / len(held)) ** 0.5

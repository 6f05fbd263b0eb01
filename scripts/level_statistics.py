"""The committed table of level statistics: what each level is made of, and every shortcut's rate.

Writes ``docs/results/levels.md``. The split is ``test``, the seed 0; a rate over n instances has a
standard error of at most 1/(2 sqrt(n)).
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import avrgym
from avrgym import _core
from avrgym.core import facts
from avrgym.core.facts import Columns

OUT = Path("docs/results/levels.md")


def described(task: str, level: str, count: int) -> tuple[Columns, Columns]:
    """Features and shortcut chances of ``count`` instances, by name."""
    addresses = avrgym.Source(task, level, split="test").addresses(range(count))
    return facts.features(addresses), facts.shortcuts(addresses)


def distinct(task: str, level: str, count: int) -> float:
    """The share of distinct contents among ``count`` instances."""
    source = avrgym.Source(task, level, split="test")
    return len(set(avrgym.contents(source.addresses(range(count))))) / count


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table."""
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]


def spread(values: NDArray[np.float64]) -> str:
    """Mean and 5-95 % range."""
    low, high = np.percentile(values, [5, 95])
    if low == high == np.mean(values):
        return f"{low:g}"
    return f"{np.mean(values):.2f} ({low:g}-{high:g})"


def shortcut(task: str, level: str, name: str, chances: NDArray[np.float64] | None) -> str:
    """A shortcut's rate and its bound."""
    if chances is None:
        return ""
    return f"{np.mean(chances):.3f} (≤ {facts.bounds(task, level)[name]:g})"


def lookup(task: str, level: str, count: int) -> str:
    """How often a table learned from ``count`` training problems is right, and its bound."""
    rate = _core.lookup_rate(f"{task}/{level}", count, count)
    return f"{rate:.3f} (≤ {facts.bounds(task, level)['lookup']:g})"


def sizes(task: str) -> list[str]:
    """The smallest legible pictures of a task's levels, as Markdown."""
    return [
        "",
        "Smallest legible picture by theme, pixels to a side:",
        "",
        *table(
            ["level", *(f"`{theme}`" for theme in avrgym.THEMES)],
            [
                [level, *(str(avrgym.legible_size(f"{task}/{level}", t)) for t in avrgym.THEMES)]
                for level in avrgym.levels(task)
            ],
        ),
    ]


def main() -> None:
    """Writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="instances per level")
    count = parser.parse_args().count
    lines = [
        "# Level statistics",
        "",
        f"Made by `make tables`: {count:,} instances per level, split `test`, seed 0. Features:",
        "mean (5-95 %). A shortcut is a policy that does without the skill; its rate is the share",
        "of instances on which it succeeds; the level's bound in `envs/<task>.toml` follows it.",
        "`lookup` gives the answer that was right most often among as many instances of split",
        "`train` that look the same but for what must be seen: a grid's obstacles, a table's",
        "digits, an analogy's examples. [Levels](../levels.md) says where they differ from the",
        "paper's, and [pictures](../pictures.md) what a legible size is.",
    ]
    for task in avrgym.TASKS:
        found = {level: described(task, level, count) for level in avrgym.levels(task)}
        features = list(dict.fromkeys(name for own, _ in found.values() for name in own))
        shortcuts = list(dict.fromkeys(name for _, ways in found.values() for name in ways))
        lines += ["", f"## `{task}`", ""]
        lines += table(
            ["level", "distinct", *(f"`{name}`" for name in features)],
            [
                [level, f"{distinct(task, level, count):.3f}"]
                + [spread(own[name]) if name in own else "" for name in features]
                for level, (own, _) in found.items()
            ],
        )
        lines += ["", "Shortcuts, each with its bound:", ""]
        lines += table(
            ["level", *(f"`{name}`" for name in shortcuts), "`lookup`"],
            [
                [level]
                + [shortcut(task, level, name, ways.get(name)) for name in shortcuts]
                + [lookup(task, level, count)]
                for level, (_, ways) in found.items()
            ],
        )
        lines += sizes(task)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

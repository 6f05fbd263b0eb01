"""The committed table of what the best constant reply earns, by reward, task and level.

Writes ``docs/results/constants.md``; the bounds beside the figures are ``tests/constants.toml``,
which the test suite holds every level to. ``--bounds`` writes those anew, each the figure and a
margin: look at every difference. The search sees split ``train``, the figures are of split
``test``; over n samples their standard error is at most 1/(2 sqrt(n)).
"""

import argparse
import math
import sys
from pathlib import Path

import avrgym

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from constant import BOUNDED, BOUNDS, Constant, best, bounds

OUT = Path("docs/results/constants.md")
#: What a bound leaves for samples that were not looked at.
MARGIN = 0.03

HEAD = """# What a constant reply earns

Made by `python scripts/constant_replies.py`: for every reward and level the best reply found that
says the same whatever is asked, put together greedily from answers, lines and whole texts of {seen}
samples of split `train`, and what it earns on {tried} of split `test`; behind it the bound that the
test suite holds it to. A reply with a right answer and its whole rationale earns more than any
reply with a wrong one, whatever the reward; `transcription` pays the twin alone. Not here is
`tags`, which looks at no contents: empty sections earn all of it.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seen", type=int, default=128)
    parser.add_argument("--tried", type=int, default=1000)
    parser.add_argument("--bounds", action="store_true")
    parser.add_argument("--tasks", nargs="*", default=list(avrgym.TASKS))
    plan = parser.parse_args()
    found: dict[str, dict[str, dict[str, Constant]]] = {}
    for task in plan.tasks:
        found[task] = {}
        for level in avrgym.levels(task):
            size = {"seen": plan.seen, "tried": plan.tried, "pieces": 12, "rounds": 6}
            found[task][level] = {name: best(task, level, name, **size) for name in BOUNDED}
            print(task, level, {k: round(v.mean, 3) for k, v in found[task][level].items()})
    if plan.bounds:
        BOUNDS.write_text("\n".join(written(found)))
    OUT.write_text("\n".join([HEAD.format(**vars(plan)), *pages(found)]))


def written(found: dict[str, dict[str, dict[str, Constant]]]) -> list[str]:
    """The bounds as TOML."""
    lines = [
        "# What the best constant reply may earn; scripts/constant_replies.py has the figures."
    ]
    for task, levels in found.items():
        for level, constants in levels.items():
            lines.append(f"\n[{task}.{level}]")
            for name, constant in constants.items():
                lines.append(f"{name} = {math.ceil((constant.mean + MARGIN) * 100) / 100:g}")
    return [*lines, ""]


def pages(found: dict[str, dict[str, dict[str, Constant]]]) -> list[str]:
    """A table a task."""
    lines: list[str] = []
    for task, levels in found.items():
        lines += [f"## `{task}`", "", f"| level | {' | '.join(BOUNDED)} |"]
        lines.append(f"|{' --- |' * (len(BOUNDED) + 1)}")
        for level, constants in levels.items():
            limit = bounds(task, level)
            cells = [f"{constants[name].mean:.3f} (≤ {limit[name]:g})" for name in constants]
            lines.append(f"| {level} | {' | '.join(cells)} |")
        lines.append("")
    return lines


if __name__ == "__main__":
    main()

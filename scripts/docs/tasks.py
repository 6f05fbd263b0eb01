"""The pages of tasks: every parameter, feature and shortcut of every level, and its pictures."""

from pathlib import Path

from PIL import Image

import avrgym
from avrgym.core import facts

SHOWN = ("rung0", "simple", "hard")


def write(to: Path) -> None:
    """Writes ``tasks/index.md``, a page for each task, and their pictures."""
    folder = to / "tasks"
    folder.mkdir(parents=True)
    lines = ["# Tasks", "", "| task | what is asked | levels |", "|---|---|---|"]
    for task in avrgym.TASKS:
        levels = ", ".join(f"`{level}`" for level in avrgym.levels(task))
        lines.append(f"| [`{task}`]({task}.md) | {facts.about(task)} | {levels} |")
        (folder / f"{task}.md").write_text(page(task, folder), "utf-8")
    lines += [
        "",
        "Each page says what its levels set, what each parameter means and may be, what makes a",
        "problem hard, and what is known without the skill. `avrgym list TASK/LEVEL` prints the",
        "same in a terminal. How levels compare with the paper's stands in",
        "[levels](../levels.md), what they come to in the",
        "[level statistics](../results/levels.md).",
        "",
    ]
    (folder / "index.md").write_text("\n".join(lines), "utf-8")


def page(task: str, folder: Path) -> str:
    """All that is known of a task, as Markdown."""
    levels, said = avrgym.levels(task), facts.meanings(task)
    own = {level: avrgym.parameters(task, level) for level in levels}
    lines = [f"# `{task}`", "", facts.about(task), ""]
    for level in SHOWN:
        address = f"{task}/{level}#train:0:3"
        name = f"{task}-{level}.png"
        [picture] = avrgym.render([address], 448)
        Image.fromarray(picture).quantize(64).save(folder / name, optimize=True)
        lines += [f"![{level}: {address}]({name}){{ .level width=224 }}"]
    [sample] = avrgym.samples([f"{task}/rung0#train:0:3"])
    lines += [
        "",
        "`rung0`, `simple` and `hard`, sample 3 of each. The first asks:",
        "",
        _block(sample.question),
        "and this is its worked reply:",
        "",
        _block(sample.rationale),
    ]
    for wording, head, what in (
        (False, "Parameters of the problem", "They enter the key of the random stream."),
        (True, "Parameters of words and looks", "One problem can be had in all of them."),
    ):
        lines += [
            f"## {head}",
            "",
            what,
            "",
            "| parameter | what it means | what it may be | at `simple` |",
        ]
        lines += ["|---|---|---|---|"]
        lines += [
            f"| `{each.name}` | {_cell(each.meaning)} | {_cell(each.range)} | "
            f"{_names(own['simple'][each.name])} |"
            for each in said.parameters
            if each.wording is wording
        ]
        lines.append("")
    lines += ["## Levels", "", *_levels(levels, own, task)]
    lines += ["## What makes a problem hard", "", "| feature | what it says |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(meaning)} |" for name, meaning in said.features.items()]
    lines += ["", *_shortcuts(levels, task, said.shortcuts)]
    return "\n".join(lines) + "\n"


def _levels(levels: tuple[str, ...], own: dict[str, dict[str, str]], task: str) -> list[str]:
    """What each level sets; what all have alike is said once."""
    first = own[levels[0]]
    alike = {key for key in first if all(each[key] == first[key] for each in own.values())}
    lines = [
        "All levels have " + ", ".join(f"`{k}`={_names(first[k])}" for k in sorted(alike)) + ".",
        "",
    ]
    sizes = " | ".join(f"`{theme}`" for theme in avrgym.THEMES)
    lines += [f"| level | sets | {sizes} |", "|---|---|" + "---|" * len(avrgym.THEMES)]
    for level in levels:
        rest = " ".join(f"`{k}`={_names(v)}" for k, v in own[level].items() if k not in alike)
        side = [str(avrgym.legible_size(f"{task}/{level}", theme)) for theme in avrgym.THEMES]
        lines.append(f"| `{level}` | {rest} | {' | '.join(side)} |")
    return [*lines, "", "The last columns are the smallest legible pictures, pixels to a side.", ""]


def _shortcuts(levels: tuple[str, ...], task: str, said: dict[str, str]) -> list[str]:
    """What each policy without the skill does, and the bounds."""
    lines = ["## Without the skill", "", "| policy | what it does |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(meaning)} |" for name, meaning in said.items()]
    lines += [
        "",
        "The greatest share of a level's problems that each may solve; the tests measure it.",
        "",
    ]
    lines += ["| level | " + " | ".join(f"`{name}`" for name in said) + " |"]
    lines += ["|---" * (len(said) + 1) + "|"]
    for level in levels:
        bounds = facts.bounds(task, level)
        lines.append(f"| `{level}` | " + " | ".join(f"{bounds[name]:g}" for name in said) + " |")
    return lines


def _block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


def _names(value: str) -> str:
    """A value; of a list each name for itself, so that a narrow page can break it."""
    return " + ".join(f"`{name}`" for name in value.split("+"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")

"""What the README shows runs, and its figures are those of the tables it points to."""

import re
from pathlib import Path

import avrgym
from avrgym.envs import ids

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def results(task: str) -> list[list[str]]:
    """Rows of a study's tables, cells as they are written."""
    text = (ROOT / "docs" / "results" / f"{task}.md").read_text("utf-8").partition("\nText\n")[0]
    return [row.strip("| \n").split(" | ") for row in text.splitlines() if row.startswith("| rung")]


def seeds(cell: str) -> list[str]:
    """Seed by seed, of ``**99** ± 6 (100, 100, 96)``."""
    return cell.partition("(")[2].strip(")").replace("-", "\N{MINUS SIGN}").split(", ")


def test_all_levels_are_named() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (`.*`) \|$", README, re.MULTILINE)
    assert [task for task, _ in rows] == list(avrgym.TASKS)
    for task, named in rows:
        shown = re.findall(r"`(\w+)`", named)
        ladder = [f"rung{n}" for n in range(12)]
        assert shown[-2:] == ["rung0", "rung11"]
        assert (*shown[:-2], *ladder) == avrgym.levels(task)
    every = sum(len(avrgym.levels(task)) for task in avrgym.TASKS)
    assert f"each of the {every} levels" in README
    assert "avrgym/TableReadout-Simple-v0" in ids()


def test_the_quickstart_learned_what_is_said() -> None:
    for decoding, at in (("greedy", 0), ("sampled", 3)):
        for level, part, how, _, sft, grpo, gain in results("grid_navigation"):
            if how != decoding:
                continue
            [row] = re.findall(rf"^\| `{level}` \| {part} \| (.*) \|$", README, re.MULTILINE)
            cells = [cell.strip("*") for cell in row.split(" | ")][at : at + 3]
            means = [re.match(r"\*\*(\d+)", cell)[1] for cell in (sft, grpo)]  # type: ignore[index]
            assert cells == [*means, ", ".join(seeds(gain))], (level, decoding)


def test_the_other_quickstarts_learned_what_is_said() -> None:
    for task in ("consecutive_table_readout", "table_readout", "visual_analogy"):
        [line] = re.findall(rf"^\| `{task}` \(\[table\].*$", README, re.MULTILINE)
        said = [cell.strip() for cell in line.strip("|").split(" | ")]
        whole = (ROOT / "docs" / "results" / f"{task}.md").read_text("utf-8")
        rows = [row for row in results(task) if row[2] == "greedy"]
        again = [at for at, row in enumerate(rows) if at and row[0] == rows[0][0]]
        run = rows[: next(iter(again), None)]  # controls come after it
        assert said[1] == ", ".join(seeds(run[0][4 + ("RFT" in whole)]))
        if "RFT" in whole:
            after = [", ".join(seeds(cell)) for cell in run[-1][4:6]]
            assert said[2:4] == after, task
            [same] = [
                line
                for line in README.splitlines()
                if line.startswith(f"| `{task}` | ") and "**" in line
            ]
            assert after[0] in same and f"**{after[1]}**" in same

"""What docs/mixtures.md says is so: its blocks are run, its tables and errors are compared."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

import avrgym
from avrgym import Source, TaskError, contents, formats, mixtures, verify
from avrgym.mixtures import Internalise, named

PAGE = (Path(__file__).parent.parent / "docs" / "mixtures.md").read_text("utf-8")
DIGITS = "zero one two three four five six seven eight nine".split()


def rows_of_table(header: str) -> list[list[str]]:
    """The cells of a table of the page, without its header."""
    body = PAGE.partition(header)[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


def test_the_papers_table_is_what_names_give() -> None:
    kinds = [
        ("simple", "text"),
        ("simple", "image"),
        ("simple", "image_via_text"),
        ("hard", "text"),
    ]
    table = rows_of_table("| name | SIMPLE text")
    assert {row[0].strip("`") for row in table} == set(mixtures.NAMES)
    for row in table:
        name = row[0].strip("`")
        if name == "align-mix+":
            assert [phase.name for phase in named(name, "table_readout", 60).phases] == [
                "align",
                "mix+",
            ]
            continue
        [phase] = named(name, "table_readout", 720).phases
        assert phase.epochs == float(row[5])
        counts = dict.fromkeys(kinds, 0)
        for part, count in zip(phase.parts, phase.counts(), strict=True):
            counts[part.level, part.format.name] += count
        for kind, cell in zip(kinds, row[1:5], strict=True):
            share, _, times = cell.partition(",")
            part_of = Fraction(1, int(share.partition("/")[2])) if share else 0
            assert counts[kind] == 720 * part_of * (3 if times else 1)
    weaned = named("align-mix+", "table_readout", 720, internalise=Internalise())
    assert [(phase.size, phase.epochs) for phase in weaned.phases] == [(720, 1)] * 2


def test_the_formats_show_and_ask_what_the_table_says() -> None:
    [sample] = avrgym.samples(["grid_navigation/simple#train:0:0"])
    parts = {"worked steps, answer": sample.rationale, "the twin": sample.twin}
    for name, shows, reply in rows_of_table("| format | the prompt shows"):
        made = formats.chat(sample, name.strip("`"))
        [turn] = made.prompt
        kinds = [block["type"] for block in turn["content"]]
        assert ("image" in kinds) == (shows == "the picture")
        assert (sample.twin in turn["content"][-1]["text"]) == (shows == "the twin")
        for part, words in parts.items():
            assert (words in made.completion[0]["content"]) == (part in reply)


def test_the_error_that_is_shown_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = re.findall(r"```text\n(mine\.toml: .*)\n```", PAGE)
    monkeypatch.chdir(tmp_path)
    part = '[[phases.parts]]\ntask = "table_readout"\nlevel = "simple"\nformat = "text"\n'
    wrong = part.replace('"text"', '"txt"')
    Path("mine.toml").write_text(f"[[phases]]\nsize = 4\n{part}{wrong}")
    with pytest.raises(TaskError) as said:
        mixtures.load("mine.toml")
    assert [str(said.value)] == shown


def test_a_dry_run_shows_each_part_with_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for needed in ("tyro", "rich", "pyarrow"):
        pytest.importorskip(needed)
    from avrgym.cli import main

    [command] = re.findall(r"`avrgym (generate mine\.toml [^`]*--dry-run)`", PAGE)
    [file] = re.findall(r"```toml[^\n]*\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(file.replace("60_000", "1_600").replace("240_000", "2_400"))
    with pytest.raises(SystemExit) as ended:
        main(command.split())
    said = capsys.readouterr().out
    assert ended.value.code == 0 and not Path("data").exists()
    assert [line.split()[0] for line in said.splitlines() if line.startswith("    ")] == [
        *("800", "800"),
        *(f"{count:,}" for count in mixtures.load("mine.toml").phases[1].counts()),
    ]


def test_ablations_word_the_same_instances_anew() -> None:
    table = rows_of_table("| the paper's ablation")
    assert len(table) == 8
    for what, how in table:
        keys = re.findall(r"(\w+) = (?:\"(\w+)\"|(true))", how)
        others = re.findall(r"or `\"(\w+)\"`", how)
        pairs = [(key, word or True) for key, word, _ in keys]
        pairs += [(keys[0][0], word) for word in others]
        tasks = {"grid": ("grid_navigation",), "tables": ("table_readout",)}
        for task in tasks.get(what.rpartition(", ")[2], ("grid_navigation", "table_readout")):
            plain = Source(task, "simple")
            for key, value in pairs:
                changed = Source(task, "simple", params={key: value})
                before, after = plain.addresses(range(20)), changed.addresses(range(20))
                assert contents(before) == contents(after)
                replies = [sample.rationale for sample in avrgym.samples(after)]
                assert verify(after, replies).correct.all()


def test_the_lines_of_the_rationale_are_worded_as_is_shown() -> None:
    line, said = re.findall(r"`(Row 3 Alpha[^`]*)` becomes (.*?);", PAGE, re.DOTALL)[0]
    cell = re.compile(r"Row (\d+) (\w+), column (\d+) (\w+): (\d)")
    names = ("3", "Alpha", "2", "January", "7")
    assert cell.fullmatch(line)
    shown = re.findall(r"`([^`]*)`", said)
    plain = Source("table_readout", "simple")[0].rationale.splitlines()
    for params, example in zip(
        ({"spelling": "words"}, {"order": "column"}, {"order": "value"}), shown, strict=True
    ):
        changed = Source("table_readout", "simple", params=params)[0].rationale.splitlines()
        assert changed[-1] == plain[-1], "the answer's line"
        pairs = [
            (found, other)
            for one, other in zip(plain, changed, strict=True)
            if (found := cell.fullmatch(one))
        ]
        assert len(pairs) > 5
        for found, other in pairs:
            swaps = dict(zip(names, found.groups(), strict=True))
            swaps["seven"] = DIGITS[int(found[5])]
            due = [swaps.get(word, word) for word in re.split(r"(\w+)", example)]
            assert other == "".join(due)


@pytest.mark.parametrize("task", avrgym.TASKS)
def test_a_cut_is_told_where_there_is_a_path(task: str) -> None:
    for sample in Source(task, "hard")[:10]:
        [verdict] = verify([sample.address], [formats.target(sample, "image", True, 0.5)])
        told = {step.state for step in verdict.steps} != {"ok"}
        assert told == (task != "visual_analogy")

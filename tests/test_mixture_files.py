"""Mixtures in TOML and YAML files."""

import sys
import tomllib
from pathlib import Path

import pytest

from avrgym import TaskError, mixtures
from avrgym.mixtures import Internalise, items, pick

TASKFUL = """
name = "everything"
seed = 7
template = "any"
internalise = { full = 0.5, shorten = 0.5, none = 0 }

[[phases]]
name = "first"
size = 90
epochs = 2

[[phases.parts]]
task = ["table_readout", "grid_navigation"]
level = { simple = 2, hard = 1 }
format = ["text", "image-direct"]
weight = 0.5

[[phases]]
[[phases.parts]]
task = "visual_analogy"
level = "hard"
format = "image"
count = 12
seed = 1
split = "val"
params = { objects = [1, 4], domains = ["shape_type", "line_type", "line_color"], fillers = true }
"""


def test_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TASKFUL)
    mixture = mixtures.load(path)
    assert mixture.name == "everything"
    assert (mixture.seed, mixture.template) == (7, "any")
    assert mixture.internalise == Internalise(0.5, 0.5, 0.0)
    first, second = mixture.phases
    assert (first.name, first.size, first.epochs) == ("first", 90, 2.0)
    assert [(p.task, p.level, p.format.name, p.weight) for p in first.parts] == [
        (task, level, format, weight)
        for task in ("table_readout", "grid_navigation")
        for level, weight in (("simple", 1.0), ("hard", 0.5))
        for format in ("text", "image-direct")
    ]
    assert first.counts() == [15, 15, 8, 8, 15, 15, 7, 7]
    assert (second.name, second.size) == ("phase1", 12)
    [part] = second.parts
    assert (part.seed, part.split, part.count) == (1, "val", 12)
    assert items(mixture, "phase1", 0, 1)[0].address.startswith(
        "visual_analogy/hard?domains=shape_type+line_type+line_color&fillers=true&objects=1-4#val:1:"
    )
    path.write_text(TASKFUL.partition("[[phases]]\n[[")[0].replace('name = "everything"', ""))
    assert mixtures.load(str(path)).name == "mine"


def test_the_documented_file_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "mixtures.md").read_text("utf-8")
    path = tmp_path / "two-steps.toml"
    path.write_text(page.partition('```toml title="mine.toml"\n')[2].partition("```")[0])
    mixture = mixtures.load(path)
    assert mixture.phase("align").counts() == [30_000, 30_000]
    counts = mixture.phase("mix").counts()
    assert (sum(counts), len(counts), counts[-1]) == (240_000, 9, 1_000)
    assert counts[0] == counts[1] == counts[4] and abs(counts[0] - 2 * counts[2]) <= 2
    assert len(items(mixture, "mix", 0, 100)) == 100


PART = '[[phases]]\nsize = 3\n[[phases.parts]]\ntask = "table_readout"\nlevel = "simple"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("phases = [", "is no TOML"),
        ("seed = 1", "phases: is missing; give a list of tables"),
        ("phases = 3", "phases: expected a list of tables, got 3"),
        ("phases = [3]", r"phases\[0\]: expected a table, got 3"),
        ("phases = []", "has no phases"),
        ("[[phases]]\nsize = 3\nparts = []", r'phases\[0\]: phase "phase0" has no parts'),
        (PART, r"phases\[0\]\.parts\[0\]\.format: is missing; give a string, a list of strings or"),
        (PART + "format = 3", "format: expected a string, a list of strings or a table of numbers"),
        (PART + "format = []", r"phases\[0\]\.parts\[0\]: format has no names; give one or more"),
        (PART + 'format = "tex"', r'parts\[0\]: unknown format "tex"'),
        (
            PART + 'format = "text"\nwieght = 2',
            r"parts\[0\]: unknown key wieght \(did you mean weight\?\);",
        ),
        (PART + 'format = "text"\nweight = "2"', "weight: expected a number, got '2'"),
        (PART + 'format = "text"\nweight = -1', r"weight -1\.0 is no share"),
        (PART + 'format = "text"\ncount = 4', "sum to 4, its size is 3"),
        (PART + 'format = "text"\ncount = 2', "sum to 2, its size is 3"),
        (PART + 'format = "text"\nparams = { rwos = 3 }', "rwos"),
        (PART + 'format = "text"\nseed = -1', "-1"),
        (PART + 'format = { text = "1" }', r"format\.text: expected a number, got '1'"),
        (PART.replace("simple", "easy") + 'format = "text"', r'parts\[0\]: .*"?easy"?'),
        (PART.replace("size = 3", "size = 0") + 'format = "text"', "size=0 is out of range"),
        (PART.replace("size = 3", "") + 'format = "text"', "size is missing"),
        (PART.replace("size = 3", "size = 3\nepochs = 0") + 'format = "text"', r"epochs 0\.0"),
        ('template = "ornate"\n' + PART + 'format = "text"', 'unknown template "ornate"'),
        ("seed = 1.5\n" + PART + 'format = "text"', r"seed: expected a whole number, got 1\.5"),
        (
            "sead = 1\n" + PART + 'format = "text"',
            r"unknown key sead \(did you mean seed\?\); known keys: phases",
        ),
        (
            "internalise = { full = 1 }\n" + PART + 'format = "text"',
            r"internalise: shares .* sum to 1",
        ),
        ("internalise = true\n" + PART + 'format = "text"', "internalise: expected a table"),
    ],
)
def test_bad_files_name_the_key(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(TaskError, match=said) as wrong:
        mixtures.load(path)
    assert str(wrong.value).startswith(f"{path}: ")


FEW = """
phases:
  - name: all
    size: %d
    parts:
      - {task: table_readout, level: [simple, hard], format: [text, image], weight: 3}
      - {task: grid_navigation, level: hard, format: text-direct, weight: 0.5}
      - {task: visual_analogy, level: hard, format: image, count: 2}
"""


def test_a_size_that_leaves_a_part_without_rows_is_refused_with_one_that_does_not(
    tmp_path: Path,
) -> None:
    pytest.importorskip("yaml", reason="the data extra is not installed")
    path = tmp_path / "few.yaml"
    path.write_text(FEW % 10)
    with pytest.raises(TaskError) as wrong:
        mixtures.load(path)
    assert str(wrong.value) == (
        f'{path}: phases[0]: size 10 of phase "all" leaves grid_navigation/hard as text-direct '
        "(weight 0.5) without rows; "
        "give size = 27 or more, a larger weight or a count, or leave it out"
    )
    path.write_text(FEW % 27)
    assert mixtures.load(path).phase("all").counts() == [6, 6, 6, 6, 1, 2]
    # The counts alone are as large as the phase.
    path.write_text(FEW % 2)
    with pytest.raises(TaskError, match=r"\(weight 3\), 2 more of 6 parts without .* size = 27 or"):
        mixtures.load(path)
    # No phase can be as large as this weight would have it.
    path.write_text((FEW % 30).replace("0.5", "5.0e-20"))
    with pytest.raises(TaskError, match="without rows; give a larger weight or a count"):
        mixtures.load(path)


def test_a_phase_can_keep_its_order(tmp_path: Path) -> None:
    path = tmp_path / "eval.toml"
    path.write_text(
        "[[phases]]\nshuffle = false\nparts = [\n"
        '{task = "table_readout", level = "hard", format = "text", split = "test", count = 3},\n'
        '{task = "table_readout", level = "hard", format = "image", split = "test", count = 2}]\n'
    )
    mixture = mixtures.load(path)
    rows = [
        ("text", 0), ("text", 1), ("text", 2), ("image", 0), ("image", 1)
    ] * 2  # each pass again  # fmt: skip
    assert [
        (item.format.name, int(item.address.rpartition(":")[2]))
        for item in items(mixture, "phase0", 0, 10)
    ] == rows
    assert [item.index for item in pick(mixture, "phase0", [4, 0])] == [4, 0]
    path.write_text(path.read_text().replace("false", '"no"'))
    with pytest.raises(TaskError, match="shuffle: expected true or false, got 'no'"):
        mixtures.load(path)


YAMLFUL = """
name: everything
seed: 7
template: any
internalise: {full: 0.5, shorten: 0.5, none: 0}
phases:
  - name: first
    size: 90
    epochs: 2
    parts:
      - task: [table_readout, grid_navigation]
        level: {simple: 2, hard: 1}
        format: [text, image-direct]
        weight: 0.5
  - parts:
      - task: visual_analogy
        level: hard
        format: image
        count: 12
        seed: 1
        split: val
        params:
          objects: [1, 4]
          domains: [shape_type, line_type, line_color]
          fillers: true
"""


@pytest.mark.parametrize("suffix", ["yaml", "yml", "YAML"])
def test_yaml_says_the_same_as_toml(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("yaml", reason="the data extra is not installed")
    toml, yaml = tmp_path / "mine.toml", tmp_path / f"mine.{suffix}"
    toml.write_text(TASKFUL)
    yaml.write_text(YAMLFUL)
    assert mixtures.load(yaml) == mixtures.load(toml)
    yaml.write_text(YAMLFUL.replace("everything", "2026-01-02"))
    assert mixtures.load(yaml).name == "2026-01-02", "dates are words"
    # What a table takes from another one stands in it once.
    shared = YAMLFUL.replace("- parts:", "- &two\n    parts:") + "  - {<<: *two, name: again}\n"
    yaml.write_text(shared)
    _, second, third = mixtures.load(yaml).phases
    assert (third.name, third.parts) == ("again", second.parts)


YAML = "phases: [{size: 3, parts: [{task: table_readout, level: simple, format: text%s}]}]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("phases: [", "is no YAML: while parsing"),
        ("seed: 2026-99-99\n" + YAML % "", "seed: expected a whole number, got '2026-99-99'"),
        ("", "expected a table of keys and values, got None"),
        ("- 1", r"expected a table of keys and values, got \[1\]"),
        ("name: !!python/object:os.system x", "is no YAML: could not determine a constructor"),
        ("seed: 1\nseed: 2\n" + YAML % "", r"bad\.yaml: key seed in line 2 stands there before"),
        ("1: 2\n" + YAML % "", r"bad\.yaml: key 1 in line 1 is no string; quote it"),
        ("on: 2\n" + YAML % "", "key on in line 1 is no string"),
        ("seed:\n" + YAML % "", "seed: expected a whole number, got None"),
        ("name: no\n" + YAML % "", "name: expected a string, got False"),
        (
            YAML % ", wieght: 2",
            r"parts\[0\]: unknown key wieght \(did you mean weight\?\); known keys: task",
        ),
        (YAML % ", weight: 1e1", "weight: expected a number, got '1e1'"),
        (YAML % ", params: {rows: 2026-01-02}", "rows"),
        ("name: !!bool maybe\n" + YAML % "", "is no YAML"),
        ("internalise: !!map [1]\n" + YAML % "", "is no YAML: expected a mapping node"),
        ("phases: &a [*a]", r"phases\[0\]: contains itself; write it out"),
    ],
)
def test_bad_yaml_names_the_key(tmp_path: Path, text: str, said: str) -> None:
    pytest.importorskip("yaml", reason="the data extra is not installed")
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(TaskError, match=said) as wrong:
        mixtures.load(path)
    assert str(wrong.value).startswith(f"{path}: ") and "\n" not in str(wrong.value)
    assert str(wrong.value).count("bad.yaml") == 1


def test_a_table_of_another_file_is_a_mixture_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TASKFUL)
    read = tomllib.loads(TASKFUL)
    assert mixtures.build(read) == mixtures.load(path)
    del read["name"]
    assert mixtures.build(read, name="within").name == "within"
    with pytest.raises(TaskError, match=r"^run: phases\[0\]: epochs -2\.0 is no number of passes"):
        read["phases"][0]["epochs"] = -2
        mixtures.build(read, "run")


def test_without_pyyaml_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    path = tmp_path / "mine.yaml"
    path.write_text(YAMLFUL)
    with pytest.raises(TaskError, match=r"pip install 'avrgym\[data\]'"):
        mixtures.load(path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"none\.toml: cannot be read: No such file"):
        mixtures.load(tmp_path / "none.toml")

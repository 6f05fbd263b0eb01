"""Batches of one modality: runs of rows, wherever a phase is read, and its counts as they were."""

import json
from collections import Counter
from dataclasses import replace
from math import gcd
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import avrgym
from avrgym import TaskError
from avrgym.data import check, generate
from avrgym.mixtures import Format, Item, Mixture, Part, Phase, items, load, named, pick
from written import settings as writing

EXAMPLES = settings(max_examples=60, deadline=None)


@st.composite
def phases(draw: st.DrawFn, most: int = 12) -> Phase:
    """Any phase in runs, its size the smallest above a wish that fits, or of one modality."""
    formats = draw(st.lists(st.sampled_from(avrgym.FORMATS), min_size=1, max_size=5))
    weights = [draw(st.integers(1, 9)) for _ in formats]
    batch = draw(st.integers(1, most))
    parts = tuple(
        Part("grid_navigation", draw(st.sampled_from(["rung0", "hard"])), Format(format), weight)
        for format, weight in zip(formats, weights, strict=True)
    )
    more = tuple(
        Part("table_readout", "simple", Format(draw(st.sampled_from(avrgym.FORMATS))), count=count)
        for count in draw(st.lists(st.integers(1, 3).map(lambda k: k * batch), max_size=2))
    )
    size = draw(st.integers(1, 60)) + sum(part.count or 0 for part in more)
    for wish in range(size, size + 40 * batch):
        try:
            return Phase(
                "p",
                wish,
                parts + more,
                draw(st.sampled_from([1, 1.5, 3])),
                draw(st.booleans()),
                batch,
            )
        except TaskError:
            continue
    assume(False)
    raise AssertionError


def shown(drawn: list[Item]) -> list[bool]:
    return [item.format.pictured for item in drawn]


def mixed_runs(pictured: list[bool], batch: int) -> list[int]:
    """Where aligned runs begin that have both modalities."""
    starts = range(0, len(pictured), batch)
    return [start for start in starts if len(set(pictured[start : start + batch])) > 1]


@given(phases(), st.integers(0, 2**64 - 1))
@EXAMPLES
def test_every_run_has_one_modality_and_every_part_its_count(phase: Phase, seed: int) -> None:
    mixture = Mixture("m", (phase,), seed)
    # Of one modality a phase may end in a short run, and then the next pass begins within one.
    assert not mixed_runs(shown(items(mixture, "p", 0, 3 * phase.size)), phase.batch)
    plain = Mixture("m", (replace(phase, batch=1),), seed)
    for turn in range(3):
        first = turn * phase.size
        drawn = items(mixture, "p", first, first + phase.size)
        assert [Counter(i.part for i in drawn)[k] for k in range(len(phase.parts))] == (
            phase.counts()
        )
        key = [(item.part, item.address) for item in drawn]
        before = items(plain, "p", first, first + phase.size)
        assert sorted(key) == sorted((item.part, item.address) for item in before)
        if not phase.in_runs:
            assert drawn == before


@given(phases(), st.data())
@EXAMPLES
def test_rows_of_runs_are_read_in_any_order(phase: Phase, data: st.DataObject) -> None:
    mixture = Mixture("m", (phase,), 3)
    fresh = data.draw(st.booleans())
    rows = items(mixture, "p", 0, 2 * phase.size, fresh=fresh)
    some = data.draw(st.lists(st.integers(0, 2 * phase.size - 1), max_size=20))
    assert pick(mixture, "p", some, fresh=fresh) == [rows[i] for i in some]


@given(st.lists(st.integers(1, 9), min_size=2, max_size=4), st.integers(1, 400), st.integers(2, 16))
@EXAMPLES
def test_what_does_not_fit_is_refused_with_the_nearest_that_do(
    weights: list[int], size: int, batch: int
) -> None:
    formats = ["text", "image", "image_via_text", "image_to_text"]
    parts = tuple(
        Part("grid_navigation", "simple", Format(format), weight)
        for format, weight in zip(formats, weights, strict=False)
    )
    told = Phase("p", size, parts).counts()[0]
    try:
        phase = Phase("p", size, parts, batch=batch)
    except TaskError as wrong:
        assert told % batch or (size - told) % batch
        _, _, remedies = str(wrong).partition("; give ")
        sizes = remedies.partition("size = ")[2].partition(",")[0]
        near = [int(each) for each in sizes.split(" or ") if each]
        for other in near:
            Phase("p", other, parts, batch=batch)
        between = range(min(near[0], size), max(near[-1], size)) if near else range(0)
        for other in set(between) - set(near):
            counts = Phase("p", other, parts).counts() if other else [0]
            assert not all(counts) or counts[0] % batch or (other - counts[0]) % batch
        if "batch = " in remedies:
            smaller = int(remedies.partition("batch = ")[2].partition(",")[0])
            Phase("p", size, parts, batch=smaller)
            assert 1 < smaller < batch
        else:
            assert not any(gcd(told, size) % n == 0 for n in range(2, batch + 1))
    else:
        assert phase.counts() == Phase("p", size, parts).counts()


def test_counts_alone_are_refused_with_counts() -> None:
    parts = tuple(
        Part("grid_navigation", "simple", Format(format), count=count)
        for format, count in (("text", 3), ("image", 8), ("image_to_text", 2))
    )
    with pytest.raises(TaskError, match=r"sum to 8 or 12 with a picture and 4 without"):
        Phase("p", 13, parts, batch=4)
    for wrong in (0, -1, 2.0, True):
        with pytest.raises(TaskError, match="no number of rows"):
            Phase("p", 13, parts, batch=wrong)  # type: ignore[arg-type]


def test_runs_are_shuffled_and_so_are_rows_within_them() -> None:
    mixture = named("mix", "table_readout", 6000, batch=20)
    drawn = items(mixture, "mix", 0, 12_000)
    runs = [item.format.pictured for item in drawn[::20]]
    for start in range(0, 600, 100):
        assert 50 < sum(runs[start : start + 100]) < 83  # 67 ± 4 of a random order
    assert runs[:300] != runs[300:]
    # Both pictured formats are mixed in a run, and instances do not come in order.
    first = [drawn[k : k + 20] for k in range(0, 6000, 20) if runs[k // 20]]
    assert sum(len({item.part for item in run}) == 2 for run in first) > 190
    # A rank that takes every third run sees all parts.
    assert all(len({i.part for k in range(r, 300, 3) for i in drawn[20 * k :][:20]}) == 3
               for r in range(3))  # fmt: skip


def test_modalities_are_shuffled_each_in_its_own_way() -> None:
    parts = tuple(Part("grid_navigation", "simple", Format(format)) for format in ("text", "image"))
    drawn = items(Mixture("m", (Phase("p", 400, parts, batch=4),)), "p", 0, 400)
    runs = [frozenset(item.address for item in drawn[k : k + 4]) for k in range(0, 400, 4)]
    assert len(set(runs)) == 100, "no run has the instances of another one"


def test_unshuffled_parts_stay_whole_and_modalities_together() -> None:
    parts = tuple(
        Part("grid_navigation", "simple", Format(format), count=4)
        for format in ("text", "image", "text", "image_to_text")
    )
    mixture = Mixture("m", (Phase("p", 16, parts, shuffle=False, batch=8),))
    drawn = items(mixture, "p", 0, 16)
    assert [item.part for item in drawn] == [0] * 4 + [2] * 4 + [1] * 4 + [3] * 4
    indices = [int(item.address.rpartition(":")[2]) for item in drawn]
    assert indices == [0, 1, 2, 3] * 4


FILE = """
[[phases]]
size = 40
batch = 5
[[phases.parts]]
task = "grid_navigation"
level = "simple"
format = ["text", "image", "image_via_text", "image_to_text"]
"""


def test_files_and_names_have_it_and_name_what_fits(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    assert load(path).phases[0].batch == 5
    path.write_text(FILE.replace("batch = 5", "batch = 4"))
    with pytest.raises(
        TaskError, match=r"phases\[0\]: batch 4 does not fit phase .* size = 32 or 48"
    ):
        load(path)
    path.write_text(FILE.replace("batch = 5", 'batch = "5"'))
    with pytest.raises(TaskError, match=r"phases\[0\].batch: expected a whole number, got '5'"):
        load(path)
    for phase in named("align-mix+", "grid_navigation", 240, batch=8).phases:
        assert (phase.batch, phase.in_runs) == (8, True)
    with pytest.raises(TaskError, match=r"of its 666 rows .* size = 960 or 1008") as wrong:
        named("image+text", "grid_navigation", 1000, batch=16)
    assert "batch = 9" in str(wrong.value)
    for size in (960, 1008):
        named("image+text", "grid_navigation", size, batch=16)


@pytest.mark.parametrize(
    ("layout", "container"),
    [
        ("trl", "parquet"),
        ("verl", "parquet"),
        ("easyr1", "jsonl"),
        ("llava", "jsonl"),
        ("sharegpt", "jsonl"),
        ("plain", "webdataset"),
        ("nemo-gym", "jsonl"),
        ("lmms-eval", "parquet"),
    ],
)
def test_what_is_written_has_the_order_of_the_stream(
    tmp_path: Path, layout: str, container: str
) -> None:
    pytest.importorskip("pyarrow")
    from avrgym.data import containers, layouts

    made = writing(
        named("mix+", "grid_navigation", 48, 1, batch=8), layout=layout, container=container
    )
    generate(made, tmp_path, workers=1)
    columns = layouts.get(layout).columns
    read = []
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    for shard in manifest["phases"]["mix+"]["shards"]:
        for batch in containers.read(container, tmp_path / shard["file"], tmp_path, columns):
            read += [(cells["address"], cells["format"]) for cells in batch]
    drawn = items(made.mixture, "mix+", 0, 48)
    assert read == [(item.address, item.format.name) for item in drawn]
    assert not mixed_runs([name != "text" for _, name in read], 8)
    assert not list(check(tmp_path, (), True))


def test_the_command_writes_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tyro")
    pytest.importorskip("pyarrow")
    from avrgym.cli import main

    mine = tmp_path / "mine.toml"
    mine.write_text(FILE)

    def said(*arguments: object) -> tuple[int | str | None, str]:
        with pytest.raises(SystemExit) as ended:
            main(
                [
                    "generate",
                    *map(str, arguments),
                    "--size",
                    "64",
                    "--insist",
                    "--to",
                    str(tmp_path / "data"),
                ]
            )
        return ended.value.code, capsys.readouterr().err

    by_name = ("mix+", "--task", "grid_navigation", "--examples")
    code, words = said(*by_name, 50, "--batch", 8)
    assert code == 2 and 'batch 8 does not fit phase "mix+"' in words and "size = 48 or 72" in words
    code, words = said(mine, "--batch", 7)
    assert code == 2 and 'batch 7 does not fit phase "phase0"' in words and "= 28 or 56" in words
    code, words = said("grid_navigation/hard#test:0:0-9", "--batch", 2)
    assert code == 2 and "has no use for --batch 2" in words
    assert not (tmp_path / "data").exists()
    assert said(*by_name, 48, "--batch", 8)[0] == 0
    manifest = json.loads((tmp_path / "data" / "manifest.json").read_text())
    assert manifest["settings"]["mixture"]["phases"][0]["batch"] == 8

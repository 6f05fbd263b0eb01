"""No content that is excluded, none twice, counts exact; held against plain sets."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import TaskError
from avrgym.cli import main
from avrgym.data import check, contents, generate
from avrgym.data.contents import RECORD, distinct, halves
from avrgym.data.exclusions import excluded, first_excluded
from avrgym.mixtures import Format, Mixture, Part, Phase, items, load
from test_data_generate import rows_of
from written import FEW, mixture, settings

pytest.importorskip("pyarrow")

# A level of few contents.
LEVEL = "grid_navigation/rung0?kinds=1&obstacles=2"
EVALUATION = f"{LEVEL}#test:0:0-59"
SMALL = mixture("mix", 900, level="rung0", params=FEW)


def evaluated() -> set[str]:
    return set(avrgym.contents(f"{LEVEL}#test:0:{i}" for i in range(60)))


def test_what_is_excluded_and_what_is_there_already_gives_way(tmp_path: Path) -> None:
    plain = generate(settings(SMALL, duplicates="count"), tmp_path / "plain")
    made = generate(settings(SMALL), tmp_path / "data", [EVALUATION])
    before, after = list(rows_of(tmp_path / "plain")), list(rows_of(tmp_path / "data"))
    out = evaluated()

    # Counted anew, by sets: instance by instance, the first of a content stays.
    order = sorted({str(row["address"]) for row in before}, key=lambda a: int(a.rpartition(":")[2]))
    hashes = dict(zip(order, avrgym.contents(order), strict=True))
    stays, seen = set[str](), set[str]()
    for address in order:
        if hashes[address] not in out | seen:
            stays.add(address)
            seen.add(hashes[address])
    again = len(order) - len(set(hashes.values()))
    leaked = sum(hashes[address] in out for address in order)
    assert plain["phases"]["mix"]["duplicates"] == 3 * again > 0
    gave_way = {"excluded": 3 * leaked, "dropped": 3 * (len(order) - len(stays) - leaked)}
    assert made["phases"]["mix"]["replaced"] == gave_way
    assert min(gave_way.values()) > 0

    assert len(after) == len(before) == 900
    assert Counter(row["format"] for row in after) == {
        "image": 300,
        "image_via_text": 300,
        "text": 300,
    }
    assert not {row["content"] for row in after} & out
    assert len({(row["format"], row["content"]) for row in after}) == 900
    for old, new in zip(before, after, strict=True):
        assert (old["address"] in stays) == (old["address"] == new["address"])
        assert old["format"] == new["format"]
    by_format: dict[object, set[object]] = {}
    for row in after:
        by_format.setdefault(row["format"], set()).add(row["address"])
    assert len({frozenset(each) for each in by_format.values()}) == 1, "instances are shared"


def test_a_replacement_is_the_one_that_a_stream_takes(tmp_path: Path) -> None:
    mixed = mixture("text", 200, level="rung2")
    name = "grid_navigation/rung2#train:1:0-9"  # training items themselves: certain to occur
    generate(settings(mixed, duplicates="count"), tmp_path / "data", [name])
    out = set(avrgym.contents(f"grid_navigation/rung2#train:1:{i}" for i in range(10)))
    streamed = items(mixed, "text", 0, 100, exclude=out)
    assert [row["address"] for row in rows_of(tmp_path / "data")] == [i.address for i in streamed]
    assert {i.address for i in streamed} != {i.address for i in items(mixed, "text", 0, 100)}


def test_sets_can_be_named_in_every_way(tmp_path: Path) -> None:
    generate(settings(mixture("image", 40), theme="varied"), tmp_path / "eval")
    hashes = sorted({str(row["content"]) for row in rows_of(tmp_path / "eval")})
    (tmp_path / "hashes.txt").write_text("\n".join(hashes))
    (tmp_path / "eval.toml").write_text(
        'seed = 1\n[[phases]]\nsize = 20\nparts = [{task = "grid_navigation", level = "simple", '
        'format = "text"}]\n'
    )
    ways = [
        str(tmp_path / "eval"),
        str(tmp_path / "hashes.txt"),
        str(tmp_path / "eval.toml"),
        "grid_navigation/simple#train:1:0-19",
    ]
    known = [excluded([way]).known for way in ways]
    assert all(np.array_equal(each, known[0]) for each in known)
    assert len(known[0]) == len(hashes)
    assert len(excluded(ways).known) == len(hashes)
    # Across formats, themes and containers.
    made = generate(settings(mixture("text", 40)), tmp_path / "train", [ways[0]])
    assert made["phases"]["text"]["replaced"]["excluded"] == 20
    assert not {row["content"] for row in rows_of(tmp_path / "train")} & set(hashes)


def command(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def test_addresses_are_those_and_no_others(tmp_path: Path) -> None:
    pytest.importorskip("tyro")
    data, size = tmp_path / "data", ("--size", 64, "--insist", "--workers", 1)
    assert command("generate", EVALUATION, "--to", data, *size) == 0
    # In their order.
    assert [row["address"] for row in rows_of(data)] == [f"{LEVEL}#test:0:{i}" for i in range(60)]
    # So a name excludes what it writes.
    named = excluded([EVALUATION]).known
    assert np.array_equal(excluded([str(data)]).known, named) and len(named) < 60


def test_addresses_give_way_to_no_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tyro")
    to = ("--to", tmp_path / "data")
    same = f"{LEVEL}#test:0:7-9"
    for options, words in (
        (("--duplicates", "drop"), f"in place of some of {EVALUATION}"),
        (("--exclude", same), f"has a content that --exclude {LEVEL}#test:0:7-9"),
        (("--duplicates", "fail"), "have the content of another one"),
    ):
        assert command("generate", EVALUATION, *to, *options) == 2
        assert words in capsys.readouterr().err
        assert not (tmp_path / "data").exists()
    first = first_excluded(f"{LEVEL}#test:0:", range(60), [same])
    hashes = avrgym.contents(f"{LEVEL}#test:0:{i}" for i in range(60))
    due = next(i for i, content in enumerate(hashes) if content in hashes[7:10])
    assert first == (f"{LEVEL}#test:0:{due}", same)
    behind = first_excluded(f"{LEVEL}#test:0:", range(due, 60), [same])
    assert behind == first and first_excluded(f"{LEVEL}#test:0:", range(due), [same]) is None
    assert first_excluded("grid_navigation/hard#test:0:", range(9), [same]) is None


def test_a_mixture_file_excludes_all_that_it_writes(tmp_path: Path) -> None:
    (tmp_path / "eval.toml").write_text(
        '[[phases]]\nname = "test"\nsize = 300\nparts = [{task = "grid_navigation", '
        'level = "rung0", format = "text", split = "test"}]\n'
    )
    made = generate(settings(load(tmp_path / "eval.toml")), tmp_path / "eval")
    assert made["phases"]["test"]["replaced"]["dropped"] > 0
    written = halves([str(row["content"]) for row in rows_of(tmp_path / "eval")])
    known = excluded([str(tmp_path / "eval.toml")]).known
    assert contents.among(written, known).all()
    assert len(known) == len(written) == 300
    # A dataset proves it without the file.
    generate(settings(mixture("text", 40)), tmp_path / "data", [str(tmp_path / "eval.toml")])
    (tmp_path / "eval.toml").unlink()
    assert not list(check(tmp_path / "data"))


@pytest.mark.parametrize(
    "name", ["nowhere", "grid_navigation/hard#test:0:9-3", "nope/hard#test:0:0-9", "{}/bad", "{}"]
)
def test_names_of_nothing_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "bad").write_text("not a hash")
    with pytest.raises(TaskError):
        generate(settings(), tmp_path / "data", [name.format(tmp_path)])
    assert not (tmp_path / "data").exists()


def test_duplicates_can_be_an_error(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"have the content of another.*rung0\?.*#train"):
        generate(settings(SMALL, duplicates="fail"), tmp_path / "data")
    assert not (tmp_path / "data").exists()
    generate(settings(duplicates="fail"), tmp_path / "data")


def test_too_few_contents_are_an_error_not_a_hang(tmp_path: Path) -> None:
    part = Part(
        "grid_navigation",
        "rung0",
        Format("text"),
        params={"columns": "2", "rows": "2", "obstacles": "1"},
    )
    with pytest.raises(TaskError, match="too few contents"):
        generate(settings(Mixture("tiny", (Phase("all", 2000, (part,)),))), tmp_path / "data")


def test_sources_of_a_format_share_no_content(tmp_path: Path) -> None:
    parts = tuple(
        Part("grid_navigation", "rung0", Format(format), seed=seed, params=FEW)
        for seed, format in ((1, "text"), (2, "text"), (3, "image"))
    )
    made = generate(settings(Mixture("m", (Phase("all", 300, parts),))), tmp_path / "data")
    pairs = [(row["format"], row["content"]) for row in rows_of(tmp_path / "data")]
    assert len(set(pairs)) == len(pairs) == 300
    assert made["phases"]["all"]["replaced"]["dropped"] > 0


CONTENT = st.integers(0, 6)


@given(
    st.lists(st.tuples(CONTENT, CONTENT, st.integers(0, 2), st.integers(0, 9)), max_size=60),
    st.integers(1, 5),
)
def test_repeats_are_found_as_by_a_dictionary(
    drawn: list[tuple[int, int, int, int]], bucket: int
) -> None:
    # One content an instance; halves are spread over the whole range of their type.
    of = {(source, index): (high << 61, low) for high, low, source, index in drawn}
    given_rows = [(*of[source, index], source, index) for _, _, source, index in drawn]
    records = np.array(given_rows, RECORD)
    chunks = [records[i : i + 7] for i in range(0, len(records), 7)]
    before, contents._BUCKET = contents._BUCKET, bucket
    try:
        found = [
            (int(one["source"]), int(one["index"]))
            for piece in contents.repeated(lambda: chunks, len(records))
            for one in piece
        ]
    finally:
        contents._BUCKET = before
    first: dict[tuple[int, int], tuple[int, int]] = {}
    again = set()
    for instance, content in sorted(of.items()):
        if first.setdefault(content, instance) != instance:
            again.add(instance)
    assert sorted(found) == sorted(again)


@given(st.lists(st.tuples(CONTENT, CONTENT)), st.lists(st.tuples(CONTENT, CONTENT)))
def test_membership_is_that_of_sets(
    asked: list[tuple[int, int]], known: list[tuple[int, int]]
) -> None:
    ours = contents.among(
        np.array(asked, np.uint64).reshape(-1, 2),
        distinct(np.array(known, np.uint64).reshape(-1, 2)),
    )
    assert ours.tolist() == [pair in set(known) for pair in asked]


def test_hashes_are_checked() -> None:
    assert halves(["0" * 31 + "1"]).tolist() == [[0, 1]]
    for bad in ("", "0" * 31, "x" * 32, "0" * 33):
        with pytest.raises(ValueError):
            halves([bad])

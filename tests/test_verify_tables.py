"""Tables of replies, judged as they come from those who write them, with nothing else changed."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrgym import TaskError
from avrgym.core.score import Score
from avrgym.data import Outcomes, generate, verify_file
from avrgym.data.columns import replies
from replied import (
    ADDRESSES,
    EVERY_KIND,
    KINDS,
    LEVELS,
    SAID,
    Rows,
    counted,
    from_jsonl,
    pandas,
    said,
    table,
    to_jsonl,
    to_parquet,
    verdicts,
)
from written import settings


@EVERY_KIND
@given(
    st.lists(
        st.tuples(
            st.sampled_from(ADDRESSES),
            st.one_of(st.text(max_size=40), st.integers(0, 3)),
            st.text(st.sampled_from("\t\n\",;' \\=aé漢😀<&>_x0"), max_size=12),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_a_table_gets_a_verdict_a_row_and_stays_as_it_was(
    kind: str, tmp_path_factory: pytest.TempPathFactory, given_: list[tuple[str, str | int, str]]
) -> None:
    rows: Rows = []
    for at, (address, reply, note) in enumerate(given_):
        text = reply if isinstance(reply, str) else said(address, reply)
        if kind == "xlsx":  # XML holds no control characters, and turns ends of lines into one
            text = "".join(c for c in text if c.isprintable())
        elif kind in ("csv", "tsv"):
            text = text.replace("\0", "")
        rows.append({"index": at, "address": address, "note": note, "prediction": text})
    folder = tmp_path_factory.mktemp(kind)
    file, to = folder / f"a.{kind}", folder / f"b.{kind}"
    write, read = KINDS[kind]
    write(rows, file)
    before = read(file)
    judged = verify_file(file, to)
    assert (judged.address, judged.reply) == ("address", "prediction")
    due = verdicts(rows)
    assert read(to) == [row | {"verdict": word} for row, word in zip(before, due, strict=True)]
    assert judged.overall == counted(due)
    assert sorted(path.name for path in folder.iterdir()) == [file.name, to.name]


@EVERY_KIND
@pytest.mark.parametrize("strict", [False, True])
def test_counts_are_those_of_verify_over_many_batches(
    kind: str, strict: bool, tmp_path: Path
) -> None:
    write, read = KINDS[kind]
    rows = table(2500)
    for row in rows[::7]:
        row["prediction"] = f"The answer is {SAID[row['address']].answer}."
    write(rows, tmp_path / f"a.{kind}")
    rows = read(tmp_path / f"a.{kind}")  # a sheet has other ends of lines
    heard: list[tuple[int, int]] = []
    to = tmp_path / f"b.{kind}"
    judged = verify_file(
        tmp_path / f"a.{kind}", to, strict=strict, hear=lambda *done: heard.append(done)
    )
    due = verdicts(rows, strict=strict)
    assert [row["verdict"] for row in read(to)] == due
    assert judged.overall == counted(due) and judged.overall.correct
    assert judged.overall.score == Score(due.count("correct"), 2500)
    for level, outcomes in judged.levels.items():
        mine = [w for w, row in zip(due, rows, strict=True) if row["address"].startswith(level)]
        assert outcomes == counted(mine)
    assert list(judged.levels) == sorted("/".join(level) for level in LEVELS)
    assert judged.problems == len(ADDRESSES)
    size = (tmp_path / f"a.{kind}").stat().st_size
    assert len(heard) == 3 and heard == sorted(heard) and heard[-1] == (size, size)
    assert verify_file(tmp_path / f"a.{kind}", strict=strict) == verify_file(to, strict=strict)


def test_texts_keep_every_byte(tmp_path: Path) -> None:
    address = ADDRESSES[0]
    odd = (
        f'\ufeff{{"b": 1.50, "address": "{address}", "reply": "x", "b2": 1e400}}\r\n\n'
        f'  {{"reply" : null, "address":"{address}"}}  '
    )
    (tmp_path / "a.jsonl").write_bytes(odd.encode())
    verify_file(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    made = (tmp_path / "b.jsonl").read_bytes()
    assert made.replace(b', "verdict": "unparsed"', b"") == odd.encode()
    for name, text in {
        "csv": f'\ufeffaddress;reply;"c"\r\n{address};"a ""b""";" "\r\n\r\n"{address}";;x§',
        "tsv": f"address\treply\tc\n{address}\tnone\t\0\n{address}\t\t§\n",
    }.items():
        odd_bytes = text.encode().replace("§".encode(), b"\xff")
        (tmp_path / f"a.{name}").write_bytes(odd_bytes)
        verify_file(tmp_path / f"a.{name}", tmp_path / f"b.{name}")
        made = (tmp_path / f"b.{name}").read_bytes()
        for word in (b";verdict", b";unparsed", b"\tverdict", b"\tunparsed"):
            made = made.replace(word, b"")
        assert made == odd_bytes


def test_a_workbook_keeps_its_other_parts(tmp_path: Path) -> None:
    writer = pytest.importorskip("xlsxwriter", reason="tests/consumers.txt is not installed")
    with writer.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("replies")
        bold = book.add_format({"bold": True})
        sheet.write_row(1, 0, ["address", "reply", "score"], bold)
        sheet.write_row(2, 0, [ADDRESSES[0], "nothing", 1.25])
        sheet.write_rich_string(4, 1, bold, "Answer", ": none")
        sheet.write_string(4, 0, ADDRESSES[1])
        book.add_worksheet("other").write(0, 0, "kept")
    judged = verify_file(tmp_path / "a.xlsx", tmp_path / "b.xlsx", column='<"v">')
    assert judged.overall == Outcomes(wrong=1, unparsed=1) or judged.overall.score.total == 2
    with zipfile.ZipFile(tmp_path / "a.xlsx") as a, zipfile.ZipFile(tmp_path / "b.xlsx") as b:
        assert a.namelist() == b.namelist()
        other = [name for name in a.namelist() if not name.endswith("sheet1.xml")]
        assert all(a.read(name) == b.read(name) for name in other)
    assert pandas.read_excel(tmp_path / "b.xlsx", header=1).columns.tolist() == [
        *("address", "reply", "score"),
        '<"v">',
    ]


CHAT: list[dict[str, Any]] = [
    {"role": "user", "content": "Answer: 1"},
    {"role": "assistant", "content": "Answer: 2"},
    {"role": "tool", "content": "Answer: 3"},
]
BLOCKS: list[dict[str, str]] = [
    {"type": "text", "text": "Answer: "},
    {"type": "image"},
    {"type": "text", "text": "2"},
]


@pytest.mark.parametrize(
    ("cell", "due"),
    [
        *((cell, ["Answer: 2"]) for cell in ("Answer: 2", CHAT, [CHAT], CHAT[1], json.dumps(CHAT))),
        *(
            (cell, ["Answer: 2"])
            for cell in (str(CHAT), [{"role": "assistant", "content": BLOCKS}])
        ),
        ([["a", "b"]], ["a", "b"]),
        ([CHAT[1:2], CHAT[:1]], ["Answer: 2", ""]),
        (None, [""]),
        (float("nan"), [""]),
        ([], [""]),
        (3, ["3"]),
        (3.0, ["3"]),
        ({"choices": [{"message": CHAT[1]}, {"text": "b"}]}, ["Answer: 2", "b"]),
        ({"status_code": 200, "body": {"choices": [{"message": CHAT[1]}]}}, ["Answer: 2"]),
        (
            {
                "output": [
                    {"type": "reasoning", "content": [{"type": "text", "text": "Answer: 1"}]},
                    {"type": "message", "role": "assistant", "content": BLOCKS},
                ]
            },
            ["Answer: 2"],
        ),
        ('{"answer": 2}', ['{"answer": 2}']),
        ('{"role": broken}', ['{"role": broken}']),
    ],
    ids=str,
)
def test_replies_are_read_in_the_shapes_they_come_in(cell: object, due: list[str]) -> None:
    assert replies(cell) == due


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "csv"])
def test_a_column_of_chats_and_one_in_a_mapping(tmp_path: Path, kind: str) -> None:
    rows = [
        {
            "extra_info": {"address": address, "format": "image"},
            "Completion": [{"role": "assistant", "content": said(address, at)}],
        }
        for at, address in enumerate(ADDRESSES)
    ]
    due = verdicts(
        [
            {"address": address, "prediction": said(address, at)}
            for at, address in enumerate(ADDRESSES)
        ]
    )
    file = tmp_path / f"a.{kind}"
    if kind == "csv":
        frame = pandas.DataFrame(rows)
        frame["where"] = ADDRESSES
        frame.to_csv(file, index=False)
        judged = verify_file(file, address="where")
    else:
        KINDS[kind][0](rows, file)
        judged = verify_file(file)
        assert judged.address == "extra_info.address" and judged.reply == "completion"
    assert judged.overall == counted(due)


def test_transcriptions_are_right_when_whole(tmp_path: Path) -> None:
    rows = [
        {"address": a, "format": "image_to_text", "reply": SAID[a].twin if good else "Answer: up"}
        for a, good in zip(ADDRESSES, [True, False] * 8, strict=True)
    ]
    rows += [
        {"address": a, "format": "image", "reply": f"Answer: {SAID[a].answer}"} for a in ADDRESSES
    ]
    to_jsonl(rows, tmp_path / "a.jsonl")
    judged = verify_file(tmp_path / "a.jsonl")
    assert judged.formats == {
        "image": Outcomes(correct=16),
        "image_to_text": Outcomes(correct=8, wrong=8),
    }


@EVERY_KIND
def test_a_bad_row_is_named_and_nothing_is_written(tmp_path: Path, kind: str) -> None:
    rows = table(1500)
    rows[1200]["address"] = "grid_navigation/hard#nowhere:0:0"
    file = tmp_path / f"a.{kind}"
    KINDS[kind][0](rows, file)
    with pytest.raises(TaskError, match=rf"a\.{kind}, row 1201: .*nowhere.*nothing was written"):
        verify_file(file, tmp_path / f"b.{kind}")
    rows[1200]["address"] = ""
    KINDS[kind][0](rows, file)
    with pytest.raises(TaskError, match="row 1201"):
        verify_file(file, tmp_path / "new" / f"b.{kind}")
    left = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert left == [file.name]


@EVERY_KIND
def test_what_is_damaged_is_one_clear_error(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"a.{kind}"
    KINDS[kind][0](table(400), file)
    whole = file.read_bytes()
    for cut in (whole[: len(whole) // 2], b"", b"\x00\xff"):
        file.write_bytes(cut)
        with pytest.raises(TaskError, match=rf"a\.{kind}"):
            verify_file(file, tmp_path / f"b.{kind}")
        assert not (tmp_path / f"b.{kind}").exists()


@pytest.mark.parametrize(
    ("row", "options", "words"),
    [
        ({"address": "x", "said": "y"}, {}, r"--reply; its columns are 'address', 'said'"),
        ({"addr": "x", "reply": "y"}, {}, r"--address; its columns are 'addr', 'reply'"),
        ({"address": "x", "reply": "y", "output": "z"}, {}, "reply and output .*--reply"),
        ({"address": "x", "reply": "y"}, {"reply": "said"}, 'no column "said" for --reply'),
        ({"address": "x", "reply": "y"}, {"address": "a.b"}, 'no column "a.b" for --address'),
        ({"address": None, "reply": "y"}, {}, "row 1: address is None, no address"),
        ({"address": 7, "reply": "y"}, {}, "row 1: address is 7, no address"),
        ({"address": ADDRESSES[0], "reply": True}, {}, "row 1: reply cannot be read: a truth"),
        ({"address": ADDRESSES[0], "reply": {"a": 1}}, {}, "a mapping of a is no reply"),
        ({"doc_id": 1, "reply": "y"}, {"asked": "SELF"}, "SELF has no column of addresses"),
    ],
)
def test_columns_that_are_missing_or_unclear(
    tmp_path: Path, row: dict[str, Any], options: dict[str, str], words: str
) -> None:
    file = tmp_path / "a.jsonl"
    to_jsonl([row], file)
    given_: Any = {key: str(file) if value == "SELF" else value for key, value in options.items()}
    with pytest.raises(TaskError, match=words.replace("SELF", str(file))):
        verify_file(file, tmp_path / "b.jsonl", **given_)
    assert not (tmp_path / "b.jsonl").exists()


def test_rows_unlike_the_others_are_named(tmp_path: Path) -> None:
    good = {"address": ADDRESSES[0], "reply": "Answer: up"}
    file, to = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for bad, words in (
        ({"address": ADDRESSES[0]}, "row 2: reply is missing"),
        ({"reply": "x"}, "row 2: address is missing"),
        ({**good, "verdict": "x"}, "row 2 has a verdict already"),
        ([1], "row 2 is no JSON object"),
    ):
        to_jsonl([good, bad], file)  # type: ignore[list-item]
        with pytest.raises(TaskError, match=words):
            verify_file(file, to)
    problems = tmp_path / "problems.jsonl"
    to_jsonl([good, good, good], problems)
    for number in (3, -1, 1.5, "two", None, float("inf")):
        to_jsonl([{"doc_id": 2.0, "reply": ""}, {"doc_id": number, "reply": ""}], file)
        with pytest.raises(TaskError, match=r"row 2: .* numbers none of the 3 problems"):
            verify_file(file, to, asked=problems)
    (tmp_path / "a.csv").write_text(f"address,reply\n{ADDRESSES[0]},Answer: up, down\n")
    with pytest.raises(TaskError, match="row 1 has 3 fields and the header 2"):
        verify_file(tmp_path / "a.csv")
    rows = [{"address": ADDRESSES[0], "reply": ["a", "b"]}]
    to_parquet(rows, tmp_path / "a.parquet")
    with pytest.raises(TaskError, match="row 1: 2 replies in one cell; give each a row"):
        verify_file(tmp_path / "a.parquet")
    with pytest.raises(TaskError, match=r"a\.xls is no table by its name; .*\.parquet"):
        verify_file(tmp_path / "a.xls")
    assert not to.exists()


def test_files_are_replaced_only_when_asked(tmp_path: Path) -> None:
    file, to = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    to_jsonl(table(4), file)
    before = file.read_bytes()
    to.write_text("mine")
    for target, words in (
        (to, "b.jsonl is there already"),
        (file, "a.jsonl is there already"),
        (tmp_path / "b.csv", "another kind of file"),
    ):
        with pytest.raises(TaskError, match=words):
            verify_file(file, target)
    assert (to.read_text(), file.read_bytes()) == ("mine", before)
    verify_file(file, to, force=True)
    verify_file(file, file, force=True)
    assert file.read_bytes() == to.read_bytes() != before
    with pytest.raises(TaskError, match=r"has a column verdict already; .*--column"):
        verify_file(file, to, force=True)
    verify_file(file, to, column="again", force=True)
    assert [row["again"] for row in from_jsonl(to)] == [row["verdict"] for row in from_jsonl(to)]


def test_libraries_read_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")
    generate(settings(), tmp_path / "data")
    file = next((tmp_path / "data" / "mix").glob("*.parquet"))
    verify_file(file, tmp_path / "judged.parquet")  # its completions are right replies
    loaded = datasets.load_dataset(
        "parquet",
        data_files=str(tmp_path / "judged.parquet"),
        split="train",
        cache_dir=str(tmp_path / "cache"),
    )
    assert set(loaded["verdict"]) == {"correct"}
    assert isinstance(loaded.features["images"].feature, datasets.Image)
    assert loaded.column_names[-1] == "verdict"
    frame = pandas.DataFrame(table(5)).set_index("index")
    frame.to_parquet(tmp_path / "p.parquet")
    verify_file(tmp_path / "p.parquet", tmp_path / "q.parquet")
    read = pandas.read_parquet(tmp_path / "q.parquet")
    read.pop("verdict")
    pandas.testing.assert_frame_equal(read, frame)

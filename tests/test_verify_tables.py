"""Tables of replies, judged as they come from those who write them, with nothing else changed."""

import csv
import gzip
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import TaskError
from avrgym.data import Outcomes, generate, verify_file
from avrgym.data.columns import replies
from avrgym.evaluate import Score
from written import mixture, settings

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pandas = pytest.importorskip("pandas")

Rows = list[dict[str, Any]]
LEVELS = (
    ("grid_navigation", "rung0"),
    ("grid_navigation", "hard"),
    ("table_readout", "rung1"),
    ("visual_analogy", "simple"),
)
SAMPLES = [avrgym.Source(task, level, "test").samples(range(4)) for task, level in LEVELS]
ADDRESSES = [sample.address for level in SAMPLES for sample in level]
SAID = {sample.address: sample for level in SAMPLES for sample in level}


def said(address: str, at: int) -> str:
    """A reply of one of four kinds."""
    sample = SAID[address]
    wrong = "Answer: 99, 98"
    return (
        f"{sample.rationale}",
        wrong,
        f'I cannot "see"\tit,\r\nsorry; {chr(0x1F914)}',
        f"Answer: {sample.answer}\n{wrong}",
    )[at % 4]


def table(count: int = 16) -> Rows:
    return [
        {
            "index": at,
            "address": ADDRESSES[at % len(ADDRESSES)],
            "note": f'  "{at}", kept',
            "prediction": said(ADDRESSES[at % len(ADDRESSES)], at),
        }
        for at in range(count)
    ]


def verdicts(rows: Rows, key: str = "prediction", strict: bool = False) -> list[str]:
    judged = avrgym.verify(
        [row["address"] for row in rows], [row[key] for row in rows], strict=strict
    )
    return [avrgym.OUTCOMES[code] for code in judged.outcome]


def counted(words: Sequence[str]) -> Outcomes:
    return Outcomes(**{name: words.count(name) for name in avrgym.OUTCOMES})


def to_jsonl(rows: Rows, file: Path) -> None:
    opened = gzip.open(file, "wt", encoding="utf-8") if file.suffix == ".gz" else file.open("w")
    with opened as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


def from_jsonl(file: Path) -> Rows:
    opened = gzip.open(file, "rt") if file.suffix == ".gz" else file.open()
    with opened as lines:
        return [json.loads(line) for line in lines]


def to_text(separator: str) -> Callable[[Rows, Path], None]:
    def write(rows: Rows, file: Path) -> None:
        with file.open("w", encoding="utf-8", newline="") as out:
            made = csv.DictWriter(out, list(rows[0]), delimiter=separator)
            made.writeheader()
            made.writerows(rows)

    return write


def from_text(separator: str) -> Callable[[Path], Rows]:
    def read(file: Path) -> Rows:
        with file.open(encoding="utf-8", newline="") as lines:
            found: Rows = list(csv.DictReader(lines, delimiter=separator))
        return [row | {"index": int(row["index"])} for row in found]

    return read


def to_parquet(rows: Rows, file: Path) -> None:
    pq.write_table(pa.Table.from_pylist(rows), file)


def from_parquet(file: Path) -> Rows:
    read: Rows = pq.read_table(file).to_pylist()
    return read


def to_xlsx(rows: Rows, file: Path) -> None:
    writer = pytest.importorskip("xlsxwriter", reason="tests/consumers.txt is not installed")
    with writer.Workbook(file) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([dict.fromkeys(rows[0]), *rows]):
            for column, (name, cell) in enumerate(row.items()):
                if at and isinstance(cell, int):
                    sheet.write_number(at, column, cell)
                elif cell != "":
                    sheet.write_string(at, column, cell if at else name)


def from_xlsx(file: Path) -> Rows:
    reader = pytest.importorskip("openpyxl", reason="tests/consumers.txt is not installed")
    names, *rows = reader.load_workbook(file).active.iter_rows(values_only=True)
    return [dict(zip(names, ["" if c is None else c for c in row], strict=True)) for row in rows]


KINDS: dict[str, tuple[Callable[[Rows, Path], None], Callable[[Path], Rows]]] = {
    "jsonl": (to_jsonl, from_jsonl),
    "jsonl.gz": (to_jsonl, from_jsonl),
    "parquet": (to_parquet, from_parquet),
    "tsv": (to_text("\t"), from_text("\t")),
    "csv": (to_text(","), from_text(",")),
    "xlsx": (to_xlsx, from_xlsx),
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


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


def asked(folder: Path, layout: str) -> Path:
    """What avrgym wrote for a harness."""
    generate(settings(mixture("image", 40), layout=layout), folder / "data")
    [file] = (path for path in (folder / "data").iterdir() if path.suffix in (".tsv", ".parquet"))
    return file


@pytest.mark.parametrize("kind", ["tsv", "xlsx", "csv"])
def test_what_vlmevalkit_writes(tmp_path: Path, kind: str) -> None:
    # Its inference keeps all columns but the picture, adds prediction, and dumps by pandas.
    frame = pandas.read_csv(asked(tmp_path, "vlmevalkit"), sep="\t")
    frame.pop("image")
    right = [at % 3 > 0 for at in range(len(frame))]
    frame["prediction"] = [
        f"Moves:\n\nAnswer: {answer}" if good else "Failed to obtain answer via API."
        for good, answer in zip(right, frame["answer"], strict=True)
    ]
    file = tmp_path / f"Model_avrgym.{kind}"
    if kind == "xlsx":
        pytest.importorskip("xlsxwriter", reason="tests/consumers.txt is not installed")
        frame.to_excel(file, index=False, engine="xlsxwriter")
    else:
        separator = "\t" if kind == "tsv" else ","
        frame.to_csv(file, sep=separator, index=False, encoding="utf-8", quoting=csv.QUOTE_ALL)
    judged = verify_file(file, tmp_path / f"judged.{kind}")
    assert judged.overall == Outcomes(correct=sum(right), unparsed=right.count(False))
    assert list(judged.formats) == ["image"] and list(judged.levels) == ["grid_navigation/simple"]
    if kind == "xlsx":
        made, before = map(pandas.read_excel, (tmp_path / "judged.xlsx", file))
    else:
        made, before = (
            pandas.read_csv(path, sep=separator) for path in (tmp_path / f"judged.{kind}", file)
        )
    assert (made.pop("verdict") == "correct").tolist() == right
    pandas.testing.assert_frame_equal(made, before)


@pytest.mark.parametrize("repeats", [1, 3])
def test_what_lmms_eval_itself_writes(
    tmp_path: Path, repeats: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    skipped = "lmms-eval is not installed with what its evaluator imports"
    tasks = pytest.importorskip("lmms_eval.tasks", reason=skipped)
    evaluator = pytest.importorskip("lmms_eval.evaluator", reason=skipped)
    tracker = pytest.importorskip("lmms_eval.loggers.evaluation_tracker", reason=skipped)
    problems = asked(tmp_path, "lmms-eval")
    monkeypatch.chdir(tmp_path / "data")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    [file] = (tmp_path / "data").glob("*.yaml")
    manager = tasks.TaskManager(include_path=str(tmp_path / "data"))
    task = tasks.get_task_dict([file.stem], manager)[file.stem]
    samples, due = [], []
    for number, doc in reversed(list(enumerate(task.test_docs()))):
        words = [f"Answer: {doc['answer']}" if (number + k) % 3 else "" for k in range(repeats)]
        due.append(["correct" if word else "unparsed" for word in words])
        requests = [
            SimpleNamespace(
                args=("context", {}, None, number, file.stem, "test"),
                resps=[word],
                filtered_resps={"none": word},
                raw_filtered_resps={},
                token_counts=[],
                doc=doc,
            )
            for word in words
        ]
        done = evaluator._process_document_results(
            (number, doc, requests),
            task=task,
            filter_key="none",
            reasoning_tags=None,
            log_samples=True,
        )
        samples.append(done.logged_sample)
    kept = [{**sample} for sample in samples]
    logged = tracker.EvaluationTracker(output_path=str(tmp_path / "logs"))
    logged.general_config_tracker.model_name_sanitized = "model"
    logged.date_id = "now"
    logged.save_results_samples(file.stem, samples)
    [written] = (tmp_path / "logs").rglob("*_samples_*.jsonl")
    with pytest.raises(TaskError, match="--asked"):
        verify_file(written)
    judged = verify_file(written, tmp_path / "judged.jsonl", asked=problems)
    flat = [word for words in due for word in words]
    assert judged.overall == counted(flat) and judged.problems == len(due)
    assert [row["verdict"] for row in from_jsonl(tmp_path / "judged.jsonl")] == [
        words if repeats > 1 else words[0] for words in due
    ]
    # Versions that keep the row beside the replies need nothing else.
    whole = [{k: v for k, v in s.items() if k in ("doc", "resps", "filtered_resps")} for s in kept]
    for row in whole:
        row["doc"] = {key: value for key, value in row["doc"].items() if key != "images"}
    to_jsonl(whole, tmp_path / "whole.jsonl")
    again = verify_file(tmp_path / "whole.jsonl")
    assert (again.address, again.reply) == ("doc.address", "filtered_resps")
    assert again.overall == judged.overall and list(again.formats) == ["image"]


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
    to_jsonl([{"doc_id": 0, "reply": ""}, {"doc_id": 3, "reply": ""}], file)
    problems = tmp_path / "problems.jsonl"
    to_jsonl([good, good, good], problems)
    with pytest.raises(TaskError, match="row 2: 3 numbers none of the 3 problems"):
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

"""``avrgym data check`` finds what is wrong, names the place, and is content with what is right."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avrgym import TaskError
from avrgym.data import check, generate
from avrgym.data.manifest import load
from written import mixture, settings

pq = pytest.importorskip("pyarrow.parquet")
pa = pytest.importorskip("pyarrow")


def findings(folder: Path, *exclude: str, every_row: bool = True) -> list[str]:
    return [str(finding) for finding in check(folder, exclude, every_row)]


def mended(folder: Path, file: str) -> None:
    """Makes the manifest agree with a changed file, so that only the change itself is left."""
    import hashlib

    manifest = json.loads((folder / "manifest.json").read_text())
    for phase in manifest["phases"].values():
        for shard in phase["shards"]:
            if shard["file"] == file:
                whole = (folder / file).read_bytes()
                phase["bytes"] += len(whole) - shard["bytes"]
                shard["bytes"] = len(whole)
                shard["sha256"] = hashlib.sha256(whole).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def stated(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Rewrites the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def changed(folder: Path, change: Callable[[list[dict[str, Any]]], None]) -> str:
    """Rewrites the first Parquet file of a dataset with changed rows."""
    path = sorted(folder.glob("*/*.parquet"))[0]
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    name = path.relative_to(folder).as_posix()
    mended(folder, name)
    return name


@pytest.mark.parametrize("layout", ["trl", "verl", "easyr1", "llava", "plain"])
@pytest.mark.parametrize("container", ["parquet", "jsonl", "webdataset"])
def test_nothing_is_wrong_with_what_was_just_written(
    tmp_path: Path, layout: str, container: str
) -> None:
    wanted = settings(mixture("mix", 300, level="rung0"), layout=layout, container=container)
    generate(wanted, tmp_path, ["grid_navigation/rung0#test:0:0-99"])
    assert findings(tmp_path) == findings(tmp_path, every_row=False) == []


@pytest.mark.parametrize("layout", ["vlmevalkit", "lmms-eval", "nemo-gym"])
def test_nothing_is_wrong_with_exports(tmp_path: Path, layout: str) -> None:
    generate(settings(mixture("image"), layout=layout, theme="varied"), tmp_path)
    assert findings(tmp_path) == []


def test_jpegs_are_compared_too(tmp_path: Path) -> None:
    generate(settings(encoding="jpeg"), tmp_path)
    assert findings(tmp_path) == []


def test_duplicates_that_were_declared_are_fine(tmp_path: Path) -> None:
    made = generate(
        settings(mixture("mix", 600, level="rung0"), duplicates="count"),
        tmp_path,
        ["grid_navigation/rung0#test:0:0-9"],
    )
    assert made["phases"]["mix"]["duplicates"] > 0
    assert findings(tmp_path) == []
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["phases"]["mix"]["duplicates"] -= 1
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    [finding] = findings(tmp_path)
    assert "have the content of another instance" in finding


def test_a_leak_is_found(tmp_path: Path) -> None:
    generate(settings(mixture("text", 40)), tmp_path)
    [leak] = findings(tmp_path, "grid_navigation/simple#train:1:7")
    assert "leak: grid_navigation/simple#train:1:7 has an excluded content" in leak
    assert "text/text-00000-of-00001.parquet row" in leak


def test_changed_words_are_found_where_they_are(tmp_path: Path) -> None:
    generate(settings(), tmp_path)

    def change(rows: list[dict[str, Any]]) -> None:
        rows[17]["completion"][0]["content"] += " "

    name = changed(tmp_path, change)
    address = pq.read_table(tmp_path / name)["address"][17]
    assert findings(tmp_path) == [f"{name} row 17: column completion is not what {address} gives"]


def test_a_changed_picture_is_found_and_another_encoder_is_not(tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    generate(settings(mixture("image")), tmp_path)

    def again(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            file = BytesIO()
            Image.open(BytesIO(row["images"][0]["bytes"])).save(file, "PNG", compress_level=1)
            row["images"][0]["bytes"] = file.getvalue()

    changed(tmp_path, again)
    assert findings(tmp_path) == []

    def other(rows: list[dict[str, Any]]) -> None:
        rows[3]["images"], rows[4]["images"] = rows[4]["images"], rows[3]["images"]

    changed(tmp_path, other)
    found = findings(tmp_path)
    assert len(found) == 2 and all("the picture is not that of" in each for each in found)


def test_rows_in_another_order_are_found(tmp_path: Path) -> None:
    generate(settings(), tmp_path)
    changed(tmp_path, lambda rows: rows.reverse())
    found = findings(tmp_path)
    assert any("stands where the mixture has" in each for each in found)
    assert any("not those of the manifest" in each for each in found)


def test_a_forged_content_is_found(tmp_path: Path) -> None:
    generate(settings(), tmp_path)

    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["content"] = "0" * 32

    changed(tmp_path, change)
    assert any("row 0: its content is not that of its address" in f for f in findings(tmp_path))


def test_missing_damaged_and_strange_files_are_found(tmp_path: Path) -> None:
    generate(settings(container="webdataset"), tmp_path)
    files = sorted((tmp_path / "mix").glob("*.tar"))
    whole = files[0].read_bytes()
    files[0].write_bytes(whole[:5000])
    files[1].unlink()
    (tmp_path / "mix" / "more.tar").write_bytes(whole)
    found = findings(tmp_path)
    for words in (
        f"mix/{files[0].name}: its SHA-256 is not the manifest's",
        f"mix/{files[1].name}: the file is missing",
        "mix/more.tar: the manifest does not know this file",
    ):
        assert any(words in each for each in found), found


def test_a_missing_picture_file_is_found(tmp_path: Path) -> None:
    generate(settings(container="jsonl"), tmp_path)
    next(tmp_path.glob("images/mix/00001/*.png")).unlink()
    assert any("mix-00001-of-00003.jsonl row" in each for each in findings(tmp_path))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda phase: phase.update(rows=6000), "phases.mix.rows is 6000, not 60"),
        (lambda phase: phase.update(formats={"text": 6000}), "phases.mix.formats"),
        (lambda phase: phase["parts"][0].update(rows=9), "phases.mix.parts[0].rows is 9, not 20"),
        (lambda phase: phase["parts"].pop(), "phases.mix.parts is"),
        (lambda phase: phase.update(bytes=1), "phases.mix.bytes is 1, not"),
        (lambda phase: phase.update(epochs=7), "phases.mix.epochs is 7, not 1"),
        (lambda phase: phase.update(more=1), "phases.mix.more is not called for"),
        (lambda phase: phase["replaced"].update(excluded=5), "the manifest says 5 excluded"),
        (
            lambda phase: phase["shards"][1].update(rows=9),
            "mix-00001-of-00003.jsonl.rows is 9, not",
        ),
        (lambda phase: phase["shards"][1].update(bytes=9), "mix-00001-of-00003.jsonl.bytes is 9"),
        (
            lambda phase: phase["shards"][1].update(formats={"text": 25}),
            "mix-00001-of-00003.jsonl.formats.text is 25, not",
        ),
        (lambda phase: phase["shards"][1]["pictures"].update(count=9), "pictures.count is 9, not"),
        (lambda phase: phase["shards"][1].update(extra=9), "extra is not called for"),
    ],
)
def test_every_count_of_the_manifest_is_checked(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    generate(settings(container="jsonl"), tmp_path)
    stated(tmp_path, lambda manifest: change(manifest["phases"]["mix"]))
    found = findings(tmp_path)
    assert any(words in each for each in found), found
    assert len(found) <= 3


def test_a_phase_too_many_is_found(tmp_path: Path) -> None:
    generate(settings(), tmp_path)
    stated(tmp_path, lambda made: made["phases"].update(more=made["phases"]["mix"]))
    assert findings(tmp_path) == ["manifest.json: phases.more is none of its settings"]


def test_other_versions_are_a_note_and_no_finding(tmp_path: Path) -> None:
    generate(settings(), tmp_path)
    stated(tmp_path, lambda made: made["made_by"].update(avrgym="9.9"))
    notes: list[str] = []
    assert not list(check(tmp_path, note=notes.append))
    [note] = notes
    assert "made by other versions" in note and "made_by.avrgym is '9.9', not" in note


@pytest.mark.parametrize(
    "name",
    [
        "extra.parquet",
        "mix/sub/extra.parquet",
        "images/extra.png",
        "images/mix/extra.png",
        "images/mix/00000/mix-000000099.png",
        "notes.txt",
    ],
)
def test_a_strange_file_is_found_wherever_it_is(tmp_path: Path, name: str) -> None:
    generate(settings(container="jsonl"), tmp_path)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    [finding] = findings(tmp_path)
    assert finding.startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("layout", "container"),
    [("lmms-eval", "parquet"), ("sharegpt", "jsonl"), ("vlmevalkit", "tsv"), ("trl", "webdataset")],
)
def test_what_belongs_to_a_folder_and_hidden_files_are_not_strange(
    tmp_path: Path, layout: str, container: str
) -> None:
    generate(settings(mixture("image"), layout=layout, container=container), tmp_path)
    for name in (".gitattributes", ".cache/huggingface/x.metadata", "__pycache__/utils.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert findings(tmp_path) == []


def lines_of(folder: Path, change: Callable[[list[dict[str, Any]]], None]) -> str:
    """Rewrites the first JSONL file of a dataset with changed rows."""
    path = sorted(folder.glob("*/*.jsonl"))[0]
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    change(rows)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    name = path.relative_to(folder).as_posix()
    mended(folder, name)
    return name


def test_columns_beyond_the_layout_are_found(tmp_path: Path) -> None:
    generate(settings(), tmp_path / "parquet")
    path = sorted((tmp_path / "parquet").glob("*/*.parquet"))[0]
    table = pq.read_table(path)
    pq.write_table(table.append_column("hint", pa.array(["x"] * len(table))), path)
    mended(tmp_path / "parquet", path.relative_to(tmp_path / "parquet").as_posix())
    found = findings(tmp_path / "parquet", every_row=False)
    assert len(found) == 25 and "row 0: column hint is none of layout trl" in found[0]

    generate(settings(container="jsonl"), tmp_path / "jsonl")
    name = lines_of(tmp_path / "jsonl", lambda rows: rows[7].update(hint="x"))
    due = [f"{name} row 7: column hint is none of layout trl"]
    assert findings(tmp_path / "jsonl", every_row=False) == due

    generate(settings(mixture("image"), layout="vlmevalkit"), tmp_path / "tsv")
    path = tmp_path / "tsv" / "image.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = [[*fields, "x"] for fields in csv.reader(file, delimiter="\t")]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(lines)
    mended(tmp_path / "tsv", "image.tsv")
    [finding] = findings(tmp_path / "tsv")
    assert finding.startswith("image.tsv: its columns are [")


def test_pictures_that_are_elsewhere_are_found(tmp_path: Path) -> None:
    generate(settings(mixture("image"), container="jsonl"), tmp_path / "data")
    one = next((tmp_path / "data").glob("images/*/*/image-000000003.png"))
    (tmp_path / "elsewhere.png").write_bytes(one.read_bytes())
    where = (tmp_path / "elsewhere.png").as_posix()
    name = lines_of(tmp_path / "data", lambda rows: rows[3].update(images=[where]))
    due = f"{one.relative_to(tmp_path / 'data').as_posix()}"
    assert findings(tmp_path / "data") == [
        f"{name} row 3: its picture is at {where}, not at {due}",
    ]


def test_members_and_keys_beyond_the_layout_are_found(tmp_path: Path) -> None:
    import tarfile
    from io import BytesIO

    generate(settings(mixture("image"), container="webdataset"), tmp_path)
    path = sorted(tmp_path.glob("*/*.tar"))[0]
    with tarfile.open(path) as tar:
        members = []
        for member in tar:
            opened = tar.extractfile(member)
            assert opened
            members.append((member.name, opened.read()))
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name, body in members:
            if name == "image-000000002.json":
                body = json.dumps({**json.loads(body), "hint": "x"}).encode()
            bodies = [(name, body)]
            if name == "image-000000004.png":
                bodies.append(("image-000000004.txt", b"x"))
            for kept, content in bodies:
                info = tarfile.TarInfo(kept)
                info.size = len(content)
                tar.addfile(info, BytesIO(content))
    file = path.relative_to(tmp_path).as_posix()
    mended(tmp_path, file)
    assert findings(tmp_path) == [
        f"{file} row 2: key hint of image-000000002.json is none of the layout",
        f"{file} row 4: image-000000004.txt is none of the layout",
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda made: made["phases"]["mix"].pop("shards"), "phases.mix has no shards"),
        (lambda made: made["phases"]["mix"].pop("formats"), "phases.mix has no formats"),
        (lambda made: made["phases"]["mix"].update(rows="x"), "phases.mix.rows is 'x'"),
        (lambda made: made["phases"]["mix"]["replaced"].clear(), "replaced has no excluded"),
        (lambda made: made["phases"]["mix"]["shards"][1].pop("sha256"), "shards[1] has no sha256"),
        (lambda made: made["phases"].update(mix=[]), "phases.mix is no object"),
        (lambda made: made.pop("made_by"), "is no manifest"),
    ],
)
def test_a_damaged_manifest_is_one_clear_error(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    generate(settings(), tmp_path)
    stated(tmp_path, change)
    with pytest.raises(TaskError, match=re.escape(words)):
        findings(tmp_path)
    with pytest.raises(TaskError, match=re.escape(words)):
        load(tmp_path)


def test_damaged_settings_are_a_finding(tmp_path: Path) -> None:
    generate(settings(), tmp_path)
    stated(tmp_path, lambda made: made["settings"]["writing"].update(size="64"))
    [finding] = findings(tmp_path)
    assert "its settings are damaged: writing.size: expected a whole number or a list of" in finding
    stated(tmp_path, lambda made: made["settings"]["writing"].update(size=64, layout="x"))
    [finding] = findings(tmp_path)
    assert "its settings are damaged: unknown layout" in finding


def test_a_row_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    generate(settings(mixture("image"), container="jsonl"), tmp_path / "a")
    path = sorted((tmp_path / "a").glob("*/*.jsonl"))[0]
    name = path.relative_to(tmp_path / "a").as_posix()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:5], b"{half\n", *lines[6:]]))
    mended(tmp_path / "a", name)
    assert any(f"{name} row 5: cannot be read: " in each for each in findings(tmp_path / "a"))
    row = json.loads(lines[5])
    del row["content"]
    path.write_bytes(b"".join([*lines[:5], json.dumps(row).encode() + b"\n", *lines[6:]]))
    mended(tmp_path / "a", name)
    assert f"{name} row 5: cannot be read: 'content' is missing" in findings(tmp_path / "a")
    path.write_bytes(b"".join(lines))
    mended(tmp_path / "a", name)
    picture = json.loads(lines[7])["images"][0]
    (tmp_path / "a" / picture).unlink()
    assert findings(tmp_path / "a") == [f"{name} row 7: cannot be read: {picture} is missing"]


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    import tarfile

    generate(settings(mixture("image"), container="webdataset"), tmp_path)
    path = sorted(tmp_path.glob("*/*.tar"))[0]
    with tarfile.open(path) as tar:
        members = [(member, tar.extractfile(member)) for member in tar]
        with tarfile.open(tmp_path / "new", "w", format=tarfile.GNU_FORMAT) as other:
            for member, opened in members:
                if member.name != "image-000000003.json":
                    other.addfile(member, opened)
    (tmp_path / "new").replace(path)
    name = path.relative_to(tmp_path).as_posix()
    mended(tmp_path, name)
    found = findings(tmp_path)
    assert f"{name} row 3: image-000000003.json is missing" in found

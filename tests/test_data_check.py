"""``avrgym data check`` finds what is wrong, names the place, and is content with what is right."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avrgym.data import check, generate
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
                shard["sha256"] = hashlib.sha256((folder / file).read_bytes()).hexdigest()
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

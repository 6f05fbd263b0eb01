"""A dataset knows what was kept out of it, and proves it when nothing else is left to ask."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import avrgym
from avrgym import TaskError
from avrgym.data import check, generate
from avrgym.data.exclusions import excluded
from test_data_generate import rows_of
from written import bytes_of, mixture, settings

pytest.importorskip("pyarrow")

# Rows of the dataset itself, so that what is said to be excluded is certain to be there or not.
RANGE = "grid_navigation/simple#train:1:0-9"
HASHES = avrgym.contents(f"grid_navigation/simple#train:1:{i}" for i in range(10))
TRAINING = settings(mixture("text", 40))


def range_of_addresses(_: Path) -> str:
    return RANGE


def finished_dataset(folder: Path) -> str:
    generate(settings(mixture("image", 20), theme="varied", container="jsonl"), folder / "eval")
    return str(folder / "eval")


def hash_file(folder: Path) -> str:
    (folder / "eval").write_text("\n".join(reversed(HASHES)))
    return str(folder / "eval")


def mixture_file(folder: Path) -> str:
    (folder / "eval.toml").write_text(
        'seed = 1\n[[phases]]\nsize = 10\nparts = [{task = "grid_navigation", level = "simple", '
        'format = "text"}]\n'
    )
    return str(folder / "eval.toml")


WAYS = pytest.mark.parametrize(
    "way", [range_of_addresses, finished_dataset, hash_file, mixture_file]
)


def findings(folder: Path) -> list[str]:
    return [str(finding) for finding in check(folder)]


def changed(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def trained(folder: Path, *names: str) -> Path:
    generate(TRAINING, folder / "data", names)
    return folder / "data"


@WAYS
def test_a_dataset_alone_proves_that_nothing_leaked(
    tmp_path: Path, way: Callable[[Path], str]
) -> None:
    (tmp_path / "other").mkdir()
    data = trained(tmp_path, way(tmp_path / "other"))
    shutil.rmtree(tmp_path / "other")
    assert findings(data) == []
    assert not {row["content"] for row in rows_of(data)} & set(HASHES)

    # The same record beside rows that do have these contents.
    generate(TRAINING, tmp_path / "leaky")
    stated = json.loads((data / "manifest.json").read_text())["excluded"]
    changed(tmp_path / "leaky", lambda manifest: manifest.update(excluded=stated))
    if (data / "excluded").exists():
        shutil.copytree(data / "excluded", tmp_path / "leaky" / "excluded")
    found = findings(tmp_path / "leaky")
    assert len(found) == 10 and all("has an excluded content" in each for each in found)


def test_contents_that_nothing_else_gives_are_kept_as_they_are_named(tmp_path: Path) -> None:
    data = trained(tmp_path, hash_file(tmp_path), RANGE)
    [kept] = (data / "excluded").iterdir()
    due = b"".join(bytes.fromhex(text) for text in sorted(set(HASHES)))
    assert kept.read_bytes() == due
    digest = hashlib.sha256(due).hexdigest()
    assert json.loads((data / "manifest.json").read_text())["excluded"] == {
        "eval": {"contents": 10, "sha256": digest, "file": "excluded/eval.contents"},
        RANGE: {"contents": 10, "sha256": digest, "addresses": [RANGE]},
    }


def test_neither_order_nor_place_of_what_is_excluded_enters_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    names = [hash_file(tmp_path), mixture_file(tmp_path)]
    (tmp_path / "other" / "eval").write_text(HASHES[3])  # another set of the same name
    names.append(str(tmp_path / "other" / "eval"))
    generate(TRAINING, tmp_path / "one", names)
    moved = tmp_path / "moved"
    moved.mkdir()
    elsewhere = [shutil.copytree(tmp_path / "other", moved / "other") / "eval"]
    elsewhere += [Path(shutil.copy(name, moved)) for name in reversed(names[:2])]
    generate(TRAINING, tmp_path / "two", [*map(str, elsewhere), names[0]])
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    assert len(list((tmp_path / "one" / "excluded").iterdir())) == 2
    assert findings(tmp_path / "one") == []


def test_a_record_that_was_changed_is_found(tmp_path: Path) -> None:
    data = trained(tmp_path, hash_file(tmp_path), RANGE)
    file = data / "excluded" / "eval.contents"
    whole = file.read_bytes()
    file.write_bytes(whole[16:])
    assert findings(data) == [
        "manifest.json excluded eval: they are not the 10 contents of the manifest"
    ]
    file.write_bytes(whole[:-1])
    [finding] = findings(data)
    assert "manifest.json excluded eval: its contents cannot be had again" in finding
    file.unlink()
    [finding] = findings(data)
    assert "excluded/eval.contents, which has the contents, is missing" in finding
    file.write_bytes(whole)
    (data / "excluded" / "more").touch()
    assert findings(data) == ["excluded/more: the manifest does not know this file"]
    (data / "excluded" / "more").unlink()

    def fewer(manifest: dict[str, Any]) -> None:
        manifest["excluded"][RANGE]["addresses"] = [RANGE.replace("0-9", "0-8")]

    changed(data, fewer)
    [finding] = findings(data)
    assert f"excluded {RANGE}: they are not the 10 contents" in finding
    changed(data, lambda manifest: manifest["excluded"].update({RANGE: 7}))
    [finding] = findings(data)
    assert f"excluded {RANGE}: its contents cannot be had again" in finding


@pytest.mark.parametrize("container", ["parquet", "jsonl", "webdataset"])
def test_a_damaged_dataset_cannot_be_excluded_and_the_file_is_named(
    tmp_path: Path, container: str
) -> None:
    generate(settings(mixture("text", 60), container=container), tmp_path / "eval")
    [file, other] = sorted((tmp_path / "eval" / "text").iterdir())
    file.write_bytes(b"no data of any kind, but as long as a header is" * 30)
    with pytest.raises(TaskError, match=f"text/{file.name} is damaged"):
        generate(TRAINING, tmp_path / "data", [str(tmp_path / "eval")])
    if container == "jsonl":
        file.write_text("".join(other.read_text().splitlines(keepends=True)[:-1]))
        with pytest.raises(TaskError, match=f"text/{file.name} is damaged: it has 4 rows"):
            generate(TRAINING, tmp_path / "data", [str(tmp_path / "eval")])
        file.write_text(other.read_text().replace('"content":"', '"content":"x', 1))
        with pytest.raises(TaskError, match=f"text/{file.name} is damaged"):
            generate(TRAINING, tmp_path / "data", [str(tmp_path / "eval")])
    changed(tmp_path / "eval", lambda manifest: manifest["phases"]["text"]["shards"].reverse())
    with pytest.raises(TaskError, match=f"text/{file.name} is damaged"):
        generate(TRAINING, tmp_path / "data", [str(tmp_path / "eval")])
    other.unlink()
    with pytest.raises(TaskError, match=f"text/{other.name} is missing"):
        generate(TRAINING, tmp_path / "data", [str(tmp_path / "eval")])
    assert not (tmp_path / "data").exists()
    changed(tmp_path / "eval", lambda manifest: manifest["phases"]["text"].pop("shards"))
    with pytest.raises(TaskError, match=r"manifest\.json is damaged: 'shards' is missing"):
        generate(TRAINING, tmp_path / "data", [str(tmp_path / "eval")])


def test_hashes_can_be_upper_case_and_as_a_dataset_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "upper").write_text("\n".join(HASHES).upper())
    data = trained(tmp_path, str(tmp_path / "upper"))
    kept = data / "excluded" / "upper.contents"
    known = [excluded([str(name)]).known.tolist() for name in (tmp_path / "upper", kept, RANGE)]
    assert known[0] == known[1] == known[2]
    (tmp_path / "cut.contents").write_bytes(kept.read_bytes()[:-3])
    with pytest.raises(TaskError, match=r"cut\.contents is cut off"):
        excluded([str(tmp_path / "cut.contents")])


def test_other_sets_are_said_in_words(tmp_path: Path) -> None:
    data = trained(tmp_path, RANGE)
    with pytest.raises(TaskError, match=r"settings: excluded\.grid_.*:0-9 is not called for; give"):
        generate(TRAINING, data)
    generate(TRAINING, tmp_path / "other")
    with pytest.raises(TaskError, match=r"settings: excluded\.grid_.*:0-9 is missing; give"):
        generate(TRAINING, tmp_path / "other", [RANGE])

"""What is written is read by those it is for, or by what they document of their files."""

import base64
import gc
import importlib.util
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import avrgym
from avrgym import TaskError
from avrgym.data import check, generate
from avrgym.data.layouts import LAYOUTS
from avrgym.mixtures import Mixture, Phase
from written import mixture, settings

pytest.importorskip("pyarrow")
Image = pytest.importorskip("PIL.Image")


def pixels(file: bytes) -> NDArray[np.uint8]:
    shown: NDArray[np.uint8] = np.asarray(Image.open(BytesIO(file)).convert("RGB"))
    return shown


def drawn(address: str, size: int = 64) -> NDArray[np.uint8]:
    picture: NDArray[np.uint8] = avrgym.render([address], size, insist=True)[0]
    return picture


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("layout", ["trl", "verl", "easyr1", "llava", "sharegpt", "plain"])
def test_datasets_loads_every_layout(
    tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    generate(settings(mixture("align-mix+"), layout=layout), tmp_path / "data")
    configs = datasets.get_dataset_config_names(str(tmp_path / "data"))
    assert configs == ["align", "mix+"]
    for config in configs:
        loaded = datasets.load_dataset(
            str(tmp_path / "data"), config, split="train", cache_dir=str(tmp_path / "cache")
        )
        assert len(loaded) == 60
        assert loaded.column_names == list(LAYOUTS[layout].columns)
        name = "image" if layout == "llava" else "images"
        shown = loaded.features[name]
        assert isinstance(shown if layout == "llava" else shown.feature, datasets.Image)
        pictured = 0
        for row in loaded:
            found = [row[name]] if layout == "llava" and row[name] else row[name] or []
            assert len(found) == (not row["format"].startswith("text"))
            for picture in found:
                assert np.array_equal(np.asarray(picture), drawn(row["address"])), picture.mode
                pictured += 1
        assert pictured == (30 if config == "align" else 20)


@pytest.mark.parametrize("layout", ["trl", "verl", "llava", "plain"])
def test_datasets_loads_tars_whatever_their_first_rows_show(
    tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    began = set[bool]()
    for seed in range(4 if layout == "trl" else 2):
        folder = tmp_path / f"data{seed}"
        mixed = mixture("align-mix+", 40, seed)
        encoding = ("png", "jpeg")[seed % 2]
        generate(settings(mixed, layout=layout, container="webdataset", encoding=encoding), folder)
        for config in ("align", "mix+"):
            loaded = datasets.load_dataset(
                str(folder), config, split="train", cache_dir=str(tmp_path / "cache")
            )
            assert loaded.num_rows == 40
            assert loaded.column_names == [encoding, "json", "__key__", "__url__"]
            for row in loaded:
                words = row["json"]
                assert (row[encoding] is None) == (words["format"] == "text")
                if row[encoding] and encoding == "png":
                    shown = np.asarray(row[encoding])
                    assert np.array_equal(shown, drawn(words["address"])), row[encoding].mode
                assert set(words) == set(LAYOUTS[layout].columns) - {"image", "images"}
            began.add(loaded[0][encoding] is None)
    assert began == {True, False} or layout != "trl"


def test_trl_puts_the_picture_before_the_words(tmp_path: Path) -> None:
    data_utils = pytest.importorskip("trl.data_utils")
    parquet = pytest.importorskip("pyarrow.parquet")
    generate(settings(), tmp_path / "data")
    rows = parquet.read_table(next((tmp_path / "data").glob("mix/*-00000-*"))).to_pylist()
    for row in rows:
        assert data_utils.is_conversational(row)
        turns = data_utils.prepare_multimodal_messages(
            row["prompt"] + row["completion"], images=row["images"]
        )
        kinds = [block["type"] for block in turns[0]["content"]]
        assert kinds == ["image"] * len(row["images"]) + ["text"]
        judged = avrgym.rewards.correctness([row["completion"]], address=[row["address"]])
        assert judged == [1.0] or row["format"] == "image_to_text"


# It leaves the tars open until they are collected.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_webdataset_reads_the_tars(tmp_path: Path) -> None:
    webdataset = pytest.importorskip("webdataset")
    generate(settings(container="webdataset"), tmp_path / "data")
    tars = sorted(str(path) for path in (tmp_path / "data" / "mix").glob("*.tar"))
    assert len(tars) == 3
    read = list(webdataset.WebDataset(tars, shardshuffle=False).decode("rgb8"))
    assert [sample["__key__"] for sample in read] == [f"mix-{i:09d}" for i in range(60)]
    for sample in read:
        row = sample["json"]
        assert ("png" in sample) == (row["format"] != "text")
        if "png" in sample:
            assert np.array_equal(sample["png"], drawn(row["address"]))
        assert row["completion"][0]["content"]
    gc.collect()


def test_llama_factory_finds_its_files(tmp_path: Path) -> None:
    generate(settings(layout="sharegpt", container="jsonl", shard_rows=1000), tmp_path)
    [(name, info)] = json.loads((tmp_path / "dataset_info.json").read_text()).items()
    assert name == "mix" and info["formatting"] == "sharegpt"
    tags, columns = info["tags"], info["columns"]
    for row in lines(tmp_path / info["file_name"]):
        roles = [turn[tags["role_tag"]] for turn in row[columns["messages"]]]
        assert roles == [tags["user_tag"], tags["assistant_tag"]]
        said = row[columns["messages"]][0][tags["content_tag"]]
        # As many placeholders as pictures, or the trainer refuses the row.
        assert said.count("<image>") == len(row[columns["images"]])
        for path in row[columns["images"]]:
            assert np.array_equal(pixels((tmp_path / path).read_bytes()), drawn(row["address"]))


def test_llava_has_paths_and_turns(tmp_path: Path) -> None:
    generate(settings(layout="llava", container="jsonl", shard_rows=1000), tmp_path)
    rows = lines(next(tmp_path.glob("mix/*.jsonl")))
    assert len({row["id"] for row in rows}) == 60
    for row in rows:
        assert [turn["from"] for turn in row["conversations"]] == ["human", "gpt"]
        said = row["conversations"][0]["value"]
        assert said.startswith("<image>\n") == bool(row["image"])
        assert not row["image"] or (tmp_path / row["image"]).is_file()


def test_vlmevalkit_reads_the_table(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    generate(settings(mixture("image"), layout="vlmevalkit"), tmp_path)
    table = pandas.read_csv(tmp_path / "image.tsv", sep="\t")
    # Its documentation: index unique, image in base64, question, answer; the rest groups scores.
    assert {"index", "image", "question", "answer", "category", "l2-category", "split"} <= set(
        table
    )
    assert table["index"].is_unique and table["index"].dtype.kind == "i"
    assert not table.isna().any().any()
    for row in table.itertuples():
        assert np.array_equal(pixels(base64.b64decode(row.image)), drawn(row.address))
        [verdict] = avrgym.verify([row.address], [f"Answer: {row.answer}"])
        assert verdict.correct


def test_nemo_gym_has_responses_input(tmp_path: Path) -> None:
    generate(settings(layout="nemo-gym"), tmp_path)
    rows = lines(tmp_path / "mix.jsonl")
    assert len(rows) == 60
    for row in rows:
        [turn] = row["responses_create_params"]["input"]
        assert turn["role"] == "user"
        *shown, words = turn["content"]
        assert words["type"] == "input_text" and words["text"]
        assert len(shown) == (row["format"] != "text")
        for block in shown:
            head, _, body = block["image_url"].partition(",")
            assert (block["type"], head) == ("input_image", "data:image/png;base64")
            assert np.array_equal(pixels(base64.b64decode(body)), drawn(row["address"]))
        assert avrgym.verify([row["address"]], [f"Answer: {row['expected_answer']}"])[0].correct


def test_jpegs_are_jpegs_of_the_size_asked_for(tmp_path: Path) -> None:
    generate(settings(encoding="jpeg", size=(96, 128), container="jsonl", insist=True), tmp_path)
    pictures = sorted(tmp_path.glob("images/mix/*/*.jpeg"))
    assert len(pictures) == 40
    with Image.open(pictures[0]) as shown:
        assert (shown.format, shown.size) == ("JPEG", (128, 96))


def lmms_eval_folder(folder: Path) -> tuple[Path, Any]:
    """A task folder of ten pictures, and its code as lmms-eval imports it."""
    generate(settings(mixture("image", 20), layout="lmms-eval"), folder)
    spec = importlib.util.spec_from_file_location("task_utils", folder / "utils.py")
    assert spec and spec.loader
    code = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(code)
    [task] = folder.glob("*.yaml")
    return task, code


def test_a_task_of_lmms_eval_judges_replies(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    datasets = pytest.importorskip("datasets")
    task, code = lmms_eval_folder(tmp_path)

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined]
        """Knows ``!function module.name``, as lmms-eval's does."""

    Loader.add_constructor(
        "!function", lambda _, node: getattr(code, node.value.removeprefix("utils."))
    )
    config = yaml.load(task.read_text(), Loader)
    files = config["dataset_kwargs"]["data_files"]
    rows = datasets.load_dataset(
        config["dataset_path"],
        data_files={split: str(tmp_path / file) for split, file in files.items()},
        cache_dir=str(tmp_path / "cache"),
    )[config["test_split"]]
    assert len(rows) == 10
    for row in rows:
        [picture] = config["doc_to_visual"](row)
        assert np.array_equal(np.asarray(picture), drawn(row["address"]))
        assert config["doc_to_text"](row) == row["question"]
        [turn] = config["doc_to_messages"](row)
        assert [block["type"] for block in turn["content"]] == ["image", "text"]
        judge = config["process_results"]
        assert judge(row, [f"Answer: {row[config['doc_to_target']]}"]) == {
            "correct": 1.0,
            "parsed": 1.0,
        }
        assert judge(row, ["no idea"]) == {"correct": 0.0, "parsed": 0.0}
    assert {metric["metric"] for metric in config["metric_list"]} == {"correct", "parsed"}


def test_lmms_eval_itself_takes_the_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = pytest.importorskip("lmms_eval.tasks", reason="tests/consumers.txt is not installed")
    file, _ = lmms_eval_folder(tmp_path)
    monkeypatch.chdir(tmp_path)  # the task names its data from its own folder
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    manager = tasks.TaskManager(include_path=str(tmp_path))
    task = tasks.get_task_dict([file.stem], manager)[file.stem]
    for row in task.test_docs():
        assert np.array_equal(np.asarray(task.doc_to_visual(row)[0]), drawn(row["address"]))
        answer = f"Answer: {task.doc_to_target(row)}"
        assert task.process_results(row, [answer]) == {"correct": 1.0, "parsed": 1.0}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["manifest.json"], "cannot name a folder"),
        (["readme.md"], "cannot name a folder"),
        (["images"], "cannot name a folder"),
        (["x" * 101], "cannot name a folder"),
        (["a[b]*"], "cannot name a folder"),
        (["hard #1"], "cannot name a folder"),
        ([""], "cannot name a folder"),
        (["..", "a"], "cannot name a folder"),
        (["hard+1", "hard-1"], 'phases "hard.1" and "hard-1" would share files'),
        (["Mix", "mix"], "would share files"),
    ],
)
def test_phases_that_cannot_be_files_are_refused_before_any_work(
    tmp_path: Path, names: list[str], words: str
) -> None:
    parts = mixture("image").phases[0].parts
    phases = tuple(Phase(name, 10, parts) for name in names)
    with pytest.raises(TaskError, match=words):
        generate(settings(Mixture("m", phases)), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_every_name_that_is_taken_works_to_the_end(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    datasets = pytest.importorskip("datasets")
    names = ["a+b.c-d_e", "x" * 100, "null", "-1.e+3"]
    parts = mixture("image").phases[0].parts
    mixed = Mixture("m: #" + "y" * 300, tuple(Phase(name, 6, parts) for name in names))
    generate(settings(mixed), tmp_path / "trl")
    assert not list(check(tmp_path / "trl"))
    for name in names:
        loaded = datasets.load_dataset(
            str(tmp_path / "trl"), name, split="train", cache_dir=str(tmp_path / "cache")
        )
        assert loaded.num_rows == 6
    generate(settings(mixed, layout="lmms-eval"), tmp_path / "eval")
    tasks = sorted((tmp_path / "eval").glob("*.yaml"))
    assert len(tasks) == 4
    for task in tasks:
        config = yaml.load(task.read_text().replace("!function ", ""), yaml.SafeLoader)
        assert (tmp_path / "eval" / config["dataset_kwargs"]["data_files"]["test"]).is_file()
        assert config["task"] == task.stem


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("layout", "container"),
    [
        *(("trl", container) for container in ("parquet", "jsonl", "webdataset")),
        *(("llava", container) for container in ("jsonl", "webdataset")),
        *(("vlmevalkit", "tsv"), ("nemo-gym", "jsonl")),
    ],
)
def test_what_the_card_says_reads_the_rows(
    tmp_path: Path, layout: str, container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("datasets", "webdataset", "pandas"):
        pytest.importorskip(library)
    mixed = mixture("image" if layout == "vlmevalkit" else "mix")
    generate(settings(mixed, layout=layout, container=container, shard_rows=1000), tmp_path)
    monkeypatch.chdir(tmp_path)
    card = (tmp_path / "README.md").read_text("utf-8")
    [_, code, _] = card.partition("## Use")[2].partition("## Settings")[0].split("```")
    code = code.removeprefix("python\n").replace("path/to/folder", str(tmp_path))
    code = code.replace("split=", f"cache_dir={str(tmp_path / 'cache')!r}, split=")
    found: dict[str, Any] = {}
    exec(code, found)
    if container == "parquet":
        assert found["rows"].num_rows == 60
    elif container == "tsv":
        assert len(found["table"]) == 30
    else:
        row = found["words"] if container == "webdataset" else found["row"]
        assert len(row["content"]) == 32
        shown = found.get("pictures", [found.get("picture")])
        for picture in filter(None, shown):
            pixels_of = np.asarray(picture.convert("RGB"))
            assert np.array_equal(pixels_of, drawn(row["address"]))
    assert ("relative to this folder" in card) == (container == "jsonl" and layout != "nemo-gym")
    gc.collect()


def test_the_card_says_all_that_the_rows_depend_on(tmp_path: Path) -> None:
    from avrgym.mixtures import Internalise, named

    mixed = named(
        "mix",
        "table_readout",
        12,
        7,
        simple="rung1",
        params={"style": "terse"},
        internalise=Internalise(),
    )
    made = generate(
        settings(mixed, encoding="jpeg", quality=77, size=(64, 96), insist=True), tmp_path
    )
    card = (tmp_path / "README.md").read_text("utf-8")
    for words in (
        "| mix | `table_readout` | `rung1` | `style=terse` | train | 7 | `image` | 4 |",
        "jpeg of quality 77",
        "64 x 96 pixels",
        "Do not shuffle the rows",
        "whole in the first 30 % of a phase's rows, shorter over 40 % in 101 lengths",
    ):
        assert words in card, words
    for part in made["phases"]["mix"]["parts"]:
        assert (part["params"], part["seed"]) == ({"style": "terse"}, 7)
    generate(settings(), tmp_path / "plain")
    plain = (tmp_path / "plain" / "README.md").read_text("utf-8")
    assert "shuffle the rows" not in plain and "quality" not in plain


@pytest.mark.parametrize("size", [(64, 64), (64, 256), (256, 64)])
def test_a_contact_sheet_is_full_of_pictures(tmp_path: Path, size: tuple[int, int]) -> None:
    generate(settings(mixture("image", 40), size=size, insist=True), tmp_path)
    sheet = np.asarray(Image.open(tmp_path / "contact_sheet.png").convert("RGB"))
    height, width, _ = sheet.shape
    # Twelve pictures, the longer side 224 pixels, in a cell hardly larger than that.
    high, wide = (round(224 * side / max(size)) for side in size)
    assert 12 * max(wide, 160) * (high + 32) > 0.8 * height * width

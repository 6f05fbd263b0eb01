"""Every block and every command of README, CONTRIBUTING and the docs is run, page by page."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
pytest.importorskip("tyro")
pytest.importorskip("pyarrow")

import torch

import avrgym
import pages
import trained
from avrgym.data import generate
from avrgym.models.load import begin, save
from avrgym.models.spec import Tiny
from avrgym.prm.heads import Token
from avrgym.prm.judge import Judge, Settings
from avrgym.train.quiet import quieten
from pages import PAGES, Page
from recorded import LEVELS, record
from written import mixture, settings

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours

# Trainers of the pages go two steps.
TRL = "max_steps=2, report_to='none', save_strategy='no', disable_tqdm=True, use_cpu=True"
STEPS = {
    "SFTConfig(": f"SFTConfig({TRL}, ",
    "GRPOConfig(": f"GRPOConfig({TRL}, max_completion_length=8, ",
    "max_steps=1_000, ": "",
}


def first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run and some replies, as somebody has them who was here before."""
    replies(folder, monkeypatch)
    record(folder / "runs" / "quickstart")
    save(trained.model(), folder / "runs" / "quickstart" / "models" / "grpo")


def readme(namespace: dict[str, Any]) -> None:
    picture = namespace["picture"]
    assert picture.shape == (448, 448, 3) and picture.dtype == np.uint8
    assert namespace["observation"].keys() == {"image", "prompt"}
    # A reward in the shape of TRL's, judged by the column `address`.
    [sample] = avrgym.Source("grid_navigation", "rung2").samples([5])
    say = [{"role": "assistant", "content": f"Answer: {sample.answer}"}]
    assert namespace["reward"](completions=[say], address=[sample.address])[0] > 0


def environments(namespace: dict[str, Any]) -> None:
    assert len(namespace["branches"]) == 4
    gain = namespace["before"]["distance"] - namespace["after"]["distance"]
    assert (namespace["reward"] > 0) == (gain > 0)


def pictures(namespace: dict[str, Any]) -> None:
    assert namespace["picture"].shape == (448, 448, 3)


def replies(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = avrgym.Source("grid_navigation", "hard", "test").samples(range(10))
    rows = [
        {"address": sample.address, "reply": reply}
        for sample in samples
        for reply in (f"Answer: {sample.answer}", "Answer: up, up, up, up, up, up, up, up, up")
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "replies.jsonl").write_text(lines, "utf-8")
    model(folder, monkeypatch)


#: Of each batch that a reward of the pages judged: how many pictures its rows show, and its size.
SEEN: list[tuple[set[int], int]] = []


def model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small models where the pages name somebody's own, and a reward that notes its batches."""
    begun = trained.model()
    save(begun, folder / "my-model")
    SEEN.clear()

    def watched(judged: Callable[..., Any]) -> Callable[..., Any]:
        def correctness(images: list[Any], address: list[str], **columns: Any) -> Any:
            SEEN.append(({len(each or ()) for each in images}, len(address)))
            return judged(address=address, **columns)

        return correctness

    monkeypatch.setattr(avrgym.rewards, "correctness", watched(avrgym.rewards.correctness))


def both(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another model, of Qwen's family, and a folder that is excluded."""
    from transformers import AutoProcessor

    model(folder, monkeypatch)
    words = ["Answer: up", "worked"]
    qwen = begin(Tiny(family="qwen2_5_vl"), picture=avrgym.Picture(448), texts=words)
    save(qwen, folder / "my-qwen")
    stock: Any = AutoProcessor.from_pretrained

    def ours(name: str) -> Any:
        try:
            return stock(name)
        except ImportError:  # the stock one wants torchvision, for videos
            return qwen.processor

    monkeypatch.setattr(AutoProcessor, "from_pretrained", ours)
    generate(settings(mixture(size=12)), "data/eval")


def data(namespace: dict[str, Any]) -> None:
    made = {path.name for path in Path("data").iterdir()}
    assert made == {"mix", "eval", "sft", "grpo", "verl", "easyr1", "tables"}
    manifest = json.loads(Path("data/verl/manifest.json").read_text("utf-8"))
    assert manifest["phases"]["mix+"]["rows"] == 1536
    assert namespace["trainer"].state.global_step == 2
    assert sorted(SEEN, key=str) == [({0}, 32), ({1}, 32)], "a batch of each modality"


def mixtures(namespace: dict[str, Any]) -> None:
    assert namespace["trainer"].state.global_step == 2
    assert len(SEEN) == 2 and all(len(shown) == 1 for shown, _ in SEEN), "one modality a batch"
    tested = avrgym.contents(f"grid_navigation/hard#test:0:{i}" for i in range(1000))
    assert len(namespace["known"]) > 1000
    assert {f"{h:016x}{low:016x}" for h, low in namespace["known"].tolist()} >= {*tested}
    drawn = [row["address"] for row in namespace["shuffled"][:]]
    assert namespace["seen"] == drawn[:100]
    assert [row["address"] for row in namespace["again"]] == drawn[100:]
    batch = next(iter(namespace["loader"]))
    shown = len(batch["image_grid_thw"])
    assert 0 < shown < 32
    assert batch["pixel_values"].shape == (1024 * shown, 1176)
    assert str(batch["pixel_values"].dtype) == "torch.bfloat16"
    assert batch["image_grid_thw"].tolist() == [[1, 32, 32]] * shown


def evaluation(namespace: dict[str, Any]) -> None:
    assert f"sft {LEVELS[0]}: 0.25 (0.16 to 0.36)" in namespace["__said__"]
    assert f"{LEVELS[0]} {{3: 0.12}}" in namespace["__said__"]  # both stages together


def ran(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(folder / "runs" / "quickstart", stages=("start", "sft"))


def run_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run leaves is there when the page goes on with it."""
    from avrgym import config
    from avrgym.train import shipped, spec

    text = shipped.find("quickstart_grid_navigation")
    (folder / "runs" / "quickstart").mkdir(parents=True)
    table = config.table(spec.load(text))
    (folder / "runs" / "quickstart" / "run.json").write_text(json.dumps(table), "utf-8")


def judge(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that nobody trained."""
    held = Settings(head=Token(), model=trained.run().model, picture=avrgym.Picture(112, "compact"))
    Judge(held, trained.model()).save_pretrained(folder / "runs/mine/judges/prm")


def judged(namespace: dict[str, Any]) -> None:
    assert namespace["said"].score.tolist() == [0.5] * len(namespace["said"].ends)


def bench(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "benches").mkdir()
    shutil.copy(pages.ROOT / "benches" / "gpu.toml", folder / "benches")


def smallest(words: list[str]) -> list[str]:
    """Runs for a GPU are looked at with the smallest model, and few steps."""
    mine = words[0] == "train" and words[1].endswith(".toml")
    few = ["--model.preset", "tiny", "--stages.1.steps", "1", "--picture.size", "112"]
    few += ["--picture.theme", "compact", "--evaluation.items", "4"]
    return words + few if mine else words


def asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that has learned nothing, where a run's would be."""
    texts = [f"Answer: {word}" for word in ("up", "3", "no path exists")]
    small = begin(Tiny(), picture=avrgym.Picture(112, "compact"), texts=texts)
    save(small, folder / "runs" / "quickstart")


def little(words: list[str]) -> list[str]:
    """Searches of few problems in words alone."""
    few = ["--formats", "text", "--items", "1", "--max-reply", "6"]
    return words + few if words[0] == "evaluate" and "quickstart" in words[2] else words


HOW = {
    "README.md": Page(prepared=first, held=readme),
    "docs/data.md": Page(smaller=STEPS, prepared=replies, held=data),
    "docs/environments.md": Page(held=environments),
    "docs/evaluation.md": Page(prepared=ran, held=evaluation),
    "docs/gpu.md": Page(options=smallest, prepared=bench),
    "docs/mixtures.md": Page(
        smaller={
            **STEPS,
            "size = 60_000": "size = 1_600",
            "size = 240_000": "size = 2_400",
            "240_000, batch=8": "240, simple='rung0', hard='rung1', batch=8",
            "240_000": "240",
            "1_000, 1_003": "100, 103",
            "size=448, transform": "size=112, theme='compact', transform",
            "size=448, theme": "size=64, insist=True, theme",
            "size=448, shuffle": "size=64, insist=True, shuffle",
        },
        prepared=both,
        held=mixtures,
    ),
    "docs/pictures.md": Page(held=pictures),
    "docs/prm.md": Page(prepared=judge, held=judged),
    "docs/runs.md": Page(prepared=run_file),
    "docs/search.md": Page(options=little, prepared=asked),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    quieten()
    torch.set_num_threads(1)
    monkeypatch.setattr("avrgym.cli.progress._EVERY", math.inf)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    how = HOW.get(page, Page())
    how.prepared(here, monkeypatch)
    how.held(pages.run(page, how, here))


def test_what_is_not_run_is_still_on_a_page() -> None:
    lines = [
        line.removeprefix("timeout 9m ")
        for page in PAGES
        for block in pages.blocks(page)
        if block.language == "sh"
        for line in pages.commands(block)
    ]
    unused = [start for start in pages.UNRUN if not any(line.startswith(start) for line in lines)]
    assert not unused, "a reason stands there for nothing"


def test_pages_that_are_special_are_there() -> None:
    assert HOW.keys() <= set(PAGES)

"""TRL's own trainers go through two steps of what is written, verl's dataset reads it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from avrgym import TaskError
from avrgym.data import Writing, check, generate
from avrgym.mixtures import Format, Mixture, Part, Phase, named
from written import settings as writing

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
pytest.importorskip("pyarrow")
pytest.importorskip("tyro")

import torch
from trl import GRPOConfig, GRPOTrainer

import trained
from avrgym.cli import main
from avrgym.models.load import Loaded
from avrgym.train.quiet import quieten

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries, not of ours

DOCS = Path(__file__).parent.parent / "docs"
TINY: dict[str, Any] = {
    "max_steps": 2,
    "report_to": "none",
    "save_strategy": "no",
    "disable_tqdm": True,
    "use_cpu": True,
    "learning_rate": 0.1,
}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Tiny models lose time by a second thread."""
    quieten()
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def begun() -> Loaded:
    """The project's tiny model, which reads pictures of 112 pixels."""
    return trained.model()


@pytest.fixture
def space(begun: Loaded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What the pages' blocks take for granted: a model, its processor, and a folder."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    monkeypatch.chdir(tmp_path)
    return {"model": begun.model, "processor": begun.processor, "TINY": TINY}


def section(page: str, title: str) -> str:
    """What stands under a title of a page."""
    text = (DOCS / page).read_text("utf-8")
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def train(code: str, space: dict[str, Any], **also: Any) -> Any:
    """Runs a block that trains, for two steps, and gives its trainer."""
    space["TINY"] = TINY | also
    code, configs = re.subn(r"(SFTConfig|GRPOConfig)\(", r"\1(**TINY, ", code)
    assert configs == 1 and ".train()" in code
    exec(compile(code, "docs", "exec"), space)
    return space["trainer"]


def watched(reward: Callable[..., Any], seen: list[tuple[set[int], int]]) -> Callable[..., Any]:
    """A reward that notes how many pictures rows of a batch show, and how many rows there are."""

    def judge(images: list[Any], address: list[str], **columns: Any) -> list[float]:
        seen.append(({len(each) for each in images}, len(address)))
        points: list[float] = reward(address=address, **columns)
        return points

    judge.__name__ = "judge"
    return judge


def weights(space: dict[str, Any]) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in space["model"].parameters()])


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[set[int], int]]]:
    """What the reward of the pages is asked about."""
    from avrgym import rewards

    noted: list[tuple[set[int], int]] = []
    monkeypatch.setattr(rewards, "correctness", watched(rewards.correctness, noted))
    yield noted


def test_the_documented_stream_trains(
    space: dict[str, Any], seen: list[tuple[set[int], int]]
) -> None:
    page = section("mixtures.md", "Batches of one modality")
    [code] = [block for block in blocks(page, "python") if "trainer" in block]
    code = code.replace("240_000", "48, simple='rung0', hard='rung1'")
    code = code.replace("size=448", "size=112, theme='compact'").replace("max_steps=1_000, ", "")
    trainer = train(code, space, max_completion_length=8)
    assert trainer.state.global_step == 2
    assert sorted(seen, key=str) == [({0}, 32), ({1}, 32)], "a batch of each modality"
    code = code.replace("GRPOTrainer", "SFTTrainer").replace("GRPOConfig", "SFTConfig")
    code = re.sub(r"num_generations=\d+, |shuffle_dataset=\w+|reward_funcs=.*\n", "", code)
    before = weights(space)
    assert train(code, space, max_length=None).state.global_step == 2
    assert not torch.equal(weights(space), before)


def test_grpo_fails_on_a_batch_of_both(space: dict[str, Any]) -> None:
    """Why there are runs: once it no longer does, the pages may say so."""
    generate(writing(named("mix+", "grid_navigation", 48, 1), size=112), "data")
    datasets = pytest.importorskip("datasets")
    trainer = GRPOTrainer(
        model=space["model"],
        processing_class=space["processor"],
        reward_funcs=[lambda completions, **_: [0.0] * len(completions)],
        train_dataset=datasets.load_dataset("data", "mix+", split="train"),
        args=GRPOConfig(
            **TINY, per_device_train_batch_size=16, num_generations=2, shuffle_dataset=False
        ),
    )
    with pytest.raises(TypeError, match="NoneType"):
        trainer.train()


COLUMNS = {
    "sft": ["prompt", "completion", "images", "address", "content", "format"],
    "grpo": ["prompt", "images", "answer", "address", "content", "format"],
    None: ["prompt", "completion", "images", "answer", "address", "content", "format"],
}


@pytest.mark.parametrize("trainer", COLUMNS)
@pytest.mark.parametrize("container", ["parquet", "jsonl", "webdataset"])
def test_a_trainer_gets_its_columns(tmp_path: Path, trainer: str | None, container: str) -> None:
    from avrgym.data import containers, layouts

    made = writing(
        named("mix+", "grid_navigation", 48, 1, batch=8), trainer=trainer, container=container
    )
    manifest = generate(made, tmp_path)
    assert not list(check(tmp_path, (), True))
    columns = layouts.of(layouts.settled(made).writing).columns
    assert list(columns) == COLUMNS[trainer]
    for shard in manifest["phases"]["mix+"]["shards"]:
        for batch in containers.read(container, tmp_path / shard["file"], tmp_path, columns):
            for cells in batch:
                assert sorted(cells) == sorted(COLUMNS[trainer])
    card = (tmp_path / "README.md").read_text("utf-8")
    assert "Do not shuffle the rows of `mix+`.** They come in runs of 8" in card


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"trainer": "dpo"}, "pairs are not written yet; give sft or grpo"),
        ({"trainer": "ppo"}, 'unknown trainer "ppo"; give one of sft, grpo'),
        ({"trainer": "sft", "layout": "verl"}, "layout verl is not written for sft, only layout"),
    ],
)
def test_what_is_not_written_for_a_trainer_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(TaskError, match=said):
        Writing(**given)  # type: ignore[arg-type]


def test_the_command_refuses_it_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by_name = ["generate", "mix+", "--task", "grid_navigation", "--examples", "48"]
    for options, words in (
        (["--for", "dpo"], "--for: DPO wants pairs of replies, and pairs are not written yet"),
        (["--for", "grpo", "--layout", "verl"], "layout verl is not written for grpo"),
        (["--for", "grpo"], 'phase "mix+" has rows with a picture and rows without'),
    ):
        with pytest.raises(SystemExit) as ended:
            main([*by_name, *options, "--to", str(tmp_path / "data")])
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert len(said.splitlines()) == 1 and words in said
    assert not (tmp_path / "data").exists()


def test_grpo_takes_one_modality_without_a_batch(tmp_path: Path) -> None:
    part = Part("grid_navigation", "simple", Format("image"))
    generate(writing(Mixture("m", (Phase("p", 5, (part,)),)), trainer="grpo"), tmp_path)
    assert not list(check(tmp_path, (), True))


def test_verls_own_dataset_reads_batches_of_one_modality(
    space: dict[str, Any], tmp_path: Path
) -> None:
    reason = "tests/consumers.txt is not installed"
    reading = pytest.importorskip("verl.utils.dataset.rl_dataset", reason=reason)
    omegaconf = pytest.importorskip("omegaconf", reason=reason)
    made = named("mix+", "grid_navigation", 48, 1, simple="rung0", hard="rung1", batch=8)
    generate(writing(made, layout="verl", shard_rows=48, size=112), "data")
    config = {"cache_dir": str(tmp_path / "cache"), "filter_overlong_prompts": False}
    rows = reading.RLHFDataset(
        "data/mix+/mix+-00000-of-00001.parquet",
        space["processor"].tokenizer,
        omegaconf.OmegaConf.create({"max_prompt_length": 2048, "image_key": "images", **config}),
        processor=space["processor"],
    )
    loader = torch.utils.data.DataLoader(rows, 8, collate_fn=reading.collate_fn)
    shown = [
        {
            sum(block["type"] == "image" for block in turns[0]["content"])
            if isinstance(turns[0]["content"], list)
            else 0
            for turns in batch["raw_prompt"]
        }
        for batch in loader
    ]
    assert all(len(kinds) == 1 for kinds in shown) and set.union(*shown) == {0, 1}

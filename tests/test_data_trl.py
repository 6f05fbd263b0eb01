"""TRL's own trainers go through two steps of what is written, verl's dataset reads it."""

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


def weights(space: dict[str, Any]) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in space["model"].parameters()])


def test_a_stream_is_imitated(space: dict[str, Any]) -> None:
    """The page on mixtures trains GRPO of the same stream."""
    from trl import SFTConfig, SFTTrainer

    from avrgym.stream import Rows, with_pillow
    from avrgym.stream.hf import iterable

    mixture = named("mix+", "grid_navigation", 48, simple="rung0", hard="rung1", batch=8)
    before = weights(space)
    trainer = SFTTrainer(
        space["model"],
        processing_class=space["processor"],
        train_dataset=iterable(Rows(mixture, size=112, theme="compact", transform=with_pillow)),
        args=SFTConfig(**TINY, per_device_train_batch_size=8, max_length=None),
    )
    trainer.train()
    assert trainer.state.global_step == 2
    assert not torch.equal(weights(space), before) and weights(space).isfinite().all()


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
        ({"trainer": "dpo"}, "a mixture has none; give sft or grpo, or write pairs of a folder"),
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
        (
            ["--for", "dpo"],
            "--for: DPO wants pairs of replies, and mix+ is no folder that holds some",
        ),
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

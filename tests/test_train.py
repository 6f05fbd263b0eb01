"""A tiny model goes through every kind of stage, and a whole run is taken up again."""

import copy
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

import avrgym
import trained
from avrgym import Prompt, TaskError, Verdicts, config
from sources import is_held_out
from trained import DPO, EASY, GRPO, SFT, TASK

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch

from avrgym.evaluate.heldout import evaluation_addresses
from avrgym.evaluate.suite import Evaluation
from avrgym.models.load import Loaded, restore
from avrgym.models.play import take
from avrgym.models.spec import Tiny
from avrgym.models.tokens import ByteTable
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import rows
from avrgym.rewards import POLICIES
from avrgym.runs.record import Record
from avrgym.train import credit, curricula, stages
from avrgym.train.beginning import begun
from avrgym.train.curricula.occasion import Occasion, Plan
from avrgym.train.curricula.planned import Planned
from avrgym.train.desk import Desk
from avrgym.train.run import train
from avrgym.train.spec import Run
from avrgym.train.trainers import surviving
from avrgym.train.trainers.pairs import contrasts
from avrgym.train.trainers.unended import Unended

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]


def weights(loaded: Loaded) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in loaded.model.parameters()])


def left(record: Record, run: Run, stage: str) -> Loaded:
    return restore(run.model, record.model(stage))


@pytest.mark.parametrize("kind", ["steps", "outcome"])
def test_every_stage_moves_the_weights_and_leaves_its_record(tmp_path: Path, kind: str) -> None:
    rule: credit.Credit = credit.BySteps() if kind == "steps" else credit.ByOutcome()
    run = trained.run(SFT, replace(GRPO, credit=rule, steps=4))
    record = train(run, folder=tmp_path)
    models = [weights(left(record, run, stage)) for stage in ("start", "sft", "grpo")]
    assert all(each.isfinite().all() for each in models)
    assert not torch.equal(models[0], models[1])
    logged = [(event["stage"], event["step"]) for event in record.events("log")]
    assert logged == [("sft", 1), ("sft", 2)] + [("grpo", step) for step in (1, 2, 3, 4)]
    for event in record.events("log"):
        assert event["seconds"]["step"] > sum(event["seconds"].values()) / 2
    told = list(record.rollouts())
    assert len(told) == 4 * GRPO.prompts * GRPO.replies
    verdicts = avrgym.verify([r["address"] for r in told], [r["reply"] for r in told])
    assert [r["outcome"] for r in told] == [verdict.outcome for verdict in verdicts]
    results = list(record.results())
    assert {row["stage"] for row in results} == {"start", "sft", "grpo"}
    assert len(results) == 3 * 2 * 2 * 4  # stages, formats, decodings, items
    assert "<svg" in record.report.read_text("utf-8")


def test_laying_out_rows_is_a_part_of_a_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock on which nothing else takes time, checkpoints neither."""
    now = [0.0]
    own = Desk.rows

    def rows(self: Desk, prompts: Sequence[Prompt]) -> list[dict[str, Any]]:
        now[0] += 1
        return own(self, prompts)

    monkeypatch.setattr(Desk, "rows", rows)
    monkeypatch.setattr(surviving, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    quiet = Evaluation(suite=())
    sft = replace(SFT, steps=3, checkpoint_every=1)
    record = train(trained.run(sft, GRPO, evaluation=quiet), folder=tmp_path)
    seconds = [(event["stage"], event["seconds"]["step"]) for event in record.events("log")]
    # Of imitation a batch is laid out a step ahead.
    assert seconds == [("sft", 2), ("sft", 1), ("sft", 0), ("grpo", 1), ("grpo", 1)]


def test_a_generation_shows_one_modality_and_asks_each_prompt_as_often(tmp_path: Path) -> None:
    stage = replace(GRPO, steps=6, steps_per_generation=2)
    record = train(trained.run(stage, evaluation=trained.run().evaluation), folder=tmp_path)
    by_step: dict[int, list[tuple[str, str]]] = {}
    for rollout in record.rollouts():
        by_step.setdefault(rollout["step"], []).append((rollout["address"], rollout["format"]))
    assert sorted(by_step) == [1, 3, 5]
    for asked in by_step.values():
        assert len({format for _, format in asked}) == 1
        assert [asked.count(each) for each in dict.fromkeys(asked)] == [GRPO.replies] * 4
    assert {format for asked in by_step.values() for _, format in asked} == {"image", "text"}


def test_nothing_held_out_is_drawn_and_stages_draw_different_samples() -> None:
    run = trained.run(SFT, replace(SFT, name="again"))
    drawn = [
        stage.curriculum.made(run.occasion(place, stage)).draw(1_000)
        for place, stage in enumerate(run.planned())
    ]
    first, second = ({prompt.address for prompt in prompts} for prompts in drawn)
    assert not first & second
    contents = avrgym.contents(first | second)
    assert not any(is_held_out(content, run.held_out) for content in contents)


def test_levels_and_formats_have_their_shares_exactly() -> None:
    plan = replace(EASY, levels={"rung0": 1.0, "rung1": 2.0}, formats={"image": 3.0, "text": 1.0})
    drawn = plan.made(Occasion(rows=96, together=8)).draw(96)
    assert sum("rung1" in prompt.address for prompt in drawn) == 64
    assert sum(prompt.format.pictured for prompt in drawn) == 72
    runs = [{p.format.pictured for p in drawn[at : at + 8]} for at in range(0, 96, 8)]
    assert all(len(run) == 1 for run in runs)


def test_a_curriculum_goes_on_where_it_was() -> None:
    plan = replace(EASY, levels="rung0..rung3")
    whole = plan.made(Occasion(rows=64)).draw(64)
    made = plan.made(Occasion(rows=64))
    assert made.draw(20) == whole[:20]
    again = plan.made(Occasion(rows=64))
    again.restore(json.loads(json.dumps(made.state())))
    assert again.draw(44) == whole[20:]


def test_a_mixture_of_phases_is_trained_phase_by_phase(tmp_path: Path) -> None:
    table = {
        "kind": "mixture",
        **{"name": "align-mix+", "task": TASK, "examples": 12, "simple": "rung0", "hard": "rung1"},
    }
    stage = config.build(stages.Sft, {"batch": 4, "probe_every": 0, "curriculum": table})
    run = trained.run(stage, evaluation=replace(trained.run().evaluation, suite=()))
    assert [each.name for each in run.planned()] == ["sft-align", "sft-mix+"]
    assert [run.steps(i, each) for i, each in enumerate(run.planned())] == [3, 3]
    record = train(run, folder=tmp_path)
    first, second = (weights(left(record, run, name)) for name in ("sft-align", "sft-mix+"))
    assert not torch.equal(first, second)
    [align, mixed] = list(record.events("stage"))
    assert align["settings"] == [f"{TASK}/rung0"]
    assert mixed["settings"] == [f"{TASK}/rung0", f"{TASK}/rung1"]


def test_a_mixture_from_a_file_is_trained_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text(
        "seed = 7\n[internalise]\n[[phases]]\nname = 'one'\nsize = 8\n"
        "[[phases.parts]]\ntask = 'grid_navigation'\nlevel = 'rung0'\n"
        "format = ['image_via_text', 'text']\n"
    )
    plan: Any = config.build(curricula.MixtureRows, {"kind": "mixture", "file": str(file)})
    drawn = plan.made(Occasion(seed=3, held_out=4)).draw(8)
    written = avrgym.mixtures.items(
        avrgym.mixtures.load(file), "one", 0, 8, exclude=lambda content: is_held_out(content, 4)
    )
    assert drawn == [item.prompt for item in written]
    assert drawn[0].kept == 1.0 and drawn[-1].kept == 0.0


def test_dpo_trains_on_pairs_that_are_kept(tmp_path: Path) -> None:
    """An untrained model never answers right, so its pairs are put where a run would find them."""
    run = trained.run(DPO)
    trained.pair_up(run, tmp_path)
    record = train(run, folder=tmp_path)
    before, after = (weights(left(record, run, stage)) for stage in ("start", "dpo"))
    assert not torch.equal(before, after)


def test_preferences_without_a_right_reply_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"8 replies, 0 right, 0 kept .*of 4 prompts 0 had both"):
        train(trained.run(DPO), folder=tmp_path)


def test_preferences_part_at_the_first_wrong_step() -> None:
    prompt = Prompt(evaluation_addresses(f"{TASK}/rung2", items=1, held_out=4)[0])
    [sample] = avrgym.samples([prompt.address])
    right = sample.rationale.encode()
    lines = sample.rationale.split("\n")
    lines[1] = "avoid aa ab ac ba bb bc ca cb cc"
    wrong = "\n".join(lines).replace("Answer: ", "Answer: up, up, up, up, ").encode()
    [found] = contrasts([prompt] * 2, [right, wrong])
    assert (found.prompt, found.chosen) == (prompt, right)
    assert found.rejected == "\n".join(lines[:2]).encode() and found.cut
    [whole] = contrasts([prompt] * 2, [right, b"Answer: up, up, up, up"])
    assert not whole.cut


def test_the_end_of_a_turn_is_not_held_against_a_reply_that_was_cut() -> None:
    loaded = trained.model()
    asked = Prompt(evaluation_addresses(f"{TASK}/rung0", items=1, held_out=4)[0])
    [row] = rows([asked], trained.run().picture)
    said = {
        "chosen": [{"role": "assistant", "content": "Answer: up"}],
        "rejected": [{"role": "assistant", "content": "ca to bb\nca left"}],
    }
    tokenizer = loaded.processor.tokenizer
    for cut in (True, False):
        asking = {"prompt": row["prompt"], "images": row["images"]}
        batch = Unended(loaded.processor)([asking | said | {"cut": cut}])
        ids, scored = batch["input_ids"], batch["completion_mask"].bool()
        ends = [(ids[at][scored[at]] == tokenizer.eos_token_id).sum() for at in (0, 1)]
        assert ends == [1, 0 if cut else 1]
        assert ByteTable(tokenizer).text(ids[1][scored[1]].tolist()) == b"ca to bb\nca left"


def test_a_finished_run_is_not_run_again_and_a_model_is_played(tmp_path: Path) -> None:
    run = trained.run(SFT)
    record = train(run, folder=tmp_path)
    files = [record.folder / name for name in ("metrics.jsonl", "results.jsonl")]
    lines = [file.read_text("utf-8") for file in files]
    train(run, folder=tmp_path)
    assert [file.read_text("utf-8") for file in files] == lines
    with pytest.raises(TaskError, match=r"other settings: seed is 1, not 0"):
        train(replace(run, seed=1), folder=tmp_path)
    assert config.read(Run, record.folder / "run.json") == run
    said = take(record.model("sft")).ask(f"{TASK}/rung0#test:0:0")
    assert said.reply.decode("utf-8", "replace") is not None and said.finish in ("stop", "length")
    made = json.loads((record.folder / "versions.json").read_text())
    assert made["trl"] and made["core"]


def test_a_model_that_is_gone_is_one_clear_error(tmp_path: Path) -> None:
    record = train(trained.run(SFT), folder=tmp_path)
    shutil.rmtree(record.model("sft"))
    lines = record.folder.joinpath("metrics.jsonl").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if '"evaluate sft"' not in line]
    record.folder.joinpath("metrics.jsonl").write_text("".join(kept), "utf-8")
    with pytest.raises(TaskError, match=r"models/sft is gone, .*; put it back, or give .*--name"):
        train(trained.run(SFT), folder=tmp_path)


def test_the_same_seed_gives_the_same_model() -> None:
    run = trained.run(SFT)
    assert torch.equal(weights(begun(run)), weights(begun(run)))
    assert not torch.equal(weights(begun(run)), weights(begun(replace(run, seed=1))))


def test_a_model_from_nothing_has_the_words_of_what_is_measured() -> None:
    run = trained.run(SFT)
    alone = spoken(replace(run, evaluation=Evaluation(suite=(f"{TASK}/rung0",))))
    further = spoken(replace(run, evaluation=Evaluation(suite=(f"{TASK}/rung5",))))
    assert spoken(replace(run, evaluation=Evaluation())) == alone  # what is trained on says it all
    assert alone.items() <= further.items()  # the others keep their places
    collected = {word for word in further.keys() - alone.keys() if "collect" in word}
    assert collected


def spoken(run: Run) -> dict[str, int]:
    """The vocabulary of a run's model, without what is named behind all words."""
    tokenizer = begun(run).processor.tokenizer
    special = set(tokenizer.all_special_tokens)
    return {word: at for word, at in tokenizer.get_vocab().items() if word not in special}


def paid_by_length(completions: Sequence[Any], **_: object) -> list[float]:
    """A reward as TRL calls it."""
    return [float(len(completion[0]["content"])) for completion in completions]


def too_few(completions: Sequence[Any], **_: object) -> list[float]:
    """A reward that forgets one."""
    return [0.0] * (len(completions) - 1)


def test_a_reward_that_forgets_a_reply_is_named(tmp_path: Path) -> None:
    run = trained.run(replace(GRPO, rewards={"test_train:too_few": 1.0}))
    with pytest.raises(TaskError, match="test_train:too_few gave 3 points for 4 replies"):
        train(replace(run, evaluation=replace(run.evaluation, suite=())), folder=tmp_path)


def test_a_reward_is_a_name_or_a_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def short(verdicts: Verdicts, thoughts: bool) -> NDArray[np.float64]:
        return np.array([-float(len(reply)) for reply in verdicts.replies])

    monkeypatch.setitem(POLICIES, "short", short)  # the one line
    rewards = {"short": 1.0, "test_train:paid_by_length": 2.0}
    run = trained.run(replace(GRPO, rewards=rewards), evaluation=trained.run().evaluation)
    record = train(run, folder=tmp_path)
    for rollout in record.rollouts():
        assert set(rollout["rewards"]) == {"short", "paid_by_length"}
        assert rollout["reward"] == pytest.approx(
            rollout["rewards"]["short"] + 2 * rollout["rewards"]["paid_by_length"]
        )
    with pytest.raises(TaskError, match=r'stages\[0\] \(grpo\): rewards: unknown reward "shrt"'):
        train(trained.run(replace(GRPO, rewards={"shrt": 1.0})), folder=tmp_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noisy:
    """A stage of another kind: adds noise to the weights."""

    LABEL: ClassVar[str] = "noise"
    ROLE: ClassVar[str] = "disturbed"

    kind: Literal["noisy"] = "noisy"
    name: str = ""
    steps: int = 1
    curriculum: Any = EASY
    probe_every: int = 0
    together: int = 1
    room: int = 0
    plans: tuple[Any, ...] = (EASY,)
    gaps: int = 0

    def steps_for(self, rows: int) -> int:
        return self.steps

    def rows_for(self, steps: int) -> int:
        return steps

    def check(self, common: Mapping[str, Any], processes: int) -> None:
        pass

    def settings(self, common: Mapping[str, Any], processes: int) -> dict[str, Any]:
        return {}

    def learn(self, loaded: Loaded, desk: "Desk") -> None:
        with torch.no_grad():
            for weight in loaded.model.parameters():
                weight += 0.01


@dataclass(frozen=True, slots=True)
class Single:
    """A curriculum of another kind: one level alone."""

    kind: Literal["single"] = "single"
    level: str = f"{TASK}/rung0"

    def plan(self) -> Plan:
        return replace(EASY, task="", levels=self.level)

    def rows(self, occasion: Occasion) -> int:
        return 0

    def asks(self, occasion: Occasion) -> list[tuple[str, Format]]:
        return self.plan().asks(occasion)

    def phases(self) -> tuple[str, ...]:
        return ()

    def of_phase(self, name: str) -> "Single":
        return self

    def made(self, occasion: Occasion) -> Planned:
        made = self.plan().made(occasion)
        assert isinstance(made, Planned)
        return made


@dataclass(frozen=True, slots=True)
class Halved:
    """Credit of another kind."""

    kind: Literal["halved"] = "halved"

    def deal(
        self,
        advantages: NDArray[np.float32],
        token_bytes: NDArray[np.int32],
        token_counts: NDArray[np.int64],
        verdicts: Verdicts,
    ) -> NDArray[np.float32]:
        return np.repeat(advantages[:, None] / 2, token_bytes.shape[1], axis=1)


def test_another_kind_is_one_class_and_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, Noisy))
    monkeypatch.setattr(curricula, "CURRICULA", (*curricula.CURRICULA, Single))
    monkeypatch.setattr(credit, "CREDITS", (*credit.CREDITS, Halved))
    file = tmp_path / "run.toml"
    file.write_text(
        """
        name = "other"
        picture = { size = 112, theme = "compact" }
        model = { kind = "tiny", hidden = 16, heads = 2, layers = 1 }
        evaluation = { suite = ["grid_navigation/rung0"], items = 4, max_reply = 40 }
        [[stages]]
        kind = "noisy"
        [[stages]]
        kind = "grpo"
        steps = 1
        prompts = 2
        replies = 2
        max_reply = 40
        credit = { kind = "halved" }
        curriculum = { kind = "single" }
        """
    )
    run = config.read(Run, file)
    record = train(run, folder=tmp_path / "runs")
    assert record.stages() == ["start", "noisy", "grpo"]
    start, noisy = (weights(left(record, run, stage)) for stage in ("start", "noisy"))
    assert torch.allclose(noisy, start + 0.01, atol=1e-6)
    assert "noise" in record.report.read_text("utf-8")


def test_a_fixed_patch_embedding_stays_through_training_and_loading(tmp_path: Path) -> None:
    def patches(loaded: Loaded) -> torch.Tensor:
        weight: torch.Tensor = loaded.model.model.vision_tower.embeddings.patch_embedding.weight
        return copy.deepcopy(weight.detach())

    learned = trained.run(SFT, replace(SFT, name="more"))
    fixed = replace(
        learned, name="fixed", model=Tiny(hidden=16, heads=2, layers=1, patches="fixed")
    )
    for run, moves in ((fixed, False), (learned, True)):
        record = train(run, folder=tmp_path)
        before, after = (patches(left(record, run, stage)) for stage in ("start", "more"))
        assert torch.equal(before, after) is not moves

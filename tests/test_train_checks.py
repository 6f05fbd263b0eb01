"""A run is looked at before anything is trained: one error that names place and remedy."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from avrgym import TaskError
from avrgym.core import facts
from avrgym.core.address import task_of

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from avrgym.train import CONFIGS, arguments, checks, plan
from avrgym.train.curricula.occasion import Plan
from avrgym.train.run import train
from avrgym.train.spec import Run, load
from avrgym.train.stages import Rft, Sft

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

RUN = """
name = "small"
picture = { size = 112, theme = "compact" }
model = { kind = "tiny", hidden = 16, heads = 2, layers = 1 }
[[stages]]
kind = "sft"
steps = 2
batch = 4
curriculum = { kind = "levels", task = "grid_navigation", levels = "rung0" }
[[stages]]
kind = "grpo"
steps = 2
prompts = 2
replies = 2
max_reply = 40
[stages.curriculum]
kind = "levels"
task = "grid_navigation"
levels = "rung0"
formats = { image = 2, text = 1 }
[evaluation]
suite = ["grid_navigation/rung0"]
items = 4
max_reply = 40
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "run.toml"
    path.write_text(RUN)
    return path


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"stages.0.stepz": "3"}, r"run.toml: stages\[0\].*stepz.*steps"),
        ({"stages.0.kind": "sftt"}, r"run.toml: stages\[0\].kind.*sftt.*sft, grpo, dpo"),
        ({"stages.0.batch": "0"}, r"run.toml: stages\[0\]: batch=0 is out of range"),
        ({"stages.0.checkpoint_every": "soon"}, r'checkpoint_every is \'soon\'.*"10 minutes"'),
        ({"stages.0.curriculum.levels": "rung99"}, r"curriculum.*has no level \'rung99\'.*known"),
        ({"stages.0.curriculum.task": "maze"}, r'stages\[0\].curriculum.*"maze"; known:'),
        ({"stages.0.curriculum.formats.smell": "1"}, r'unknown format "smell"'),
        ({"evaluation.suite.0": "grid_navigation/rung3..rung1"}, r"evaluation.*run backwards"),
        ({"picture.theme": "neon"}, r'run.toml: picture: unknown theme "neon"'),
        ({"wording.stile": "terse"}, r"stile"),
        ({"name": "../x"}, r"'../x' names no folder"),
        ({"held_out": "1"}, r"held_out=1 is out of range"),
    ],
)
def test_a_wrong_key_or_value_is_told_when_the_file_is_read(
    file: Path, overrides: dict[str, str], said: str
) -> None:
    with pytest.raises(TaskError, match=said):
        checks.settings(load(file, overrides))


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            {"stages.0.trl.learning_rat": "1"},
            r"stages\[0\] \(sft\): trl.learning_rat: .*learning_rate",
        ),
        ({"stages.0.trl.learning_rate": "'fast'"}, r"trl.learning_rate is 'fast'"),
        ({"stages.0.trl.max_steps": "3"}, r"trl.max_steps is not passed through: say steps"),
        (
            {"stages.1.trl.num_generations": "3"},
            r"stages\[1\] \(grpo\): .*say replies of the stage",
        ),
        ({"stages.1.trl.loss_type": "'no'", "stages.1.trl.beta": "'x'"}, r"trl\."),
        ({"stages.1.trl.loss_type": "'drgrpo'"}, r"loss_type is 'drgrpo' \(did you mean dr_grpo\?"),
        ({"stages.1.trl.scale_rewards": "'std'"}, r"scale_rewards is 'std'.* names group, batch, "),
        ({"stages.1.trl.sync_ref_model": "true"}, r"sync_ref_model .*checkpoint_every = 0"),
        ({"stages.0.at_once": "3"}, r"at_once 3 does not divide the 4 rows .*; give 2"),
        (
            {"stages.1.trl.use_vllm": "true"},
            r"stages\[1\] \(grpo\): trl.use_vllm: vllm is not inst",
        ),
        ({"stages.1.rewards.nice": "1.0"}, r'unknown reward "nice"; known: correctness'),
        ({"stages.1.rewards": '{ "no.such:thing" = 1.0 }'}, r"no.such:thing' names no function"),
        ({"stages.0.steps": "0"}, r"stages\[0\].steps is 0, and its curriculum goes on for ever"),
        (
            {"picture.size": "100"},
            r"patches of 28 see 84 x 84 of 100 x 100 .*\[112, 112\]",
        ),
        ({"model.family": "qwen2_5_vl", "picture.size": "100"}, r"100"),
        ({"picture.size": "64", "picture.theme": "paper"}, r"64 x 64 pixels is too small"),
        ({"stages.0.curriculum.levels": "hard", "picture.size": "448"}, r"two styles.*wording"),
    ],
)
def test_what_does_not_fit_is_told_before_there_is_a_folder(
    file: Path, tmp_path: Path, overrides: dict[str, str], said: str
) -> None:
    with pytest.raises(TaskError, match=said):
        train(load(file, overrides), folder=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("key", "where"),
    [("stages.1.max_reply", r"stages\[1\] \(grpo\)"), ("evaluation.max_reply", "evaluation")],
)
def test_replies_have_room_for_rationales_by_the_models_tokens(
    file: Path, tmp_path: Path, key: str, where: str
) -> None:
    said = rf"{where}: max_reply = 8 cuts whole rationales, .*rung0.*; give max_reply = \d+ or more"
    with pytest.raises(TaskError, match=said):
        train(load(file, {key: "8"}), folder=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("key", ["stages.1.max_reply", "evaluation.max_reply"])
def test_replies_have_no_more_room_than_the_model_has_positions(
    file: Path, tmp_path: Path, key: str
) -> None:
    with pytest.raises(TaskError, match=r"max_reply = 4096 is too many for a model of 4096 pos"):
        train(load(file, {key: "4096"}), folder=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_two_styles_are_no_error_where_they_are_asked_for(file: Path) -> None:
    meant = {"stages.0.curriculum.levels": "simple", "mixed_styles": "true"}
    checks.settings(load(file, {**meant, "picture.size": "448"}))
    one = {"stages.0.curriculum.levels": "simple", "wording": '{ style = "terse" }'}
    checks.settings(load(file, {**one, "picture.size": "448"}))


FROM_NOTHING = ("quickstart_*.toml", "lengths_*.toml")


@pytest.mark.parametrize(
    "name", sorted(path.stem for form in FROM_NOTHING for path in CONFIGS.glob(form))
)
def test_shipped_runs_from_nothing_can_be_begun(name: str) -> None:
    said = plan.describe(load(CONFIGS / f"{name}.toml"))
    assert "sft (sft): " in said and "evaluation: " in said


@pytest.mark.parametrize("file", sorted(CONFIGS.glob("lengths_*.toml")), ids=lambda file: file.stem)
def test_shipped_climbs_have_labels_for_short_problems_alone(file: Path) -> None:
    run = load(file)
    imitation, rounds = run.stages
    assert isinstance(imitation, Sft) and isinstance(rounds, Rft) and rounds.demonstrations
    labelled = lengths(run, imitation.curriculum) | lengths(run, rounds.demonstrations)
    assert rounds.above in (0, max(labelled))
    judged = lengths(run, rounds.curriculum)
    assert max(judged) > max(labelled)
    short, *others = run.evaluation.settings(run.wording)
    assert measured([short]) <= labelled
    asked = asks(run, rounds.curriculum)
    longer = [each for each in others if each in asked]  # of the others reports say: never seen
    assert measured(longer) >= {each for each in judged if each > max(labelled)}
    shown = {*asks(run, imitation.curriculum), *asks(run, rounds.demonstrations)}
    assert not shown & set(others)


def asks(run: Run, plan: Plan) -> list[str]:
    """Settings that a curriculum may ask for."""
    return [setting for setting, _ in plan.asks(run.occasion(0, run.stages[0]))]


def lengths(run: Run, plan: Plan) -> set[int]:
    """What a curriculum may ask for."""
    return measured(asks(run, plan))


def measured(settings: Sequence[str]) -> set[int]:
    """Lengths of problems of some levels."""
    name = facts.length(task_of(settings[0]))
    addresses = [f"{setting}#train:0:{at}" for setting in settings for at in range(200)]
    return set(map(int, facts.features(addresses)[name]))


def test_a_dry_run_says_what_a_run_takes(file: Path) -> None:
    said = plan.describe(load(file, {"stages.0.steps": "50"}))
    assert '"steps": 50' in said
    assert "sft (sft): 50 steps, 200 prompts, 200 pictures" in said
    assert "grpo (grpo): 2 steps" in said
    assert "evaluation: 3 times up to 16 replies (1 levels, image, text, greedy, sampled)" in said


def test_words_that_trl_knows_are_let_through() -> None:
    from trl import DPOConfig, GRPOConfig, SFTConfig

    for kind, given in (
        (GRPOConfig, {"loss_type": "luspo", "importance_sampling_level": "sequence"}),
        (GRPOConfig, {"loss_type": "cispo", "scale_rewards": "batch"}),
        (GRPOConfig, {"scale_rewards": False}),
        (DPOConfig, {"loss_type": ["sigmoid_norm", "sft"], "f_divergence_type": "js_divergence"}),
        (SFTConfig, {"loss_type": "dft"}),
    ):
        arguments.check(kind, given, {})

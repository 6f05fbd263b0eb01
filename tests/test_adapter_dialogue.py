"""Dialogues as TRL calls them: asked turn by turn, paid by the share of what could be earned."""

import inspect
from typing import Any

import pytest

from avrgym import TASKS, Picture, Source, TaskError
from avrgym.adapters.dialogue import TurnByTurn
from avrgym.dialogues.turns import scripts
from avrgym.envs.dialogue import DialogueEnv

GRID = "grid_navigation/rung0#train:1:0"


def test_the_tool_is_what_a_trainer_finds() -> None:
    methods = inspect.getmembers(TurnByTurn, inspect.isfunction)  # as TRL looks for them
    public = {name for name, _ in methods if not name.startswith("_")}
    assert public == {"reset", "get_reward", "reply"}
    schema = pytest.importorskip("transformers.utils.chat_template_utils").get_json_schema
    told = schema(TurnByTurn().reply)["function"]
    assert told["parameters"]["required"] == ["line"] and "line" in str(told["parameters"])


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("order", ["worked", "shuffled"])
def test_it_says_and_pays_what_the_environment_does(task: str, order: str) -> None:
    address = Source(task, "simple").address(7)
    env = DialogueEnv(task, "simple", format="text", order=order)
    talk = TurnByTurn(format="text", order=order)
    seen, _ = env.reset(options={"address": address})
    told: Any = talk.reset(address=address)
    *said, last = seen["prompt"].splitlines()
    assert told.splitlines() == [*said, "Give each reply by calling reply.", last]
    earned, over, turn = 0.0, False, 0
    while not over:
        assert env.dialogue is not None
        line = ["", "hm", env.dialogue.own][min(turn % 5, 2)]
        seen, reward, over, _, info = env.step(line)
        earned, turn = earned + reward, turn + 1
        assert talk.reply(line) == seen["prompt"] and talk.facts["over"] == over
    assert env.dialogue is not None
    assert talk.get_reward() == pytest.approx(earned / env.dialogue.most(env.worth))
    for name in ("question_level", "consistency", "success", "turns"):
        assert talk.facts[name] == info[name]
    assert talk.facts["unreadable"] == sum(turn % 5 < 2 for turn in range(info["turns"]))


def test_what_is_owed_is_paid_in_full_and_late_calls_change_nothing() -> None:
    talk = TurnByTurn(picture=Picture(112, "compact"))
    assert talk.reply("bc to aa") == "It is over; nothing has changed." and talk.get_reward() == 0
    told: Any = talk.reset(address=GRID, answer="what else the row has")
    assert told[0]["image"].size == (112, 112) and told[1]["text"].endswith("Ends?")
    [script] = scripts([GRID])
    for turn in range(len(script.turns)):
        assert talk.get_reward() < 1 and not talk.facts["success"]
        told = talk.reply(script.own(turn))
        assert turn == len(script.turns) - 1 or told[0]["image"].size == (112, 112)
    assert told == "It is over."
    assert talk.get_reward() == 1.0 and talk.facts["success"]
    assert talk.reply("x") == "It is over; nothing has changed." and talk.get_reward() == 1.0
    again = talk.facts
    talk.reset(address=GRID, format="text")
    assert talk.get_reward() == -0.3 and talk.facts["calls"] == 0 != again["calls"]


def test_to_break_off_earns_what_empty_replies_do() -> None:
    [script] = scripts([GRID])
    for kept in range(len(script.turns) + 1):
        silent, empty = TurnByTurn(format="text"), TurnByTurn(format="text")
        for talk in (silent, empty):
            talk.reset(address=GRID)
            for turn in range(kept):
                talk.reply(script.own(turn))
        for _ in range(kept, len(script.turns)):
            empty.reply("")
        assert silent.get_reward() == pytest.approx(empty.get_reward())


@pytest.mark.parametrize("junk", [{}, {"line": 3}, {"line": None}, {"reply": "x"}])
def test_a_call_that_does_not_fit_is_answered_in_a_line(junk: dict[str, Any]) -> None:
    talk = TurnByTurn(format="text")
    talk.reset(address=GRID)
    said = talk.reply(**junk)
    assert isinstance(said, str) and said.endswith("nothing has changed.")
    assert talk.facts["refused"] == 1 and talk.facts["replies"] == 0


def test_settings_and_rows_are_checked() -> None:
    for how in ({"format": "picture"}, {"order": "any"}, {"turn": "much"}):
        with pytest.raises(TaskError):
            TurnByTurn(**how)  # type: ignore[arg-type]
    with pytest.raises(TaskError, match="a row has no address"):
        TurnByTurn().reset()
    with pytest.raises(TaskError, match="trace=path"):
        TurnByTurn().reset(address="grid_navigation/rung0?trace=dfs#train:0:0")


@pytest.mark.filterwarnings("ignore")  # of the libraries, not of ours
def test_two_steps_of_grpo_go_through_it(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Qwen3-VL that says nothing but calls plays dialogues about pictures, and learns of them."""
    trl = pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
    import torch
    from datasets import Dataset

    from avrgym.models.dialects import spoken
    from avrgym.models.fresh import schemas, unspoken
    from avrgym.models.load import begin
    from avrgym.models.spec import Tiny
    from avrgym.train.quiet import quieten

    quieten()
    torch.set_num_threads(1)
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    monkeypatch.chdir(tmp_path)
    addresses = Source("grid_navigation", "rung0").addresses(range(8))
    picture, world = Picture(112, "compact"), TurnByTurn(format="text")
    asked = [str(world.reset(address=at)) for at in addresses]
    lines = ["Answer: up", "ca to ac", "avoid bb", "ca up ba"]
    said = [spoken("reply", {"line": line}) for line in lines]
    # A whole call is a single word, as who was taught to call says it in one go.
    loaded = begin(
        Tiny(family="qwen3_vl"),
        picture=picture,
        texts=asked * 2,
        phrases=[*schemas([world.reply]), *said],
    )
    before = [weight.detach().clone() for weight in loaded.model.parameters()]
    trainer = trl.GRPOTrainer(
        loaded.model,
        processing_class=loaded.processor,
        environment_factory=lambda: TurnByTurn(picture=picture),
        train_dataset=Dataset.from_dict({"address": addresses}),
        args=trl.GRPOConfig(
            output_dir="run",
            max_steps=2,
            per_device_train_batch_size=4,
            num_generations=4,
            max_completion_length=160,
            learning_rate=1e-2,
            scale_rewards="none",
            generation_kwargs={"suppress_tokens": unspoken(loaded, said)},
            use_cpu=True,
            save_strategy="no",
            disable_tqdm=True,
            report_to="none",
        ),
    )
    trainer.train()
    assert trainer.state.global_step == 2
    told = trainer.state.log_history[0]
    assert told["tools/call_frequency"] > 0 == told["tools/failure_frequency"]
    assert told["rewards/TurnByTurn/std"] > 0
    facts = [world.facts for world in trainer.environments]
    assert len({each["address"] for each in facts}) == 1 and any(each["replies"] for each in facts)
    after = list(trainer.model.parameters())
    assert all(weight.isfinite().all() for weight in after)
    assert any((one != other).any() for one, other in zip(before, after, strict=True))

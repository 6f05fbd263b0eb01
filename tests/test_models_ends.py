"""A model whose tokenizer names no end or no padding trains as if it did, or is refused at once."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from avrgym import Picture, TaskError

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import trained
from avrgym.evaluate.suite import Evaluation
from avrgym.models.ends import taught
from avrgym.models.load import Loaded, begin, save
from avrgym.models.play import take
from avrgym.models.pretrained import processor
from avrgym.models.spec import Tiny, Transformers
from avrgym.prompts.prompt import Prompt, chats
from avrgym.runs.record import Record
from avrgym.train import plan
from avrgym.train.run import train
from avrgym.train.spec import Run

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

PICTURE = Picture(112, "compact")
END = "<|end|>"


@pytest.fixture(scope="module")
def made() -> Loaded:
    asked = [Prompt(f"{trained.TASK}/rung{at % 2}#train:9:{at}") for at in range(16)]
    said = [turn["content"] for chat in chats(asked) for turn in chat.completion]
    return begin(Tiny(hidden=16, heads=2, layers=1), picture=PICTURE, texts=said)


def without(value: Any, names: tuple[str, ...]) -> Any:
    """Settings that say nothing under some names, at any depth."""
    if isinstance(value, dict):
        return {key: without(each, names) for key, each in value.items() if key not in names}
    return value


def lacking(made: Loaded, folder: Path, *, tokens: tuple[str, ...], end: bool = True) -> Path:
    """The model as somebody saved it whose tokenizer has no such tokens.

    Args:
        made: The model.
        folder: Where it goes.
        tokens: What the tokenizer does not name.
        end: Whether generation knows the end nevertheless.
    """
    save(made, folder)
    files = {"tokenizer_config.json": tokens}
    if not end:
        files |= dict.fromkeys(("config.json", "generation_config.json"), ("eos_token_id",))
    for file, names in files.items():
        kept = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps(without(kept, names)))
    return folder


def run(path: Path, name: str, **settings: Any) -> Run:
    measured = Evaluation(suite=(f"{trained.TASK}/rung0",), items=4, max_reply=40, batch=4)
    model = Transformers(path=str(path), dtype="float32", **settings)
    stages = trained.SFT, trained.GRPO, trained.DPO
    return trained.run(*stages, model=model, evaluation=measured, name=name)


def gone_through(asked: Run, folder: Path) -> tuple[Record, list[Any], list[Any]]:
    """A run's record, what its trainers logged, and what its evaluations were told."""
    trained.pair_up(asked, folder)
    record = train(asked, folder=folder)
    logs = [
        (event["stage"], event["step"], event.get("loss"), event.get("grad_norm"))
        for event in record.events("log")
    ]
    return record, logs, [(row["stage"], row["reply"], row["finish"]) for row in record.results()]


def test_padding_is_no_part_of_a_reply_whichever_token_it_is(made: Loaded, tmp_path: Path) -> None:
    whole = lacking(made, tmp_path / "whole", tokens=())
    bare = lacking(made, tmp_path / "bare", tokens=("eos_token", "pad_token"))
    _, logs, said = gone_through(run(whole, "whole"), tmp_path)
    record, bare_logs, bare_said = gone_through(run(bare, "bare"), tmp_path)
    assert {stage for stage, *_ in logs} == {"sft", "grpo", "dpo"}
    assert bare_said == said
    assert [log[:2] for log in bare_logs] == [log[:2] for log in logs]
    for log, other in zip(logs, bare_logs, strict=True):
        assert other[2:] == pytest.approx(log[2:], rel=1e-4, abs=1e-6, nan_ok=True)
    # What is saved names both, so that servers and other programs know them too.
    kept = processor(Transformers(path=str(record.model("dpo")))).tokenizer
    assert (kept.eos_token, kept.pad_token) == (END, END)


@pytest.mark.parametrize("tokens", [("eos_token",), ("eos_token", "pad_token")], ids=str)
@pytest.mark.parametrize("ask", [plan.describe, train], ids=["dry", "train"])
def test_a_model_of_which_nothing_says_what_ends_a_reply_is_refused_first(
    made: Loaded, tmp_path: Path, tokens: tuple[str, ...], ask: Callable[..., Any]
) -> None:
    folder = lacking(made, tmp_path / "bare", tokens=tokens, end=False)
    given = {} if ask is plan.describe else {"folder": tmp_path / "runs"}
    with pytest.raises(TaskError) as refused:
        ask(run(folder, "bare"), file="mine.toml", **given)
    said = str(refused.value)
    assert said.startswith(f'mine.toml: model "{folder}": ') and "\n" not in said
    assert 'processor = { eos_token = "…" }' in said
    assert not (tmp_path / "runs").exists()
    with pytest.raises(TaskError, match="eos_token"):
        take(folder)


def test_the_remedy_works_and_a_token_that_the_model_has_not_is_refused(
    made: Loaded, tmp_path: Path
) -> None:
    folder = lacking(made, tmp_path / "bare", tokens=("eos_token", "pad_token"), end=False)
    told = processor(Transformers(path=str(folder), processor={"eos_token": END})).tokenizer
    assert (told.eos_token, told.pad_token) == (END, END)
    assert told.eos_token_id == made.processor.tokenizer.eos_token_id
    with pytest.raises(TaskError, match=r'eos_token "<end>" is none of them'):
        processor(Transformers(path=str(folder), processor={"eos_token": "<end>"}))


def test_a_tokenizer_without_padding_alone_pads_with_its_end(made: Loaded, tmp_path: Path) -> None:
    folder = lacking(made, tmp_path / "bare", tokens=("pad_token",), end=False)
    told = processor(Transformers(path=str(folder))).tokenizer
    assert (told.eos_token, told.pad_token) == (END, END)


@pytest.fixture(scope="module")
def unending(made: Loaded, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A model whose chat template puts nothing behind a reply, and the template that does."""
    folder = lacking(made, tmp_path_factory.mktemp("unending"), tokens=())
    (folder / "model.safetensors").unlink()  # whoever reads the weights finds none
    file = folder / "chat_template.jinja"
    whole = file.read_text()
    file.write_text(whole.replace(f"{{{{ '{END}' }}}}", "{{ ' ' }}"))
    assert file.read_text() != whole
    return folder, whole


@pytest.mark.parametrize("stage", [trained.SFT, trained.DPO], ids=["sft", "dpo"])
@pytest.mark.parametrize("ask", [plan.describe, train], ids=["dry", "train"])
def test_a_template_that_puts_no_end_behind_a_reply_is_refused_before_weights(
    unending: tuple[Path, str],
    tmp_path: Path,
    stage: Any,
    ask: Callable[..., Any],
) -> None:
    folder, whole = unending
    asked = replace(run(folder, "unending"), stages=(stage,))
    trained.pair_up(asked, tmp_path)
    given = {} if ask is plan.describe else {"folder": tmp_path / "runs"}
    with pytest.raises(TaskError) as refused:
        ask(asked, file="mine.toml", **given)
    said = str(refused.value)
    assert said.startswith(f'mine.toml: stages[0] ({stage.kind}): model "{folder}": its chat')
    assert "chat template puts ' ' behind a reply" in said
    assert 'processor = { chat_template = "…" }' in said and "\n" not in said
    assert not (tmp_path / "runs").exists()
    told = processor(Transformers(path=str(folder), processor={"chat_template": whole}))
    taught(told, Transformers(path=str(folder)))


def test_drawn_replies_need_no_template_for_their_end(unending: tuple[Path, str]) -> None:
    plan.describe(replace(run(unending[0], "unending"), stages=(trained.GRPO,)), file="mine.toml")

"""Every family is made from nothing, saved, read again, asked and trained."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import avrgym

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch
from datasets import IterableDataset
from trl import SFTConfig, SFTTrainer

from avrgym.core.pictures import Picture
from avrgym.models import policy
from avrgym.models.families import FAMILIES
from avrgym.models.load import Loaded, begin, restore, save
from avrgym.models.policy import encoded, replies
from avrgym.models.spec import FAMILIES as NAMES
from avrgym.models.spec import Lora, Tiny, Transformers
from avrgym.models.stepping import steps
from avrgym.models.tokenizer import constant
from avrgym.models.tokens import ByteTable
from avrgym.models.unsayable import unsayable
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt, chats, rows
from avrgym.stream.rows import with_pillow

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

PICTURE = Picture(112, "compact")
PROMPTS = [
    Prompt(f"grid_navigation/rung{at % 2}#train:0:{at}", Format("text" if at % 2 else "image"))
    for at in range(12)
]
SHOWN = [prompt for prompt in PROMPTS if prompt.format.pictured]
CHATS = chats(PROMPTS)
ASKED = [chat.prompt[0]["content"][-1]["text"] for chat in CHATS]
SAID = [chat.completion[0]["content"] for chat in CHATS]


def made(spec: Tiny) -> Loaded:
    try:
        return begin(
            spec,
            picture=PICTURE,
            texts=[*ASKED, *SAID],
            phrases=constant(ASKED[::2]),
            pictures=PICTURE.draw([prompt.address for prompt in SHOWN]),
        )
    except avrgym.TaskError as error:
        if "torchvision" not in str(error):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module", params=NAMES)
def begun(request: pytest.FixtureRequest) -> tuple[Tiny, Loaded]:
    spec = Tiny(family=request.param, hidden=32)
    return spec, made(spec)


@pytest.fixture(scope="module")
def folder(begun: tuple[Tiny, Loaded], tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp(begun[0].family)
    save(begun[1], to)
    return to


def logits(loaded: Loaded) -> torch.Tensor:
    with torch.no_grad():
        said: torch.Tensor = loaded.model.eval()(**encoded(loaded, SHOWN, PICTURE)).logits
    return said


def said(loaded: Loaded, prompts: list[Prompt], batch: int = 12, decoding: Any = "greedy") -> Any:
    drawn = replies(loaded, prompts, PICTURE, decoding=decoding, max_reply=12, batch=batch)
    return [(each.reply, each.ids, each.finish) for each in drawn]


@pytest.mark.parametrize("blank", [False, True])
def test_prompts_that_come_again_are_laid_out_as_if_each_were_the_first(
    begun: tuple[Tiny, Loaded], blank: bool
) -> None:
    """In any order; what is repeated is drawn once."""
    for held in (SHOWN, PROMPTS[1::2]):
        places = [2, 0, 2, 5, 0, 1, 3, 3, 3]
        once = policy._laid(begun[1], [held[at] for at in places], PICTURE, blank)
        found = encoded(begun[1], [held[at] for at in places], PICTURE, blank=blank)
        assert {name: value.dtype for name, value in found.items()} == {
            name: value.dtype for name, value in once.items()
        }
        assert all(torch.equal(found[name], once[name]) for name in once)


def test_a_reply_said_step_by_step_is_the_reply(begun: tuple[Tiny, Loaded]) -> None:
    """Whatever is said so far, and however long it is beside what others have said."""
    loaded = begun[1]
    room, table = 12, ByteTable(loaded.processor.tokenizer)
    whole = replies(loaded, PROMPTS, PICTURE, decoding="greedy", max_reply=room, batch=12)
    likeliest: Any = {"room": room, "batch": 12, "seed": 0, "top_p": 1e-6}
    parts = [[each.ids[: at % 5]] for at, each in enumerate(whole)]
    reply = [each.reply for each in whole]
    open_ = list(range(len(PROMPTS)))
    logs = [0.0] * len(PROMPTS)
    ended = {}
    while open_:
        said = [sum(parts[at], ()) for at in open_]
        asked = [PROMPTS[at] for at in open_]
        drawn = steps(loaded, asked, said, PICTURE, boundary=b"a", **likeliest)
        for at, each in zip(open_, drawn, strict=True):
            parts[at].append(each.ids)
            logs[at] += each.logprob or 0.0
            held = [b"a" in table.text([index]) for index in each.ids]
            assert not any(held[:-1])
            assert held[-1:] == [each.finish == "pause"] or not held
            if each.finish != "pause":
                ended[at] = each.finish
        open_ = [at for at in open_ if at not in ended]
    for at, each in enumerate(whole):
        ids = sum(parts[at], ())
        assert ids == each.ids
        assert ended[at] == each.finish
        assert table.text(ids) == reply[at]
        if at % 5 == 0:
            assert logs[at] == pytest.approx(each.logprob, rel=1e-3, abs=1e-3)


def test_what_a_reply_was_worth_is_what_a_second_pass_says(begun: tuple[Tiny, Loaded]) -> None:
    """Whatever it was drawn at: the model's own distribution over what can be said."""
    loaded = begun[1]
    silent = unsayable(loaded.model, loaded.processor)
    ask: Any = {"decoding": "sampled", "max_reply": 12, "batch": 12}
    for how in ({}, {"temperature": 0.5, "top_p": 0.7}, {"decoding": "greedy"}):
        drawn = replies(loaded, SHOWN, PICTURE, **(ask | how))
        for prompt, each in zip(SHOWN[:3], drawn, strict=False):
            inputs = encoded(loaded, [prompt], PICTURE)
            said = torch.tensor([each.ids])
            shape = inputs["input_ids"].shape
            for name, held in [*inputs.items()]:  # words follow, which are no parts of pictures
                if held.shape == shape and name != "input_ids":
                    rest = torch.full_like(said, name == "attention_mask")
                    inputs[name] = torch.cat([held, rest], 1)
            inputs["input_ids"] = torch.cat([inputs["input_ids"], said], 1)
            with torch.no_grad():
                held = loaded.model.eval()(**inputs).logits[0, -len(each.ids) - 1 : -1]
            held[:, silent] = -torch.inf
            due = held.float().log_softmax(1).gather(1, said.T).sum().item()
            assert each.logprob == pytest.approx(due, rel=1e-3, abs=1e-3)


def test_every_family_that_a_run_can_name_is_there() -> None:
    assert tuple(FAMILIES) == NAMES


@pytest.mark.parametrize(
    ("spec", "least", "most"),
    [(Tiny(family=name), 0.1, 1.0) for name in NAMES] + [(Tiny(preset="small"), 10, 30)],
    ids=str,
)
def test_sizes_are_those_said(spec: Any, least: float, most: float) -> None:
    count = sum(weight.numel() for weight in made(spec).model.parameters()) / 1e6
    assert least < count < most


def test_what_is_saved_is_read_again_bit_by_bit(begun: tuple[Tiny, Loaded], folder: Path) -> None:
    spec, loaded = begun
    again = restore(spec, folder)
    before, after = (encoded(each, SHOWN, PICTURE) for each in (loaded, again))
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert torch.equal(logits(loaded), logits(again))
    for decoding in ("greedy", "sampled"):
        assert said(loaded, PROMPTS, 5, decoding) == said(again, PROMPTS, 5, decoding)


def test_pictures_come_through_as_they_are_drawn(begun: tuple[Tiny, Loaded]) -> None:
    inputs = encoded(begun[1], SHOWN[:1], PICTURE)
    image = begun[1].processor.image_processor
    [drawn] = PICTURE.draw([SHOWN[0].address])
    values = (drawn / 255 - image.image_mean) / image.image_std
    found = inputs["pixel_values"].numpy()
    count = found.size // values.size
    right = np.repeat(np.sort(values, axis=None), count)
    assert np.allclose(np.sort(found, axis=None), right, atol=1e-5)
    tokens = 4 * 4  # one for each cell's 28 pixels
    marks = [i for i in unsayable(*_pair(begun[1])) if i in inputs["input_ids"]]
    assert max((inputs["input_ids"] == mark).sum() for mark in marks) == tokens


def _pair(loaded: Loaded) -> tuple[Any, Any]:
    return loaded.model, loaded.processor


def test_a_reply_does_not_depend_on_what_else_is_asked(begun: tuple[Tiny, Loaded]) -> None:
    together = said(begun[1], PROMPTS)
    assert together == [said(begun[1], [prompt])[0] for prompt in PROMPTS]
    assert all(len(ids) == 12 or finish == "stop" for _, ids, finish in together)


def test_a_turn_ends_with_what_ends_generation(begun: tuple[Tiny, Loaded]) -> None:
    tokenizer = begun[1].processor.tokenizer
    dialect = FAMILIES[begun[0].family].dialect
    turns: Any = [*CHATS[0].prompt, *CHATS[0].completion]
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    asked = tokenizer.apply_chat_template(turns[:1], tokenize=False, add_generation_prompt=True)
    assert text == asked + SAID[0] + dialect.end + dialect.after
    ids = tokenizer.encode(text[len(asked) :], add_special_tokens=False)
    end = ids.index(tokenizer.eos_token_id)
    assert ByteTable(tokenizer).text(ids[:end]) == SAID[0].encode()


def imitate(loaded: Loaded, folder: Path) -> None:
    """Two steps by TRL itself; whole runs are in test_train_families."""
    table: Any = rows(SHOWN, PICTURE)
    SFTTrainer(
        model=loaded.model,
        processing_class=loaded.processor,
        train_dataset=IterableDataset.from_generator(lambda: iter(map(with_pillow, table))),
        args=SFTConfig(
            output_dir=str(folder),
            max_steps=2,
            per_device_train_batch_size=2,
            learning_rate=1e-2,
            max_length=None,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            gradient_checkpointing=False,
            bf16=False,
            use_cpu=True,
        ),
    ).train()


def test_an_adapter_goes_on_where_it_was(folder: Path, tmp_path: Path) -> None:
    spec = Transformers(path=str(folder), dtype="float32", lora=Lora(rank=2))
    loaded = begin(spec, picture=PICTURE)
    before = {name: weight.detach().clone() for name, weight in loaded.model.named_parameters()}
    imitate(loaded, tmp_path / "trainer")
    trained = dict(loaded.model.named_parameters())
    moved = {name for name in trained if not torch.equal(trained[name], before[name])}
    assert moved == {name for name in before if ".lora_" in name}
    loaded.model.add_adapter("ref", loaded.model.peft_config["default"])  # as TRL's DPO leaves it
    save(loaded, tmp_path / "saved")
    assert dict(loaded.model.named_parameters()).keys() == before.keys()
    again = restore(spec, tmp_path / "saved")
    assert torch.equal(logits(loaded), logits(again))
    assert any(weight.requires_grad for weight in again.model.parameters())


@pytest.mark.parametrize("parts", [("vision",), ("vision", "projector"), ("language",)], ids=str)
def test_frozen_parts_stay(folder: Path, tmp_path: Path, parts: Any) -> None:
    spec = Transformers(path=str(folder), dtype="float32", frozen=parts)
    loaded = begin(spec, picture=PICTURE)
    before = {name: weight.detach().clone() for name, weight in loaded.model.named_parameters()}
    imitate(loaded, tmp_path)
    moved = {
        "vision"
        if ("vision" in name or "visual" in name) and "merger" not in name
        else "projector"
        if "projector" in name or "connector" in name or "merger" in name
        else "language"
        for name, weight in loaded.model.named_parameters()
        if not torch.equal(weight, before[name])
    }
    assert moved == {"vision", "projector", "language"} - set(parts)

"""A tiny model goes through every trainer, and a whole run that is interrupted and taken up."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

import avrgym

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch
from safetensors import safe_open

from avrgym.models import tokenizer
from avrgym.models.dialects import LLAVA
from avrgym.models.tokens import ByteTable
from avrgym.models.unsayable import unsayable
from avrgym.runs.record import Record
from avrgym.train import settings
from avrgym.train.dpo import Unended, contrasts, prefer
from avrgym.train.grpo import reinforce
from avrgym.train.models import Pair, begin, replies, restore, save
from avrgym.train.play import play
from avrgym.train.quiet import quieten
from avrgym.train.run import stages, train
from avrgym.train.sft import imitate
from avrgym.train.stream import (
    Diet,
    evaluation_addresses,
    exercises,
    prompts,
    training_addresses,
)
from sources import is_held_out

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours

SPLITS: tuple[Literal["val"], Literal["test"]] = ("val", "test")
RUN = settings.Run(
    name="tiny",
    tiny=settings.Tiny(hidden=16, heads=2, layers=1),
    sft=settings.Sft(levels=("rung0", "rung1"), steps=2, batch=4, probe_every=1),
    grpo=settings.Grpo(levels=("rung0",), steps=2, prompts=2, replies=2, max_reply=8, text_every=2),
    dpo=settings.Dpo(levels=("rung0",), samples=4, replies=2, steps=2, batch=2),
    evaluation=settings.Evaluation(levels=("rung0",), items=4, max_reply=8),
)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> None:
    """Tiny models lose time by a second thread."""
    quieten()
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def begun() -> Pair:
    return begin(RUN)


@pytest.fixture
def pair(begun: Pair) -> Pair:
    """A model of the test's own."""
    return copy.deepcopy(begun[0]), begun[1]


def weights(pair: Pair) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in pair[0].parameters()])


def test_the_tokenizer_loses_nothing_and_keeps_units_whole() -> None:
    made = tokenizer.build(["ca right cb\nAnswer: right, up"] * 2, phrases=["Go there now."])
    for text in ("ca right cb\nAnswer: right, up", "Go there now.", "é → 路\x00\n\n  ca,,up", ""):
        assert made.decode(made.encode(text)) == text
    assert made.tokenize("Go there now.") == ["GoĠthereĠnow."]
    assert len(made.encode("ca right cb\nAnswer: right, up")) == 6


def test_a_saved_model_is_the_same_model(pair: Pair, tmp_path: Path) -> None:
    save(pair, tmp_path)
    again = restore(RUN, tmp_path)
    assert torch.equal(weights(pair), weights(again))
    asked = evaluation_addresses(RUN.task, "rung0", items=4, held_out=4)
    # Every bit of a picture, though torchvision's processor, which is preferred, has others.
    pictures = list(
        avrgym.render(asked, (RUN.pictures.height, RUN.pictures.width), "varied", insist=True)
    )
    seen, seen_again = (made.image_processor(pictures)["pixel_values"] for _, made in (pair, again))
    assert np.array_equal(seen, seen_again)
    first, second = (
        replies(
            *each,
            asked,
            modality="image",
            decoding="sampled",
            pictures=RUN.pictures,
            max_reply=8,
            batch=2,
        )
        for each in (pair, again)
    )
    assert first == second


def test_the_same_seed_gives_the_same_model(pair: Pair) -> None:
    assert torch.equal(weights(pair), weights(begin(RUN)))
    assert not torch.equal(weights(pair), weights(begin(replace(RUN, seed=1))))


def test_nothing_held_out_is_trained_on() -> None:
    diet = Diet(RUN.task, ("rung0", "rung1"), seed=0, held_out=4, stream=1)
    drawn = training_addresses(diet)
    trained = set(avrgym.contents([next(drawn) for _ in range(2_000)]))
    evaluated = avrgym.contents(evaluation_addresses(RUN.task, "rung0", items=200, held_out=4))
    assert len(set(evaluated)) == len(evaluated) > 100
    assert not trained & set(evaluated)
    assert not any(is_held_out(content, 4) for content in trained)


def test_what_is_chosen_on_is_not_what_is_reported() -> None:
    looked, reported = (
        set(
            avrgym.contents(
                evaluation_addresses(RUN.task, "rung0", items=200, held_out=4, split=split)
            )
        )
        for split in SPLITS
    )
    assert len(looked) > 100
    assert not looked & reported


def test_stages_see_different_samples() -> None:
    first = training_addresses(Diet(RUN.task, ("rung0",), seed=0, held_out=4, stream=1))
    second = training_addresses(Diet(RUN.task, ("rung0",), seed=0, held_out=4, stream=2))
    assert not {next(first) for _ in range(500)} & {next(second) for _ in range(500)}


def test_a_batch_has_one_modality() -> None:
    diet = Diet(RUN.task, ("rung0",), seed=0, held_out=4, stream=2)
    rows = exercises(diet, RUN.pictures, batch=4, text_every=3)
    shown = [[len(next(rows)["images"]) for _ in range(4)] for _ in range(6)]
    assert shown == [[1] * 4, [1] * 4, [0] * 4] * 2


@pytest.mark.parametrize("credit", ["step", "outcome"])
def test_every_trainer_moves_the_weights(
    pair: Pair, tmp_path: Path, credit: Literal["step", "outcome"]
) -> None:
    run = replace(RUN, grpo=replace(RUN.grpo, credit=credit))
    before = weights(pair)
    imitate(pair, run, folder=tmp_path, callbacks=[])
    imitated = weights(pair)
    assert not torch.equal(before, imitated)
    seen: list[dict[str, object]] = []
    reinforce(pair, run, folder=tmp_path, callbacks=[], watch=seen.append)
    assert {event["modality"] for event in seen} == {"image", "text"}
    assert weights(pair).isfinite().all()


def test_replies_for_several_steps_are_drawn_at_once(pair: Pair, tmp_path: Path) -> None:
    plan = replace(RUN.grpo, steps=4, steps_per_generation=2)
    seen: list[dict[str, object]] = []
    before = weights(pair)
    reinforce(pair, replace(RUN, grpo=plan), folder=tmp_path, callbacks=[], watch=seen.append)
    assert [(event["step"], event["modality"], event["total"]) for event in seen] == [
        (0, "image", 2 * plan.prompts * plan.replies),
        (2, "text", 2 * plan.prompts * plan.replies),
    ]
    assert weights(pair).isfinite().all() and weights(pair).shape == before.shape


def test_a_fixed_patch_embedding_stays_through_training_and_loading(tmp_path: Path) -> None:
    run = replace(RUN, tiny=replace(RUN.tiny, patches="fixed", whiten_over="all", positions=6.0))
    fixed = begin(run)
    before, moved = patch_embedding(fixed), weights(fixed)
    imitate(fixed, run, folder=tmp_path / "sft", callbacks=[])
    save(fixed, tmp_path / "saved")
    again = restore(run, tmp_path / "saved")
    imitate(again, run, folder=tmp_path / "more", callbacks=[])
    assert torch.equal(before, patch_embedding(again))
    assert not torch.equal(moved, weights(again))
    learned = begin(RUN)
    before = patch_embedding(learned)
    imitate(learned, RUN, folder=tmp_path / "learned", callbacks=[])
    assert not torch.equal(before, patch_embedding(learned))


def patch_embedding(pair: Pair) -> torch.Tensor:
    """A copy of the weights."""
    weight: torch.Tensor = pair[0].model.vision_tower.embeddings.patch_embedding.weight
    return weight.detach().clone()


def test_preferences_part_at_the_first_wrong_step() -> None:
    sample = avrgym.samples(evaluation_addresses(RUN.task, "rung2", items=1, held_out=4))[0]
    right = sample.rationale.encode()
    lines = sample.rationale.split("\n")
    lines[1] = "avoid aa ab ac ba bb bc ca cb cc"
    wrong = "\n".join(lines).replace("Answer: ", "Answer: up, up, up, up, ").encode()
    [found] = contrasts([sample.address] * 2, [right, wrong])
    assert (found.address, found.chosen) == (sample.address, right)
    assert found.rejected == "\n".join(lines[:2]).encode() and found.cut
    [whole] = contrasts([sample.address] * 2, [right, b"Answer: up, up, up, up"])
    assert not whole.cut


def test_the_end_of_a_turn_is_not_held_against_a_reply_that_was_cut(pair: Pair) -> None:
    [row] = prompts(
        evaluation_addresses(RUN.task, "rung0", items=1, held_out=4), "image", RUN.pictures
    )
    said = {
        "chosen": [{"role": "assistant", "content": "Answer: up"}],
        "rejected": [{"role": "assistant", "content": "ca to bb\nca left"}],
    }
    table = ByteTable(pair[1].tokenizer)
    for cut in (True, False):
        batch = Unended(pair[1])([row | said | {"cut": cut}])
        ids, scored = batch["input_ids"], batch["completion_mask"].bool()
        ends = [(ids[at][scored[at]] == pair[1].tokenizer.eos_token_id).sum() for at in (0, 1)]
        assert ends == [1, 0 if cut else 1]
        assert table.text(ids[1][scored[1]].tolist()) == b"ca to bb\nca left"


def test_no_reply_has_a_token_of_pictures_or_of_a_padded_vocabulary(
    pair: Pair, tmp_path: Path
) -> None:
    model, processor = pair
    known = len(processor.tokenizer)
    model.resize_token_embeddings(known + 7, mean_resizing=False)
    with torch.no_grad():  # whatever is said, these come first
        rows = model.get_output_embeddings().weight
        rows[known:] = 50 * torch.randn(
            7, rows.shape[1], generator=torch.Generator().manual_seed(1)
        )
        image = processor.tokenizer.convert_tokens_to_ids(LLAVA.picture)
        rows[image] = rows[known]
    assert unsayable(model, processor) == [image, *range(known, known + 7)]
    asked = evaluation_addresses(RUN.task, "rung0", items=4, held_out=4)
    for decoding in ("greedy", "sampled"):
        said = replies(
            model,
            processor,
            asked,
            modality="image",
            decoding=decoding,
            pictures=RUN.pictures,
            max_reply=8,
            batch=4,
        )
        assert len(said) == 4
    reinforce((model, processor), RUN, folder=tmp_path, callbacks=[], watch=lambda _: None)


def test_what_is_saved_has_the_names_that_servers_know(pair: Pair, tmp_path: Path) -> None:
    save(pair, tmp_path)
    with safe_open(tmp_path / "model.safetensors", "pt") as kept:
        tower = [name for name in kept.keys() if name.startswith("vision_tower.")]
    assert tower and all(name.startswith("vision_tower.vision_model.") for name in tower)
    assert torch.equal(weights(restore(RUN, tmp_path)), weights(pair))
    assert not list(tmp_path.glob("*.part"))


def test_what_is_saved_samples_where_a_server_asks_for_it(pair: Pair, tmp_path: Path) -> None:
    save(pair, tmp_path)
    assert restore(RUN, tmp_path)[0].generation_config.do_sample


def test_replies_have_room_for_rationales(tmp_path: Path) -> None:
    for stage in ("evaluation", "grpo"):
        roomy = replace(RUN.evaluation, max_reply=64) if stage == "grpo" else RUN.evaluation
        with pytest.raises(ValueError, match=rf"\[{stage}\] max_reply = 8 .*/rung0, .* or more"):
            train(replace(RUN, evaluation=roomy), folder=tmp_path)
        assert not list(tmp_path.iterdir())


def test_a_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    imitating = replace(
        RUN,
        grpo=replace(RUN.grpo, steps=0),
        evaluation=replace(RUN.evaluation, max_reply=32),
    )
    record = train(imitating, folder=tmp_path)
    assert record.is_done("evaluate sft")
    assert "<svg" in record.report.read_text("utf-8")
    lines = (record.folder / "events.jsonl").read_text("utf-8")
    train(imitating, folder=tmp_path)
    assert (record.folder / "events.jsonl").read_text("utf-8") == lines
    with pytest.raises(ValueError, match="other settings"):
        train(RUN, folder=tmp_path)
    assert isinstance(play(record.model("sft"), "grid_navigation/rung0#test:0:0"), str)


def test_an_unfinished_job_leaves_nothing(tmp_path: Path) -> None:
    record = Record(tmp_path / "run")
    record.open({"seed": 0})
    record.append({"event": "done", "job": "sft", "seconds": 1.0})
    record.append({"event": "log", "job": "grpo", "step": 5})
    with (record.folder / "events.jsonl").open("a") as file:
        file.write('{"event": "log", "jo')  # cut off by a crash
    record.forget("grpo")
    assert [event["job"] for event in record.events()] == ["sft"]


def test_configs_load_and_mistakes_are_told(tmp_path: Path) -> None:
    for path in sorted((Path(settings.__file__).parent / "configs").glob("*.toml")):
        run = settings.load(path)
        assert stages(run)[0] == "start"
        for level in run.sft.levels + run.grpo.levels + run.evaluation.levels:
            assert level in avrgym.levels(run.task)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[sft]\nstep = 3\n")
    with pytest.raises(ValueError, match=r"unknown keys \['step'\]"):
        settings.load(wrong)


def test_dpo_trains(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An untrained model never answers right, so its pairs are put together here."""
    from avrgym.train import dpo

    asked = evaluation_addresses(RUN.task, "rung0", items=4, held_out=4)
    rows = prompts(asked[:2], "image", RUN.pictures) + prompts(asked[2:], "text", RUN.pictures)
    said = (
        [{"role": "assistant", "content": "Answer: up"}],
        [{"role": "assistant", "content": "ca"}],
    )
    made = [row | {"chosen": said[0], "rejected": said[1], "cut": True} for row in rows]
    monkeypatch.setattr(dpo, "preferences", lambda *_: made)
    before = weights(pair)
    prefer(pair, RUN, folder=tmp_path, callbacks=[])
    assert not torch.equal(before, weights(pair))

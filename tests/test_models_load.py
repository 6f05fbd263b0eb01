"""Models are taken up as they were left, and asked for what they can say."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import avrgym

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch
from datasets import IterableDataset
from safetensors import safe_open
from tokenizers.processors import TemplateProcessing
from trl import SFTConfig, SFTTrainer

from avrgym.core.pictures import Picture
from avrgym.models.load import Loaded, begin, restore, save
from avrgym.models.policy import encoded, replies
from avrgym.models.spec import Lora, Tiny, Transformers
from avrgym.models.unsayable import unsayable
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt, chats, rows
from avrgym.stream.rows import with_pillow

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

PICTURE = Picture(112, "compact")
PROMPTS = [Prompt(f"grid_navigation/rung0#train:0:{at}") for at in range(8)]
SPEC = Tiny(hidden=16, layers=1)


def made(spec: Tiny = SPEC, seed: int = 0) -> Loaded:
    spoken = chats(PROMPTS)
    return begin(
        spec,
        picture=PICTURE,
        texts=[chat.completion[0]["content"] for chat in spoken],
        pictures=PICTURE.draw([prompt.address for prompt in PROMPTS]),
        seed=seed,
    )


def weights(loaded: Loaded) -> dict[str, torch.Tensor]:
    return {name: weight.detach().clone() for name, weight in loaded.model.named_parameters()}


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def imitate(loaded: Loaded, folder: Path, steps: int, **given: Any) -> None:
    table: Any = rows(PROMPTS, PICTURE)
    SFTTrainer(
        model=loaded.model,
        processing_class=loaded.processor,
        train_dataset=IterableDataset.from_generator(lambda: iter(map(with_pillow, table))),
        args=SFTConfig(
            output_dir=str(folder),
            max_steps=steps,
            per_device_train_batch_size=2,
            learning_rate=1e-2,
            max_length=None,
            gradient_checkpointing=False,
            bf16=False,
            use_cpu=True,
            report_to="none",
            disable_tqdm=True,
            **given,
        ),
    ).train()


def test_the_same_seed_gives_the_same_model_and_leaves_chance_alone() -> None:
    before = torch.random.get_rng_state()
    first = weights(made())
    assert torch.equal(before, torch.random.get_rng_state())
    assert equal(first, weights(made()))
    assert not equal(first, weights(made(seed=1)))


def test_a_checkpoint_of_a_trainer_is_taken_up(tmp_path: Path) -> None:
    loaded = made()
    imitate(loaded, tmp_path, 2, save_strategy="steps", save_steps=2)
    assert equal(weights(restore(SPEC, tmp_path / "checkpoint-2")), weights(loaded))


def test_an_adapters_checkpoint_is_taken_up(tmp_path: Path) -> None:
    save(made(), tmp_path / "base")
    spec = Transformers(path=str(tmp_path / "base"), dtype="float32", lora=Lora(rank=2))
    loaded = begin(spec, picture=PICTURE)
    imitate(loaded, tmp_path / "trainer", 2, save_strategy="steps", save_steps=2)
    again = restore(spec, tmp_path / "trainer" / "checkpoint-2")
    assert equal(weights(again), weights(loaded))
    trained = [name for name, weight in again.model.named_parameters() if weight.requires_grad]
    assert trained and all("language_model" in name and "lora" in name for name in trained)


@pytest.mark.parametrize("bits", ["4bit", "8bit"])
def test_an_adapter_is_trained_on_quantised_weights(tmp_path: Path, bits: Any) -> None:
    pytest.importorskip("bitsandbytes", reason="needs the dev extra: pip install avrgym[dev]")
    save(made(replace(SPEC, hidden=64)), tmp_path / "base")
    spec = Transformers(path=str(tmp_path / "base"), lora=Lora(rank=2), quantize=bits)
    loaded = begin(spec, picture=PICTURE)
    held = {weight.dtype for weight in loaded.model.parameters()}
    assert held & {torch.uint8, torch.int8}
    before = weights(loaded)
    imitate(loaded, tmp_path / "trainer", 1, save_strategy="no")
    moved = {name for name, now in weights(loaded).items() if not torch.equal(now, before[name])}
    assert moved and all("lora" in name for name in moved)
    save(loaded, tmp_path / "saved")
    again = restore(spec, tmp_path / "saved")
    ask: Any = {"picture": PICTURE, "decoding": "greedy", "max_reply": 4, "batch": 8}
    one, other = (replies(each, PROMPTS, **ask) for each in (loaded, again))
    assert [each.ids for each in one] == [each.ids for each in other]


def test_a_fixed_patch_embedding_stays_through_training_and_loading(tmp_path: Path) -> None:
    spec = replace(SPEC, patches="fixed", whiten_over="all", positions=6.0)
    loaded = made(spec)
    before = weights(loaded)
    imitate(loaded, tmp_path / "sft", 1, save_strategy="no")
    save(loaded, tmp_path / "saved")
    again = restore(spec, tmp_path / "saved")
    imitate(again, tmp_path / "more", 1, save_strategy="no")
    after = weights(again)
    kept = {name for name in before if torch.equal(before[name], after[name])}
    assert {name for name in kept if "patch_embedding" in name} == {
        name for name in before if "patch_embedding" in name
    }
    assert not equal(before, after)


def test_what_is_saved_has_the_names_that_servers_know(tmp_path: Path) -> None:
    loaded = made()
    save(loaded, tmp_path)
    with safe_open(tmp_path / "model.safetensors", "pt") as kept:
        tower = [name for name in kept.keys() if name.startswith("vision_tower.")]
    assert tower and all(name.startswith("vision_tower.vision_model.") for name in tower)
    assert equal(weights(restore(SPEC, tmp_path)), weights(loaded))
    assert restore(SPEC, tmp_path).model.generation_config.do_sample
    assert not list(tmp_path.glob("*.part"))


def test_no_reply_has_a_token_of_pictures_or_of_a_padded_vocabulary() -> None:
    loaded = made()
    model, tokenizer = loaded.model, loaded.processor.tokenizer
    known, image = len(tokenizer), tokenizer.convert_tokens_to_ids("<image>")
    model.resize_token_embeddings(known + 7, mean_resizing=False)
    with torch.no_grad():  # whatever is said, these come first
        table = model.get_output_embeddings().weight
        table[known:] = 50 * torch.randn(7, SPEC.shape.hidden)
        table[image] = table[known]
    assert unsayable(model, loaded.processor) == [image, *range(known, known + 7)]
    decoding: Any
    for decoding in ("greedy", "sampled"):
        said = replies(loaded, PROMPTS, PICTURE, decoding=decoding, max_reply=8, batch=8)
        assert all(index < known and index != image for each in said for index in each.ids)


def test_a_published_models_own_settings_of_sampling_do_not_count() -> None:
    loaded = made()
    ask: Any = {"picture": PICTURE, "max_reply": 8, "batch": 8}
    plain = [replies(loaded, PROMPTS, decoding=how, **ask) for how in ("greedy", "sampled")]
    loaded.model.generation_config.update(
        repetition_penalty=3.0, top_k=1, top_p=0.1, temperature=0.01, num_beams=1
    )
    again = [replies(loaded, PROMPTS, decoding=how, **ask) for how in ("greedy", "sampled")]
    for before, after in zip(plain, again, strict=True):
        assert [each.ids for each in before] == [each.ids for each in after]


def test_draws_are_told_apart_by_seed_and_number_alone() -> None:
    loaded = made()
    mixed = [*PROMPTS, *(replace(prompt, format=Format("text")) for prompt in PROMPTS)]
    ask: Any = {"picture": PICTURE, "decoding": "sampled", "max_reply": 8, "batch": 4}

    def ids(**given: int) -> list[tuple[int, ...]]:
        return [each.ids for each in replies(loaded, mixed, **(ask | given))]

    first = ids()
    torch.manual_seed(7)
    assert ids() == first
    assert ids(seed=1) != first != ids(draw=1)
    # A batch's draws do not depend on what was drawn before it.
    assert [each.ids for each in replies(loaded, mixed[4:8], **ask)] == first[4:8]
    assert loaded.model.training


def test_what_is_drawn_is_the_likeliest_reply_where_nothing_else_can_be() -> None:
    loaded = made()
    ask: Any = {"picture": PICTURE, "max_reply": 8, "batch": 8}

    def ids(decoding: Any, **heat: Any) -> list[tuple[int, ...]]:
        said = replies(loaded, PROMPTS, decoding=decoding, **ask, **heat)
        return [each.ids for each in said]

    likeliest, drawn = ids("greedy", temperature=0.0), ids("sampled")
    assert ids("sampled", temperature=1e-3) == ids("sampled", top_p=1e-3) == likeliest
    assert drawn != likeliest and ids("sampled", temperature=1.5) != drawn


def test_a_reply_ends_at_its_first_end() -> None:
    loaded = made()
    tokenizer = loaded.processor.tokenizer
    with torch.no_grad():
        loaded.model.get_output_embeddings().weight[tokenizer.eos_token_id] *= 100
    said = replies(loaded, PROMPTS, PICTURE, decoding="sampled", max_reply=16, batch=8)
    stopped = [each for each in said if each.finish == "stop"]
    assert stopped
    for each in stopped:
        assert each.ids.index(tokenizer.eos_token_id) == len(each.ids) - 1
        assert tokenizer.eos_token.encode() not in each.reply
        assert each.seconds is not None and each.seconds > 0


def test_a_token_that_begins_texts_is_said_once() -> None:
    loaded = made()
    tokenizer = loaded.processor.tokenizer
    tokenizer.bos_token = "<|user|>"  # as its template begins
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|user|> $A", special_tokens=[("<|user|>", tokenizer.bos_token_id)]
    )
    assert tokenizer("up")["input_ids"][0] == tokenizer.bos_token_id
    ids = encoded(loaded, PROMPTS[:1], PICTURE)["input_ids"][0]
    assert (ids == tokenizer.bos_token_id).sum() == 1


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(avrgym.TaskError, match=r"path .*nowhere.* is no model at hand"):
        begin(Transformers(path=str(tmp_path / "nowhere")), picture=PICTURE)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"lora": Lora(targets=("qkv",))}, r"targets \['qkv'\] are in none of .*'k_proj'"),
        ({"lora": Lora(), "quantize": "4bit"}, r"pip install 'avrgym\[quantize\]'"),
    ],
    ids=["targets", "quantize"],
)
def test_what_cannot_be_loaded_so_is_told(
    given: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(made(), tmp_path)
    monkeypatch.setattr("avrgym.models.pretrained.find_spec", lambda name: None)  # as not installed
    with pytest.raises(avrgym.TaskError, match=said):
        begin(Transformers(path=str(tmp_path), **given), picture=PICTURE)

"""Models of a run: made from nothing or loaded, saved, and taken up again."""

from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import (
    AutoModelForImageTextToText,
    AutoProcessor,
)

import avrgym
from avrgym.models import tiny, tokenizer
from avrgym.train.settings import Run
from avrgym.train.stream import Diet, training_addresses, words

# A model and its processor; what the libraries' factories return is not known before they run.
Pair: TypeAlias = tuple[Any, Any]

WEIGHTS = "model.safetensors"  # as transformers calls a model's one file
READ = 2_000  # samples whose words make the vocabulary
SEEN = 200  # pictures whose patches make the patch embedding


def begin(run: Run) -> Pair:
    """The model that a run starts from, and its processor."""
    if run.pretrained.path:
        return _pretrained(run)
    levels = tuple(dict.fromkeys(run.sft.levels + run.grpo.levels))
    fresh = training_addresses(Diet(run.task, levels, run.seed, run.evaluation.held_out, stream=0))
    addresses = [next(fresh) for _ in range(READ)]
    samples = avrgym.samples(addresses)
    asked = [words(sample, "image") for sample in samples]
    # A question that is asked of every sample carries nothing: one token is enough for it.
    constant = sorted(set(asked)) if len(set(asked)) <= 4 else []
    read = [words(sample, "text") for sample in samples] + [sample.rationale for sample in samples]
    made_tokenizer = tokenizer.build(read + asked, phrases=constant)
    processor = tiny.processor(made_tokenizer, run.tiny)
    made = tiny.model(made_tokenizer, run.tiny, seed=run.seed)
    size = (run.pictures.height, run.pictures.width)
    pictures = avrgym.render(addresses[:SEEN], size, run.pictures.theme, insist=run.pictures.insist)
    tiny.whiten(made, processor, pictures, over=run.tiny.whiten_over)
    return _held(made, run), processor


def save(pair: Pair, folder: Path) -> None:
    """Writes model and processor as ``from_pretrained`` reads them, and servers too."""
    for part in pair:
        part.save_pretrained(folder)
    if pair[0].config.model_type == "llava" and (folder / WEIGHTS).exists():
        _spell_out(folder / WEIGHTS)


def _spell_out(file: Path) -> None:
    """Gives the vision tower's weights the names under which LLaVA models are published.

    transformers leaves ``vision_model.`` out where it saves, and reads both; servers may not.
    """
    short, long = "vision_tower.", "vision_tower.vision_model."
    with safe_open(file, "pt") as kept:
        named = {
            name.replace(short, long, 1)
            if name.startswith(short) and not name.startswith(long)
            else name: kept.get_tensor(name)
            for name in kept.keys()  # no mapping, though it has keys
        }
        said = kept.metadata()
    aside = file.with_suffix(".part")
    save_file(named, aside, said)
    aside.replace(file)


def restore(run: Run, folder: Path) -> Pair:
    """What :func:`save` wrote, ready to train on."""
    # What begins with Pillow goes on with it: torchvision, where it is installed, rounds otherwise.
    backend = {} if run.pretrained.path else {"backend": "pil"}
    processor = AutoProcessor.from_pretrained(folder, **backend)
    if run.pretrained.lora_rank:
        from peft import PeftModel

        base, _ = _base(run)
        return PeftModel.from_pretrained(base, folder, is_trainable=True), processor
    return _held(AutoModelForImageTextToText.from_pretrained(folder), run), processor


def _held(made: Any, run: Run) -> Any:
    """The model with the patch embedding fixed where the run says so."""
    if not run.pretrained.path and run.tiny.patches == "fixed":
        tiny.hold_patches(made)
    return made


def _base(run: Run) -> Pair:
    loaded: Any
    dtype = torch.bfloat16 if run.pretrained.bf16 else torch.float32
    loaded = AutoModelForImageTextToText.from_pretrained(run.pretrained.path, dtype=dtype)
    processor = AutoProcessor.from_pretrained(run.pretrained.path)
    processor.tokenizer.padding_side = "left"
    return loaded.to("cuda") if torch.cuda.is_available() else loaded, processor


def _pretrained(run: Run) -> Pair:
    loaded, processor = _base(run)
    if run.pretrained.lora_rank:
        from peft import LoraConfig, get_peft_model

        # The vision tower stays as it is: pictures are drawn at sizes it reads without resizing.
        adapter = LoraConfig(
            r=run.pretrained.lora_rank,
            lora_alpha=2 * run.pretrained.lora_rank,
            target_modules=r".*language_model.*\.(q|k|v|o|gate|up|down)_proj",
            task_type="CAUSAL_LM",
        )
        loaded = get_peft_model(loaded, adapter)
    return loaded, processor

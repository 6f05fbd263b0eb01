"""Models of a run: made from nothing or loaded, saved, and taken up again."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor
from transformers.integrations.deepspeed import is_deepspeed_zero3_enabled

from avrgym._core import TaskError
from avrgym.core.pictures import Picture
from avrgym.models import tiny
from avrgym.models.families import FAMILIES
from avrgym.models.parts import freeze, targets
from avrgym.models.spec import Model, Tiny, Transformers

WEIGHTS = "model.safetensors"  # as transformers calls a model's one file
REFERENCE = "ref"  # as TRL calls it
NOTHING: NDArray[np.uint8] = np.empty((0, 1, 1, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A model and its processor; what the libraries' factories return is not known before they run.

    Attributes:
        model: Of a class of ``transformers``, or of peft around one.
        processor: With ``tokenizer`` and ``image_processor``; pads on the left.
    """

    model: Any
    processor: Any


def begin(
    spec: Model,
    *,
    picture: Picture,
    texts: Sequence[str] = (),
    phrases: Sequence[str] = (),
    pictures: NDArray[np.uint8] = NOTHING,
    seed: int = 0,
) -> Loaded:
    """The model that a run starts from.

    Args:
        spec: What it is.
        picture: How the run draws.
        texts: Of a model made from nothing, as all that follows: training prompts and their
            replies, of which the vocabulary is made.
        phrases: Constant sentences that become one token each; see
            :func:`avrgym.models.tokenizer.constant`.
        pictures: Training pictures, uint8, shape (n, h, w, 3).
        seed: Of the weights.

    Raises:
        TaskError: It cannot be made or loaded so; the message says what would do.
    """
    if isinstance(spec, Transformers):
        base = _base(spec)
        return _frozen(spec, Loaded(_adapted(spec, base), processor(spec)))
    made, prepare = tiny.make(
        spec, texts=texts, phrases=phrases, pictures=pictures, picture=picture, seed=seed
    )
    return _frozen(spec, Loaded(_home(made), prepare))


def restore(spec: Model, folder: Path) -> Loaded:
    """What :func:`save` or a ``transformers.Trainer`` wrote, ready to train on.

    A trainer that takes up a checkpoint of LLaVA restores none of its weights, silently, on some
    versions of ``transformers``: give it the model from here.

    Args:
        spec: What the run began with.
        folder: Of the model, or of the adapter where the run trains one.

    Raises:
        TaskError: It cannot be loaded so.
    """
    if isinstance(spec, Tiny):
        made = _from(folder, dtype=torch.float32)
        prepare = FAMILIES[spec.family].load(str(folder))
        return _frozen(spec, Loaded(_home(tiny.hold(spec, made)), prepare))
    if spec.lora is None:
        return _frozen(spec, Loaded(_base(spec, folder), processor(spec, folder)))
    from peft import PeftModel

    base = _base(spec)
    adapted = PeftModel.from_pretrained(base, str(folder), is_trainable=True)
    return _frozen(spec, Loaded(adapted, processor(spec, folder)))


def save(loaded: Loaded, folder: Path) -> None:
    """Writes model and processor as ``from_pretrained`` reads them, and servers too.

    Of an adapter nothing but itself is written, and what a trainer put beside it is taken away.
    """
    settle(loaded)
    loaded.model.save_pretrained(folder)
    loaded.processor.save_pretrained(folder)
    spell_out(folder)


def settle(loaded: Loaded) -> None:
    """Takes away the copy of an adapter that TRL compares with while it trains.

    The next trainer makes one of its own, and finds the name taken where the old one is left.
    """
    if REFERENCE in getattr(loaded.model, "peft_config", {}):
        loaded.model.delete_adapter(REFERENCE)


def spell_out(folder: Path) -> None:
    """Gives a saved LLaVA's vision tower the names under which such models are published.

    ``transformers`` leaves ``vision_model.`` out where it saves, and reads both; servers may not.
    Models of other classes, and adapters, are left as they are.
    """
    file = folder / WEIGHTS
    if not file.exists() or AutoConfig.from_pretrained(folder).model_type != "llava":
        return
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


def processor(spec: Transformers, folder: Path | None = None) -> Any:
    """The processor of a model, from its folder, or from a checkpoint's where that has one.

    Raises:
        TaskError: Its class wants torchvision, which is not there.
    """
    kept = folder is not None and any(folder.glob("*processor_config.json"))
    source = str(folder) if kept else spec.path
    factory: Any = AutoProcessor
    try:
        made = factory.from_pretrained(source, revision=spec.revision, **spec.processor)
    except (ImportError, OSError, ValueError) as error:
        if find_spec("torchvision"):
            raise
        kind = AutoConfig.from_pretrained(spec.path, revision=spec.revision).model_type
        if kind not in ("qwen2_5_vl", "qwen3_vl"):
            raise tiny.wants_torchvision(f'model "{spec.path}" ({kind})') from error
        made = FAMILIES[kind].load(source, **spec.processor)
    made.tokenizer.padding_side = "left"
    if made.tokenizer.pad_token is None:
        made.tokenizer.pad_token = made.tokenizer.eos_token
    return made


def _base(spec: Transformers, folder: Path | None = None) -> Any:
    settings: dict[str, Any] = {"dtype": getattr(torch, spec.dtype)}
    if folder is None:
        settings["revision"] = spec.revision
    if spec.attention is not None:
        settings["attn_implementation"] = spec.attention
    if spec.quantize == "none":
        return _home(_from(folder or spec.path, **settings))
    if find_spec("bitsandbytes") is None:
        raise TaskError(
            f"quantize \"{spec.quantize}\" needs bitsandbytes; pip install 'avrgym[quantize]'"
        )
    from peft import prepare_model_for_kbit_training
    from transformers import BitsAndBytesConfig

    settings["quantization_config"] = BitsAndBytesConfig(
        load_in_4bit=spec.quantize == "4bit",
        load_in_8bit=spec.quantize == "8bit",
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=settings["dtype"],
    )
    quantised = _from(spec.path, device_map={"": _device()}, **settings)
    # Checkpointing is the trainer's business.
    return prepare_model_for_kbit_training(quantised, use_gradient_checkpointing=False)


def _from(source: str | Path, **settings: Any) -> Any:
    factory: Any = AutoModelForImageTextToText
    return factory.from_pretrained(source, **settings)


def _adapted(spec: Transformers, base: Any) -> Any:
    if spec.lora is None:
        return base
    from peft import LoraConfig, get_peft_model

    adapter = LoraConfig(
        r=spec.lora.rank,
        lora_alpha=spec.lora.scale,  # type: ignore[arg-type]  # any number will do
        lora_dropout=spec.lora.dropout,
        target_modules=targets(base, spec.lora),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(base, adapter)


def _frozen(spec: Model, loaded: Loaded) -> Loaded:
    freeze(loaded.model, spec.frozen)
    return loaded


def _device() -> torch.device:
    """Each process of a machine has a GPU of its own, where there are any."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))


def _home(made: Any) -> Any:
    # Of a model that ZeRO-3 has cut up no process has more than its piece, already in its place.
    return made if is_deepspeed_zero3_enabled() else made.to(_device())

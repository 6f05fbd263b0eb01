"""Models that somebody trained before: their weights, adapters and processors."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.core.extras import needs, remedy
from avrgym.models import ends
from avrgym.models.families import FAMILIES
from avrgym.models.parts import targets
from avrgym.models.spec import Transformers
from avrgym.models.tiny import wants_torchvision

with needs("train"):
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor
    from transformers.integrations.deepspeed import is_deepspeed_zero3_enabled


def processor(spec: Transformers, folder: Path | None = None) -> Any:
    """The processor of a model, from its folder, or from a checkpoint's where that has one.

    Its tokenizer has a token that ends a reply and one that fills rows up, which are those of
    :mod:`avrgym.models.ends` where the saved one has none.

    Raises:
        TaskError: There is no such model at hand, nothing says what ends its replies, or its
            processor wants torchvision, which is not.
    """
    config = _config(spec)
    kind = config.model_type
    kept = folder is not None and any(folder.glob("*processor_config.json"))
    source = str(folder) if kept else spec.path
    factory: Any = AutoProcessor
    try:
        made = factory.from_pretrained(source, revision=spec.revision, **spec.processor)
    except (ImportError, OSError, ValueError) as error:
        if find_spec("torchvision"):
            raise
        if kind not in ("qwen2_5_vl", "qwen3_vl"):
            raise wants_torchvision(f'model "{spec.path}" ({kind})') from error
        made = FAMILIES[kind].load(source, **spec.processor)
    made.tokenizer.padding_side = "left"
    ends.complete(made.tokenizer, spec, config)
    return made


def _config(spec: Transformers) -> Any:
    try:
        return AutoConfig.from_pretrained(spec.path, revision=spec.revision)
    except (OSError, ValueError) as error:
        said = str(error).strip().partition("\n")[0]
        raise TaskError(
            f'path "{spec.path}" is no model at hand; give a folder as save_pretrained writes it, '
            f"or a name on the hub ({said})"
        ) from error


def base(spec: Transformers, folder: Path | None = None) -> Any:
    """The weights of a model in the dtype asked for, on this process's device, or quantised.

    Args:
        spec: What it is.
        folder: Of weights that were trained further; those of ``spec.path`` if not given.

    Raises:
        TaskError: There is no such model at hand, or no bitsandbytes.
    """
    _config(spec)
    settings: dict[str, Any] = {"dtype": getattr(torch, spec.dtype)}
    if folder is None:
        settings["revision"] = spec.revision
    if spec.attention is not None:
        settings["attn_implementation"] = spec.attention
    if spec.quantize == "none":
        return home(read(folder or spec.path, **settings))
    if find_spec("bitsandbytes") is None:
        raise TaskError(f'quantize "{spec.quantize}" needs bitsandbytes; {remedy("quantize")}')
    from peft import prepare_model_for_kbit_training
    from transformers import BitsAndBytesConfig

    settings["quantization_config"] = BitsAndBytesConfig(
        load_in_4bit=spec.quantize == "4bit",
        load_in_8bit=spec.quantize == "8bit",
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=settings["dtype"],
    )
    quantised = read(spec.path, device_map={"": _device()}, **settings)
    # Checkpointing is the trainer's business.
    return prepare_model_for_kbit_training(quantised, use_gradient_checkpointing=False)


def read(source: str | Path, **settings: Any) -> Any:
    """A model of whatever class its folder names; takes settings of ``from_pretrained``."""
    factory: Any = AutoModelForImageTextToText
    return factory.from_pretrained(source, **settings)


def adapted(spec: Transformers, weights: Any) -> Any:
    """The model with a fresh adapter around it, where one is asked for.

    Raises:
        TaskError: No layer has a name that the adapter is for.
    """
    if spec.lora is None:
        return weights
    from peft import LoraConfig, get_peft_model

    adapter = LoraConfig(
        r=spec.lora.rank,
        lora_alpha=spec.lora.scale,  # type: ignore[arg-type]  # any number will do
        lora_dropout=spec.lora.dropout,
        target_modules=targets(weights, spec.lora),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(weights, adapter)


def _device() -> torch.device:
    """Each process of a machine has a GPU of its own, where there are any."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))


def home(made: Any) -> Any:
    """The model on the device that this process trains on."""
    # Of a model that ZeRO-3 has cut up no process has more than its piece, already in its place.
    return made if is_deepspeed_zero3_enabled() else made.to(_device())

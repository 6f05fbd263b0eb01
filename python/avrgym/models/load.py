"""Models of a run: made from nothing or loaded, saved, and taken up again."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.models import tiny
from avrgym.models.families import FAMILIES
from avrgym.models.parts import freeze
from avrgym.models.pretrained import adapted, base, home, processor, read
from avrgym.models.spec import Model, Tiny, Transformers

with needs("train"):
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file
    from transformers import AutoConfig

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
    further: Sequence[str] = (),
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
        further: Texts of what it will meet besides, such as what it is measured on.
        pictures: Training pictures, uint8, shape (n, h, w, 3).
        seed: Of the weights.

    Raises:
        TaskError: It cannot be made or loaded so; the message says what would do.
    """
    if isinstance(spec, Transformers):
        prepare = processor(spec)  # what is wrong with it is told before weights are read
        return _frozen(spec, Loaded(adapted(spec, base(spec)), prepare))
    made, prepare = tiny.make(
        spec,
        texts=texts,
        phrases=phrases,
        further=further,
        pictures=pictures,
        picture=picture,
        seed=seed,
    )
    return _frozen(spec, Loaded(home(made), prepare))


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
        made = read(folder, dtype=torch.float32)
        prepare = FAMILIES[spec.family].load(str(folder))
        return _frozen(spec, Loaded(home(tiny.hold(spec, made)), prepare))
    if spec.lora is None:
        return _frozen(spec, Loaded(base(spec, folder), processor(spec, folder)))
    from peft import PeftModel

    trained = PeftModel.from_pretrained(base(spec), str(folder), is_trainable=True)
    return _frozen(spec, Loaded(trained, processor(spec, folder)))


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


def refer(loaded: Loaded, folder: Path) -> None:
    """Has TRL compare an adapter with the one in a folder, where it compares at all.

    It takes what it finds for the adapter that training began with, also where that went on.
    """
    if REFERENCE not in getattr(loaded.model, "peft_config", {}):
        return
    from peft import load_peft_weights, set_peft_model_state_dict

    set_peft_model_state_dict(loaded.model, load_peft_weights(str(folder)), REFERENCE)


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


def _frozen(spec: Model, loaded: Loaded) -> Loaded:
    freeze(loaded.model, spec.frozen)
    return loaded

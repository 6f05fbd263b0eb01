"""A small vision-language model of a standard class, built from a config and initialised at random.

The choices that decide whether so small a model learns at all are made here and in
:mod:`avrgym.models.whiten`, each with its reason.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.models import tokenizer
from avrgym.models.families import FAMILIES, Request
from avrgym.models.spec import Tiny
from avrgym.models.unsayable import unsayable
from avrgym.models.whiten import hold_patches, place, whiten

with needs("train"):
    import torch
    import transformers


def make(
    spec: Tiny,
    *,
    texts: Sequence[str],
    phrases: Sequence[str],
    further: Sequence[str] = (),
    pictures: NDArray[np.uint8],
    picture: Picture,
    seed: int,
) -> tuple[Any, Any]:
    """A model with random weights, and its processor; the same arguments give the same weights.

    Args:
        spec: Family and sizes.
        texts: Of training prompts and their replies: what the vocabulary is made of.
        phrases: Constant sentences that become one token each.
        further: Of what it will meet besides, whose words it has too.
        pictures: Training pictures, uint8, shape (n, h, w, 3), of which LLaVA's patch embedding is
            made; without any it stays random.
        picture: How every picture is drawn.
        seed: Of the weights.

    Raises:
        TaskError: The family does not see pictures of that size whole, or wants torchvision.
    """
    family, shape = FAMILIES[spec.family], spec.shape
    family.check(shape, picture.height, picture.width)
    words = tokenizer.build(texts, phrases=phrases, further=further, dialect=family.dialect)
    asked = Request(words, shape, picture.height, picture.width)
    try:
        processor = family.processor(asked)
    except ImportError as error:  # older versions of some processors
        raise wants_torchvision(f'family "{spec.family}"') from error
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = family.model(asked)
        _widen(made, shape.hidden)
        if spec.family == "llava":
            place(made, asked.rows, asked.columns, shape.positions)
            if len(pictures):
                whiten(made, processor, pictures, over=shape.whiten_over)
    made.generation_config.pad_token_id = words.pad_token_id
    made.generation_config.eos_token_id = words.eos_token_id
    # Servers take these for the defaults: without the first a temperature says nothing.
    made.generation_config.do_sample = True
    made.generation_config.suppress_tokens = unsayable(made, processor)
    return hold(spec, made), processor


def wants_torchvision(what: str) -> TaskError:
    """The error of a processor that cannot be had without it."""
    return TaskError(
        f"{what} has a processor that transformers {transformers.__version__} builds on "
        f"torchvision; pip install the one that belongs to torch {torch.__version__}"
    )


def hold(spec: Tiny, made: Any) -> Any:
    """The model with the patch embedding fixed where the sizes say so."""
    if spec.shape.patches == "fixed":
        hold_patches(made)
    return made


@torch.no_grad()
def _widen(made: Any, hidden: int) -> None:
    for name, weight in made.named_parameters():
        # The usual 0.02 is made for widths near 2,500; at width 64 signals die out and training
        # sits on a plateau for hundreds of steps.
        if weight.ndim == 2 and "norm" not in name:
            torch.nn.init.normal_(weight, std=hidden**-0.5)

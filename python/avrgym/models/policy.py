"""Replies of a model to addresses, in a modality, greedy or sampled."""

import re
from collections.abc import Sequence
from typing import Any

import torch

from avrgym.models.tokens import ByteTable
from avrgym.train.settings import Decoding, Modality, Pictures
from avrgym.train.stream import prompts

HOW: dict[Decoding, dict[str, Any]] = {
    "greedy": {"do_sample": False},
    "sampled": {"do_sample": True, "temperature": 1.0, "top_p": 1.0, "top_k": 0},
}


# What configs call the tokens that stand for pictures.
PICTURE = re.compile(r"(image|video|vision\w*)_token_(id|index)")


def unsayable(model: Any, processor: Any) -> list[int]:
    """The tokens that no reply can have.

    Returns:
        Ids, sorted: of tokens that stand for pictures, which would have a model look for one that
        is not there, and of rows of a padded vocabulary, which nobody can spell.
    """
    known = len(processor.tokenizer)
    named = model.config.to_dict().items()
    pictures = {i for name, i in named if isinstance(i, int) and PICTURE.fullmatch(name)}
    beyond = range(known, model.config.get_text_config().vocab_size)
    return sorted({*(index for index in pictures if index >= 0), *beyond})


@torch.no_grad()
def replies(
    model: Any,
    processor: Any,
    addresses: Sequence[str],
    *,
    modality: Modality,
    decoding: Decoding,
    pictures: Pictures,
    max_reply: int,
    batch: int,
    seed: int = 0,
) -> list[bytes]:
    """What the model says to each address, in order.

    Args:
        model: Left in the mode it was in.
        processor: Of the model.
        addresses: What to ask.
        modality: Picture or twin.
        decoding: The most likely reply, or one drawn at temperature 1.
        pictures: How to draw.
        max_reply: Tokens.
        batch: Replies drawn together; prompts are padded on the left.
        seed: Of the sampling; the global random state is left as it was.
    """
    how = HOW[decoding] | {"suppress_tokens": unsayable(model, processor) or None}
    was_training = model.training
    model.eval()
    table = ByteTable(processor.tokenizer)
    said: list[bytes] = []
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for start in range(0, len(addresses), batch):
            rows = prompts(addresses[start : start + batch], modality, pictures)
            text = processor.apply_chat_template(
                [row["prompt"] for row in rows], add_generation_prompt=True
            )
            images = [row["images"] for row in rows] if modality == "image" else None
            inputs = processor(text=text, images=images, padding=True, return_tensors="pt").to(
                model.device
            )
            out = model.generate(**inputs, max_new_tokens=max_reply, **how)
            # What ends a reply and what fills it up are special tokens, which have no bytes.
            said += [table.text(row) for row in out[:, inputs["input_ids"].shape[1] :].tolist()]
    model.train(was_training)
    return said

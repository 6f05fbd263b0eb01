"""Replies of a model to prompts, greedy or sampled."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import fsum
from time import perf_counter
from typing import Any

import numpy as np

from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.models.completion import Completion, Decoding, Finish
from avrgym.models.likelihood import Likelihood
from avrgym.models.load import Loaded
from avrgym.models.tokens import ByteTable
from avrgym.models.unsayable import unsayable
from avrgym.prompts.prompt import Prompt, rows

with needs("train"):
    import torch
    from transformers import LogitsProcessorList


# Whatever a published model's own settings say of it, these count.
HOW: dict[Decoding, dict[str, Any]] = {
    "greedy": {"do_sample": False, "num_beams": 1, "repetition_penalty": 1.0},
    "sampled": {
        "do_sample": True,
        "num_beams": 1,
        "repetition_penalty": 1.0,
        "top_k": 0,
    },
}


def replies(
    loaded: Loaded,
    prompts: Sequence[Prompt],
    picture: Picture,
    *,
    decoding: Decoding,
    max_reply: int,
    batch: int,
    seed: int = 0,
    draw: int = 0,
    temperature: float = 1.0,
    top_p: float = 1.0,
) -> list[Completion]:
    """What the model says to each prompt, in order.

    Args:
        loaded: Left in the mode that it was in; asked on its own device and in its own dtype.
        prompts: Of any formats, which may be mixed.
        picture: How to draw.
        decoding: The most likely reply, or one that is drawn.
        max_reply: Tokens, 1 or more.
        batch: Replies drawn together, all of one modality; prompts are padded on the left.
        seed: Of the sampling; the global random state is left as it was. What is drawn depends on
            the prompts of a batch, not on what was drawn before.
        draw: Tells draws of one seed apart.
        temperature: At which to draw, above 0; of a greedy reply no notice is taken of it.
        top_p: From which share of the likeliest tokens to draw, above 0 to 1; likewise.

    Raises:
        TaskError: An address names nothing, or a picture could not be read.
        ValueError: The tokenizer is of a kind that cannot be spelled.
    """
    said: dict[int, Completion] = {}
    how = HOW[decoding]
    if decoding == "sampled":
        how = how | {"temperature": temperature, "top_p": top_p}
    was_training = loaded.model.training
    loaded.model.eval()
    try:
        for part in _parts(prompts, batch):
            asked = [prompts[at] for at in part]
            drawn = _draw(loaded, asked, picture, how, max_reply, _seed(seed, draw, asked))
            said |= zip(part, drawn, strict=True)
    finally:
        loaded.model.train(was_training)
    return [said[at] for at in range(len(prompts))]


def _parts(prompts: Sequence[Prompt], batch: int) -> Iterator[list[int]]:
    for pictured in (True, False):
        mine = [at for at, prompt in enumerate(prompts) if prompt.format.pictured == pictured]
        yield from (mine[start : start + batch] for start in range(0, len(mine), batch))


def _seed(seed: int, draw: int, prompts: Sequence[Prompt]) -> int:
    said = repr((seed, draw, list(prompts))).encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:7], "big")


@torch.no_grad()
def _draw(
    loaded: Loaded,
    prompts: Sequence[Prompt],
    picture: Picture,
    how: dict[str, Any],
    max_reply: int,
    seed: int,
) -> list[Completion]:
    model, tokenizer = loaded.model, loaded.processor.tokenizer
    began = perf_counter()
    inputs = encoded(loaded, prompts, picture).to(model.device, dtype=model.dtype)
    ends = endings(model, tokenizer)
    cards = [model.device] if model.device.type == "cuda" else []
    likelihood = Likelihood()
    with torch.random.fork_rng(devices=cards):
        torch.manual_seed(seed)
        out = model.generate(
            **inputs,
            max_new_tokens=max_reply,
            suppress_tokens=unsayable(model, loaded.processor) or None,
            eos_token_id=sorted(ends),
            pad_token_id=tokenizer.pad_token_id,
            logits_processor=LogitsProcessorList([likelihood]),
            use_cache=True,  # a trainer that keeps checkpoints of gradients turns it off
            **how,
        )
    new = out[:, inputs["input_ids"].shape[1] :].tolist()
    logs = likelihood.tokens(out).tolist()
    share = (perf_counter() - began) / len(prompts)
    spelled = table(tokenizer, len(tokenizer))
    return [_completion(*each, ends, spelled, share) for each in zip(new, logs, strict=True)]


def encoded(
    loaded: Loaded, prompts: Sequence[Prompt], picture: Picture, *, blank: bool = False
) -> Any:
    """Prompts of one modality as the model takes them, padded on the left.

    Args:
        loaded: Whose processor lays them out.
        prompts: 1 or more.
        picture: How to draw.
        blank: Whether pictures are white instead, of the same size: what cannot be seen is no help.

    Raises:
        TaskError: An address names nothing, or a picture could not be read.
    """
    places: dict[Prompt, int] = {}
    each = [places.setdefault(prompt, len(places)) for prompt in prompts]
    if len(places) == len(prompts):
        return _laid(loaded, prompts, picture, blank)
    # Drawing and laying out take longer than copying.
    once = _laid(loaded, list(places), picture, blank)
    if any(len(value) % len(places) for value in once.values()):
        return _laid(loaded, prompts, picture, blank)
    index = torch.tensor(each)
    for name, value in once.items():
        # A row each, or as many patches each, since pictures are of one size.
        once[name] = value.unflatten(0, (len(places), -1))[index].flatten(0, 1)
    return once


def _laid(loaded: Loaded, prompts: Sequence[Prompt], picture: Picture, blank: bool) -> Any:
    """Prompts as a processor lays them out, each for itself."""
    processor, asked = loaded.processor, rows(prompts, picture)
    if blank:
        white = [np.full((picture.height, picture.width, 3), 255, np.uint8)]
        asked = [{**row, "images": white if row["images"] else []} for row in asked]
    turns = [row["prompt"] for row in asked]
    text = processor.apply_chat_template(turns, add_generation_prompt=True)
    begin = processor.tokenizer.bos_token
    return processor(
        text=text,
        images=[row["images"] for row in asked] if prompts[0].format.pictured else None,
        padding=True,
        return_tensors="pt",
        # A template that begins with the token has said it.
        add_special_tokens=begin is None or not text[0].startswith(begin),
    )


def endings(model: Any, tokenizer: Any) -> set[int]:
    """The tokens that end a reply."""
    said = model.generation_config.eos_token_id
    ends = set(said) if isinstance(said, list | tuple) else {said}
    return (ends | {tokenizer.eos_token_id}) - {None}


def _completion(
    ids: list[int], logs: list[float], ends: set[int], spelled: ByteTable, seconds: float
) -> Completion:
    stop = next((at for at, index in enumerate(ids) if index in ends), None)
    said = tuple(ids if stop is None else ids[: stop + 1])
    finish: Finish = "length" if stop is None else "stop"
    logprob = fsum(logs[: len(said)])
    return Completion(spelled.text(ids[:stop]), said, finish, seconds, logprob=logprob)


@lru_cache(maxsize=4)
def table(tokenizer: Any, size: int) -> ByteTable:
    """Spelled once; ``size`` tells a tokenizer from what it was before tokens were added."""
    return ByteTable(tokenizer)

"""Replies of a model one step at a time: what search grows and cuts back."""

from collections.abc import Iterator, Sequence
from math import fsum
from time import perf_counter
from typing import Any

from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.models.completion import Completion, Finish
from avrgym.models.likelihood import Likelihood
from avrgym.models.load import Loaded
from avrgym.models.policy import encoded, endings, table
from avrgym.models.unsayable import unsayable
from avrgym.prompts.prompt import Prompt

with needs("train"):
    import torch
    from transformers import LogitsProcessorList, StoppingCriteria, StoppingCriteriaList


class _Pause(StoppingCriteria):
    """Each row by itself, behind a token that ends a step."""

    def __init__(self, pauses: torch.Tensor) -> None:
        self._pauses = pauses

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        return torch.isin(input_ids[:, -1], self._pauses)


@torch.no_grad()
def steps(
    loaded: Loaded,
    prompts: Sequence[Prompt],
    begun: Sequence[Sequence[int]],
    picture: Picture,
    *,
    room: int,
    batch: int,
    seed: int,
    temperature: float = 1.0,
    top_p: float = 1.0,
    boundary: bytes = b"\n",
) -> list[Completion]:
    """What the model says next, to the end of a step or of the reply; drawn, not the likeliest.

    Args:
        loaded: Left in the mode that it was in.
        prompts: What was asked, n of them, of any formats.
        begun: The tokens that were said so far, n times; what follows them is drawn.
        picture: How to draw.
        room: Tokens of a whole reply; one that has as many is cut.
        batch: Steps drawn together.
        seed: Of the sampling; equal beginnings in one call go on independently.
        temperature: At which to draw, above 0.
        top_p: From which share of the likeliest tokens to draw, above 0 to 1.
        boundary: A token that has it in its bytes is the last of a step.

    Returns:
        n completions of the steps alone; ``finish`` is ``pause`` where the reply goes on.

    Raises:
        TaskError: An address names nothing, or a picture could not be read.
    """
    said: dict[int, Completion] = {}
    how = {"do_sample": True, "num_beams": 1, "repetition_penalty": 1.0, "top_k": 0}
    how |= {"temperature": temperature, "top_p": top_p}
    pauses = _pauses(loaded, boundary)
    was_training = loaded.model.training
    loaded.model.eval()
    try:
        cards = [loaded.model.device] if loaded.model.device.type == "cuda" else []
        with torch.random.fork_rng(devices=cards):
            torch.manual_seed(seed)
            for part in _parts(prompts, begun, room, batch):
                asked = [prompts[at] for at in part]
                drawn = _draw(loaded, asked, [begun[at] for at in part], picture, how, room, pauses)
                said |= zip(part, drawn, strict=True)
    finally:
        loaded.model.train(was_training)
    nothing = Completion(b"", finish="length", counted=0, logprob=0.0)
    return [said.get(at, nothing) for at in range(len(prompts))]


def _parts(
    prompts: Sequence[Prompt], begun: Sequence[Sequence[int]], room: int, batch: int
) -> Iterator[list[int]]:
    """Of one modality; those of like lengths together, so that little is padded."""
    for pictured in (True, False):
        mine = [
            at
            for at, prompt in enumerate(prompts)
            if prompt.format.pictured == pictured and len(begun[at]) < room
        ]
        mine.sort(key=lambda at: len(begun[at]))
        yield from (mine[start : start + batch] for start in range(0, len(mine), batch))


def _draw(
    loaded: Loaded,
    prompts: Sequence[Prompt],
    begun: Sequence[Sequence[int]],
    picture: Picture,
    how: dict[str, Any],
    room: int,
    pauses: torch.Tensor,
) -> list[Completion]:
    model, tokenizer = loaded.model, loaded.processor.tokenizer
    began = perf_counter()
    inputs = behind(encoded(loaded, prompts, picture), begun, tokenizer.pad_token_id)
    inputs = inputs.to(model.device, dtype=model.dtype)
    ends = endings(model, tokenizer)
    likelihood = Likelihood()
    out = model.generate(
        **inputs,
        max_new_tokens=room - min(map(len, begun)),
        suppress_tokens=unsayable(model, loaded.processor) or None,
        eos_token_id=sorted(ends),
        pad_token_id=tokenizer.pad_token_id,
        logits_processor=LogitsProcessorList([likelihood]),
        stopping_criteria=StoppingCriteriaList([_Pause(pauses)]),
        use_cache=True,
        **how,
    )
    new = out[:, inputs["input_ids"].shape[1] :].tolist()
    logs = likelihood.tokens(out).tolist()
    share = (perf_counter() - began) / len(prompts)
    stop, spelled = set(pauses.tolist()), table(tokenizer, len(tokenizer))
    found = []
    for each, before, logs_of in zip(new, begun, logs, strict=True):
        ids = each[: room - len(before)]
        at = next((at for at, index in enumerate(ids) if index in ends or index in stop), None)
        said = tuple(ids if at is None else ids[: at + 1])
        finish: Finish = "length" if at is None else "stop" if ids[at] in ends else "pause"
        words = spelled.text(said[:-1] if finish == "stop" else said)
        found.append(Completion(words, said, finish, share, logprob=fsum(logs_of[: len(said)])))
    return found


def behind(inputs: Any, begun: Sequence[Sequence[int]], pad: int) -> Any:
    """Encoded prompts with what was said behind them, padded on the left.

    Whatever the processor gives for each token goes on as it is for words.

    Args:
        inputs: As :func:`avrgym.models.policy.encoded` gives them, n rows; changed in place.
        begun: Tokens, n times.
        pad: The token that pads.
    """
    shape = inputs["input_ids"].shape
    most = max(map(len, begun))
    for name, held in list(inputs.items()):
        if most and isinstance(held, torch.Tensor) and held.shape == shape:
            before = pad if name == "input_ids" else 0
            wide = torch.full((shape[0], shape[1] + most), before, dtype=held.dtype)
            for row, said in enumerate(begun):
                start = most - len(said)
                wide[row, start : start + shape[1]] = held[row]
                if name == "input_ids":
                    wide[row, start + shape[1] :] = torch.tensor(said, dtype=held.dtype)
                elif name == "attention_mask":
                    wide[row, start + shape[1] :] = 1
            inputs[name] = wide
    return inputs


def _pauses(loaded: Loaded, boundary: bytes) -> torch.Tensor:
    tokenizer = loaded.processor.tokenizer
    spelled = table(tokenizer, len(tokenizer))
    held = [index for index in range(len(tokenizer)) if boundary in spelled.text([index])]
    return torch.tensor(held, dtype=torch.int64, device=loaded.model.device)

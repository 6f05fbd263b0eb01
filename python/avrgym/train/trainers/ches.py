"""CHES: which pairs a preference will push the chosen reply down with the rejected one.

The centred hidden embedding similarity of Razin et al. 2024 (arXiv 2410.08847): with the sums S of
the decoder's last hidden states from which a reply's tokens are predicted,

    CHES = <S chosen, S rejected> - |S chosen|²

and, with lengths, ``<S, S'> / (n n') - |S|² / n²``. The higher, the likelier displacement. Pairs
that part at one step, as ours do, are where it is high.

Masks say which tokens are a reply's, so that padding on either side changes nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from avrgym.core.extras import needs

with needs("train"):
    import torch

SCORED = "completion_mask"  # names the tokens that count, in a batch as TRL collates it


def ches(hidden: torch.Tensor, scored: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """CHES and its length-normalised form.

    Args:
        hidden: Last hidden states, (2 n, t, d): of n chosen replies, then of n rejected ones.
        scored: (2 n, t), 1 at the tokens of replies and 0 at prompts and padding.

    Returns:
        Both, float32 (n,).
    """
    # A token is predicted from the state before it, so the one at a reply's last token is none.
    weights = scored[:, 1:].to(torch.float32)
    sums = torch.einsum("nt,ntd->nd", weights, hidden[:, :-1].to(torch.float32))
    chosen, rejected = sums.chunk(2)
    long, other = weights.sum(1).clamp(min=1).chunk(2)
    between, own = (chosen * rejected).sum(1), (chosen * chosen).sum(1)
    return between - own, between / (long * other) - own / long**2


def log_probabilities(
    logits: torch.Tensor, ids: torch.Tensor, scored: torch.Tensor
) -> torch.Tensor:
    """Of the tokens that count, summed by row, float32 (n,).

    Args:
        logits: (n, t, v).
        ids: (n, t).
        scored: (n, t), 1 at tokens that count.
    """
    said = torch.log_softmax(logits[:, :-1].to(torch.float32), -1)
    each = said.gather(-1, ids[:, 1:, None])[..., 0]
    return (each * scored[:, 1:].to(torch.float32)).sum(1)


def discounted(scored: torch.Tensor, tail: float) -> torch.Tensor:
    """Weights of tokens where those count less by which one reply of a pair is the longer.

    Args:
        scored: (2 n, t), 1 at tokens that count: of n chosen replies, then of n rejected ones.
        tail: What tokens count beyond the length of the shorter one; TRL's ``ld_alpha``.

    Returns:
        float32 (2 n, t).
    """
    place, length = scored.cumsum(1), scored.sum(1)
    chosen, rejected = length.chunk(2)
    shared = torch.minimum(chosen, rejected).repeat(2)[:, None]
    return scored.to(torch.float32) * torch.where(place > shared, tail, 1.0)


@torch.no_grad()
def looked_at(
    model: Any, batches: Iterator[Mapping[str, Any]], *, states: bool
) -> Iterator[tuple[Any, torch.Tensor, torch.Tensor]]:
    """What a model makes of batches of pairs, in the mode for evaluation.

    Args:
        model: Left in the mode that it was in.
        batches: As TRL's collator of preferences makes them.
        states: Whether hidden states are wanted; they take memory.

    Yields:
        The model's output, token ids (2 n, t), and which tokens count (2 n, t).
    """
    was_training = model.training
    model.eval()
    try:
        for batch in batches:
            there = {
                name: value.to(model.device) if torch.is_tensor(value) else value
                for name, value in batch.items()
            }
            scored = there.pop(SCORED)
            for name, value in there.items():
                if torch.is_tensor(value) and value.is_floating_point():
                    there[name] = value.to(model.dtype)
            out = model(**there, output_hidden_states=states, use_cache=False)
            yield out, there["input_ids"], scored
    finally:
        model.train(was_training)

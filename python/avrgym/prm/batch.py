"""Prompts with replies as tensors, and where in them steps are read."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.models.load import Loaded
from avrgym.models.policy import encoded
from avrgym.prm.tokens import Tokens
from avrgym.prompts.prompt import Prompt

with needs("train"):
    import torch


class Part(TypedDict):
    """Rows of one modality: n of them, of t tokens at most, with m steps in all.

    Attributes:
        inputs: What the model takes, padded on the right, so that no position depends on the
            neighbours of a row.
        said: bool (n, t), the tokens of replies.
        row: int64 (m,), whose each step is.
        begin: int64 (m,), the first token behind the step before it.
        at: int64 (m,), the token that its last byte is in, or the last of the mark behind it.
        label: float32 (m,), NaN where nobody said.
        last: int64 (n,), the last token of each reply; of an empty one that of its prompt.
        right: float32 (n,), NaN where nobody said.
        places: int64 (n,), which of the rows asked for these are.
        steps: int64 (m,), which of all the steps asked for these are.
    """

    inputs: dict[str, torch.Tensor]
    said: torch.Tensor
    row: torch.Tensor
    begin: torch.Tensor
    at: torch.Tensor
    label: torch.Tensor
    last: torch.Tensor
    right: torch.Tensor
    places: torch.Tensor
    steps: torch.Tensor


class Row(TypedDict):
    """A row before it is laid out.

    Attributes:
        prompt: What was asked.
        tokens: Of the reply.
        ends: int64 (s,), where its steps end, in bytes.
        labels: float32 (s,), NaN where nobody said.
        right: 0, 1, or NaN.
    """

    prompt: Prompt
    tokens: Tokens
    ends: NDArray[np.int64]
    labels: NDArray[np.float32]
    right: float


def lay(
    loaded: Loaded,
    picture: Picture,
    rows: Sequence[Row],
    mark: Sequence[int] = (),
    *,
    blank: bool = False,
) -> list[Part]:
    """Rows as the model takes them, those that show a picture apart from the others.

    Args:
        loaded: Whose processor lays prompts out.
        picture: How to draw.
        rows: 1 or more.
        mark: Tokens that are put behind each step.
        blank: Whether pictures are white, see :func:`avrgym.models.policy.encoded`.
    """
    counts = [len(row["ends"]) for row in rows]
    first = np.append(0, np.cumsum(counts))
    found = []
    for pictured in (True, False):
        mine = [i for i, row in enumerate(rows) if row["prompt"].format.pictured == pictured]
        if mine:
            steps = np.concatenate([np.arange(first[i], first[i + 1]) for i in mine])
            found.append(_part(loaded, picture, [rows[i] for i in mine], mark, mine, steps, blank))
    return found


def _part(
    loaded: Loaded,
    picture: Picture,
    rows: Sequence[Row],
    mark: Sequence[int],
    places: Sequence[int],
    steps: NDArray[np.int64],
    blank: bool,
) -> Part:
    asked = encoded(loaded, [row["prompt"] for row in rows], picture, blank=blank)
    mask = asked["attention_mask"]
    begun = mask.sum(1).tolist()
    marked = [_marked(row["tokens"], row["ends"], mark) for row in rows]
    total = [begin + len(ids) for begin, (ids, _, _) in zip(begun, marked, strict=True)]
    shape, most = tuple(mask.shape), max(total)
    inputs: dict[str, torch.Tensor] = {}
    for name, value in asked.items():
        if tuple(value.shape) != shape:
            inputs[name] = value
            continue
        fill = loaded.processor.tokenizer.pad_token_id if name == "input_ids" else 0
        inputs[name] = value.new_full((len(rows), most), fill)
        for i, begin in enumerate(begun):  # prompts come padded on the left
            inputs[name][i, :begin] = value[i, shape[1] - begin :]
    said = torch.zeros(len(rows), most, dtype=torch.bool)
    for i, (ids, _, _) in enumerate(marked):
        inputs["input_ids"][i, begun[i] : total[i]] = torch.from_numpy(ids)
        inputs["attention_mask"][i, begun[i] : total[i]] = 1
        said[i, begun[i] : total[i]] = True
    owner = np.repeat(np.arange(len(rows)), [len(row["ends"]) for row in rows])
    offset = np.array(begun, np.int64)[owner]
    return {
        "inputs": inputs,
        "said": said,
        "row": torch.from_numpy(owner),
        "begin": torch.from_numpy(np.concatenate([each for _, each, _ in marked]) + offset),
        "at": torch.from_numpy(np.concatenate([each for _, _, each in marked]) + offset),
        "label": torch.from_numpy(np.concatenate([row["labels"] for row in rows])),
        "last": torch.tensor(total) - 1,
        "right": torch.tensor([row["right"] for row in rows], dtype=torch.float32),
        "places": torch.tensor(places),
        "steps": torch.from_numpy(steps),
    }


def _marked(
    tokens: Tokens, ends: NDArray[np.int64], mark: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Tokens with marks put in; and of each step its first token and the one where it is read.

    Steps that end in one token share its mark, and each begins behind the last token before it.
    """
    at = tokens.at(ends)
    distinct = np.unique(at)
    ids = np.insert(
        tokens.ids, np.repeat(distinct + 1, len(mark)), np.tile(mark, len(distinct)).astype(int)
    )
    # So many marks stand before a token, its own not counted.
    before = np.searchsorted(distinct, at)
    read = at + len(mark) * (before + 1)
    earlier = np.append(-1, distinct)[before]  # where the step before it ends
    begin = earlier + 1 + len(mark) * before
    return ids, begin, read

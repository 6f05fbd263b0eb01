"""Monte-Carlo labels: a step is as good as the share of its continuations that come out right.

What others label steps by where nobody knows the truth. Here the truth is known, so how good such
labels are is counted: :func:`audit`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avrgym import rewards
from avrgym._core import TaskError
from avrgym.analyses.interval import Estimate, share
from avrgym.analyses.skills import SEEING
from avrgym.core.arguments import whole
from avrgym.core.pictures import Picture
from avrgym.core.verdicts import verify
from avrgym.files import jsonl
from avrgym.models.digest import digest
from avrgym.models.load import Loaded
from avrgym.models.stepping import steps
from avrgym.prm.data import Labelled
from avrgym.prm.measure import auc, average_precision, ece
from avrgym.prm.tokens import Speller
from avrgym.prompts.prompt import Prompt

_NEVER = b"\x00 no token says this"


@dataclass(frozen=True, slots=True)
class Continued:
    """The same replies with labels by continuations.

    Attributes:
        rows: As they were, each step's label the share of its continuations that came out right.
        calls: Continuations that were drawn.
        tokens: Of these.
    """

    rows: list[Labelled]
    calls: int
    tokens: int


def continued(
    loaded: Loaded,
    rows: Sequence[Labelled],
    picture: Picture,
    *,
    n: int,
    max_reply: int,
    batch: int = 256,
    seed: int = 0,
    temperature: float = 1.0,
    kept: Path | None = None,
    hear: Callable[[int, int], None] = lambda done, of: None,
) -> Continued:
    """Labels by Monte Carlo: from behind each step the model goes on n times.

    Math-Shepherd (Wang et al. 2024, arXiv 2312.08935, eq. 4) has soft labels so; its hard ones are
    those above 0, see :func:`hard`. Steps that share what was said so far share continuations; the
    last step of a reply that ended is as good as the reply.

    Args:
        loaded: The model that goes on; it need not be the one that began.
        rows: Replies with steps.
        picture: How to draw.
        n: Continuations, 1 or more.
        max_reply: Tokens of a whole reply.
        batch: Continuations drawn together.
        seed: Of the sampling.
        temperature: At which to draw, above 0.
        kept: File that keeps what is drawn, batch by batch; what it has is not drawn again, so
            that whoever was stopped goes on to the same labels.
        hear: Told how many continuations are drawn, and of how many.

    Raises:
        TaskError: A number is out of its range, a reply's tokens are not the model's, or ``kept``
            is of other replies, settings or weights.
    """
    whole("n", n, 1, 4096)
    speller = Speller(loaded.processor.tokenizer)
    begun: dict[tuple[Prompt, tuple[int, ...]], bytes] = {}
    whose: list[list[tuple[Prompt, tuple[int, ...]] | None]] = []
    for row in rows:
        tokens = speller.tokens(row.completion)
        at = tokens.at(np.array(row.ends, np.int64))
        mine: list[tuple[Prompt, tuple[int, ...]] | None] = []
        for place, token in enumerate(at.tolist()):
            ended = place == len(at) - 1 and row.finish == "stop" and row.right is not None
            key = (row.prompt, tuple(tokens.ids[: token + 1].tolist()))
            mine.append(None if ended else key)
            if not ended:
                begun.setdefault(key, row.reply[: int(tokens.ends[token])])
        whose.append(mine)
    how = n, max_reply, batch, seed, temperature
    before = (
        {} if kept is None else _before(kept, (list(begun), picture, how, digest(loaded.model)))
    )
    good, spent = _right(loaded, begun, picture, *how, before, kept, hear)
    found = []
    for row, keys in zip(rows, whose, strict=True):
        labels = tuple(float(bool(row.right)) if key is None else good[key] for key in keys)
        found.append(replace(row, labels=labels))
    return Continued(found, len(begun) * n, spent)


def _right(
    loaded: Loaded,
    begun: dict[tuple[Prompt, tuple[int, ...]], bytes],
    picture: Picture,
    n: int,
    max_reply: int,
    batch: int,
    seed: int,
    temperature: float,
    before: dict[int, jsonl.Line],
    kept: Path | None,
    hear: Callable[[int, int], None],
) -> tuple[dict[tuple[Prompt, tuple[int, ...]], float], int]:
    """The share of right continuations of each beginning, and the tokens that were drawn."""
    keys = list(begun)
    found: dict[tuple[Prompt, tuple[int, ...]], float] = {}
    spent, many = 0, max(1, batch // n)
    for start in range(0, len(keys), many):
        part = keys[start : start + many]
        if (held := before.get(start)) is not None:
            spent += held["tokens"]
            found |= zip(part, held["shares"], strict=True)
            continue
        hear(start * n, len(keys) * n)
        asked = [key for key in part for _ in range(n)]
        drawn = steps(
            loaded,
            [prompt for prompt, _ in asked],
            [ids for _, ids in asked],
            picture,
            room=max_reply,
            batch=batch,
            seed=seed + start,
            temperature=temperature,
            boundary=_NEVER,
        )
        tokens = sum(each.tokens or 0 for each in drawn)
        spent += tokens
        said = [begun[key] + each.reply for key, each in zip(asked, drawn, strict=True)]
        judged = verify([prompt.address for prompt, _ in asked], said)
        right = rewards.right(judged, [prompt.format.name for prompt, _ in asked])
        shares = right.reshape(len(part), n).mean(1).tolist()
        found |= zip(part, shares, strict=True)
        if kept is not None:
            jsonl.append(kept, [{"start": start, "shares": shares, "tokens": tokens}])
    hear(len(keys) * n, len(keys) * n)
    return found, spent


def _before(kept: Path, of: object) -> dict[int, jsonl.Line]:
    """Batches that a file has, by where they begin; what they are of is in its first line."""
    named = blake2b(repr(of).encode(), digest_size=16).hexdigest()
    lines = list(jsonl.read(kept))
    if not lines:
        jsonl.append(kept, [{"of": named}])
        return {}
    if lines[0].get("of") != named:
        raise TaskError(
            f"{kept} was begun with other replies, settings or weights; give those, or remove it"
        )
    return {line["start"]: line for line in lines[1:]}


def hard(rows: Sequence[Labelled]) -> list[Labelled]:
    """Labels as Math-Shepherd's hard ones: 1 where any continuation came out right, else 0."""
    return [
        replace(row, labels=tuple(None if x is None else float(x > 0) for x in row.labels))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Audit:
    """How labels of steps compare with the truth, which steps are wrong being the question.

    Attributes:
        steps: That have both a label and a truth.
        wrong: Share that is wrong in truth.
        precision: Of steps that are labelled wrong, the share that is.
        recall: Of steps that are wrong, the share that is labelled so.
        kappa: Agreement beyond chance (Cohen 1960); NaN where either says one thing alone.
        auc: Chance that a right step is labelled higher than a wrong one, half where they tie; NaN
            where all steps are right, or none is.
        average: Average precision in finding wrong steps, the lowest labels first; NaN where none
            is wrong.
        ece: Expected calibration error of labels as chances that a step is right, see
            :func:`avrgym.prm.measure.ece`.
    """

    steps: int
    wrong: float
    precision: Estimate
    recall: Estimate
    kappa: float
    auc: float
    average: float
    ece: float


def audit(labelled: Sequence[Labelled], truth: Sequence[Labelled]) -> dict[str, Audit]:
    """Labels against the truth: of all steps, by class of skill, and by skill.

    Args:
        labelled: Replies with labels, below one half of which is wrong; soft ones are also ranked.
        truth: The same replies with the verifier's labels, and skills.

    Raises:
        TaskError: They are not the same replies.
    """
    said, true, skill = list[float](), list[bool](), list[str]()
    for one, other in zip(labelled, truth, strict=True):
        if one.reply != other.reply or one.ends != other.ends:
            raise TaskError(f"labels of {one.prompt.address} are not of the reply they are held to")
        for label, right, name in zip(one.labels, other.labels, other.skills, strict=True):
            if label is not None and right is not None:
                said.append(label)
                true.append(right < 0.5)
                skill.append(name)
    labels, wrong, names = np.array(said, float), np.array(true, bool), np.array(skill, object)
    sees = np.isin(names, SEEING)
    groups = {"all": np.ones(len(labels), bool), "seeing": sees, "thinking": ~sees}
    groups |= {name: names == name for name in dict.fromkeys(skill)}
    return {name: _audited(labels[own], wrong[own]) for name, own in groups.items() if own.any()}


def _audited(labels: NDArray[np.float64], wrong: NDArray[np.bool_]) -> Audit:
    named = labels < 0.5
    agreed = float((named == wrong).mean())
    chance = float(named.mean() * wrong.mean() + (1 - named.mean()) * (1 - wrong.mean()))
    kappa = (agreed - chance) / (1 - chance) if chance < 1 else float("nan")
    ranked = auc(labels, ~wrong), average_precision(-labels, wrong), ece(labels, ~wrong)
    counted = share(wrong[named]), share(named[wrong])
    return Audit(len(named), float(wrong.mean()), *counted, kappa, *ranked)

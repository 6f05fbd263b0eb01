"""Labelled steps on disk, in our columns and in those of others."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import avrgym
from avrgym._core import TaskError
from avrgym.core.corruption import CORRUPTIONS, corrupted
from avrgym.core.generator import generator
from avrgym.core.pictures import Picture, encode
from avrgym.core.samples import samples
from avrgym.data import containers
from avrgym.data.layouts import INTEGER, MESSAGES, PICTURE, STRING, TURNS
from avrgym.files import storage
from avrgym.models.completion import Completion
from avrgym.prm.data import Labelled, of_completions
from avrgym.prompts.format import Format
from avrgym.prompts.formats import prompt
from avrgym.prompts.prompt import Prompt

FLOAT: Any = {"dtype": "float64", "_type": "Value"}
TRUTH: Any = {"dtype": "bool", "_type": "Value"}
TABLE = "train-00000-of-00001.parquet"  # as the hub names the one file of a split
SETTINGS = "steps.json"

#: What Math-Shepherd puts behind a step, where its labels stand (Wang et al. 2024).
STEP = "ки"
_BATCH = 256  # rows whose pictures are held at once

Cells: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled reply, and what was asked in words.

    Attributes:
        labelled: The reply.
        asked: The words of the prompt.
        images: The picture, encoded; none where none was shown.
        kind: What was done to a rationale, one of ``CORRUPTIONS``; ``gold`` where nothing was, and
            empty of a reply that a model drew.
    """

    labelled: Labelled
    asked: str
    images: list[bytes]
    kind: str

    @property
    def pieces(self) -> list[str]:
        """The reply cut behind each step that has a label; joined they are all up to the last."""
        held = zip(self.labelled.ends, self.labelled.labels, strict=True)
        cuts = [0, *(end for end, label in held if label is not None)]
        cuts = [max(cuts[: at + 1]) for at in range(len(cuts))]  # steps may stand in each other
        return [self.labelled.reply[a:b].decode("utf-8", "replace") for a, b in pairwise(cuts)]

    @property
    def good(self) -> list[bool]:
        """Whether each step that has a label is rather right than wrong."""
        return [label >= 0.5 for label in self.labelled.labels if label is not None]


@dataclass(frozen=True, slots=True)
class Form:
    """Columns for one kind of reader.

    Attributes:
        purpose: Who reads it.
        columns: Their types, in order.
        cells: A row's values, by column.
    """

    purpose: str
    columns: Mapping[str, Any]
    cells: Callable[[Row], Cells]


def _ours(row: Row) -> Cells:
    held = row.labelled
    return {
        "prompt": [{"role": "user", "content": row.asked}],
        "images": row.images,
        "reply": held.reply.decode("utf-8", "replace"),
        "ends": list(held.ends),
        "labels": list(held.labels),
        "skills": list(held.skills),
        "first_error": held.first_error,
        "right": held.right,
        "kind": row.kind,
        "ids": list(held.ids),
    }


def _stepwise(row: Row) -> Cells:
    return {
        "prompt": row.asked,
        "completions": row.pieces,
        "labels": row.good,
        "images": row.images,
    }


def _shepherd(row: Row) -> Cells:
    marks = ["+" if good else "-" for good in row.good]
    pieces = [each.strip("\n") for each in row.pieces]
    shown = [f"{each} {STEP}" for each in pieces]
    told = [f"{each} {mark}" for each, mark in zip(pieces, marks, strict=True)]
    return {
        "input": "\n".join([row.asked, *shown]),
        "label": "\n".join([row.asked, *told]),
        "images": row.images,
    }


def _visual(row: Row) -> Cells:
    turns = []
    for at, (piece, good) in enumerate(zip(row.pieces, row.good, strict=True)):
        words = piece.strip("\n")
        if at == 0:
            picture = "<image>\n" if row.images else ""
            words = f"{picture}{row.asked}\n\n{words}"
        turns += [{"from": "human", "value": words}, {"from": "gpt", "value": "+" if good else "-"}]
    return {"conversations": turns, "images": row.images}


#: By name. ``columns`` has all that is known; ``stepwise`` is what TRL calls stepwise supervision;
#: ``math-shepherd`` marks the end of each step; ``visualprm`` has a turn for each step, and its
#: label for an answer (arXiv 2503.10291).
FORMS: Mapping[str, Form] = {
    "columns": Form(
        "all that is known of each step",
        {
            "prompt": MESSAGES,
            "images": [PICTURE],
            "reply": STRING,
            "ends": [INTEGER],
            "labels": [FLOAT],
            "skills": [STRING],
            "first_error": INTEGER,
            "right": TRUTH,
            "kind": STRING,
            "ids": [INTEGER],
        },
        _ours,
    ),
    "stepwise": Form(
        "TRL's type of stepwise supervision",
        {"prompt": STRING, "completions": [STRING], "labels": [TRUTH], "images": [PICTURE]},
        _stepwise,
    ),
    "math-shepherd": Form(
        "Math-Shepherd's marks",
        {"input": STRING, "label": STRING, "images": [PICTURE]},
        _shepherd,
    ),
    "visualprm": Form("VisualPRM's turns", {"conversations": TURNS, "images": [PICTURE]}, _visual),
}
_ORIGIN = {"address": STRING, "format": STRING}
_NOTHING: Mapping[str, Sequence[str]] = {}


def tampered(
    addresses: Sequence[str],
    format: Format,
    *,
    kinds: Sequence[str] = tuple(CORRUPTIONS),
    gold: bool = True,
    seed: int = 0,
    template: str = "plain",
) -> list[tuple[Labelled, str]]:
    """Rationales with one error each, and as they are, labelled by the verifier.

    Args:
        addresses: Samples; a problem too small for an error is left out.
        format: In which they are asked.
        kinds: Of errors, see :func:`avrgym.core.corruption.corrupted`.
        gold: Whether every rationale comes as it is, too.
        seed: Of the draws.
        template: How prompts are worded.

    Returns:
        Labelled replies with the kind of each, ``gold`` for those as they are.
    """
    made = [each for each in corrupted(addresses, kinds=kinds, seed=seed) if each is not None]
    said = [(each.address, each.reply, each.kind) for each in made]
    if gold:
        own = {each.address: each.rationale for each in samples(addresses)}
        order = {address: place for place, address in enumerate(own)}
        said += [(address, rationale, "gold") for address, rationale in own.items()]
        said.sort(key=lambda each: order[each[0]])
    prompts = [Prompt(address, format, template) for address, _, _ in said]
    labelled = of_completions(prompts, [Completion(reply.encode()) for _, reply, _ in said])
    return list(zip(labelled, (kind for _, _, kind in said), strict=True))


def write(
    folder: Path,
    rows: Sequence[tuple[Labelled, str]],
    picture: Picture,
    form: str,
    facts: Mapping[str, Any],
) -> None:
    """Writes labelled replies as a Parquet file that ``datasets`` reads.

    Args:
        folder: New; it is there whole or not at all.
        rows: Labelled replies, and what was done to each, see :class:`Row`.
        picture: How those are drawn that show one.
        form: One of ``FORMS``.
        facts: What was made of what, kept beside.

    Raises:
        TaskError: There is nothing to write, the folder is there, or pyarrow is not installed.
        OSError: Something could not be written.
    """
    if folder.exists():
        raise TaskError(f"{folder} is there; give a new folder with --to")
    if not rows:
        raise TaskError("there is no reply with steps, so there is nothing to learn from")
    within = folder.parent / f".{folder.name}.part"
    try:
        with storage.folder_aside(folder, within) as part:
            table(part / TABLE, rows, picture, form)
            told = {
                **facts,
                "form": form,
                "rows": len(rows),
                **counted(rows),
                "picture": {"size": picture.size, "theme": picture.theme},
                "avrgym": avrgym.__version__,
                "generator": generator(),
            }
            storage.write_json(part / SETTINGS, told, part)
    finally:
        if within.exists():
            within.rmdir()


def table(
    file: Path,
    rows: Sequence[tuple[Labelled, str]],
    picture: Picture,
    form: str,
    beside: Mapping[str, Sequence[str]] = _NOTHING,
) -> None:
    """Writes labelled replies as one Parquet file, in place.

    Args:
        file: What to write.
        rows: Labelled replies, and what was done to each, see :class:`Row`.
        picture: How those are drawn that show one.
        form: One of ``FORMS``.
        beside: More columns by name, a word for each row.

    Raises:
        TaskError: pyarrow is not installed.
        OSError: It could not be written.
    """
    held = FORMS[form]
    columns = {**held.columns, **_ORIGIN, **dict.fromkeys(beside, STRING)}
    target = containers.Target(file, None, "", "png")
    containers.write("parquet", _batches(rows, picture, held, beside), columns, target)


def counted(rows: Sequence[tuple[Labelled, str]]) -> dict[str, int]:
    """How many steps there are, how many of them are wrong, and how many nobody can judge."""
    labels = [label for each, _ in rows for label in each.labels]
    known = [label for label in labels if label is not None]
    wrong = sum(label < 0.5 for label in known)
    return {"steps": len(labels), "wrong": wrong, "unknown": len(labels) - len(known)}


def _batches(
    rows: Sequence[tuple[Labelled, str]],
    picture: Picture,
    form: Form,
    beside: Mapping[str, Sequence[str]],
) -> Iterator[list[tuple[str, Cells]]]:
    for first in range(0, len(rows), _BATCH):
        part = rows[first : first + _BATCH]
        prompts = [each.prompt for each, _ in part]
        shown = list(dict.fromkeys(each.address for each in prompts if each.format.pictured))
        # What was shown is drawn again, whether or not it could be read.
        files = dict(
            zip(shown, encode(shown, picture.size, picture.theme, insist=True), strict=True)
        )
        asked = samples(each.address for each in prompts)
        batch = []
        for at, ((labelled, kind), sample) in enumerate(zip(part, asked, strict=True)):
            mine = labelled.prompt
            words = prompt(sample, mine.format, template=mine.template)
            images = [files[mine.address]] if mine.format.pictured else []
            cells = form.cells(Row(labelled, words, images, kind))
            cells |= {"address": mine.address, "format": mine.format.name}
            cells |= {name: told[first + at] for name, told in beside.items()}
            batch.append((f"{first + at:08}", cells))
        yield batch

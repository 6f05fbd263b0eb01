"""Pairs on disk, of replies that are there: those of a run's training, or of an evaluation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import avrgym
from avrgym._core import TaskError
from avrgym.core.generator import generator
from avrgym.core.pictures import Picture, encode
from avrgym.core.samples import samples
from avrgym.data import containers
from avrgym.data.layouts import INTEGER, MESSAGES, PICTURE, STRING
from avrgym.evaluate.results import said
from avrgym.files import jsonl, storage
from avrgym.prompts.format import Format
from avrgym.prompts.formats import prompt
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import RESULTS, ROLLOUTS, Record
from avrgym.train.pairing import Pairing
from avrgym.train.trainers.pairs import Contrast, Paired, paired

#: What TRL's DPO trainer reads, what ``Unended`` reads, and where a row comes from.
COLUMNS: Mapping[str, Any] = {
    "prompt": MESSAGES,
    "chosen": MESSAGES,
    "rejected": MESSAGES,
    "images": [PICTURE],
    "cut": INTEGER,
    "chosen_cut": INTEGER,
    "address": STRING,
    "format": STRING,
}
SETTINGS = "pairs.json"
TABLE = "train-00000-of-00001.parquet"  # as the hub names the one file of a split

_BATCH = 256  # pairs whose pictures are held at once


@dataclass(frozen=True, slots=True)
class Replied:
    """Replies to prompts, several to each.

    Attributes:
        prompts: What was asked.
        replies: What was said to each.
        picture: How pictures were drawn that were shown.
        source: The file that they are from.
    """

    prompts: list[Prompt]
    replies: list[bytes]
    picture: Picture
    source: Path


def replied(folder: Path) -> Replied:
    """The replies of a folder: what a run drew to learn from, else sampled ones of an evaluation.

    Of several stages the last one's are taken, which are nearest to the model.

    Raises:
        TaskError: It holds none, or they are to problems that nothing is trained on.
    """
    for name in (ROLLOUTS, RESULTS):
        if rows := list(jsonl.read(folder / name)):
            break
    else:
        raise TaskError(
            f"{folder} holds no replies ({ROLLOUTS} of a run, {RESULTS} of an evaluation); give "
            "a folder of avrgym train, or of avrgym evaluate"
        )
    rows = [row for row in rows if row["stage"] == rows[-1]["stage"]]
    if any(row.get("decoding") == "sampled" for row in rows):
        rows = [row for row in rows if row["decoding"] == "sampled"]
    splits = {avrgym.Address.parse(row["address"]).split for row in rows}
    if "test" in splits:
        raise TaskError(
            f"{folder / name} is of split test, on which nothing is trained; give a run that drew "
            "replies while it trained, or ask with avrgym evaluate --split val"
        )
    prompts = [
        Prompt(row["address"], Format.parse(row["format"]), row.get("template", "plain"))
        for row in rows
    ]
    replies = [said({"raw": None, **row}) for row in rows]
    return Replied(prompts, replies, _picture(folder, rows), folder / name)


def write(folder: Path, source: Path, rule: Pairing) -> Paired:
    """Writes the pairs of a folder's replies as a Parquet file that ``datasets`` reads.

    Args:
        folder: New; it is there whole or not at all.
        source: Of :func:`replied`.
        rule: Which pairs are made.

    Raises:
        TaskError: No pair is found, the folder is there, or pyarrow is not installed.
        OSError: Something could not be written.
    """
    if folder.exists():
        raise TaskError(f"{folder} is there; give a new folder with --to")
    found = replied(source)
    made = paired(found.prompts, found.replies, rule)
    if not made.pairs:
        raise TaskError(
            f"{found.source}: {made.lack}; give replies with several to a prompt, or a wider "
            "--accuracy"
        )
    within = folder.parent / f".{folder.name}.part"
    try:
        with storage.folder_aside(folder, within) as part:
            target = containers.Target(part / TABLE, None, "", "png")
            containers.write("parquet", _batches(made.pairs, found.picture), COLUMNS, target)
            facts = {
                "source": str(found.source),
                "rule": asdict(rule),
                "pairs": len(made.pairs),
                "prompts": made.prompts,
                "mixed": made.mixed,
                "replies": made.replies,
                "right": made.right,
                "picture": {"size": found.picture.size, "theme": found.picture.theme},
                "avrgym": avrgym.__version__,
                "generator": generator(),
            }
            storage.write_json(part / SETTINGS, facts, part)
    finally:
        if within.exists():
            within.rmdir()
    return made


def _picture(folder: Path, rows: Sequence[Mapping[str, Any]]) -> Picture:
    """How the pictures of rows were drawn: as rows say it, or their run."""
    shown = {(tuple(row["size"]), row["theme"]) for row in rows if row.get("size")}
    if len(shown) > 1:
        raise TaskError(
            f"{folder} shows pictures in {len(shown)} ways; give an evaluation of one size and "
            "theme"
        )
    if shown:
        [(size, theme)] = shown
        return Picture(size, theme)
    if not (folder / "run.json").exists():
        return Picture()
    held = Record(folder).settings()["picture"]
    size = held["size"]
    return Picture(tuple(size) if isinstance(size, list) else size, held["theme"])


def _batches(
    pairs: Sequence[Contrast], picture: Picture
) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    for first in range(0, len(pairs), _BATCH):
        part = pairs[first : first + _BATCH]
        shown = list(
            dict.fromkeys(pair.prompt.address for pair in part if pair.prompt.format.pictured)
        )
        # What was shown is drawn again, whether or not it could be read.
        drawn = encode(shown, picture.size, picture.theme, insist=True)
        files = dict(zip(shown, drawn, strict=True))
        asked = samples(pair.prompt.address for pair in part)
        words = [
            prompt(sample, pair.prompt.format, template=pair.prompt.template)
            for pair, sample in zip(part, asked, strict=True)
        ]
        yield [
            (f"{first + at:08}", _cells(pair, said, files))
            for at, (pair, said) in enumerate(zip(part, words, strict=True))
        ]


def _cells(pair: Contrast, words: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    address, format = pair.prompt.address, pair.prompt.format
    # Strings, not blocks: TRL puts the picture before them, and Arrow would add empty keys.
    shown = {
        "prompt": [{"role": "user", "content": words}],
        "images": [files[address]] if format.pictured else [],
    }
    row = pair.row(shown)
    cut = {name: int(row[name]) for name in ("cut", "chosen_cut")}
    return {**row, **cut, "address": address, "format": format.name}

"""What a dataset is a function of."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.metadata import version
from typing import Literal, TypeAlias, get_args

from avrgym._core import TaskError, encode, words
from avrgym.core.arguments import made, nearest, spoken, truth, whole
from avrgym.core.pictures import THEMES, Encoding, Size, Theme, check_legible, sides
from avrgym.mixtures import Mixture
from avrgym.mixtures.parts import LARGEST

Container: TypeAlias = Literal["auto", "parquet", "jsonl", "webdataset", "tsv"]
#: TRL's trainers that layout trl is written for.
TRAINERS = ("sft", "grpo")
Duplicates: TypeAlias = Literal["auto", "drop", "count", "fail"]


@dataclass(frozen=True, slots=True)
class Writing:
    """How rows are written.

    Attributes:
        layout: Which columns: trl, verl, easyr1, llava, sharegpt, plain; for evaluation
            vlmevalkit, lmms-eval, nemo-gym.
        trainer: Of layout trl: sft writes prompt, completion and images, grpo prompt, images and
            answer. Rows with and without a picture must then come in runs of one modality.
            Left out, there are the columns of both, in any order.
        container: Which kind of files; auto is the layout's own.
        size: Pixels to a picture's side, or its height and width; each 64 to 4096.
        theme: What pictures look like.
        encoding: Of pictures; png is lossless.
        quality: Of jpeg, 1 to 100.
        shard_rows: Rows to a file.
        insist: Whether to draw pictures too small to be read; see avrgym.legible_size.
        duplicates: What becomes of a content that the format has already: drop puts another
            instance there, count only counts it, fail is an error; auto drops, but counts in a
            range of addresses, which are those and no others.
    """

    layout: str = "trl"
    trainer: str | None = None
    container: Container = "auto"
    size: Size = 448
    theme: Theme = "paper"
    encoding: Encoding = "png"
    quality: int = 90
    shard_rows: int = 10_000
    duplicates: Duplicates = "auto"
    insist: bool = False

    def __post_init__(self) -> None:
        for what, value, known in (
            ("container", self.container, get_args(Container)),
            ("theme", self.theme, THEMES),
            ("encoding", self.encoding, get_args(Encoding)),
            ("way with duplicates", self.duplicates, get_args(Duplicates)),
        ):
            if not isinstance(value, str) or value not in known:
                near, among = nearest(value, known), ", ".join(known)
                raise TaskError(f"unknown {what} {spoken(value)}{near}; give one of {among}")
        made("layout", self.layout, str)
        if isinstance(self.trainer, str) and self.trainer == "dpo":
            raise TaskError(
                "DPO wants pairs of replies, and a mixture has none; give sft or grpo, or write "
                "pairs of a folder of replies: avrgym generate FOLDER --for dpo"
            )
        if self.trainer is not None:
            if not isinstance(self.trainer, str) or self.trainer not in TRAINERS:
                said = spoken(self.trainer)
                near, among = nearest(self.trainer, TRAINERS), ", ".join(TRAINERS)
                raise TaskError(f"unknown trainer {said}{near}; give one of {among}")
            if self.layout != "trl":
                raise TaskError(
                    f"layout {self.layout} is not written for {self.trainer}, only layout trl is; "
                    "leave one of the two out"
                )
        sides(self.size)
        whole("quality", self.quality, 1, 100)
        whole("shard_rows", self.shard_rows, 1, LARGEST)
        truth("insist", self.insist)

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width of pictures, pixels."""
        return sides(self.size)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the bytes of a dataset, besides the contents it must not have.

    Attributes:
        mixture: Which rows, in which order.
        writing: How they are written.
    """

    mixture: Mixture
    writing: Writing = field(default_factory=Writing)

    def __post_init__(self) -> None:
        made("mixture", self.mixture, Mixture)
        made("writing", self.writing, Writing)
        if not self.writing.insist:
            for phase in self.mixture.phases:
                check_legible(phase.pictured(), self.writing.sides, self.writing.theme)


def makers(settings: Settings) -> dict[str, str]:
    """The versions that the bytes depend on, and a digest of what the generator makes."""
    return asked(settings)()


def asked(settings: Settings) -> Callable[[], dict[str, str]]:
    """:func:`makers` as another process can be asked, which may know other settings than this."""
    tasks = sorted({part.task for phase in settings.mixture.phases for part in phase.parts})
    return partial(_makers, settings.writing.container, tasks)


def _makers(container: str, tasks: list[str]) -> dict[str, str]:
    used = {"parquet": ["pyarrow"], "webdataset": ["webdataset"]}
    names = ["avrgym", *used.get(container, [])]
    # What the core makes of the tasks, since its version alone may not tell.
    digest = hashlib.sha256("".join(map(_probed, tasks)).encode()).hexdigest()[:16]
    return {**{name: version(name) for name in names}, "generator": digest}


@cache
def _probed(task: str) -> str:
    """A digest of a task's words and pictures."""
    address = [f"{task}/simple#train:0:0"]
    made = hashlib.sha256(json.dumps(words(address)).encode())
    for encoding in ("png", "jpeg"):
        [picture] = encode(address, (128, 128), "paper", encoding, 90)
        made.update(picture)
    return made.hexdigest()

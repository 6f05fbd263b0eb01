"""What a language model says of stored replies, right or wrong, beside what the verifier says."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from avrgym.core.arguments import named, whole
from avrgym.core.pictures import Picture
from avrgym.core.samples import Sample, samples
from avrgym.evaluate.folder import SETTINGS, Folder
from avrgym.evaluate.results import key
from avrgym.files import jsonl
from avrgym.models.completion import Completion, Question
from avrgym.models.endpoint import Endpoint
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import Record

OPINIONS = "opinions.jsonl"
GIVEN: tuple[str, ...] = ("answer", "twin", "both")

#: What a judge is told beside question and reply.
Given: TypeAlias = Literal["answer", "twin", "both"]
#: Told how many replies were judged, and how many there are.
Hear: TypeAlias = Callable[[int, int], None]

# Behind it stands what counts, as in replies: models think aloud in several ways.
_THOUGHT = re.compile(r"(?s)\A.*</think(?:ing)?>")
_WORD = re.compile(r"(?i)\b(yes|no)\b")
_AT_ONCE = 256  # samples that are made together
# What tells rows apart, see avrgym.evaluate.results.Key.
_KEYS = (
    *("stage", "address", "format", "decoding", "draw", "template", "size", "theme"),
    *("temperature", "top_p"),
)


@dataclass(frozen=True, slots=True)
class Opinions:
    """A judge, and what it is told.

    Attributes:
        model: The judge, as its server calls it.
        given: ``answer`` (a right one), ``twin`` (the problem as text) or ``both``. Pictures are
            not shown: what a judge thinks it sees would be a second thing to be wrong about.
        limit: How many replies are judged, spread over all that are stored; 0 for all.
        room: Tokens that the judge has for what it says, 1 or more.

    Raises:
        TaskError: One of them is out of its range.
    """

    model: str
    given: Given = "both"
    limit: int = 0
    room: int = 1024

    def __post_init__(self) -> None:
        named("given", self.given, GIVEN)
        whole("limit", self.limit, 0, 2**40)
        whole("room", self.room, 1, 2**20)

    def ask(self, sample: Sample, format: Format, reply: str) -> str:
        """What the judge is asked of a reply."""
        parts = [_ASKED, f"The problem:\n\n{sample.question}"]
        if self.given != "answer" or not format.transcribes:
            twin = f"What there is to see, as text:\n\n{sample.twin}"
            parts += [twin] * (self.given != "answer")
        if self.given != "twin":
            right = sample.twin if format.transcribes else sample.answer
            parts.append(f"A right answer (another may be right as well):\n\n{right}")
        parts.append(f"The reply:\n\n{reply}")
        parts.append("Is the final answer of the reply right? Say yes or no.")
        return "\n\n".join(parts)


_ASKED = (
    "You are given a problem and a reply to it. Judge the final answer of the reply alone: "
    "whether it solves the problem. A reply without a final answer is wrong."
)


def read(said: str) -> bool | None:
    """What a judge's words mean: yes, no, or None where they do not say one thing.

    What stands before the end of a thought is not looked at. One of the two words has to be there,
    as often as it likes, and the other not at all.
    """
    words = {word.lower() for word in _WORD.findall(_THOUGHT.sub("", said))}
    return None if len(words) != 1 else words == {"yes"}


def judge(folder: Path, opinions: Opinions, endpoint: Endpoint, hear: Hear) -> None:
    """Asks for what was not judged yet; each opinion is written as it comes.

    Args:
        folder: Of an evaluation or a run; takes ``opinions.jsonl``.
        opinions: Who judges, and told what.
        endpoint: Where it is.
        hear: Told how far that is.

    Raises:
        TaskError: Another process is at the folder, or the server fails; opinions so far are kept.
    """
    held = Folder(folder)
    with held.alone() if (folder / SETTINGS).exists() else Record(folder).alone():
        wanted = list(_wanted(held, opinions))
        done = {key(line) for line in _mine(folder, opinions)}
        left = frozenset(place for place, row in wanted if key(row) not in done)
        count, total = len(wanted) - len(left), len(wanted)
        hear(count, total)
        rows = dict[int, dict[str, Any]]()  # those that are under way; others stay on disk
        asked = _questions(held, opinions, left, rows)
        for _, place, said in endpoint.replies(asked, max_reply=opinions.room):
            jsonl.append(folder / OPINIONS, [_line(rows.pop(place), said, opinions)])
            count += 1
            hear(count, total)


def judged(folder: Path, opinions: Opinions) -> Iterator[dict[str, Any]]:
    """Rows that were judged so, with what the judge said as ``judge``: true, false or None."""
    said = {key(line): line["right"] for line in _mine(folder, opinions)}
    for row in Folder(folder).rows():
        if (which := key(row)) in said:
            yield row | {"judge": said[which]}


def _mine(folder: Path, opinions: Opinions) -> Iterator[dict[str, Any]]:
    for line in jsonl.read(folder / OPINIONS):
        if (line["judge"], line["given"]) == (opinions.model, opinions.given):
            yield line


def _wanted(folder: Folder, opinions: Opinions) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows that are to be judged, with their places; of a row as much as tells it apart."""
    total = sum(1 for _ in folder.rows()) if opinions.limit else 0
    count = min(opinions.limit, total)
    for place, row in enumerate(folder.rows()):
        # The first of each of ``count`` parts of the same size.
        if not count or place * count % total < count:
            yield place, {name: row.get(name) for name in _KEYS if name in row}


def _questions(
    folder: Folder, opinions: Opinions, left: frozenset[int], rows: dict[int, dict[str, Any]]
) -> Iterator[Question]:
    """What is to be asked; rows are put where their opinions will look for them."""
    wanted = (row | {"place": at} for at, row in enumerate(folder.rows()) if at in left)
    for part in jsonl.parts(wanted, _AT_ONCE):
        made = samples([row["address"] for row in part])
        for row, sample in zip(part, made, strict=True):
            rows[row["place"]] = row
            format = Format.parse(row["format"])
            words = opinions.ask(sample, format, row["reply"])
            prompt = Prompt(row["address"], format)
            yield Question(prompt, Picture(), "greedy", (row["place"],), words=words)


def _line(row: Mapping[str, Any], said: Completion, opinions: Opinions) -> dict[str, Any]:
    words = said.reply.decode("utf-8", "replace")
    return {
        **{name: row[name] for name in _KEYS if name in row},
        "judge": opinions.model,
        "given": opinions.given,
        # What was cut may have been about to say otherwise.
        "right": None if said.finish == "length" else read(words),
        "said": words,
    }

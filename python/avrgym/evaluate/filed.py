"""A file of replies as something that was asked: a row for each, whoever wrote it.

JSON lines, Parquet, TSV, CSV and XLSX, with addresses, replies and formats in columns of their
usual names, as ``avrgym verify`` finds them: our own results, VLMEvalKit's table with its
``prediction``, lmms-eval's samples with ``resps`` beside ``doc``, NeMo Gym's rollouts with
``response``.
"""

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from avrgym import _core
from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.core.arguments import quoted
from avrgym.data import columns, tables
from avrgym.data.columns import Columns, Place
from avrgym.data.tables import MISSING
from avrgym.evaluate.suite import Evaluation
from avrgym.files.storage import sha256
from avrgym.models.completion import Completion, Finish
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

# Where a reply that was cut says so, its exact bytes where it is no text, and how likely it was.
_FINISH, _RAW, _TOKENS, _LOGPROB = ("finish", "finish_reason"), "raw", "tokens", "logprob"


@dataclass(frozen=True, slots=True)
class Filed:
    """The replies of a file.

    Attributes:
        file: Where they are.
        prompts: What each answers, n of them, with canonical addresses.
        draws: Which of several replies to its prompt each is, from 0.
        said: The replies, n of them.
        digest: SHA-256 of the file.
    """

    file: Path
    prompts: tuple[Prompt, ...]
    draws: tuple[int, ...]
    said: tuple[Completion, ...]
    digest: str

    @property
    def decoding(self) -> str:
        """``sampled`` where a prompt has several replies, else ``greedy``."""
        return "sampled" if any(self.draws) else "greedy"

    def evaluation(self) -> Evaluation:
        """What was asked, as far as the file says it."""
        levels = dict.fromkeys(setting_of(prompt.address) for prompt in self.prompts)
        formats = dict.fromkeys(prompt.format.name for prompt in self.prompts)
        decodings: Any = (self.decoding,)
        return Evaluation(
            suite=tuple(levels),
            items=len({prompt.address for prompt in self.prompts}),
            formats=tuple(formats),
            decodings=decodings,
            draws=max(self.draws) + 1,
        )

    def batches(self, size: int) -> Iterator[tuple[Sequence[Prompt], int, Sequence[Completion]]]:
        """What is judged together: neighbours of the same draw, at most ``size`` of them."""
        start = 0
        for at in range(1, len(self.prompts) + 1):
            whole = at == len(self.prompts) or self.draws[at] != self.draws[start]
            if whole or at - start == size:
                part = slice(start, at)
                yield self.prompts[part], self.draws[start], self.said[part]
                start = at

    def fit(self, asked: Sequence[Prompt], what: str) -> None:
        """Compares what is answered with what should be.

        Args:
            asked: The prompts of a suite.
            what: Names it in errors.

        Raises:
            TaskError: A prompt has no reply, or a reply answers none of them.
        """
        wanted = dict.fromkeys((prompt.address, prompt.format.name) for prompt in asked)
        held = dict.fromkeys((prompt.address, prompt.format.name) for prompt in self.prompts)
        missing = [each for each in wanted if each not in held]
        beside = [each for each in held if each not in wanted]
        if not missing and not beside:
            return
        parts = []
        if missing:
            parts.append(
                f"has no reply to {len(missing):,} of {len(wanted):,} prompts of {what}, "
                f"the first {_named(missing[0])}"
            )
        if beside:
            parts.append(
                f"answers {len(beside):,} that {what} does not ask, the first {_named(beside[0])}"
            )
        raise TaskError(
            f"{self.file} {' and '.join(parts)}; give the file that belongs to it, or leave "
            "--suite out and the file is taken as it is"
        )


def read(file: Path, *, format: str | None = None, asked: Path | None = None) -> Filed:
    """The replies of a file.

    Args:
        file: JSON lines, Parquet, TSV, CSV or XLSX.
        format: What all its rows answer, where no column says it; ``image`` if neither does.
        asked: The table of problems, where the file has only their numbers (``doc_id``, from 0),
            as lmms-eval writes it.

    Raises:
        TaskError: A column cannot be found, or a row is damaged; it names the row.
        OSError: It cannot be read.
    """
    table = tables.table(file)
    found = Columns(table)
    where, known = _where(found, file, asked)
    says, shown = found.reply(), found.format()
    prompts, said = list[Prompt](), list[Completion]()
    for batch in table.batches(None):
        cells = (where.cells(batch), says.cells(batch), _cells(shown, batch), _beside(batch))
        for row, (address, reply, form, beside) in enumerate(zip(*cells, strict=True), batch.start):
            try:
                if known is not None:
                    address, form = _numbered(known, address, form)
                [canonical] = _core.canonical([_address(address)])
                prompt = Prompt(canonical, _format(form, format))
                replies = _replies(reply, beside, table.lists)
            except (TaskError, ValueError, AttributeError) as wrong:
                raise TaskError(
                    f"{file}, row {row}: {wrong}; mend that row or leave it out"
                ) from None
            prompts += [prompt] * len(replies)
            said += replies
    counts = Counter[Prompt]()
    draws = list[int]()
    for prompt in prompts:
        draws.append(counts[prompt])
        counts[prompt] += 1
    return Filed(file, tuple(prompts), tuple(draws), tuple(said), sha256(file))


#: Address and format of each problem of a table, in order.
_Problems: TypeAlias = list[tuple[Any, Any]]


def _where(found: Columns, file: Path, asked: Path | None) -> tuple[Place, _Problems | None]:
    """Where addresses are, or the numbers of problems and what these are."""
    if asked is None:
        if place := found.address():
            return place, None
        remedy = "give the table that its doc_id numbers with --asked; " if found.number() else ""
        raise TaskError(f"{file}: no column is called as addresses are; {remedy}{found.listed()}")
    number = found.number()
    if number is None:
        raise TaskError(f"{file}: no column doc_id numbers the rows of {asked}; {found.listed()}")
    problems = tables.table(asked)
    theirs = Columns(problems)
    place, shown = theirs.address(), theirs.format()
    if place is None:
        raise TaskError(f"{asked} has no column of addresses; give what avrgym generate wrote")
    needed = [each.column for each in (place, shown) if each is not None]
    return number, [
        pair
        for batch in problems.batches(needed)
        for pair in zip(place.cells(batch), _cells(shown, batch), strict=True)
    ]


def _numbered(known: _Problems, cell: Any, form: Any) -> tuple[Any, Any]:
    """A problem's address, and its format unless the row says one."""
    if (at := columns.ordinal(cell, len(known))) is None:
        said = "missing" if cell is MISSING else quoted(cell)
        raise TaskError(f"its doc_id is {said}, which numbers none of {len(known)} problems asked")
    address, theirs = known[at]
    return address, theirs if form is MISSING else form


def _cells(place: Place | None, batch: tables.Batch) -> list[Any]:
    return [MISSING] * batch.size if place is None else place.cells(batch)


def _beside(batch: tables.Batch) -> list[dict[str, Any]]:
    """What rows say of their replies: how they ended, their tokens, their exact bytes and more."""
    held: dict[str, list[Any]] = {}
    for name in (*_FINISH, _RAW, _TOKENS, _LOGPROB):
        try:
            held[name] = batch.column(name)
        except KeyError:  # a column that Parquet does not have
            continue
    return [{name: cells[at] for name, cells in held.items()} for at in range(batch.size)]


def _address(cell: Any) -> str:
    if not isinstance(cell, str):
        said = "is missing" if cell is MISSING else f"is {quoted(cell)}"
        raise TaskError(f"its address {said}")
    return cell


def _format(cell: Any, given: str | None) -> Format:
    if cell is MISSING or cell is None or cell == "":
        return Format.parse(given or "image")
    return Format.parse(cell)


def _replies(cell: Any, beside: dict[str, Any], lists: bool) -> list[Completion]:
    if cell is MISSING:
        raise TaskError("its reply is missing")
    said = [reply.encode("utf-8", "surrogatepass") for reply in columns.replies(cell)]
    if len(said) > 1 and not lists:
        raise TaskError(f"{len(said)} replies in one cell; give each a row")
    if len(said) == 1:
        said = [_exact(beside.get(_RAW), said[0])]
    cut = any(beside.get(name) == "length" for name in _FINISH)
    finish: Finish = "length" if cut else "stop"
    tokens, logprob = beside.get(_TOKENS), beside.get(_LOGPROB)
    counted = tokens if isinstance(tokens, int) and len(said) == 1 else None
    likely = logprob if isinstance(logprob, float) and len(said) == 1 else None
    return [Completion(reply, (), finish, None, counted, likely) for reply in said]


def _exact(raw: Any, shown: bytes) -> bytes:
    """A reply's own bytes, where another column has them; see ``raw`` of our results."""
    if not isinstance(raw, str) or not raw:
        return shown
    try:
        found = base64.b64decode(raw, validate=True)
    except ValueError:
        return shown
    return found if found.decode("utf-8", "replace").encode() == shown else shown


def _named(asked: tuple[str, str]) -> str:
    address, format = asked
    return f"{address} as {format}"

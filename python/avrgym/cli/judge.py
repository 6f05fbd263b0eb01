"""The verb verify: a table of replies judged."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from avrgym._core import TaskError
from avrgym.cli.codes import writing
from avrgym.cli.progress import progress
from avrgym.core.address import task_of
from avrgym.core.verdicts import OUTCOMES
from avrgym.data.judge import Judged, Outcomes, verify_file
from avrgym.data.tables import kind


@dataclass(frozen=True, slots=True)
class Verify:
    """Judge a table of replies by the addresses in it: accuracy, and the verdict on each beside it.

    Rows go to a new file, replies.jsonl to replies.verdicts.jsonl, with a column more that says
    correct, wrong, ambiguous (answers disagree) or unparsed (no answer). Intervals are Wilson's,
    of 95 %; several replies to one problem count as so many. For example:

    avrgym verify replies.jsonl

    avrgym verify outputs/Qwen2.5-VL-7B-Instruct_hard.xlsx --strict

    avrgym verify logs/20260101_samples_hard.jsonl --asked data/eval/hard.parquet

    Attributes:
        file: JSON lines, Parquet, TSV, CSV or XLSX by its name's end; texts packed too (.gz).
        to: The file with verdicts, of the same kind.
        write: Whether there is one; else what is right is only counted.
        force: Replace a file that is there.
        address: The column of addresses, or keys within one between dots, such as doc.address.
        reply: The column of replies, or keys within one.
        asked: The table of problems, where FILE has only their numbers, as lmms-eval writes it.
        column: What the column of verdicts is called.
        strict: Whether marked answers alone count, not weaker forms where no marked one is.
        json: Print JSON.
    """

    file: Annotated[Path, tyro.conf.Positional]
    to: Annotated[
        Path | None, tyro.conf.arg(help_behavior_hint="(default: FILE with .verdicts in its name)")
    ] = None
    write: bool = True
    force: bool = False
    address: Annotated[
        str | None, tyro.conf.arg(help_behavior_hint="(default: found by its name)")
    ] = None
    reply: Annotated[
        str | None, tyro.conf.arg(help_behavior_hint="(default: found by its name)")
    ] = None
    asked: Annotated[Path | None, tyro.conf.arg(help_behavior_hint="(default: none)")] = None
    column: str = "verdict"
    strict: bool = False
    json: bool = False


def verify(verb: Verify) -> None:
    """Judges, writes and prints.

    Raises:
        TaskError: Something is wrong with the table or with what was asked for.
        NotWrittenError: The file with verdicts cannot be written.
    """
    to = _target(verb)
    for read in filter(None, (verb.file, verb.asked)):
        read.open("rb").close()  # what cannot be read is bad input, not a failure to write
    with progress() as hear, writing("give another file with --to, or --no-write"):
        judged = verify_file(
            verb.file,
            to,
            address=verb.address,
            reply=verb.reply,
            asked=verb.asked,
            column=verb.column,
            strict=verb.strict,
            force=verb.force,
            hear=lambda done, of: hear("judge", done, of),
        )
    print(_as_json(verb, judged) if verb.json else _as_table(verb, judged))


def _target(verb: Verify) -> Path | None:
    if not verb.write:
        if verb.to is not None:
            raise TaskError(f"--no-write leaves nothing for --to {verb.to}; give one of the two")
        return None
    if verb.to is not None:
        return verb.to
    name, ending = verb.file.name, kind(verb.file)
    return verb.file.with_name(f"{name[: -len(ending)]}.verdicts{name[-len(ending) :]}")


def _as_json(verb: Verify, judged: Judged) -> str:
    def counted(outcomes: Outcomes) -> dict[str, Any]:
        score = outcomes.score
        return {
            "replies": score.total,
            **asdict(outcomes),
            "accuracy": score.accuracy,
            "interval": score.interval(),
        }

    made = {
        "file": str(verb.file),
        "address": judged.address,
        "reply": judged.reply,
        "strict": verb.strict,
        "problems": judged.problems,
        "overall": counted(judged.overall),
        "levels": {name: counted(each) for name, each in judged.levels.items()},
        "formats": {name: counted(each) for name, each in judged.formats.items()},
        "written": None if judged.written is None else str(judged.written),
    }
    return json.dumps(made, ensure_ascii=False, indent=1)


def _as_table(verb: Verify, judged: Judged) -> str:
    shown = {"all": judged.overall}
    tasks: dict[str, list[str]] = {}
    for level in judged.levels:
        tasks.setdefault(task_of(level), []).append(level)
    for task, levels in tasks.items():
        if len(levels) > 1 and len(tasks) > 1:
            shown[task] = Outcomes(
                *(sum(getattr(judged.levels[each], name) for each in levels) for name in _COUNTS)
            )
        shown |= {level: judged.levels[level] for level in levels}
    if len(judged.formats) > 1:
        shown |= {f"format {name or '(none)'}": each for name, each in judged.formats.items()}
    rows = [("", "accuracy", "95 % interval", "replies", *_COUNTS)]
    for name, outcomes in shown.items():
        score = outcomes.score
        low, high = score.interval()
        counts = (score.total, *(getattr(outcomes, each) for each in _COUNTS))
        rows.append(
            (
                name,
                f"{score.accuracy:.1%}",
                f"{low:.1%} to {high:.1%}",
                *(f"{count:,}" for count in counts),
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    lines.append(f"addresses: {judged.address}, replies: {judged.reply}")
    if judged.problems < judged.overall.score.total:
        lines[-1] += f"; {judged.problems:,} problems, intervals as if each reply had its own"
    if judged.written is not None:
        lines.append(f"verdicts: {judged.written}")
    return "\n".join(lines)


_COUNTS = tuple(reversed(OUTCOMES))

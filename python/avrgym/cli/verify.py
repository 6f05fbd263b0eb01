"""The verb verify: a table of replies judged."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from avrgym._core import TaskError
from avrgym.cli.accuracies import as_json, as_table
from avrgym.cli.codes import writing
from avrgym.cli.options import default
from avrgym.cli.progress import progress
from avrgym.core.extras import needs
from avrgym.data.judge import verify_file
from avrgym.data.tables import kind

with needs("data"):
    import tyro


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

    file: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FILE")]
    to: Annotated[Path | None, default("FILE with .verdicts in its name")] = None
    write: bool = True
    force: bool = False
    address: Annotated[str | None, default("found by its name")] = None
    reply: Annotated[str | None, default("found by its name")] = None
    asked: Annotated[Path | None, default("none")] = None
    column: str = "verdict"
    strict: bool = False
    json: bool = False

    def do(self) -> bool:
        """Judges, writes and prints.

        Raises:
            TaskError: Something is wrong with the table or with what was asked for.
            NotWrittenError: The file with verdicts cannot be written.
        """
        to = _target(self)
        for read in filter(None, (self.file, self.asked)):
            try:
                read.open("rb").close()
            except OSError as wrong:  # bad input, not a failure to write
                raise TaskError(f"{read}: cannot be read: {wrong.strerror or wrong}") from None
        with progress() as hear, writing("give another file with --to, or --no-write", to):
            judged = verify_file(
                self.file,
                to,
                address=self.address,
                reply=self.reply,
                asked=self.asked,
                column=self.column,
                strict=self.strict,
                force=self.force,
                hear=lambda done, of: hear("judge", done, of),
            )
        print(as_json(self.file, judged, self.strict) if self.json else as_table(judged))
        return True


def _target(verb: Verify) -> Path | None:
    if not verb.write:
        if verb.to is not None:
            raise TaskError(f"--no-write leaves nothing for --to {verb.to}; give one of the two")
        return None
    if verb.to is not None:
        return verb.to
    name, ending = verb.file.name, kind(verb.file)
    return verb.file.with_name(f"{name[: -len(ending)]}.verdicts{name[-len(ending) :]}")

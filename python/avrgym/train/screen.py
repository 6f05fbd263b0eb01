"""What is seen of a run while it goes: bars, and accuracy as it climbs."""

import time
from collections.abc import Mapping, Sequence

from avrgym.core.address import task_of
from avrgym.core.extras import needs
from avrgym.core.score import Score
from avrgym.report.names import broken
from avrgym.runs.record import Record

with needs("train"):
    from rich.console import Console
    from rich.table import Table


class Screen:
    """Writes a run's progress to the terminal and its events to the record."""

    def __init__(self, record: Record, console: Console | None = None) -> None:
        """Shows nothing in a process that does not write; ``record`` receives what is shown."""
        self.record = record
        self.console = console or Console(highlight=False, quiet=not record.writes)
        self.begun = self.since = time.monotonic()
        self.cpu = time.process_time()

    def seconds(self) -> float:
        """Since this screen was made."""
        return round(time.monotonic() - self.begun, 1)

    def finished(self, stage: str, job: str) -> None:
        """Notes that a job is done, with the seconds since the one before it, on clock and CPU."""
        now, cpu = time.monotonic(), time.process_time()
        spent = {"seconds": round(now - self.since, 1), "cpu_seconds": round(cpu - self.cpu, 1)}
        self.record.append({"event": "done", "stage": stage, "job": job, **spent})
        self.since, self.cpu = now, cpu

    def say(self, text: str) -> None:
        """One line with the time before it."""
        self.console.print(f"[dim]{self.seconds():5.0f} s[/dim] {text}", soft_wrap=True)

    def probed(
        self, stage: str, step: int, steps: int, scores: Mapping[tuple[str, str], Score]
    ) -> None:
        """Greedy accuracy on a few held-out samples, by (level, format)."""
        self.record.extend(
            {
                "event": "probe",
                "stage": stage,
                "step": step,
                "level": level,
                "format": format,
                "right": score.right,
                "total": score.total,
            }
            for (level, format), score in scores.items()
        )
        short = shortened([level for level, _ in scores])
        for shown in dict.fromkeys(format for _, format in scores):
            row = [
                f"{short[level]} {bar(score.accuracy)}"
                for (level, format), score in scores.items()
                if format == shown
            ]
            self.say(f"{stage:>4} {step:>3}/{steps} {shown:<6} {' '.join(row)}")

    def climbed(
        self, stage: str, step: int, steps: int, standing: Mapping[str, tuple[float, float]]
    ) -> None:
        """What was drawn lately, and how much of it was right, by level; nothing if none was."""
        if standing:
            short = shortened(list(standing))
            row = [
                f"{short[level]} {100 * share:.0f} % {bar(success)}"
                for level, (share, success) in standing.items()
            ]
            self.say(f"{stage:>4} {step:>3}/{steps} drawn  {'  '.join(row)}")

    def evaluated(self, stage: str) -> None:
        """The table of one evaluation, read back from the record."""
        found: dict[tuple[str, str], dict[str, Score]] = {}
        for row in self.record.results():
            if row["stage"] == stage:
                cells = found.setdefault((row["format"], row["decoding"]), {})
                before = cells.get(row["level"], Score(0, 0))
                cells[row["level"]] = before + Score(int(row["correct"]), 1)
        if not found:
            return
        levels = list(dict.fromkeys(level for cells in found.values() for level in cells))
        short = shortened(levels)
        title = "before training" if stage == "start" else f"after {stage}"
        table = Table(title=title, title_justify="left")
        table.add_column("")
        for level in levels:
            name = broken(short[level], self.console.width // (2 + len(levels)))
            table.add_column(name, justify="right", overflow="fold")
        for (format, decoding), cells in found.items():
            shown = (cell(cells[level]) if level in cells else "" for level in levels)
            table.add_row(f"{format}, {decoding}", *shown)
        self.console.print(table)


def shortened(levels: Sequence[str]) -> dict[str, str]:
    """Names of levels without their task, where all have the same."""
    tasks = {task_of(level) for level in levels}
    return {level: level.partition("/")[2] if len(tasks) == 1 else level for level in levels}


def bar(share: float, width: int = 4) -> str:
    """A share as blocks and per cent, e.g. ``▅▅▁▁ 50``."""
    full = round(share * width)
    return f"[green]{'▅' * full}[/green][dim]{'▁' * (width - full)}[/dim] {100 * share:3.0f}"


def cell(score: Score) -> str:
    """Accuracy in per cent with its interval."""
    low, high = score.interval()
    return f"[bold]{100 * score.accuracy:.0f}[/bold] [dim]{100 * low:.0f}-{100 * high:.0f}[/dim]"

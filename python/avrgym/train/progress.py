"""What is seen of a run while it goes: bars, and accuracy as it climbs."""

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from avrgym.core.score import Score
from avrgym.runs.record import Event, Record

SHOWN = {"image": "pictures", "text": "twins"}


class Screen:
    """Writes a run's progress to the terminal and its events to the record."""

    def __init__(self, record: Record, console: Console | None = None) -> None:
        """Args: record: receives every event that is shown."""
        self.record = record
        self.console = console or Console(highlight=False)
        self.begun = self.since = time.monotonic()
        self.cpu = time.process_time()

    def seconds(self) -> float:
        """Since this screen was made."""
        return round(time.monotonic() - self.begun, 1)

    def finished(self, job: str) -> None:
        """Notes that a job is done, with the seconds since the one before it, on clock and CPU."""
        now, cpu = time.monotonic(), time.process_time()
        spent = {"seconds": round(now - self.since, 1), "cpu_seconds": round(cpu - self.cpu, 1)}
        self.record.append({"event": "done", "job": job, **spent})
        self.since, self.cpu = now, cpu

    def say(self, text: str) -> None:
        """One line with the time before it."""
        self.console.print(f"[dim]{self.seconds():5.0f} s[/dim] {text}", soft_wrap=True)

    def probed(self, job: str, step: int, steps: int, scores: dict[tuple[str, str], Score]) -> None:
        """Greedy accuracy on a few held-out samples, by (modality, level)."""
        for (modality, level), score in scores.items():
            self.record.append(
                {
                    "event": "probe",
                    "job": job,
                    "step": step,
                    "modality": modality,
                    "level": level,
                    "right": score.right,
                    "total": score.total,
                }
            )
        for modality in dict.fromkeys(modality for modality, _ in scores):
            row = [f"{name} {bar(s.accuracy)}" for (m, name), s in scores.items() if m == modality]
            self.say(f"{job:>4} {step:>3}/{steps} {SHOWN[modality]:<8} {' '.join(row)}")

    def evaluated(self, stage: str) -> None:
        """The table of one evaluation, read back from the record."""
        found = [event for event in self.record.events("evaluated") if event["stage"] == stage]
        if not found:
            return
        levels = list(dict.fromkeys(event["level"] for event in found))
        table = Table(
            title=f"after {stage}" if stage != "start" else "before training", title_justify="left"
        )
        table.add_column("")
        for level in levels:
            table.add_column(level, justify="right")
        for modality, decoding in dict.fromkeys((e["modality"], e["decoding"]) for e in found):
            cells = {
                e["level"]: cell(Score(e["right"], e["total"]))
                for e in found
                if (e["modality"], e["decoding"]) == (modality, decoding)
            }
            table.add_row(
                f"{SHOWN[modality]}, {decoding}", *(cells.get(level, "") for level in levels)
            )
        self.console.print(table)


def bar(share: float, width: int = 4) -> str:
    """A share as blocks and per cent, e.g. ``▅▅▁▁ 50``."""
    full = round(share * width)
    return f"[green]{'▅' * full}[/green][dim]{'▁' * (width - full)}[/dim] {100 * share:3.0f}"


def cell(score: Score) -> str:
    """Accuracy in per cent with its interval."""
    low, high = score.interval()
    return f"[bold]{100 * score.accuracy:.0f}[/bold] [dim]{100 * low:.0f}-{100 * high:.0f}[/dim]"


class Probe(TrainerCallback):
    """Runs a quick check every so many steps and notes what the trainer logs."""

    def __init__(
        self,
        job: str,
        every: int,
        check: Callable[[], dict[tuple[str, str], Score]],
        screen: Screen,
    ) -> None:
        """Args: every: steps between checks, 0 for none; check: accuracy by (modality, level)."""
        self.job, self.every, self.check, self.screen = job, every, check, screen

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Checks, but not at the last step: the evaluation follows."""
        if (
            self.every
            and state.global_step % self.every == 0
            and state.global_step < state.max_steps
        ):
            self.screen.probed(self.job, state.global_step, state.max_steps, self.check())

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """Keeps the numbers that the report draws."""
        kept = (
            "loss",
            "entropy",
            "reward",
            "frac_reward_zero_std",
            "completions/mean_length",
            "mean_token_accuracy",
        )
        event: Event = {"event": "log", "job": self.job, "step": state.global_step}
        event |= {name: float(value) for name, value in (logs or {}).items() if name in kept}
        if len(event) > 3:
            self.screen.record.append(event)

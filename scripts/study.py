"""Runs a quickstart over seeds, with both kinds of credit: writes ``docs/results/<task>.md``.

The runs of one seed share their start and their SFT model, so that the two kinds of credit are
compared pair by pair. Finished runs are not run again: interrupt and go on as you like.

    python scripts/study.py --task grid_navigation --seeds 0 1 2 3 4
"""

import shutil
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import tyro

from avrgym.core import facts
from avrgym.core.score import Score
from avrgym.evaluate.score import by_length, pooled
from avrgym.runs.record import Record, write
from avrgym.train import CONFIGS, settings
from avrgym.train.run import train

# Two-sided 95 % points of Student's t by degrees of freedom.
STUDENT = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26}
NAMES = {"start": "before", "sft": "after SFT", "grpo": "after GRPO", "dpo": "after DPO"}


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    task: str = "grid_navigation"
    config: Path | None = None
    """A run in TOML; the quickstart of the task if left out."""
    seeds: tuple[int, ...] = (0, 1, 2)
    credits: tuple[Literal["step", "outcome"], ...] = ("step", "outcome")
    then: tuple[Literal["dpo"], ...] = ()
    split: Literal["val", "test"] = "test"
    """Choose settings on ``val``."""
    runs: Path = Path("runs/study")
    to: Path | None = None


def main(study: Study) -> None:
    """Runs and writes."""
    run = settings.load(study.config or CONFIGS / f"quickstart_{study.task}.toml")
    records: dict[str, list[Record]] = {}
    for seed in study.seeds:
        first: Record | None = None
        for credit in study.credits if run.grpo.steps else study.credits[:1]:
            planned = replace(
                run,
                name=f"{study.task}-{seed}-{credit}",
                seed=seed,
                grpo=replace(run.grpo, credit=credit),
                evaluation=replace(run.evaluation, split=study.split),
            )
            if first:
                share(first, study.runs / planned.name)
            record = train(planned, folder=study.runs, then=study.then)
            records.setdefault(credit, []).append(record)
            first = first or record
    to = study.to or Path("docs/results") / f"{study.task}.md"
    to.parent.mkdir(parents=True, exist_ok=True)
    write(to, "\n".join(page(run, study, records)) + "\n")
    print(to)


def share(first: Record, folder: Path) -> None:
    """Gives a run of the same seed what ``first`` did up to SFT."""
    if folder.exists():
        return
    other = Record(folder)
    folder.mkdir(parents=True)
    jobs = {"start", "evaluate start", "sft", "evaluate sft"}
    for stage in ("start", "sft"):
        shutil.copytree(first.model(stage), other.model(stage))
    for of in ("events.jsonl", "replies.jsonl"):
        for event in first.events(of=of):
            if event["job"] in jobs:
                other.append(event, to=of)


def page(run: settings.Run, study: Study, records: dict[str, list[Record]]) -> Iterator[str]:
    """The lines of the page."""
    yield f"# {study.task}: what the quickstart learns\n"
    seeds = " ".join(map(str, study.seeds))
    yield (
        f"Split `{study.split}`, up to {run.evaluation.items} samples of distinct content a "
        "level; none of their contents occurs in training. Per cent of answers right: mean over "
        f"seeds ± half the 95 % interval over seeds (Student), then seed by seed (seeds {seeds}).\n"
    )
    command = f"python scripts/study.py --task {study.task} --seeds {seeds}"
    if study.credits != Study().credits:
        command += f" --credits {' '.join(study.credits)}"
    if study.split != Study().split:
        command += f" --split {study.split}"
    yield f"Written by `{command}`.\n"
    for credit, runs in records.items():
        stages = list(dict.fromkeys(e["stage"] for r in runs for e in r.events("evaluated")))
        yield f"\n## Credit by {credit}\n" if run.grpo.steps else "\n## Imitation\n"
        for modality, title in (("image", "Pictures"), ("text", "Twins")):
            if modality not in run.evaluation.modalities:
                continue
            yield f"\n{title}\n"
            gain = " | gain of the last stage" if len(stages) > 2 else ""
            yield (
                "| level | in training | decoding | "
                + " | ".join(NAMES[s] for s in stages)
                + gain
                + " |"
            )
            yield "|" + "---|" * (3 + len(stages) + bool(gain))
            for decoding in run.evaluation.decodings:
                for level in run.evaluation.levels:
                    found = [shares(runs, stage, level, modality, decoding) for stage in stages]
                    cells = [entry(values) for values in found]
                    if gain:
                        cells.append(
                            entry(
                                [b - a for a, b in zip(found[-2], found[-1], strict=True)],
                                sign=True,
                            )
                        )
                    yield (
                        f"| {level} | {role(level, run)} | {decoding} | " + " | ".join(cells) + " |"
                    )
    yield f"\n## By length (`{facts.length(study.task)}`), all seeds together\n"
    yield "Greedy, pictures, after the last stage.\n"
    for credit, runs in records.items():
        last = list(runs[0].events("evaluated"))[-1]["stage"]
        said = (e for r in runs for e in r.events("replies", of="replies.jsonl"))
        for level, scores in by_length(e for e in said if e["stage"] == last).items():
            title = f"{level}, credit by {credit}" if run.grpo.steps else level
            yield f"| {title} | " + " | ".join(map(str, scores)) + " |"
            yield "|" + "---|" * (1 + len(scores))
            yield "| % | " + " | ".join(f"{100 * s.accuracy:.0f}" for s in scores.values()) + " |"
            yield "| of | " + " | ".join(str(s.total) for s in scores.values()) + " |\n"
    yield "\n## Seconds of CPU time, one thread, evaluations included\n"
    yield "| run | " + " | ".join(map(str, study.seeds)) + " |\n|" + "---|" * (1 + len(study.seeds))
    for credit, runs in records.items():
        seconds = [sum(spent(record).values()) for record in runs]
        title = f"credit by {credit}" if run.grpo.steps else "imitation"
        yield f"| {title} | " + " | ".join(f"{s:.0f}" for s in seconds) + " |"


def role(level: str, run: settings.Run) -> str:
    """What training saw of a level."""
    if level in run.sft.levels:
        return "imitated"
    return "only reinforced" if level in run.grpo.levels and run.grpo.steps else "never seen"


def shares(
    runs: Sequence[Record], stage: str, level: str, modality: str, decoding: str
) -> list[float]:
    """Accuracy of each seed, in per cent."""
    where = {"stage": stage, "level": level, "modality": modality, "decoding": decoding}
    return [
        100
        * pooled(
            Score(e["right"], e["total"])
            for e in record.events("evaluated")
            if where.items() <= e.items()
        ).accuracy
        for record in runs
    ]


def entry(values: Sequence[float], *, sign: bool = False) -> str:
    """Mean, interval over seeds, and the values themselves."""
    form = "{:+.0f}" if sign else "{:.0f}"
    each = ", ".join(form.format(value) for value in values)
    if len(values) < 2:
        return each
    half = STUDENT[len(values) - 1] * statistics.stdev(values) / len(values) ** 0.5
    return f"**{form.format(statistics.mean(values))}** ± {half:.0f} ({each})"


def spent(record: Record) -> dict[str, float]:
    """CPU seconds of each job, from its events."""
    return {event["job"]: event["cpu_seconds"] for event in record.events("done")}


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__))

"""What a run leaves on disk while it goes, and how far it came.

```text
runs/<name>/run.json          what was asked for; `avrgym train run.json` asks for it again
            versions.json     of the package, its core and the libraries; state of the checkout
            metrics.jsonl     stages, losses, probes, seconds: one line an event, written at once
            rollouts.jsonl    replies drawn in training, each with what the verifier said of it
            results.jsonl     replies of the evaluations, a row each, judged when it was written
            results-<n>.jsonl the same of process n, while several measure; then they are joined
            checkpoints/<stage>/checkpoint-<step>/   to go on from
            models/<stage>/   as `from_pretrained` loads it
            pairs/<stage>/round-<n>.jsonl   what a stage that compares replies learned from
            judges/<stage>/   a judge of steps, as `avrgym.prm.judge.from_pretrained` loads it
            tensorboard/<stage>/     where a stage's ``report_to`` asks for it
            report.html
```

Of several processes the first writes; of the others each writes its own replies beside, in a file
of its own, so that they are kept wherever the run is stopped.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.config import difference
from avrgym.files import jsonl, lock, storage

METRICS, ROLLOUTS, RESULTS = "metrics.jsonl", "rollouts.jsonl", "results.jsonl"


@dataclass(frozen=True, slots=True)
class Record:
    """One run's folder.

    Attributes:
        folder: Where it is.
        rank: Of this process among those of the run; 0 writes.
    """

    folder: Path
    rank: int = 0

    @property
    def writes(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    @property
    def report(self) -> Path:
        """The page to look at."""
        return self.folder / "report.html"

    def model(self, stage: str) -> Path:
        """Where the model stands as a stage left it."""
        return self.folder / "models" / stage

    def judge(self, stage: str) -> Path:
        """Where the judge of steps is that a stage trained."""
        return self.folder / "judges" / stage

    def checkpoints(self, stage: str) -> Path:
        """Where a stage puts what it can go on from."""
        return self.folder / "checkpoints" / stage

    def pairs(self, stage: str) -> Path:
        """Where a stage that compares replies puts its pairs, a file a round."""
        return self.folder / "pairs" / stage

    def open(self, settings: Mapping[str, Any]) -> None:
        """Makes the folder, or takes up one that was made for the same settings.

        Args:
            settings: Plain values.

        Raises:
            TaskError: The folder holds a run with other settings, or something else.
        """
        path = self.folder / "run.json"
        if path.exists():
            if differs := difference(self.settings(), json.loads(json.dumps(settings))):
                more = f", and {len(differs) - 1} more" if len(differs) > 1 else ""
                raise TaskError(
                    f"{self.folder} holds a run with other settings: {differs[0]}{more}; "
                    "give this one another --name, or remove the folder"
                )
            return
        if not self.writes:
            return
        if self.folder.exists() and not (self.folder.is_dir() and not any(self.folder.iterdir())):
            raise TaskError(
                f"{self.folder} is there and holds no run; give another --name, or remove it"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        write(path, json.dumps(settings, indent=2, ensure_ascii=False) + "\n")

    def settings(self) -> dict[str, Any]:
        """The settings of the run.

        Raises:
            TaskError: There is no run.
        """
        try:
            found: dict[str, Any] = json.loads((self.folder / "run.json").read_text("utf-8"))
        except FileNotFoundError:
            raise TaskError(f"{self.folder} holds no run (run.json is missing)") from None
        return found

    def append(self, event: Mapping[str, Any], to: str = METRICS) -> None:
        """Adds a line."""
        self.extend([event], to)

    def extend(self, events: Iterable[Mapping[str, Any]], to: str = METRICS) -> None:
        """Adds lines together."""
        if self.writes:
            jsonl.append(self.folder / to, map(dict, events))

    def events(self, kind: str | None = None) -> Iterator[dict[str, Any]]:
        """What happened in order, of one kind or all."""
        for event in jsonl.read(self.folder / METRICS):
            if kind is None or event.get("event") == kind:
                yield event

    def results(self) -> Iterator[dict[str, Any]]:
        """The replies of the evaluations, in order; behind them those that are not joined yet."""
        for file in (self.folder / RESULTS, *self._beside()):
            yield from jsonl.read(file)

    def answered(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Adds replies of an evaluation together; every process may."""
        name = RESULTS if self.writes else f"results-{self.rank}.jsonl"
        jsonl.append(self.folder / name, map(dict, rows))

    def join(self) -> None:
        """Puts the replies of all processes into one file, also those of an earlier call."""
        if not (self.writes and (parts := self._beside())):
            return
        # Stopped between the two lines of the loop, a file is there again the next time.
        known = {json.dumps(row) for row in jsonl.read(self.folder / RESULTS)}
        for part in parts:
            self.extend((row for row in jsonl.read(part) if json.dumps(row) not in known), RESULTS)
            part.unlink()

    def _beside(self) -> list[Path]:
        return sorted(self.folder.glob("results-*.jsonl"))

    def rollouts(self) -> Iterator[dict[str, Any]]:
        """The replies drawn in training, in order."""
        return jsonl.read(self.folder / ROLLOUTS)

    def is_done(self, job: str) -> bool:
        """Whether a job (``sft``, ``evaluate sft``) was finished."""
        return any(event["job"] == job for event in self.events("done"))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other runs out of the folder for the block; only the process that writes asks.

        Raises:
            TaskError: Another one is at it.
        """
        if not self.writes:
            yield
            return
        taken = (
            f"another process goes through the run in {self.folder}; wait for it, or give this one "
            "another --name"
        )
        with lock.alone(self.folder, taken, extra="train"):
            yield

    def forget(self, stage: str, after: int) -> None:
        """Drops what a stage left behind a step, before it goes on from there; -1: everything."""
        if not self.writes:
            return

        def known(line: Mapping[str, Any]) -> bool:
            return line.get("stage") != stage or line.get("step", 0) <= after

        for of in (METRICS, ROLLOUTS):
            jsonl.keep(self.folder / of, known)

    def stages(self) -> list[str]:
        """The stages whose models were saved, in order."""
        begun = dict.fromkeys(str(event["stage"]) for event in self.events("done"))
        return [stage for stage in begun if self.model(stage).is_dir()]

    def put_model(self, stage: str, save: Callable[[Path], None]) -> None:
        """Saves a model beside its place and moves it there when it is whole."""
        _put(self.model(stage), save)

    def put_judge(self, stage: str, save: Callable[[Path], None]) -> None:
        """The same of a judge of steps."""
        _put(self.judge(stage), save)


def _put(place: Path, save: Callable[[Path], None]) -> None:
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    save(part)
    shutil.rmtree(place, ignore_errors=True)
    part.rename(place)


def write(path: Path, text: str) -> None:
    """Replaces a file at once: readers see the old text or the new, never a part."""
    storage.write_text(path, text, path.parent)

"""What a run leaves on disk while it goes: settings, one JSON line per event, models, the report.

```text
runs/<name>/settings.json    what was asked for
            events.jsonl     stages, losses, accuracies; each line written at once
            replies.jsonl    every judged reply of the evaluations
            models/<stage>/  as `from_pretrained` loads it
            report.html
```
An interrupted run keeps every finished stage; events of the unfinished one are dropped when it
starts again.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One run's folder."""

    folder: Path

    @property
    def report(self) -> Path:
        """The page to look at."""
        return self.folder / "report.html"

    def model(self, stage: str) -> Path:
        """Where the model stands as a stage left it."""
        return self.folder / "models" / stage

    def open(self, settings: Event) -> None:
        """Makes the folder, or takes up one that was made for the same settings.

        Raises:
            ValueError: The folder holds a run with other settings.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "settings.json"
        if path.exists():
            found = json.loads(path.read_text("utf-8"))
            if found != json.loads(json.dumps(settings)):
                raise ValueError(
                    f"{self.folder} holds a run with other settings; "
                    "give this one another --name, or remove the folder"
                )
            return
        write(path, json.dumps(settings, indent=2) + "\n")

    def settings(self) -> Event:
        """The settings of the run."""
        found: Event = json.loads((self.folder / "settings.json").read_text("utf-8"))
        return found

    def append(self, event: Event, to: str = "events.jsonl") -> None:
        """Adds a line in one write, so that a line is there whole or not at all."""
        line = json.dumps(event, ensure_ascii=False) + "\n"
        handle = os.open(self.folder / to, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line.encode("utf-8"))
        finally:
            os.close(handle)

    def events(self, kind: str | None = None, of: str = "events.jsonl") -> Iterator[Event]:
        """Events in order, of one kind or all; a line cut off by a crash is left out."""
        path = self.folder / of
        if not path.exists():
            return
        for line in path.read_text("utf-8").splitlines():
            try:
                event: Event = json.loads(line)
            except json.JSONDecodeError:
                continue
            if kind is None or event["event"] == kind:
                yield event

    def is_done(self, job: str) -> bool:
        """Whether a job (``sft``, ``evaluate sft``) was finished."""
        return any(event["job"] == job for event in self.events("done"))

    def forget(self, job: str) -> None:
        """Drops what an unfinished job left, before it starts again."""
        for of in ("events.jsonl", "replies.jsonl"):
            kept = [event for event in self.events(of=of) if event.get("job") != job]
            if (self.folder / of).exists():
                write(
                    self.folder / of,
                    "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in kept),
                )

    def put_model(self, stage: str, save: Callable[[Path], None]) -> None:
        """Saves a model beside its place and moves it there when it is whole."""
        place = self.model(stage)
        part = place.with_name(f".{stage}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        save(part)
        shutil.rmtree(place, ignore_errors=True)
        part.rename(place)


def write(path: Path, text: str) -> None:
    """Replaces a file at once: readers see the old text or the new, never a part."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)

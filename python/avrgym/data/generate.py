"""A mixture written to a folder, by as many as there are, to the same bytes."""

import json
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeAlias

from filelock import FileLock, Timeout

from avrgym._core import TaskError
from avrgym.data import card, engines, exclusions, exports, layouts, manifest, plan, rows, shards
from avrgym.data.exclusions import MANIFEST, Excluded, excluded, heads
from avrgym.data.settings import Settings
from avrgym.data.shards import PLAN, PROGRESS
from avrgym.data.storage import write_json
from avrgym.mixtures import check_written, items

#: What is being done: contents are compared, or rows are written.
Stage: TypeAlias = Literal["plan", "write"]

_BEGUN = "begun.json"

# What a phase can be called: safe in paths and in globs, which brackets and blanks are not.
_NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_+.-]{0,99}")
_TAKEN = {
    name.lower()
    for name in (
        *(MANIFEST, exclusions.FOLDER, "images", card.CARD, card.SHEET),
        *(exports.LMMS_EVAL_CODE, exports.LLAMA_FACTORY_INFO),
    )
}


def generate(
    settings: Settings,
    folder: str | Path,
    exclude: Iterable[str] = (),
    workers: int = 1,
    engine: str = "local",
    hear: Callable[[Stage, int, int], None] = lambda _stage, _done, _of: None,
) -> dict[str, Any]:
    """Writes a dataset, or goes on where it was left, and gives its manifest.

    Killed at any moment and called again, it ends with the same bytes as if it never had been. Only
    whole files ever have their names.

    Args:
        settings: What the dataset is a function of.
        folder: Where it goes: a new or empty folder, or one where it was begun.
        exclude: What must not occur: folders of finished datasets, ranges of addresses such as
            ``grid_navigation/hard#test:0:0-999``, mixtures' files, files of content hashes.
        workers: How many work at once.
        engine: ``local``: processes of this machine; ``ray``: tasks of the Ray cluster that runs,
            whose machines share the folder.
        hear: Called with the stage, how much is done and of how much.

    Raises:
        TaskError: The settings do not fit each other, or not what the folder has; nothing was done.
        OSError: The disk is full, or the folder cannot be written; what is finished is kept.
    """
    folder, settings = Path(folder), layouts.settled(settings)
    _check(settings)
    out = excluded(exclude)
    identity = json.loads(json.dumps(manifest.identity(settings, out)))
    progress = folder / PROGRESS
    if (folder / MANIFEST).exists():
        found = manifest.load(folder)
        manifest.same(folder, identity, found)
        shutil.rmtree(progress, ignore_errors=True)  # where a kill came just before this
        return found
    begun = progress / _BEGUN
    if folder.is_dir() and any(folder.iterdir()) and not progress.is_dir():
        raise TaskError(f"{folder} has other files in it; give a new folder, or empty this one")
    progress.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(progress / "lock", timeout=0):
            if begun.exists():
                manifest.same(folder, identity, json.loads(begun.read_text("utf-8")))
            else:
                write_json(begun, identity, progress)
            made = _write(settings, folder, out, workers, engine, hear)
    except Timeout:
        raise TaskError(f"another process is writing {folder}; wait for it") from None
    shutil.rmtree(progress)
    return made


def _write(
    settings: Settings,
    folder: Path,
    out: Excluded,
    workers: int,
    engine: str,
    hear: Callable[[Stage, int, int], None],
) -> dict[str, Any]:
    progress = folder / PROGRESS
    instances = sum(heads(settings.mixture).values())
    if not (progress / PLAN).exists():
        hear("plan", 0, instances)
        try:
            made = plan.make(
                settings,
                out,
                progress / "contents",
                workers,
                engine,
                lambda done: hear("plan", done, instances),
            )
        except TaskError:  # these settings cannot be met: leave nothing that binds other ones
            shutil.rmtree(progress)
            folder.rmdir()
            raise
        plan.save(made, progress / PLAN, progress)
    exceptions = plan.load(progress / PLAN)
    shutil.rmtree(progress / "pictures", ignore_errors=True)  # of a run that was killed

    wanted = {
        phase.name: shards.shards(folder, settings, phase) for phase in settings.mixture.phases
    }
    facts = {
        phase: {shard.number: shards.finished(shard) for shard in each}
        for phase, each in wanted.items()
    }
    todo = [
        shard for phase, each in wanted.items() for shard in each if not facts[phase][shard.number]
    ]
    total = sum(phase.size for phase in settings.mixture.phases)
    before = total - sum(shard.stop - shard.start for shard in todo)
    hear("write", before, total)
    by_file = {shard.file: shard for shard in todo}
    finished = engines.run(
        shards.write,
        todo,
        min(workers, max(len(todo), 1)),
        engine,
        lambda told: hear("write", before + told, total),
    )
    for fact in finished:
        shard = by_file[fact["file"]]
        facts[shard.phase][shard.number] = fact
        if engine == "ray":
            here = (known["rows"] for each in facts.values() for known in each.values() if known)
            hear("write", sum(here), total)
    ordered = {
        phase: [fact for _, fact in sorted(each.items()) if fact] for phase, each in facts.items()
    }
    written = manifest.make(settings, out, exceptions, ordered)
    files = {phase: [fact["file"] for fact in each] for phase, each in ordered.items()}
    exclusions.keep(out, folder, progress)
    exports.write(settings, folder, files, progress)
    card.write(settings, written, exceptions, folder, progress)
    write_json(folder / MANIFEST, written, progress)  # last, because it says that all is there
    return written


def _check(settings: Settings) -> None:
    """Refuses what cannot be written, by making a row of each phase."""
    check_written(settings.mixture)
    layout = layouts.get(settings.writing.layout)
    called: dict[str, str] = {}
    for phase in settings.mixture.phases:
        if not _NAME.fullmatch(phase.name) or phase.name.lower() in _TAKEN:
            raise TaskError(
                f'phase "{phase.name[:120]}" cannot name a folder; give 1 to 100 of A-Z, a-z, 0-9, '
                f"_, +, - and ., the first no dot, and none of {', '.join(sorted(_TAKEN))}"
            )
        # Not every disk tells small letters from capitals, and not every harness signs.
        alike = called.setdefault(exports.task_name(settings, phase.name).lower(), phase.name)
        if alike != phase.name:
            raise TaskError(
                f'phases "{alike}" and "{phase.name}" would share files; '
                "give them names of other letters or digits"
            )
        if settings.writing.layout == "vlmevalkit" and not all(
            part.format.pictured for part in phase.parts
        ):
            raise TaskError("VLMEvalKit's tables have a picture in each row; leave out format text")
        layout.lay(rows.make(settings, items(settings.mixture, phase.name, 0, 1))[0])

"""A mixture written to a folder, by as many as there are, to the same bytes."""

import json
import re
import shutil
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeAlias

from avrgym import jobs
from avrgym._core import TaskError
from avrgym.core.arguments import function, made, quoted, strings
from avrgym.data import card, exports, layouts, manifest, plan, rows, shards
from avrgym.data.excluded import FOLDER, MANIFEST, Excluded, heads, keep
from avrgym.data.exclusions import excluded
from avrgym.data.settings import Settings, asked
from avrgym.data.shards import PLAN, PROGRESS
from avrgym.files import lock
from avrgym.files.storage import UNFINISHED, located, write_json
from avrgym.mixtures import check_written, items

#: What is being done: contents are compared, or rows are written.
Stage: TypeAlias = Literal["plan", "write"]

_BEGUN = "begun.json"
_CONTENTS = "contents"

# What a phase can be called: safe in paths and in globs, which brackets and blanks are not.
_NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_+.-]{0,99}")
_TAKEN = {
    name.lower()
    for name in (
        *(MANIFEST, FOLDER, "images", card.CARD, card.SHEET),
        *(exports.LMMS_EVAL_CODE, exports.LLAMA_FACTORY_INFO),
    )
}


def generate(
    settings: Settings,
    folder: str | Path,
    exclude: Iterable[str] = (),
    workers: int | None = 1,
    engine: str = "local",
    hear: Callable[[Stage, int, int], None] = lambda _stage, _done, _of: None,
) -> dict[str, Any]:
    """Writes a dataset, or goes on where it was left, and gives its manifest.

    Killed at any moment and called again, it ends with the same bytes as if it never had been. Only
    whole files ever have their names. Of a finished dataset, files that are missing or do not have
    their size are made again. Worker processes do not import the main module, so it needs no guard.

    Args:
        settings: What the dataset is a function of.
        folder: Where it goes: a new or empty folder, or one where it was begun.
        exclude: What must not occur: folders of finished datasets, ranges of addresses such as
            ``grid_navigation/hard#test:0:0-999``, mixtures' files, files of content hashes.
        workers: How many work at once; None: as many as this process may use processors.
        engine: ``local``: processes of this machine; ``ray``: tasks of the Ray cluster that runs,
            whose machines share the folder and have the same versions.
        hear: Called with the stage, how much is done and of how much.

    Raises:
        TaskError: The settings do not fit each other, or not what the folder has; nothing was done.
            Or a machine of the Ray cluster has other versions; what is finished is kept.
        OSError: The disk is full, the folder cannot be written, or a worker was killed; what is
            finished is kept.
        KeyboardInterrupt: Ctrl-C, or SIGTERM where the program leaves that alone; what is finished
            is kept.
    """
    made("settings", settings, Settings)
    if not isinstance(folder, str | Path):
        raise TaskError(f"folder is {quoted(folder)}; give a path")
    exclude = strings("exclude", exclude)
    function("hear", hear)
    folder = Path(folder)
    settings = layouts.settled(layouts.worded(settings))
    workers = jobs.cores() if workers is None else workers
    jobs.check(workers, engine)
    _check(settings)
    out = excluded(exclude)
    # As JSON gives it back.
    identity = json.loads(json.dumps(manifest.identity(settings, out)))
    with _terminable(), located(folder):
        return _generate(settings, folder, out, identity, workers, engine, hear)


def _generate(
    settings: Settings,
    folder: Path,
    out: Excluded,
    identity: dict[str, Any],
    workers: int,
    engine: str,
    hear: Callable[[Stage, int, int], None],
) -> dict[str, Any]:
    progress, known = folder / PROGRESS, dict[str, dict[str, Any]]()
    if (folder / MANIFEST).exists():
        found = manifest.load(folder)
        _same(folder, identity, found)
        known = {
            facts["file"]: facts for phase in found["phases"].values() for facts in phase["shards"]
        }
        if all(shards.whole(folder, facts) for facts in known.values()):
            shutil.rmtree(progress, ignore_errors=True)  # where a kill came just before this
            return found
    elif folder.is_dir() and any(folder.iterdir()) and not progress.is_dir():
        raise TaskError(f"{folder} has other files in it; give a new folder, or empty this one")
    begun = progress / _BEGUN
    ours = [each for each in (folder, *folder.parents) if not each.exists()]
    taken = f"another process is writing {folder}; wait for it"
    try:
        progress.mkdir(parents=True, exist_ok=True)
        with lock.alone(progress, taken, extra="data"):
            _clear(progress)  # of a run that was killed
            try:
                if begun.exists():
                    _same(folder, identity, json.loads(begun.read_text("utf-8")))
                else:
                    write_json(begun, identity, progress)
                made = _write(settings, folder, out, identity, known, workers, engine, hear)
            finally:
                _clear(progress)
    finally:
        if not progress.exists():  # it came to nothing
            for each in ours:
                with suppress(OSError):
                    each.rmdir()
    shutil.rmtree(progress)
    return made


def _write(
    settings: Settings,
    folder: Path,
    out: Excluded,
    identity: dict[str, Any],
    known: dict[str, dict[str, Any]],
    workers: int,
    engine: str,
    hear: Callable[[Stage, int, int], None],
) -> dict[str, Any]:
    progress = folder / PROGRESS
    instances = sum(map(len, heads(settings.mixture).values()))
    if not (progress / PLAN).exists():
        hear("plan", 0, instances)
        spans = plan.spans(settings, progress / _CONTENTS)

        def compared(done: int) -> None:
            hear("plan", done, instances)

        plan.find(settings, spans, workers, engine, compared)
        try:
            made = plan.make(settings, out, spans, compared)
        except TaskError:  # these settings cannot be met: leave nothing that binds other ones
            shutil.rmtree(progress)
            raise
        plan.save(made, progress / PLAN, progress)
    exceptions = plan.load(progress / PLAN)
    wanted = {
        phase.name: shards.shards(folder, settings, phase) for phase in settings.mixture.phases
    }
    facts = {
        phase: {shard.number: shards.finished(shard, known.get(shard.file)) for shard in each}
        for phase, each in wanted.items()
    }
    todo = [
        shard for phase, each in wanted.items() for shard in each if not facts[phase][shard.number]
    ]
    total = sum(phase.size for phase in settings.mixture.phases)
    before = total - sum(shard.stop - shard.start for shard in todo)
    hear("write", before, total)
    by_file = {shard.file: shard for shard in todo}
    running = jobs.run(
        shards.write,
        todo,
        min(workers, max(len(todo), 1)),
        engine,
        lambda told: hear("write", before + told, total),
        asked(settings),
    )
    with closing(running) as finished:
        for fact in finished:
            shard = by_file[fact["file"]]
            facts[shard.phase][shard.number] = fact
            if engine == "ray":
                here = (fact["rows"] for each in facts.values() for fact in each.values() if fact)
                hear("write", sum(here), total)
    ordered = {
        phase: [fact for _, fact in sorted(each.items()) if fact] for phase, each in facts.items()
    }
    written = {**manifest.make(settings, out, exceptions, ordered), **identity}
    files = {phase: [fact["file"] for fact in each] for phase, each in ordered.items()}
    keep(out, folder, progress)
    exports.write(settings, folder, files, progress)
    card.write(settings, written, exceptions, folder, progress)
    write_json(folder / MANIFEST, written, progress)  # last, because it says that all is there
    return written


def _clear(progress: Path) -> None:
    """Removes what workers that are gone had not finished."""
    for within in (progress, progress / _CONTENTS):
        shutil.rmtree(within / UNFINISHED, ignore_errors=True)


@contextmanager
def _terminable() -> Iterator[None]:
    """Has SIGTERM end the block as Ctrl-C does, unless the program has its own way with it."""

    def end(_signal: int, _frame: Any) -> NoReturn:
        raise KeyboardInterrupt

    default = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if not default or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _same(folder: Path, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Refuses to go on with a dataset that was begun otherwise.

    Raises:
        TaskError: Something differs; the message says what.
    """
    manifest.same(folder, _but_generator(ours), _but_generator(theirs))
    made, here = theirs["made_by"].get("generator"), ours["made_by"]["generator"]
    if made != here:
        raise TaskError(
            f"{folder} was begun by another generator ({made} there, {here} here), which draws or "
            "words its rows otherwise; go on with the version of avrgym that began it, or give an "
            "empty folder"
        )


def _but_generator(identity: dict[str, Any]) -> dict[str, Any]:
    made_by = {key: value for key, value in identity["made_by"].items() if key != "generator"}
    return {**identity, "made_by": made_by}


def _check(settings: Settings) -> None:
    """Refuses what cannot be written, by making a row of each phase."""
    check_written(settings.mixture)
    layout = layouts.of(settings.writing)
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
        if settings.writing.trainer == "grpo" and phase.mixes and not phase.in_runs:
            raise TaskError(
                f'phase "{phase.name}" has rows with a picture and rows without, and GRPO fails on '
                "a batch of both; give a batch (--batch), as many rows as it draws replies for at "
                "once: its generation_batch_size / num_generations"
            )
        if settings.writing.layout == "vlmevalkit" and not all(
            part.format.pictured for part in phase.parts
        ):
            raise TaskError("VLMEvalKit's tables have a picture in each row; leave out format text")
        layout.lay(rows.make(settings, items(settings.mixture, phase.name, 0, 1))[0])

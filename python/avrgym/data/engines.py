"""Who does the work: this process, processes beside it, or an existing Ray cluster."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from typing import Any, TypeVar

from avrgym._core import TaskError

Job = TypeVar("Job")
Done = TypeVar("Done")

ENGINES = ("local", "ray")

# Jobs handed out before the first is back, a worker: the next one is there when one is done.
_AHEAD = 2
_BEAT = 0.25  # seconds between two looks at how far they are


def run(
    work: Callable[[Job], Done],
    jobs: Iterable[Job],
    workers: int = 1,
    engine: str = "local",
    hear: Callable[[int], None] = lambda _: None,
) -> Iterator[Done]:
    """Does jobs and gives what comes of each, in the order in which they are done.

    Closing the iterator, or an error, ends all that is under way.

    Args:
        work: A function of a module; it must not depend on who calls it.
        jobs: What it is called with, taken as workers get free.
        workers: Processes; with Ray how many jobs are under way at once.
        engine: ``local`` or ``ray``.
        hear: Called now and then with the sum of what the jobs passed to :func:`tell` so far;
            not with Ray.

    Raises:
        TaskError: No such engine, no worker, Ray is not installed, or no cluster runs.
    """
    if engine not in ENGINES:
        raise TaskError(f'unknown engine "{engine}"; known engines: {", ".join(ENGINES)}')
    if workers < 1:
        raise TaskError(f"{workers} workers do no work; give 1 or more")
    if engine == "ray":
        return _on_ray(work, jobs, workers)
    if workers == 1:
        return _here(work, jobs, hear)
    return _on_processes(work, jobs, workers, hear)


_told: Callable[[int], None] = lambda _: None  # noqa: E731


def tell(amount: int) -> None:
    """Called by a job: so much more is done."""
    _told(amount)


def _here(
    work: Callable[[Job], Done], jobs: Iterable[Job], hear: Callable[[int], None]
) -> Iterator[Done]:
    global _told
    sum_of = [0]

    def told(amount: int) -> None:
        sum_of[0] += amount
        hear(sum_of[0])

    before, _told = _told, told
    try:
        for job in jobs:
            yield work(job)
    finally:
        _told = before


def _on_processes(
    work: Callable[[Job], Done], jobs: Iterable[Job], workers: int, hear: Callable[[int], None]
) -> Iterator[Done]:
    # Spawned, because a fork copies locks that other threads hold.
    context = multiprocessing.get_context("spawn")
    counter = context.Value("q", 0)
    pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(counter,))
    waiting, pending = iter(jobs), set[Future[Done]]()
    finished = False
    try:
        while True:
            for job in islice(waiting, _AHEAD * workers - len(pending)):
                pending.add(pool.submit(work, job))
            if not pending:
                finished = True
                return
            done, pending = wait(pending, _BEAT, return_when=FIRST_COMPLETED)
            hear(counter.value)
            for future in done:
                yield future.result()
    finally:
        if not finished:
            for process in (pool._processes or {}).values():
                process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(counter: Any) -> None:
    """Makes a worker one thread that leaves Ctrl-C to its parent and ends when its parent does."""
    global _told

    def told(amount: int) -> None:
        with counter.get_lock():
            counter.value += amount

    _told = told
    os.environ["RAYON_NUM_THREADS"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _leave(_signal: int, _frame: Any) -> None:
    raise SystemExit(1)  # what is half-written is removed on the way out


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _on_ray(work: Callable[[Job], Done], jobs: Iterable[Job], workers: int) -> Iterator[Done]:
    try:
        import ray
    except ImportError:
        raise TaskError("Ray is not installed; pip install 'avrgym[ray]'") from None
    if not ray.is_initialized():
        try:
            ray.init(address="auto", log_to_driver=False)
        except ConnectionError:
            raise TaskError("no Ray cluster is running; start one with: ray start --head") from None
    remote = ray.remote(num_cpus=1, max_retries=3)(work)
    waiting, pending = iter(jobs), list[Any]()
    try:
        while True:
            pending += [remote.remote(job) for job in islice(waiting, workers - len(pending))]
            if not pending:
                return
            done, pending = ray.wait(pending)
            yield from ray.get(done)
    except ray.exceptions.RayTaskError as wrong:
        raise wrong.cause from None
    finally:
        for task in pending:
            ray.cancel(task)

"""Who does the work: this process, processes beside it, or an existing Ray cluster."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterable
from itertools import islice
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

from avrgym.core.arguments import named, whole
from avrgym.jobs import ray as cluster
from avrgym.jobs.ray import KILLED

Job = TypeVar("Job")
Done = TypeVar("Done")
Running: TypeAlias = Generator[Done, None, None]

ENGINES = ("local", "ray")

# A worker process has its parent's paths, not its main module: that may have no guard, or no file.
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from avrgym.jobs.local import serve; serve(int(sys.argv[1]))"
)


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check(workers: int, engine: str) -> None:
    """Refuses what :func:`run` cannot work with.

    Raises:
        TaskError: No such engine, no worker, or Ray is not installed.
    """
    named("engine", engine, ENGINES)
    whole("workers", workers, 1, 2**16)
    if engine == "ray":
        cluster.library()


def run(
    work: Callable[[Job], Done],
    jobs: Iterable[Job],
    workers: int = 1,
    engine: str = "local",
    hear: Callable[[int], None] = lambda _: None,
    made_by: Callable[[], dict[str, str]] = dict,
) -> Running[Done]:
    """Does jobs and gives what comes of each, in the order in which they are done.

    Closing the iterator, or an error, ends all that is under way at once; files that workers of
    this machine had not finished are left to the caller.

    Args:
        work: A function of a module; it must not depend on who calls it.
        jobs: What it is called with, taken as workers get free.
        workers: Processes; with Ray how many jobs are under way at once.
        engine: ``local`` or ``ray``.
        hear: Called now and then with the sum of what the jobs passed to :func:`tell` so far;
            not with Ray.
        made_by: Gives the versions that what is done depends on. Other machines of a cluster may
            have others installed: a task of Ray is refused where it does not give the same.

    Raises:
        TaskError: No such engine, no worker, Ray is not installed, no cluster can be joined, or a
            machine of it has other versions.
        OSError: A worker was killed.
    """
    check(workers, engine)
    if engine == "ray":
        return cluster.run(work, jobs, workers, made_by)
    if workers == 1:
        return _here(work, jobs, hear)
    return _on_processes(work, jobs, workers, hear)


_told: Callable[[int], None] = lambda _: None  # noqa: E731


def tell(amount: int) -> None:
    """Called by a job: so much more is done."""
    _told(amount)


def _here(
    work: Callable[[Job], Done], jobs: Iterable[Job], hear: Callable[[int], None]
) -> Running[Done]:
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
) -> Running[Done]:
    waiting, told = iter(jobs), 0
    team = dict[Any, subprocess.Popen[bytes]]()
    busy = list[Any]()
    try:
        for job in islice(waiting, workers):
            link = _start(team)
            busy.append(link)
            _send(team, link, work, job)
        while busy:
            for link in wait(busy):
                kind, value = _answer(team, link)
                if kind == "told":
                    told += value
                    hear(told)
                    continue
                if kind == "wrong":
                    raise value
                busy.remove(link)
                for job in islice(waiting, 1):
                    busy.append(link)
                    _send(team, link, work, job)
                yield value
    finally:
        # Killed, since all that was wanted of them is here: they may be in the midst of a long job,
        # and a second Ctrl-C while they are waited for finds them gone.
        for process in team.values():
            process.kill()
        for link, process in team.items():
            process.wait()
            link.close()


def _start(team: dict[Any, "subprocess.Popen[bytes]"]) -> Any:
    """Adds a worker process, and gives the link to it.

    It is a fresh interpreter, because a fork copies locks that other threads hold.
    """
    ours, theirs = Pipe()
    # Blocked in the worker from its first moment on: a terminal sends Ctrl-C to it as well.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        team[ours] = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(theirs.fileno()), *sys.path],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "RAYON_NUM_THREADS": "1"},
            pass_fds=[theirs.fileno()],
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
    return ours


def _send(team: dict[Any, "subprocess.Popen[bytes]"], link: Any, *job: Any) -> None:
    try:
        link.send(job)
    except ConnectionError:
        raise _gone(team[link]) from None


def _answer(team: dict[Any, "subprocess.Popen[bytes]"], link: Any) -> tuple[str, Any]:
    try:
        kind, value = link.recv()
    except (EOFError, ConnectionError):
        raise _gone(team[link]) from None
    return kind, value


def _gone(process: "subprocess.Popen[bytes]") -> OSError:
    """What to say of a worker that does not answer."""
    code = process.wait()
    if code < 0:
        return OSError(KILLED)
    return OSError(f"a worker ended with code {code}; what it said stands above")


def serve(handle: int) -> None:
    """What a worker process does: jobs, one after the other, as long as its parent is there.

    Args:
        handle: The file descriptor of the link to its parent.
    """
    global _told
    link: Any = Connection(handle)
    jobs = SimpleQueue[bytes]()
    _told = lambda amount: link.send(("told", amount))  # noqa: E731
    threading.Thread(target=_take, args=(link, jobs), daemon=True).start()
    while True:
        try:
            work, job = pickle.loads(jobs.get())
            answer = ("done", work(job))
        except BaseException as wrong:
            answer = ("wrong", _portable(wrong))
        try:
            link.send(answer)
        except ConnectionError:  # nobody is left to hear it
            os._exit(1)


def _take(link: Any, jobs: "SimpleQueue[bytes]") -> None:
    """Takes jobs from the parent, and ends the process with it, whatever it is doing."""
    while True:
        try:
            jobs.put(link.recv_bytes())
        except (EOFError, OSError):
            os._exit(1)


def _portable(wrong: BaseException) -> BaseException:
    """An error that reaches the parent with where it comes from."""
    wrong.add_note("In a worker:\n" + "".join(traceback.format_exception(wrong)))
    try:
        pickle.loads(pickle.dumps(wrong))
    except Exception:  # whatever its class does on the way
        return RuntimeError("".join(traceback.format_exception(wrong)))
    return wrong

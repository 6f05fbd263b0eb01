"""Jobs as tasks of the Ray cluster that runs, none of them by another version than this process."""

import pickle
import platform
from collections.abc import Callable, Generator, Iterable
from itertools import islice
from typing import Any, TypeVar

from avrgym._core import TaskError
from avrgym.core.extras import remedy

Job = TypeVar("Job")
Done = TypeVar("Done")

#: What is said of a worker of which nothing else is known.
KILLED = "a worker was killed, perhaps for want of memory; fewer workers need less"


def library() -> Any:
    """Ray.

    Raises:
        TaskError: It is not installed.
    """
    try:
        import ray
    except ImportError:
        raise TaskError(f"Ray is not installed; {remedy('ray')}") from None
    return ray


def run(
    work: Callable[[Job], Done],
    jobs: Iterable[Job],
    workers: int,
    made_by: Callable[[], dict[str, str]],
) -> Generator[Done, None, None]:
    """What :func:`avrgym.jobs.local.run` does; see there."""
    ray = library()
    if not ray.is_initialized():
        try:
            ray.init(address="auto", log_to_driver=False)
        except (ConnectionError, ray.exceptions.RayError) as wrong:
            reason = " ".join(str(wrong).split())
            raise TaskError(
                f"no Ray cluster can be joined: {reason}; start one with: ray start --head"
            ) from None
    # A task has one processor, so its threads would only take turns.
    remote = ray.remote(
        num_cpus=1, max_retries=3, runtime_env={"env_vars": {"RAYON_NUM_THREADS": "1"}}
    )(_careful(made_by))
    waiting, pending = iter(jobs), list[Any]()
    killed = (
        ray.exceptions.WorkerCrashedError,
        ray.exceptions.OutOfMemoryError,
        ray.exceptions.NodeDiedError,
    )
    try:
        while True:
            for job in islice(waiting, workers - len(pending)):
                pending.append(remote.remote(pickle.dumps((work, job))))
            if not pending:
                return
            done, pending = ray.wait(pending)
            for other, value in ray.get(done):
                if other:
                    raise TaskError(other)
                yield value
    except ray.exceptions.RayTaskError as wrong:
        raise wrong.cause from None
    except killed:
        raise OSError(KILLED) from None
    finally:
        for task in pending:
            ray.cancel(task)


def _careful(made_by: Callable[[], dict[str, str]]) -> Callable[[bytes], tuple[str, Any]]:
    """A task that does a job unless another version would do it.

    Returns:
        A function of a pickled (work, job). It gives why it refuses, or "" and what comes of it.
    """
    ours, question = made_by(), pickle.dumps(made_by)

    # Within a function, so that Ray sends it as it is: of what another version calls by the same
    # name nothing is known, nor whether it can read the job.
    def task(sent: bytes) -> tuple[str, Any]:
        try:
            theirs = pickle.loads(question)()
        except Exception as wrong:  # whatever is missing there
            wanting = f"cannot say what it makes rows with ({type(wrong).__name__}: {wrong})"
        else:
            others = [name for name in {**ours, **theirs} if theirs.get(name) != ours.get(name)]
            if not others:
                work, job = pickle.loads(sent)
                return "", work(job)
            wanting = "makes rows with other versions: " + "; ".join(
                f"{name} {theirs.get(name)} there, {ours.get(name)} here" for name in others
            )
        return (
            f"{platform.node()}, a machine of the Ray cluster, {wanting}; install the same build "
            "of avrgym, and of the library that writes the files, on all of its machines"
        ), None

    return task

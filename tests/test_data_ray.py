"""Datasets written by a Ray cluster: the same bytes, or one clear error."""

import os
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

import avrgym
from avrgym import TaskError, jobs
from avrgym.cli import main
from avrgym.data import generate
from written import bytes_of, settings

pytest.importorskip("pyarrow")
pytest.importorskip("filelock")
ray = pytest.importorskip("ray", reason="the extra ray is not installed")


@contextmanager
def ray_cluster(*first: Path) -> Iterator[None]:
    """A cluster of this machine, whose workers look for modules in some folders before ours."""
    paths = [*map(str, first), str(Path(avrgym.__file__).parents[1]), *sys.path]
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        runtime_env={"env_vars": {"PYTHONPATH": os.pathsep.join(paths)}},
    )
    try:
        yield
    finally:
        ray.shutdown()


def test_ray_writes_the_same_bytes_with_the_same_generator_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tyro")
    generate(settings(), tmp_path / "here")
    module, folder = sys.modules["avrgym.data.settings"], tmp_path / "ray"
    due = module.makers(settings())["generator"]
    with ray_cluster():
        with monkeypatch.context() as changed, pytest.raises(SystemExit) as ended:
            # As if this machine alone had been upgraded.
            changed.setattr(module, "_probed", lambda task: "another encoder")
            ours = module.makers(settings())["generator"]
            arguments = ("generate", "mix", "--task", "grid_navigation", "--examples", "60")
            main([*arguments, "--engine", "ray", "--to", str(tmp_path / "other")])
        *_, said = capsys.readouterr().err.splitlines()
        assert ended.value.code == 2 and not (tmp_path / "other" / "mix").exists()
        assert f"generator {due} there, {ours} here; install the same build of avrgym" in said

        with monkeypatch.context() as changed, pytest.raises(TaskError, match="a machine of the"):

            def upgraded(stage: str, _done: int, _of: int) -> None:
                if stage == "write":  # when contents are compared already
                    changed.setattr(module, "_probed", lambda task: "another encoder")

            generate(settings(), folder, workers=2, engine="ray", hear=upgraded)
        assert not (folder / "mix").exists()
        generate(settings(), folder, workers=2, engine="ray")
    assert bytes_of(tmp_path / "here") == bytes_of(folder)


def test_a_machine_of_a_cluster_that_lacks_this_version_is_named(tmp_path: Path) -> None:
    old = tmp_path / "old" / "avrgym"
    old.mkdir(parents=True)
    (old / "__init__.py").touch()  # of a version that nothing can be asked of
    lacking = rf"^{re.escape(platform.node())}, .* \(ModuleNotFoundError: .*install the same build"
    with ray_cluster(old.parent), pytest.raises(TaskError, match=lacking):
        generate(settings(), tmp_path / "data", engine="ray")
    # The cluster mended, the same command goes on.
    generate(settings(), tmp_path / "data")


@pytest.mark.parametrize(
    ("error", "words"),
    [("WorkerCrashedError", "a worker was killed"), ("OutOfMemoryError", "a worker was killed")],
)
def test_a_lost_task_of_ray_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, error: str, words: str
) -> None:
    def lost(_: object) -> None:
        raise getattr(ray.exceptions, error)("gone")

    lone = SimpleNamespace(remote=lambda job: job)
    for name, stand_in in {
        "is_initialized": lambda: True,
        "remote": lambda **_: lambda _: lone,
        "wait": lambda pending: (pending, []),
        "get": lost,
    }.items():
        monkeypatch.setattr(ray, name, stand_in)
    with pytest.raises(OSError, match=words):
        list(jobs.run(str, ["x"], engine="ray"))


def test_why_no_cluster_can_be_joined_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> None:
        raise ConnectionError("the token\nis wrong")

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", refused)
    with pytest.raises(TaskError, match="the token is wrong; start one"):
        list(jobs.run(str, ["x"], engine="ray"))

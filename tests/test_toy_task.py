"""A task that is added as CONTRIBUTING says, by three files and a line, is known everywhere.

The sources are copied, the toy task of ``tests/toy`` is added to the copy and nothing else is
changed, the core is built there, and what a task goes through is gone through with that package.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOY = Path(__file__).parent / "toy"
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
#: What the core is built of; a bench that the manifest names must be there.
SOURCES = ("rust_core", "envs", "benches", "python", "tests", "Cargo.toml", "Cargo.lock")
#: And what the package is made by.
PACKAGE = ("pyproject.toml", "README.md", "LICENSE")
UNUSED = shutil.ignore_patterns("*.so", "__pycache__", "proptest-regressions")

pytest.importorskip("maturin", reason="needs the dev extra")
pytestmark = pytest.mark.skipif(shutil.which("cargo") is None, reason="needs cargo on the path")


def added(folder: Path) -> None:
    """Copies the sources, and adds the toy task by the steps of CONTRIBUTING."""
    for name in SOURCES + PACKAGE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=UNUSED)
        else:
            shutil.copy(ROOT / name, folder / name)
    shutil.copy(TOY / "tally.rs", folder / "rust_core" / "src" / "tasks")
    shutil.copy(TOY / "tally.toml", folder / "envs")
    shutil.copy(TOY / "tally.snap", folder / "tests" / "golden")
    registry = folder / "rust_core" / "src" / "tasks" / "mod.rs"
    text = registry.read_text()
    assert text.count("\ntasks! {\n") == 1
    registry.write_text(text.replace("\ntasks! {\n", "\ntasks! {\n    tally::Tally,\n"))


def said(*command: str | Path, folder: Path, **environment: str) -> str:
    """What a command says, which must succeed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def built() -> Path:
    """The copy with its core built, on what the package's own core is linked with."""
    folder = TARGET / "toy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    added(folder)
    said(
        *(sys.executable, "-m", "maturin", "develop", "--release", "--skip-install", "--offline"),
        *("--locked", "--target-dir", TARGET),
        *(
            "--config",
            "profile.release.package.avrgym-core.opt-level=0",
        ),  # built once, asked little
        folder=folder,
        VIRTUAL_ENV=sys.prefix,
    )
    return folder


def within(folder: Path) -> dict[str, str]:
    """The environment in which the copy is the package."""
    return {"PYTHONPATH": str(folder / "python"), "PYTHONDONTWRITEBYTECODE": "1"}


# One test, so that of several workers one builds.
def test_a_task_is_known_everywhere_once_it_is_registered() -> None:
    folder = built()
    said(sys.executable, TOY / "walk.py", folder / "walked", folder=folder, **within(folder))
    golden = folder / "tests" / "golden" / "pictures.txt"
    before = golden.read_text().splitlines()
    said(sys.executable, "tests/golden_pictures.py", folder=folder, **within(folder))
    after = golden.read_text().splitlines()
    assert set(before) < set(after), "a task that is added changes no other's files"
    assert all(line.startswith("tally ") for line in set(after) - set(before))
    suites = ("test_promises", "test_golden", "test_pictures", "test_rewards_bought")
    asked = said(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
        *("-W", "error", *(f"tests/{suite}.py" for suite in suites)),
        *("-k", "tally and not constant"),
        folder=folder,
        **within(folder),
    )
    # 14 levels: four promises and what no line said again earns; its golden files and pictures.
    assert f"{14 * 5 + 3} passed" in asked, asked

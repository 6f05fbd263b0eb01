"""A task that is added as CONTRIBUTING says, by three files and a line, is known everywhere.

The sources are copied, the toy task of ``tests/toy`` is added to the copy where the steps of the
page say and nothing else is changed, the core is built there, and what a task goes through is gone
through with that package.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from avrgym import TASKS

ROOT = Path(__file__).parents[1]
TOY = Path(__file__).parent / "toy"
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
#: What the core is built of; a bench that the manifest names must be there.
SOURCES = ("rust_core", "envs", "benches", "python", "tests", "Cargo.toml", "Cargo.lock")
#: And what the package is made by.
PACKAGE = ("pyproject.toml", "README.md", "LICENSE")
UNUSED = shutil.ignore_patterns("*.so", "__pycache__", "proptest-regressions")

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
#: Of a step: its place, and the line of a macro's list where it is no file of the task's own.
STEP = re.compile(r"^\d+\. `([^`]+)`: (?:the line `([^`]+)` in `([^`]+)`)?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """What a step of the page adds.

    Attributes:
        path: A file within the sources.
        line: What is put into it; None: the whole file is the task's.
        macro: Into which list.
    """

    path: str
    line: str | None = None
    macro: str | None = None


def places(page: str, task: str) -> list[Place]:
    """What the page says a task is added by, of a task by name."""
    [section] = re.findall(r"^## Add a task\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    steps = section.replace("maze", task).replace("Maze", task.title().replace("_", ""))
    return [Place(path, line or None, macro or None) for path, line, macro in STEP.findall(steps)]


def put(place: Place, folder: Path) -> None:
    """Adds what a step adds, of the toy task, to a folder of sources."""
    at = folder / place.path
    assert at.parent.is_dir(), f"CONTRIBUTING names {place.path}, whose folder is not there"
    if place.line is None:
        assert not at.exists(), f"CONTRIBUTING names {place.path}, which every task has"
        shutil.copy(TOY / at.name, at)
        return
    begun = f"\n{place.macro} {{\n"
    text = at.read_text()
    assert text.count(begun) == 1
    at.write_text(text.replace(begun, f"{begun}    {place.line}\n"))


def added(folder: Path) -> None:
    """Copies the sources, and adds the toy task by the steps of CONTRIBUTING."""
    for name in SOURCES + PACKAGE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=UNUSED)
        else:
            shutil.copy(ROOT / name, folder / name)
    for place in places(PAGE, "tally"):
        put(place, folder)


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


def held(page: str) -> None:
    """Holds a page to the tasks there are: they have its places, and the toy task no others."""
    for task in TASKS:
        for place in places(page, task):
            at = ROOT / place.path
            if place.line is None:
                assert at.exists() or at.with_suffix("").is_dir(), place  # a folder is as good
            else:
                assert f"    {place.line}\n" in at.read_text(), place
    own = [Path(place.path).name for place in places(page, "tally") if place.line is None]
    assert sorted(own) == sorted(path.name for path in TOY.glob("tally.*"))
    section = page[page.index("## Add a task") : page.index("## Add a stage")]
    steps = re.findall(r"^\d+\. ", section, re.MULTILINE)
    assert len(steps) == len(places(page, "tally")) == len(own) + 1, "a step without its place"


def test_every_task_has_the_places_of_the_page_and_the_toy_no_others() -> None:
    held(PAGE)


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("2. `envs/maze.toml`:", "2. `envs/tasks/maze.toml`:"),
        ("2. `envs/maze.toml`:", "2. Also `envs/maze.toml`:"),
        ("2. `envs/maze.toml`:", "   `envs/maze.toml`:"),
        ("the line `maze::Maze,`", "the line `maze::Level,`"),
        ("`rust_core/src/tasks/mod.rs`: the", "`rust_core/src/lib.rs`: the"),
        ("4. `tests/golden/", "4. `docs/maze.md`: a page.\n5. `tests/golden/"),
    ],
)
def test_a_page_that_says_other_places_is_told(said: str, other: str) -> None:
    assert PAGE.count(said) == 1
    with pytest.raises(AssertionError):
        held(PAGE.replace(said, other))


# One test, so that of several workers one builds.
@pytest.mark.skipif(shutil.which("cargo") is None, reason="needs cargo on the path")
@pytest.mark.skipif(find_spec("maturin") is None, reason="needs the dev extra")
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

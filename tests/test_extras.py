"""The package without any extra: what lacks is one line that names it, whoever asks.

Everything runs in an interpreter that sees the standard library, the package and what it requires,
and nothing else.
"""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackagePath, distribution
from pathlib import Path

import pytest

from avrgym.core.extras import EXTRAS

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REMEDY = re.compile(r"(?:^|: )(\w+) is not installed; pip install 'avrgym\[(\w+)\]'$")
#: What a name that is imported is called by pip.
PIPS = {
    "PIL": "pillow",
    "yaml": "pyyaml",
    "tokenizers": "transformers",
    "safetensors": "transformers",
}

WALK = """
import importlib, json, pkgutil
import avrgym
told = {}
def failed(name): pass
for found in pkgutil.walk_packages(avrgym.__path__, "avrgym.", failed):
    if found.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(found.name)
        told[found.name] = ""
    except Exception as wrong:
        told[found.name] = f"{type(wrong).__name__}: {wrong}"
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages that has what avrgym requires, with what these require."""
    folder = tmp_path_factory.mktemp("bare")
    todo, seen = ["gymnasium", "numpy"], set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        found = distribution(name)
        for path in found.files or ():
            top = PackagePath(path).parts[0]
            if top != ".." and not (folder / top).exists():
                (folder / top).symlink_to(Path(str(found.locate_file(top))))
        needs = [need for need in found.requires or () if ";" not in need]
        todo += [re.split(r"[^\w.-]", need)[0] for need in needs]
    (folder / "avrgym").symlink_to(ROOT / "python" / "avrgym")
    return folder


def run(bare: Path, code: str) -> "subprocess.CompletedProcess[str]":
    """Runs code where nothing else is."""
    start = f"import sys; sys.path.append({str(bare)!r}); sys.argv[:1] = ['avrgym']\n"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", start + code], capture_output=True, text=True
    )


def test_extras_are_those_of_the_package() -> None:
    assert EXTRAS.keys() == PROJECT["optional-dependencies"].keys()


def test_every_module_imports_or_names_its_extra(bare: Path) -> None:
    done = run(bare, WALK)
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    whole = [name for name, wrong in told.items() if not wrong]
    assert {"avrgym.data.scores", "avrgym.data.generate", "avrgym.stream.rows"} <= set(whole)
    lacking = {name: wrong for name, wrong in told.items() if wrong}
    assert {"avrgym.stream.torch", "avrgym.stream.hf", "avrgym.cli.list"} <= lacking.keys()
    for name, wrong in lacking.items():
        if name.startswith("avrgym.adapters."):  # of packages that are no extra of ours
            assert "pip install " in wrong and "\n" not in wrong, f"{name}: {wrong}"
            continue
        found = REMEDY.search(wrong)
        assert found and "\n" not in wrong, f"{name}: {wrong}"
        named = PIPS.get(found[1], found[1])
        wanted = [
            re.split(r"[^\w-]", need)[0] for need in PROJECT["optional-dependencies"][found[2]]
        ]
        assert named in wanted, f"{name}: {wrong}"


def test_what_is_asked_of_a_bare_package_names_its_extra(bare: Path) -> None:
    for code, extra in (
        ("from avrgym.stream import with_pillow; with_pillow({'images': []})", "data"),
        ("import avrgym.stream.torch", "train"),
        ("import avrgym.stream.hf", "train"),
        ("from avrgym.config.files import _yaml; _yaml('f', '')", "data"),
    ):
        done = run(bare, code)
        assert done.returncode == 1, code
        assert done.stderr.splitlines()[-1].endswith(f"pip install 'avrgym[{extra}]'"), done.stderr


def test_every_verb_of_a_bare_package_names_its_extra(bare: Path) -> None:
    for arguments in ([], ["list"], ["doctor"], ["train", "--help"], ["nothing"]):
        done = run(bare, f"sys.argv += {arguments}\nfrom avrgym.cli import main; main()")
        assert done.returncode == 2 and done.stderr == (
            "avrgym: the command line needs tyro; pip install 'avrgym[data]'\n"
        )


def test_a_bare_package_generates_draws_judges_and_rewards(bare: Path) -> None:
    code = """
import avrgym
from avrgym.data.scores import judged
sample = avrgym.Source("grid_navigation", "rung0")[0]
assert avrgym.render([sample.address], size=448).shape == (1, 448, 448, 3)
points, right, read = judged([sample.address], ["image"], [f"Answer: {sample.answer}"])
assert points[0] == right[0] == read[0] == 1
print(avrgym.__version__)
"""
    done = run(bare, code)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"\d[\w.+]*\n", done.stdout)


@pytest.mark.parametrize("place", ["checkout", "packages"])
@pytest.mark.parametrize("known", [None, [], ["data"]], ids=str)
def test_an_extra_is_added_as_the_package_was_installed(
    bare: Path, tmp_path: Path, place: str, known: list[str] | None
) -> None:
    python = tmp_path / place / "python"
    python.mkdir(parents=True)
    (python / "avrgym").symlink_to(ROOT / "python" / "avrgym")
    if place == "checkout":
        (tmp_path / place / "pyproject.toml").touch()
    if known is not None:
        (python / "avrgym-0.1.0.dist-info").mkdir()
        said = ["Metadata-Version: 2.4", "Name: avrgym", "Version: 0.1.0"]
        said += [f"Provides-Extra: {extra}" for extra in known]
        (python / "avrgym-0.1.0.dist-info" / "METADATA").write_text("\n".join(said) + "\n")
    code = f"sys.path.insert(0, {str(python)!r})\n"
    done = run(bare, code + "from avrgym.core.extras import remedy; print(remedy('data'), end='')")
    # pip completes what is installed; a checkout that is not, or lacks the extra, is installed.
    whole = f"pip install -e '{tmp_path / place}[data]'"
    due = whole if place == "checkout" and not known else "pip install 'avrgym[data]'"
    assert (done.stdout, done.stderr) == (due, "")

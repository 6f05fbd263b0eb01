"""Dependence goes one way in both languages, as ``lib.rs`` and ``avrgym`` state it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import avrgym

RUST = Path(__file__).parent.parent / "rust_core" / "src"
PYTHON = Path(__file__).parent.parent / "python" / "avrgym"
HEAVY = {"torch", "transformers", "trl", "datasets", "accelerate", "numba", "PIL", "matplotlib"}
HEAVY |= {"pyarrow", "webdataset", "ray", "rich", "tyro", "jinja2", "filelock", "textual_image"}
LEAVES = {"curves", "report", "gallery", "data", "train", "stream", "cli"}


def order_in(text: str) -> dict[str, int]:
    """Ranks of modules, from the line that joins groups of them by arrows."""
    pattern = r"[\w/*]+(?:\s+[·→]\s+[\w/*]+)+"
    line = max(re.findall(pattern, text.replace("//! ", "")), key=len)
    groups = [group.split("·") for group in re.sub(r"\s", "", line).split("→")]
    return {name.removesuffix("/*"): rank for rank, group in enumerate(groups) for name in group}


def rust_code(path: Path) -> str:
    """A file without comments and without its tests."""
    code = re.sub(r"//.*", "", path.read_text())
    return code.split("#[cfg(test)]\nmod tests {")[0]


def test_the_rust_parser_reads_nested_lists() -> None:
    code = "use crate::{\n    Error, Result,\n    address::{self, Address},\n    rng::Rng,\n};"
    assert set(top_level(code)) == {"Error", "Result", "address", "rng"}


def top_level(code: str) -> Iterator[str]:
    """The first segments of all paths that begin with ``crate::``."""
    for found in re.finditer(r"\bcrate::(?:(\w+)|\{)", code):
        if found[1]:
            yield found[1]
            continue
        depth, start = 1, found.end()
        for at in range(start, len(code)):
            depth += (code[at] == "{") - (code[at] == "}")
            if depth == 0 or (depth == 1 and code[at] == ","):
                if first := re.match(r"\s*(\w+)", code[start:at]):
                    yield first[1]
                start = at + 1
            if depth == 0:
                break


RUST_ORDER = order_in((RUST / "lib.rs").read_text())


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in sorted(RUST.rglob("*.rs"))
        if p.stem != "lib" and "tests" not in p.stem and "tests" not in p.parts
    ],
    ids=str,
)
def test_rust_files_depend_on_earlier_ones(path: Path) -> None:
    own = path.relative_to(RUST).parts[0].removesuffix(".rs")
    assert own in RUST_ORDER, f"lib.rs does not say where {own} stands"
    code = rust_code(path)
    for name in top_level(code):
        other = "error" if name in ("Error", "Result") else name
        assert other == own or RUST_ORDER[other] < RUST_ORDER[own], f"{own} uses {other}"
    if own != "py":
        assert "pyo3" not in code and "numpy" not in code


PYTHON_ORDER = order_in(avrgym.__doc__ or "")
# What ``import avrgym`` imports; the rest may import it in turn.
WITHIN = {
    "_core",
    "arguments",
    "held_out",
    "samples",
    "pixels",
    "verdicts",
    "templates",
    "views",
    "rewards",
    "mixtures",
    "datasets",
    "envs",
}


def python_imports(path: Path, deferred: bool = True) -> Iterator[str]:
    """Dotted names of all modules that a file imports, within its functions or outside alone."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree) if deferred else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    "path", [p for p in sorted(PYTHON.rglob("*.py")) if p != PYTHON / "__init__.py"], ids=str
)
def test_python_files_depend_on_earlier_ones(path: Path) -> None:
    own = path.relative_to(PYTHON).parts[0].removesuffix(".py")
    assert own in PYTHON_ORDER, f"avrgym's docstring does not say where {own} stands"
    for name in python_imports(path):
        package, _, rest = name.partition(".")
        if package == "avrgym":
            other = rest.partition(".")[0]
            if other in PYTHON_ORDER:
                assert other == own or PYTHON_ORDER[other] < PYTHON_ORDER[own], (
                    f"{own} uses {other}"
                )
            else:
                assert own not in WITHIN, f"{own} is imported by avrgym and imports it"
        else:
            assert package not in HEAVY or own in LEAVES, f"{own} imports {package}"


@pytest.mark.parametrize("package", ["data", "data/proof"])
def test_files_of_a_package_depend_on_earlier_ones_when_they_are_imported(package: str) -> None:
    folder = PYTHON / package
    order = order_in((folder / "__init__.py").read_text())
    within = f"avrgym.{package.replace('/', '.')}."
    for path in sorted(folder.rglob("*.py")):
        own = path.relative_to(folder).parts[0].removesuffix(".py")
        if own in ("__init__", "lmms_eval_task"):  # the latter is a template that datasets copy
            continue
        assert own in order, f"{package} does not say where {own} stands"
        for name in python_imports(path, deferred=False):
            if name.startswith(within):
                other = name.removeprefix(within).partition(".")[0]
                assert other == own or order[other] < order[own], f"{own} uses {other}"


def test_importing_the_package_is_light() -> None:
    program = (
        "import sys, avrgym; "
        f"print(sorted({HEAVY | {'pandas', 'rich', 'tyro', 'pytest'}} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, check=True, text=True
    )
    assert said.stdout.strip() == "[]"

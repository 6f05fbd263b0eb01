"""Dependence goes one way in both languages, as ``lib.rs`` and ``avrgym`` state it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import avrgym
import rust_files

RUST = Path(__file__).parent.parent / "rust_core" / "src"
PYTHON = Path(__file__).parent.parent / "python" / "avrgym"
HEAVY = {"torch", "transformers", "trl", "datasets", "accelerate", "numba", "PIL", "matplotlib"}
HEAVY |= {"pyarrow", "webdataset", "ray", "rich", "tyro", "jinja2", "filelock", "textual_image"}
HEAVY |= {"pydantic", "peft", "starlette", "uvicorn", "scipy", "openai"}
LEAVES = {
    "config",
    "stream",
    "adapters",
    "files",
    "jobs",
    "data",
    "runs",
    "models",
    "evaluate",
    "analyses",
    "prm",
    "report",
    "serve",
    "train",
    "cli",
}


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


def test_no_files_of_the_core_use_each_other() -> None:
    assert not rust_files.circles()
    tree = "super::{\n    names::{self, lost as gone},\n    Problem,\n}"
    assert list(rust_files.expanded(tree)) == [
        ["super", "names", "self"],
        ["super", "names", "lost"],
        ["super", "Problem"],
    ]
    module = ("tasks", "grid_navigation", "dfs")
    assert ("tasks", "grid_navigation", "guide") in rust_files.uses(module)
    assert rust_files.meant(["crate", "scene", "Scene"], module) == ("scene",)


PYTHON_ORDER = order_in(avrgym.__doc__ or "")
# What ``import avrgym`` imports; the rest may import it in turn.
WITHIN = {"_core", "core", "prompts", "rewards", "mixtures", "envs", "adapters"}


def module_of(path: Path) -> str:
    """A file's dotted name."""
    parts = ("avrgym", *path.relative_to(PYTHON).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for path in sorted(PYTHON.rglob("*.py"))}


def python_imports(path: Path) -> Iterator[str]:
    """Dotted names of all that a file imports, within its functions as well; types alone are not.

    What stands behind ``if TYPE_CHECKING`` is never imported.
    """
    waiting: list[ast.AST] = [ast.parse(path.read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting += ast.iter_child_nodes(node)


def file_of(name: str) -> str:
    """The module that a dotted name stands in, or is."""
    while name not in FILES and name != "avrgym._core":
        name = name.rpartition(".")[0]
    return name


@pytest.mark.parametrize("module", [name for name in FILES if name != "avrgym"])
def test_rooms_depend_on_earlier_ones_also_where_imports_are_deferred(module: str) -> None:
    own = module.split(".")[1]
    assert own in PYTHON_ORDER, f"avrgym's docstring does not say where {own} stands"
    for name in python_imports(FILES[module]):
        package, _, rest = name.partition(".")
        if package != "avrgym":
            assert package not in HEAVY or own in LEAVES, f"{own} imports {package}"
            continue
        other = rest.partition(".")[0]
        if other not in PYTHON_ORDER:
            assert own not in WITHIN, f"{own} is imported by avrgym and imports it"
        elif other != own:
            assert PYTHON_ORDER[other] < PYTHON_ORDER[own], f"{own} uses {other}"


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of nodes that reach each other: one is left out after another that needs none."""
    left = {node: set(needs) & set(graph) - {node} for node, needs in graph.items()}
    for _ in graph:
        for turned in (False, True):
            around = left if not turned else {n: {m for m in left if n in left[m]} for n in left}
            free = {node for node, needs in around.items() if not needs}
            left = {node: needs - free for node, needs in left.items() if node not in free}
    return [sorted(left)] if left else []


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


def test_no_files_of_python_need_each_other_deferred_imports_included() -> None:
    graph = {
        module: {file_of(name) for name in python_imports(path) if name.startswith("avrgym")}
        for module, path in FILES.items()
    }
    assert circles(graph) == []


def test_importing_the_package_is_light() -> None:
    program = (
        f"import sys, avrgym; print(sorted({HEAVY | {'pandas', 'pytest'}} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, check=True, text=True
    )
    assert said.stdout.strip() == "[]"

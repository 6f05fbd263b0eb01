"""Which files of the core use which, by the paths that they write."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

RUST = Path(__file__).parent.parent / "rust_core" / "src"

Module = tuple[str, ...]


def module_of(path: Path) -> Module:
    """A file's place in the tree of modules; ``lib.rs`` is ()."""
    parts = path.relative_to(RUST).with_suffix("").parts
    return parts[:-1] if parts[-1] in ("mod", "lib") else parts


def is_test(path: Path) -> bool:
    """Whether a file has tests alone."""
    return any("tests" in part for part in path.relative_to(RUST).with_suffix("").parts)


#: Files by module, those of tests left out.
FILES: Mapping[Module, Path] = {
    module_of(path): path for path in sorted(RUST.rglob("*.rs")) if not is_test(path)
}


def code_of(path: Path) -> str:
    """A file without comments and without its tests."""
    code = re.sub(r"//.*", "", path.read_text())
    code = re.sub(r"#\[cfg\(test\)\]\s*(?:pub )?mod \w+;", "", code)
    return re.split(r"#\[cfg\(test\)\]\s*mod tests \{", code)[0]


def paths_in(code: str) -> Iterator[list[str]]:
    """Every path that code writes, cut at ``::``, those of nested lists as well."""
    for found in re.finditer(r"\buse\s+([^;]+);", code):
        yield from expanded(found[1])
    rest = re.sub(r"\buse\s+[^;]+;", "", code)
    for found in re.finditer(r"(?<![:\w])[a-z_]+(?:::\w+)+", rest):
        yield found[0].split("::")


def expanded(tree: str) -> Iterator[list[str]]:
    """The paths of ``a::{b, c::{self, D}}``."""
    tree = tree.strip()
    listed = re.fullmatch(r"((?:\w+::)*)\{(.*)\}", tree, re.DOTALL)
    if listed is None:
        yield [part.strip() for part in re.sub(r"\s+as\s+\w+", "", tree).split("::")]
        return
    head = [part for part in listed[1].split("::") if part]
    depth, item = 0, ""
    for letter in listed[2] + ",":
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            if item.strip():
                yield from ([*head, *rest] for rest in expanded(item))
            item = ""
        else:
            item += letter


def meant(path: list[str], module: Module) -> Module | None:
    """The module whose file a path in a module's file leads into, if it is one of ours."""
    first, *rest = path
    if first == "crate":
        at: Module = ()
    elif first in ("self", "super"):
        at = module[: len(module) - (first == "super")]
        while rest[:1] == ["super"]:
            at, rest = at[:-1], rest[1:]
    elif (*module, first) in FILES:
        at, rest = module, path
    else:
        return None
    for name in rest:
        if (*at, name) not in FILES:
            break
        at = (*at, name)
    return at


def uses(module: Module) -> set[Module]:
    """The modules that a module's file uses."""
    found = {meant(path, module) for path in paths_in(code_of(FILES[module]))}
    return {other for other in found if other is not None and other != module}


def circles() -> list[list[Module]]:
    """Files that use each other, directly or by way of others; each group once."""
    reached = {module: uses(module) for module in FILES}
    grows = True
    while grows:
        grows = False
        for others in reached.values():
            more = set().union(*(reached[other] for other in others)) - others
            grows = grows or bool(more)
            others |= more
    groups = {
        tuple(sorted(other for other in reached[module] if module in reached[other]))
        for module in FILES
        if module in reached[module]
    }
    return [list(group) for group in sorted(groups)]

"""The page of clients: every script of ``examples/``, as its docstring says it, with its code."""

import ast
from pathlib import Path

_HEAD = """# Clients

Scripts of at most 60 lines, one a client; each is run by the tests for a few steps. They stand in
the folder `examples` and import nothing but what is public.

"""


def write(to: Path, examples: Path) -> None:
    """Writes ``clients.md``."""
    parts = [_HEAD]
    for script in sorted(examples.glob("*.py")):
        code = script.read_text("utf-8")
        said = (ast.get_docstring(ast.parse(code)) or "").strip()
        if not said:
            raise ValueError(f"{script.name} does not say what it does; give it a docstring")
        first, _, rest = said.partition("\n\n")
        parts.append(f"## `{script.name}`\n\n{' '.join(first.split())}\n\n{_fenced(rest)}")
        parts.append(
            f'??? example "examples/{script.name}"\n\n    ```python\n{_indented(code)}\n    ```\n'
        )
    if len(parts) == 1:
        parts.append("There are none yet.\n")
    (to / "clients.md").write_text("\n".join(parts), "utf-8")


def _fenced(text: str) -> str:
    """Paragraphs as they are, lines behind ``::`` as a block."""
    out, lines = [], text.splitlines()
    fenced = False
    for line in lines:
        indented = line.startswith("    ")
        if indented and not fenced:
            out += ["", "```sh"]
        if not indented and fenced and line.strip():
            out += ["```", ""]
        fenced = indented or (fenced and not line.strip())
        out.append(
            line.removeprefix("    ").removesuffix("::") + (":" if line.endswith("::") else "")
        )
    return "\n".join([*out, *(["```"] if fenced else [])]) + "\n"


def _indented(code: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in code.rstrip().splitlines())

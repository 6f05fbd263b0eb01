"""Pages that are run: every block of a page in its order, in one folder and one process.

A block of Python runs in the namespace of those before it. A line of a shell block is a command;
what begins with ``avrgym`` runs in this process. Lines of a console block are what the command
above them says. A block of TOML or of Python with a ``title`` becomes that file. A block of text
right behind code is what the code prints, unless it has a ``title``.

What takes long is made smaller: by other numbers in the code (``Page.smaller``), by options of
commands (:func:`smaller`, ``Page.options``). What cannot be run stands in ``UNRUN``, with why.
"""

import contextlib
import io
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
#: README, CONTRIBUTING, and whatever stands in the folder of pages.
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")))

#: Commands that are not run, by how they begin, and why not.
UNRUN = {
    "make ": "installs, builds or runs the whole suite; the Makefile is what CI runs",
    "pip ": "installs; the wheel and its extras are installed by tests/first_hour.sh",
    "ray ": "starts a cluster; tests/test_data_ray.py has one",
    "torchrun ": "starts eight processes; tests/test_gpu_page.py reads it, others start two",
    "accelerate ": "starts processes on eight cards; tests/test_gpu_page.py reads it",
    "configs=": "belongs to accelerate's line; tests/test_gpu_page.py reads it",
    "avrgym evaluate --policy http": "asks a server; tests/test_models_served.py has a real one",
    "avrgym judge runs/blind --by http": "asks a server; tests/test_opinions.py has one",
    "(cd data/eval && python -m lmms_eval": "asks a server; tests/test_lmms_eval.py runs its block",
    "avrgym evaluate --policy data/eval/logs": "reads what the line above it left",
    "python benches/": "measures a GPU; tests/test_gpu_page.py runs it on a small model",
}


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page."""

    page: str
    line: int
    language: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}, line {self.line}"


@dataclass(slots=True)
class Page:
    """How a page is run, beyond what its words say.

    Attributes:
        smaller: Numbers of its code, and what stands in their place.
        options: Of its commands, behind those that :func:`options` adds.
        prepared: Makes what the page takes for granted: files, models.
        held: Looks at what is there once all blocks have run.
    """

    smaller: dict[str, str] = field(default_factory=dict)
    options: Callable[[list[str]], list[str]] = lambda words: words
    prepared: Callable[[Path, pytest.MonkeyPatch], None] = lambda folder, monkeypatch: None
    held: Callable[[dict[str, Any]], None] = lambda namespace: None

    def small(self, text: str) -> str:
        """A text with smaller numbers."""
        for number, other in self.smaller.items():
            text = text.replace(number, other)
        return text


def blocks(page: str) -> Iterator[Block]:
    """The blocks of a page in order."""
    begun: tuple[int, str, str] | None = None
    text: list[str] = []
    for number, line in enumerate((ROOT / page).read_text("utf-8").splitlines(), 1):
        if not line.startswith("```"):
            text.append(line)
        elif begun is None:
            language, _, rest = line.removeprefix("```").partition(" ")
            title = re.search(r'title="([^"]+)"', rest)
            begun, text = (number, language, title[1] if title else ""), []
        else:
            yield Block(page, *begun, "".join(f"{each}\n" for each in text))
            begun = None
    assert begun is None, f"{page}: a block is not closed"


def reason(command: str) -> str | None:
    """Why a command is not run, if it is not."""
    return next((why for start, why in UNRUN.items() if command.startswith(start)), None)


def commands(block: Block) -> list[str]:
    """A shell block's commands, without comments and prompts."""
    joined = block.text.replace("\\\n", " ")
    lines = (" ".join(shlex.split(line, comments=True)) for line in joined.splitlines())
    kept = zip(joined.splitlines(), lines, strict=True)
    return [line.removeprefix("$ ") for line, words in kept if words]


def run(page: str, how: Page, folder: Path) -> dict[str, Any]:
    """Runs a page in a folder, which is the working directory; gives its namespace."""
    namespace: dict[str, Any] = {"__name__": "__page__", "__said__": ""}
    # What the block before said, if it was code and was run as it stands.
    said: str | None = None
    for block in blocks(page):
        if block.language == "console":
            _console(block, how, namespace)
        if block.language in ("python", "toml", "yaml", "json") and block.title:
            (folder / block.title).write_text(how.small(block.text), "utf-8")
            said = None
            continue
        if block.language in ("python", "sh"):
            does = _python if block.language == "python" else _shell
            said, whole = does(block, how, namespace)
            namespace["__said__"] += said
            said = said if whole else None
            continue
        if block.language == "toml":
            settings(block)
        elif block.language == "text":
            if said is not None and not block.title:
                assert fits(block.text, said), f"{block}: shown\n{block.text}but said\n{said}"
        elif block.language != "console":
            raise AssertionError(f"{block}: {block.language!r} is no language that is run")
        said = None
    return namespace


def fits(shown: str, said: str) -> bool:
    """Whether a page shows what was said; ``…`` stands for anything."""
    parts = [re.escape(part) for part in shown.strip().split("…")]
    return re.fullmatch(".*".join(parts), said.strip(), re.DOTALL) is not None


def settings(block: Block) -> None:
    """Reads a piece of a run's file: tables of a run, or keys of a stage."""
    from avrgym.config import build
    from avrgym.train.spec import Run

    table = tomllib.loads(block.text)
    whole = {"model", "evaluation", "picture", "stages"} & table.keys()
    curriculum = {"kind": "levels", "levels": "grid_navigation/rung0"}
    stage = {"kind": "grpo", "curriculum": curriculum, **table}
    build(Run, table if whole else {"stages": [stage]}, str(block))


def _python(block: Block, how: Page, namespace: dict[str, Any]) -> tuple[str, bool]:
    """What a block prints, and whether it was run as it stands."""
    text = how.small(block.text)
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        # Errors name the page and its line.
        exec(compile("\n" * block.line + text, block.page, "exec"), namespace)
    return told.getvalue(), text == block.text


def _console(block: Block, how: Page, namespace: dict[str, Any]) -> None:
    """Runs the commands behind ``$``, and holds what they say to the lines below each."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        said, whole = _shell(replace(block, text=line), how, namespace)
        assert not whole or fits(shown, said), f"{block}: {line}\n{shown}but said\n{said}"


def _shell(block: Block, how: Page, _namespace: dict[str, Any]) -> tuple[str, bool]:
    """What a block's commands say, and whether all were run as they stand."""
    from avrgym.cli import main

    said, whole = "", True
    for command in commands(block):
        line = command.removeprefix("timeout 9m ")
        if reason(line):
            whole = False
            continue
        assert line.startswith("avrgym "), f"{block}: nobody runs {line!r}; give UNRUN a reason"
        asked = shlex.split(line, comments=True)[1:]
        words = how.options(smaller(asked))
        whole &= words == asked
        told, wrong = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(wrong):
            with pytest.raises(SystemExit) as ended:
                main(words)
        assert ended.value.code == 0, f"{block}: {line}\n{told.getvalue()}{wrong.getvalue()}"
        said += told.getvalue()
    return said, whole


def smaller(words: list[str]) -> list[str]:
    """A command with fewer rows, smaller pictures, fewer steps, and no processes beside this."""
    verb, *rest = words
    if verb == "generate" and "prm" not in rest:
        few = {"240000": "48" if "--for" in rest else "1536", "16": "1", "512": "1"}
        rest = [few.get(word, word) for word in rest]
        easy = ["--simple", "rung0", "--hard", "rung1", "--size", "112", "--theme", "compact"]
        rest += easy if "--for" in rest else ["--size", "64", "--insist"]
        rest += [] if "--workers" in rest else ["--workers", "1"]
    if verb == "train":
        rest += [] if "--dry-run" in rest else ["--dry-run"]
        rest += ["--stages.0.steps", "2"]
    return [verb, *rest]

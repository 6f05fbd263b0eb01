"""The docs site: the pages of this repository and those that are made of the code, as one.

Gathers everything in ``build/docs`` and builds ``build/site`` there, warnings being errors. Nothing
that is made is committed, so nothing can be out of date::

    python scripts/docs/build.py
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath

import clients
import settings
import surface
import tasks

from avrgym import TASKS

ROOT = Path(__file__).parents[2]
#: Pages that stand elsewhere in the repository, and what they are in the site.
OTHERS = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
_LINK = re.compile(r"(\]\()(?!https?:|#)([^)\s#]+)(#[^)]*)?(\))")
_CODE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)


def pages() -> Iterator[tuple[str, str]]:
    """What each page of the site is called, and the file of the repository that it is."""
    for file, page in OTHERS.items():
        yield page, file
    for path in sorted((ROOT / "docs").rglob("*.md")):
        yield str(path.relative_to(ROOT / "docs")), str(path.relative_to(ROOT))


def linked(text: str, file: str, to: Path) -> str:
    """A page's text with its links as the site needs them; what is no page is carried along."""
    place = {file: page for page, file in pages()}
    own = Path(place[file]).parent

    def moved(found: re.Match[str]) -> str:
        target = normpath(f"{Path(file).parent.as_posix()}/{found[2]}")
        page = place.get(target)
        if page is None:
            page = target.removeprefix("docs/") if target.startswith("docs/") else f"files/{target}"
            if not (ROOT / target).is_file():
                raise FileNotFoundError(f"{file} links to {found[2]}, which is not there")
            # The site is a folder of pages: a file without an end would be taken for one.
            page += "" if Path(page).suffix else ".txt"
            (to / page).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / target, to / page)
        up = "../" * len(own.parts)
        return f"{found[1]}{up}{page}{found[3] or ''}{found[4]}"

    pieces = _CODE.split(text)
    return "".join(piece if at % 2 else _LINK.sub(moved, piece) for at, piece in enumerate(pieces))


def gather(to: Path) -> None:
    """Writes every page of the site to a folder, which is emptied first."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    for page, file in pages():
        (to / page).parent.mkdir(parents=True, exist_ok=True)
        (to / page).write_text(linked((ROOT / file).read_text("utf-8"), file, to), "utf-8")
    shutil.copytree(ROOT / "docs" / "style", to / "style")
    tasks.write(to)
    settings.write(to / "run-file.md")
    clients.write(to, ROOT / "examples")
    surface.write(to / "api")


def configure(to: Path) -> None:
    """Writes the site's settings, every task's page behind the one that lists them."""
    text = (ROOT / "zensical.toml").read_text("utf-8")
    first = '"tasks/index.md",'
    if text.count(first) != 1:
        raise ValueError(f"zensical.toml names {first} other than once; tasks' pages follow it")
    every = [f'"tasks/{task}.md",' for task in TASKS]
    to.write_text(text.replace(first, " ".join([first, *every])), "utf-8")


def main() -> int:
    """Gathers and builds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gather", action="store_true", help="write the pages, build no site")
    only = parser.parse_args().gather
    gather(ROOT / "build" / "docs")
    configure(ROOT / "build" / "zensical.toml")
    if only:
        return 0
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    command += ["--config-file", "build/zensical.toml"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

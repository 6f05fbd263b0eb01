"""Files of pictures by digest; run as a program this file writes ``golden/pictures.txt``."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import avrgym
from avrgym import Source, encode

#: A line a task and kind of file.
GOLDEN = Path(__file__).parent / "golden" / "pictures.txt"


def every_kind(task: str) -> str:
    """A line a kind of file: what it is and the digest of some of a task's."""
    some = [Source(task, level, "test", 5).address(0) for level in ("simple", "hard")]
    kinds: list[tuple[str, Callable[[], list[bytes]]]] = [
        *(
            (f"png {size} {theme}", lambda s=size, t=theme: encode(some, s, t, insist=True))
            for size in (64, 224, (100, 251))
            for theme in avrgym.THEMES
        ),
        ("jpeg 224 50", lambda: encode(some, 224, encoding="jpeg", quality=50, insist=True)),
    ]
    return "".join(f"{name} {digest(files())}\n" for name, files in kinds)


def digest(files: list[bytes]) -> str:
    """The SHA-256 of files one after the other."""
    return hashlib.sha256(b"".join(files)).hexdigest()


def main() -> None:
    """Writes the digests of all tasks."""
    kinds = {task: every_kind(task).splitlines() for task in avrgym.TASKS}
    GOLDEN.write_text(
        "".join(f"{task} {line}\n" for task in kinds for line in kinds[task]), "utf-8"
    )


if __name__ == "__main__":
    main()

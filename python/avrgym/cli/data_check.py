"""The verb data check: a finished dataset proved."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from avrgym.cli.progress import progress
from avrgym.core.extras import needs

with needs("data"):
    import tyro

# Problems shown on a terminal before the rest is only counted.
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Check:
    """Prove a finished dataset: files, words, pictures, duplicates, leaks. Exit code 1 if not so.

    What is wrong goes to the output, a line each: on a terminal the first 20, elsewhere all. For
    example:

    avrgym data check data/mix --all

    avrgym data check data/mix > wrong.txt

    Attributes:
        folder: What avrgym generate wrote.
        exclude: More sets that must share no content with it, besides what was excluded when it was
            written; as avrgym generate takes them.
        all: Make every row anew and compare it, not some of each file.
    """

    folder: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]
    exclude: tuple[str, ...] = ()
    all: bool = False

    def do(self) -> bool:
        """Checks; False if something is wrong."""
        from avrgym.data import check

        count = 0
        shown = _SHOWN if sys.stdout.isatty() else None
        with progress() as hear:
            found = check(
                self.folder,
                self.exclude,
                self.all,
                lambda done, of: hear("read", done, of),
                lambda said: print(f"note: {said}"),
            )
            for count, finding in enumerate(found, 1):
                if shown is None or count <= shown:
                    print(f"wrong: {finding}")
        if shown is not None and count > shown:
            print(
                f"and {count - shown} more; a file has all of them: avrgym data check … > wrong.txt"
            )
        print(f"{self.folder}: " + (f"{count} findings" if count else "all holds"))
        return count == 0

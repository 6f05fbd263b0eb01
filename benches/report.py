"""``avrgym report`` over about 100,000 rows of the built-in subjects: seconds and memory.

python benches/report.py [items of each level]
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from avrgym.evaluate import policies, suites
from avrgym.evaluate.folder import Folder
from avrgym.evaluate.session import Session, conduct
from avrgym.evaluate.subjects import SUBJECTS


def asked(name: str, items: int, to: Path) -> int:
    """Asks a subject every rung of every task, and says how many rows there are."""
    policy = policies.found(name)
    evaluation = suites.load("ladder", {"items": str(items), "decodings": "greedy"})
    count = 0

    def hear(rows: object) -> None:
        nonlocal count
        count += len(rows)  # type: ignore[arg-type]

    conduct(Session(policy=name, suite="ladder", evaluation=evaluation), policy, Folder(to), hear)
    return count


def main() -> None:
    """Asks, reports in a process of its own, and prints what that took."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else 260
    with tempfile.TemporaryDirectory() as made:
        folders = [Path(made) / name for name in SUBJECTS]
        rows = sum(asked(folder.name, items, folder) for folder in folders)
        size = sum((folder / "results.jsonl").stat().st_size for folder in folders)
        print(f"{rows:,} rows of {', '.join(SUBJECTS)}, {size / 2**20:.0f} MiB")
        for words in (["--to", str(Path(made) / "page.html")], ["--json"]):
            command = [sys.executable, "-m", "avrgym.cli", "report", *map(str, folders), *words]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.perf_counter()
            with open(os.devnull, "w") as nowhere:
                subprocess.run(command, check=True, stdout=nowhere)
            wall = time.perf_counter() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(
                f"{spent:6.1f} s of CPU time, {wall:.1f} s by the clock, "
                f"{after.ru_maxrss / 1024:.0f} MB at most: avrgym report {words[0]}"
            )
        page = (Path(made) / "page.html").stat().st_size
        print(f"the page has {page / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()

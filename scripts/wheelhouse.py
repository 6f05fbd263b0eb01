"""Gathers wheels for a machine that has torch and transformers but no network.

What training needs is followed from wheel to wheel; what the machine has is left out. Beside the
wheels lies ``names.txt``, so that one command installs what is missing there and leaves the rest:

    pip install --no-index --no-deps --find-links wheelhouse --requirement wheelhouse/names.txt
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import tyro
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).parent.parent
# Pip takes a platform by its very name: every glibc that a wheel may have been built for.
PLATFORMS = tuple(f"manylinux_2_{minor}" for minor in range(39, 4, -1))
PLATFORMS += ("manylinux2014", "manylinux2010", "manylinux1", "linux")


@dataclass(frozen=True, slots=True)
class Gather:
    """What to gather.

    Attributes:
        there: Packages that the machine has, and with them what they need themselves.
        to: The folder.
        python: Of the machine.
        machine: Its processor, as wheels call it.
        constraints: Which versions.
        extras: Of avrgym.
    """

    there: tuple[str, ...] = ("torch", "transformers")
    to: Path = Path("wheelhouse")
    python: str = "3.12"
    machine: str = "x86_64"
    constraints: Path = ROOT / "constraints-vllm.txt"
    extras: tuple[str, ...] = ("train",)


def main(gather: Gather) -> None:
    """Gathers, and says what and how much."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*told["dependencies"]]
    for extra in gather.extras:
        wanted += told["optional-dependencies"][extra]
    there = brought(gather)
    gather.to.mkdir(parents=True, exist_ok=True)
    for wheel in gather.to.glob("*.whl"):
        if name_of(wheel) != "avrgym":
            wheel.unlink()
    names: set[str] = set()
    todo = needed(wanted, gather.python) - there
    while todo:
        download(gather, todo, gather.to)
        names |= todo
        found = [wheel for wheel in gather.to.glob("*.whl") if name_of(wheel) in todo]
        lines = [line for wheel in found for line in metadata(wheel)]
        todo = needed(lines, gather.python) - there - names
    (gather.to / "names.txt").write_text("\n".join(["avrgym", *sorted(names)]) + "\n", "utf-8")
    wheels = sorted(gather.to.glob("*.whl"), key=lambda path: path.stat().st_size)
    for wheel in wheels:
        print(f"{wheel.stat().st_size / 1e6:7.1f} MB  {wheel.name}")
    whole = sum(wheel.stat().st_size for wheel in wheels)
    print(f"{whole / 1e6:7.1f} MB in {gather.to}, {len(wheels)} wheels")
    if not any(name_of(each) == "avrgym" and gather.machine in each.name for each in wheels):
        sys.exit(
            f"{gather.to} has no wheel of avrgym itself for {gather.machine}; "
            "make wheelhouse builds one for the machine that it runs on"
        )


def brought(gather: Gather) -> set[str]:
    """What the machine surely has: the packages that are named, and what they need themselves.

    What these need in turn depends on versions that nobody here knows: rather a wheel too many,
    since installing leaves alone what is there. Asked of what is installed here where that is the
    pinned version, else of the wheel.
    """
    found = {str(canonicalize_name(name)) for name in gather.there}
    for name in sorted(found):
        try:
            here = version(name).partition("+")[0]
        except PackageNotFoundError:
            here = ""
        if pinned(gather).get(name) == here:
            lines = requires(name) or []
        else:
            with TemporaryDirectory() as folder:
                download(gather, [name], Path(folder))
                lines = metadata(next(Path(folder).glob("*.whl")))
        found |= needed(lines, gather.python)
    return found


def needed(lines: Iterable[str], python: str) -> set[str]:
    """Names of the requirements that hold for a Python, without any extras."""
    where = dict(default_environment())
    where |= {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    needs = map(Requirement, lines)
    return {
        str(canonicalize_name(need.name))
        for need in needs
        if need.marker is None or need.marker.evaluate(where)
    }


def pinned(gather: Gather) -> dict[str, str]:
    """Versions by name."""
    lines = gather.constraints.read_text("utf-8").splitlines()
    pins = (line.split("==") for line in lines if re.match(r"[\w.-]+==", line))
    return {str(canonicalize_name(name)): number for name, number in pins}


def download(gather: Gather, names: Iterable[str], to: Path) -> None:
    """Fetches one wheel of each, in the pinned versions."""
    pins = pinned(gather)
    if unknown := sorted(set(names) - pins.keys()):
        sys.exit(f"{gather.constraints} pins no {', '.join(unknown)}; add the versions, or --there")
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    words += ["--only-binary=:all:", "--implementation", "cp", "--python-version", gather.python]
    for platform in PLATFORMS:
        words += ["--platform", f"{platform}_{gather.machine}"]
    words += ["--dest", str(to), *(f"{name}=={pins[name]}" for name in sorted(names))]
    subprocess.run(words, check=True)


def metadata(wheel: Path) -> list[str]:
    """What a wheel requires, line by line."""
    with ZipFile(wheel) as opened:
        [path] = [name for name in opened.namelist() if re.fullmatch(r"[^/]+/METADATA", name)]
        return message_from_bytes(opened.read(path)).get_all("Requires-Dist") or []


def name_of(wheel: Path) -> str:
    """The package's."""
    return str(parse_wheel_filename(wheel.name)[0])


if __name__ == "__main__":
    main(tyro.cli(Gather, description=__doc__))

"""Wheels are followed to what they need, and what a machine has is left out; from a local index."""

import shlex
from pathlib import Path
from zipfile import ZipFile

import pytest

pytest.importorskip("tyro")
pytest.importorskip("packaging")

ROOT = Path(__file__).parent.parent
MINE = "avrgym-0.1.0-cp311-abi3-manylinux_2_28_x86_64.whl"
INDEX = {
    "torch": ["numpy", "sympy"],
    "transformers": ["numpy", "tokenizers"],
    "numpy": [],
    "trl": ["accelerate", "transformers", "vllm; extra == 'vllm'"],
    "accelerate": ["torch", "psutil; python_version < '3.12'", "Type.Check >= 1"],
    "type-check": ["sympy", "mpmath"],  # the machine may have it by sympy; nobody knows
    "mpmath": [],
    "psutil": [],
}


def wheel(folder: Path, name: str, needs: list[str]) -> None:
    stem = f"{name.replace('-', '_')}-1.0"
    with ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as made:
        lines = [f"Requires-Dist: {need}" for need in needs]
        told = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *lines, "", ""])
        made.writestr(f"{stem}.dist-info/METADATA", told)
        made.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        made.writestr(f"{stem}.dist-info/RECORD", "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    index = tmp_path / "index"
    index.mkdir()
    for name, needs in INDEX.items():
        wheel(index, name, needs)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    (tmp_path / "constraints.txt").write_text("".join(f"{name}==1.0\n" for name in INDEX))
    (tmp_path / "pyproject.toml").write_text(
        "[project]\ndependencies = ['numpy']\n[project.optional-dependencies]\ntrain = ['trl>=1']\n"
    )
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / MINE).touch()
    import wheelhouse  # type: ignore[import-not-found]

    monkeypatch.setattr(wheelhouse, "ROOT", tmp_path)
    return tmp_path


def gathered(folder: Path, *words: str) -> list[str]:
    import tyro
    import wheelhouse

    where = ("--to", str(folder / "to"), "--constraints", str(folder / "constraints.txt"))
    wheelhouse.main(tyro.cli(wheelhouse.Gather, args=[*where, *words]))
    names = (folder / "to" / "names.txt").read_text().split()
    assert len(list((folder / "to").glob("*.whl"))) == len(names)
    return names


def test_what_the_machine_lacks_is_gathered(folder: Path) -> None:
    lacks = ["avrgym", "accelerate", "mpmath", "trl", "type-check"]
    assert gathered(folder) == lacks
    assert gathered(folder, "--python", "3.11") == [*lacks[:3], "psutil", *lacks[3:]]


def test_what_more_is_there_is_left_out(folder: Path) -> None:
    assert gathered(folder, "--there", "torch", "transformers", "accelerate") == ["avrgym", "trl"]


def test_a_version_that_is_not_pinned_and_a_wheel_that_does_not_fit_are_told(folder: Path) -> None:
    with pytest.raises(SystemExit, match="avrgym itself for aarch64"):
        gathered(folder, "--machine", "aarch64")
    file = folder / "constraints.txt"
    file.write_text(file.read_text().replace("mpmath==1.0\n", ""))
    with pytest.raises(SystemExit, match="pins no mpmath"):
        gathered(folder)


def test_the_page_says_it_as_it_is_taken(folder: Path) -> None:
    import tyro
    import wheelhouse

    page = (ROOT / "docs" / "gpu.md").read_text("utf-8")
    lines = [line for line in page.splitlines() if line.startswith("make wheelhouse")]
    for line in lines:
        for word in shlex.split(line)[2:]:
            args = shlex.split(word.removeprefix("ARGS="))
            told = tyro.cli(wheelhouse.Gather, args=args)
            assert (ROOT / told.constraints).is_file()
    assert len(lines) == 3
    target = (ROOT / "Makefile").read_text().partition("\nwheelhouse:")[2].partition("\n\n")[0]
    assert "scripts/wheelhouse.py $(ARGS)" in target and "$(WHEEL) wheelhouse" in target
    [install] = [line for line in page.splitlines() if line.startswith("pip install --no-index")]
    assert install in (wheelhouse.__doc__ or "")

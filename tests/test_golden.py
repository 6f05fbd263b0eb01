"""The wheel tells the same story as the crate: both read ``tests/golden/<task>.snap``."""

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import avrgym

GOLDEN = Path(__file__).parent / "golden"
SIZES = [(64, 64), (448, 448), (400, 750)]


def fnv1a(image: NDArray[np.uint8]) -> int:
    """The 64-bit FNV-1a hash, independent of the core's own."""
    value = 0xCBF29CE484222325
    for byte in image.tobytes():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


@pytest.mark.parametrize("task", avrgym.TASKS)
def test_words_and_small_pictures_match(task: str) -> None:
    golden = (GOLDEN / f"{task}.snap").read_text(encoding="utf-8").split("---\n", 2)[2]
    addresses = re.findall(r"^== (.+)$", golden, re.MULTILINE)
    assert len(addresses) >= 28

    story = ""
    for address, sample in zip(addresses, avrgym.samples(addresses), strict=True):
        said = [sample.question, "--", sample.twin, "--", sample.rationale]
        story += "\n".join([f"== {address}", *said, f"content {sample.content}", ""])
    words = re.sub(
        r"^(?:paper|varied|compact)(?: [0-9a-f]{16}){3}\n", "", golden, flags=re.MULTILINE
    )
    assert story.split() == words.split()

    hashes = re.findall(r"^(paper|varied|compact) ([0-9a-f]{16})", golden, re.MULTILINE)
    for i, (theme, hashed) in enumerate(hashes):
        [picture] = avrgym.render([addresses[i // 3]], 64, theme, insist=True)
        assert f"{fnv1a(picture):016x}" == hashed, (addresses[i // 3], theme)


@pytest.mark.parametrize("theme", avrgym.THEMES)
def test_large_pictures_match(theme: str) -> None:
    # Hashing in Python is slow, so one address a task stands for the rest.
    for task in avrgym.TASKS:
        golden = (GOLDEN / f"{task}.snap").read_text(encoding="utf-8")
        address = re.findall(r"^== (.+/hard#.+)$", golden, re.MULTILINE)[0]
        portrait = golden.split(f"== {address}\n")[1]
        hashes = re.findall(rf"^{theme} (.+)$", portrait, re.MULTILINE)[0].split()
        for size, hashed in zip(SIZES, hashes, strict=True):
            [picture] = avrgym.render([address], size, theme, insist=True)
            assert f"{fnv1a(picture):016x}" == hashed, (address, size)

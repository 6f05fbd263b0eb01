"""Encoded pictures: what comes out of a file is what was drawn, and files are always the same."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import avrgym
from avrgym import Source, TaskError, encode, render
from golden_pictures import GOLDEN, digest, every_kind
from sources import EVERY_LEVEL, U64, every_source

Image = pytest.importorskip("PIL.Image", reason="the train extra is not installed")

SIDES = st.sampled_from((64, 65, 111, 224))


def decoded(file: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(file)) as picture:
        picture.load()
        return np.asarray(picture.convert("RGB"))


def some(count: int = 2) -> list[str]:
    """Addresses of every task, easy and hard."""
    sources = [Source(task, level, "test", 5) for task in avrgym.TASKS for level in LEVELS]
    return [source.address(index) for source in sources for index in range(count)]


LEVELS = ("simple", "hard")


@pytest.mark.parametrize("theme", avrgym.THEMES)
@pytest.mark.parametrize("size", [64, 224, 448, (800, 1500), (73, 201)], ids=str)
def test_a_png_decodes_to_what_is_drawn(size: int | tuple[int, int], theme: str) -> None:
    addresses = some(1)[1::2]
    pictures = render(addresses, size, theme, insist=True)
    for picture, file in zip(pictures, encode(addresses, size, theme, insist=True), strict=True):
        assert np.array_equal(decoded(file), picture)


@given(every_source(), st.lists(U64, max_size=6), st.tuples(SIDES, SIDES), st.data())
def test_every_png_is_without_loss(
    source: Source, indices: list[int], size: tuple[int, int], data: st.DataObject
) -> None:
    theme = data.draw(st.sampled_from(avrgym.THEMES))
    addresses = source.addresses(indices)
    files = encode(addresses, size, theme, insist=True)
    for picture, file in zip(render(addresses, size, theme, insist=True), files, strict=True):
        assert np.array_equal(decoded(file), picture)


def test_few_colors_make_a_palette_and_many_do_not() -> None:
    kinds = set()
    crowded = Source("visual_analogy", "rung11", "test").addresses(range(60))
    for addresses, size, theme in [
        *((some(2), 128, theme) for theme in avrgym.THEMES),
        (crowded, 448, "varied"),
    ]:
        for picture, file in zip(
            render(addresses, size, theme, insist=True),
            encode(addresses, size, theme, insist=True),
            strict=True,
        ):
            colors = len(np.unique(picture.astype(np.int32) @ (1, 256, 65536)))
            mode = Image.open(io.BytesIO(file)).mode
            assert mode == ("P" if colors <= 256 else "RGB")
            kinds.add(mode)
    assert kinds == {"P", "RGB"}


@pytest.mark.parametrize("quality", [60, 95])
def test_a_jpeg_is_as_near_as_others(quality: int) -> None:
    addresses = some(1)
    files = encode(addresses, 224, encoding="jpeg", quality=quality, insist=True)
    for picture, file in zip(render(addresses, 224, insist=True), files, strict=True):
        with Image.open(io.BytesIO(file)) as opened:
            assert [layer[1:3] for layer in opened.layer] == [(1, 1)] * 3  # no subsampling
        other = io.BytesIO()
        Image.fromarray(picture).save(other, "JPEG", quality=quality, subsampling=0)
        error, theirs = (
            np.abs(decoded(one).astype(int) - picture).mean() for one in (file, other.getvalue())
        )
        assert error < 1.1 * theirs


def test_better_quality_takes_more_bytes() -> None:
    sizes = [len(encode(some(1)[:1], encoding="jpeg", quality=q)[0]) for q in (1, 50, 100)]
    assert sizes == sorted(set(sizes))


# Kilobytes of 1024, means of the levels' first pictures; all must stay within 20.
MOST = {"consecutive_table_readout": 12, "grid_navigation": 8}


@pytest.mark.parametrize("task", avrgym.TASKS)
def test_pictures_are_small(task: str) -> None:
    addresses = [Source(task, level, "test", 1).address(i) for level in LEVELS for i in range(3)]
    ours = encode(addresses)
    assert np.mean([len(file) for file in ours]) <= MOST.get(task, 16) * 1024
    pillow = 0
    for picture in render(addresses):
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        pillow += file.tell()
    assert sum(map(len, ours)) < pillow


@pytest.mark.parametrize("task", avrgym.TASKS)
def test_files_match_the_golden_ones(task: str) -> None:
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    mine = [line.partition(" ")[2] for line in lines if line.startswith(f"{task} ")]
    assert "".join(f"{line}\n" for line in mine) == every_kind(task)


def test_files_do_not_depend_on_threads() -> None:
    addresses = some(3)
    alone = [encode([address], 96, insist=True)[0] for address in addresses]
    assert encode(addresses, 96, insist=True) == alone
    with ThreadPoolExecutor(4) as pool:
        for files in pool.map(lambda _: encode(addresses, 96, insist=True), range(8)):
            assert files == alone


def test_another_process_makes_the_same_files() -> None:
    addresses = some(2)
    program = (
        "import hashlib, avrgym; "
        f"made = avrgym.encode({addresses!r}, 96, insist=True); "
        "print(hashlib.sha256(b''.join(made)).hexdigest())"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert said.stdout.strip() == digest(encode(addresses, 96, insist=True))


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"encoding": "gif"}, "gif.*png, jpeg"),
        ({"encoding": "jpeg", "quality": 0}, "quality 0 .*1 to 100"),
        ({"encoding": "jpeg", "quality": 101}, "quality 101"),
        ({"theme": "sepia"}, "sepia"),
        ({"size": 63}, "63"),
        ({"size": (64, 4097)}, "4097"),
    ],
    ids=str,
)
def test_errors_name_what_is_wrong(wrong: dict[str, Any], word: str) -> None:
    for addresses in ([], some(1)):
        with pytest.raises(TaskError, match=word):
            encode(addresses, **wrong)


def test_a_bad_address_is_an_error() -> None:
    with pytest.raises(TaskError, match="nope"):
        encode(["nope/simple#train:0:0"])
    assert encode([]) == []


def test_every_level_can_be_encoded() -> None:
    addresses = [Source(task, level).address(0) for task, level in EVERY_LEVEL]
    for picture, file in zip(
        render(addresses, 160, insist=True), encode(addresses, 160, insist=True), strict=True
    ):
        assert np.array_equal(decoded(file), picture)

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Source, TaskError, render, samples
from sources import EVERY_LEVEL, U64, every_source

BATCH = [
    Source(task, level, split="test", seed=3).address(index)
    for task, level in EVERY_LEVEL[::3]
    for index in range(3)
]


def portrait() -> tuple[list[avrgym.Sample], bytes]:
    return samples(BATCH), render(BATCH, 64, insist=True).tobytes()


@given(every_source(), st.lists(U64, max_size=8), st.sampled_from(avrgym.THEMES))
def test_a_sample_does_not_depend_on_its_batch(
    source: Source, indices: list[int], theme: str
) -> None:
    assert source.samples(indices) == [source[index] for index in indices]
    together = source.images(indices, 64, theme, insist=True)
    assert together.shape == (len(indices), 64, 64, 3)
    for image, index in zip(together, indices, strict=True):
        assert np.array_equal(image, source.images([index], 64, theme, insist=True)[0])


@given(every_source(), U64)
def test_a_canonical_address_leads_back_to_its_sample(source: Source, index: int) -> None:
    sample = source[index]
    assert samples([sample.address]) == [sample]
    assert avrgym.contents([sample.address]) == [sample.content]


def test_order_does_not_matter() -> None:
    assert samples(BATCH[::-1]) == samples(BATCH)[::-1]
    assert np.array_equal(
        render(BATCH[::-1], 64, insist=True), render(BATCH, 64, insist=True)[::-1]
    )


def test_threads_agree() -> None:
    with ThreadPoolExecutor(4) as pool:
        first, *rest = pool.map(lambda _: portrait(), range(8))
    assert all(other == first for other in rest)


def test_a_forked_child_agrees() -> None:
    here = portrait()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"agrees" if portrait() == here else b"differs")
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        assert said.read() == b"agrees"
    os.waitpid(child, 0)


def test_a_spawned_process_agrees() -> None:
    with get_context("spawn").Pool(1) as pool:
        assert pool.apply(portrait) == portrait()


def test_the_hash_seed_does_not_matter() -> None:
    program = f"import avrgym; print([s.content for s in avrgym.samples({BATCH[:20]!r})])"
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(said) == 1


def test_neighbouring_seeds_share_nothing() -> None:
    for task in avrgym.TASKS:
        one = Source(task, "hard", seed=42).samples(range(200))
        next_one = Source(task, "hard", seed=43).samples(range(200))
        assert not {s.content for s in one} & {s.content for s in next_one}


def test_splits_share_no_stream() -> None:
    for task in avrgym.TASKS:
        drawn = {
            split: {s.content for s in Source(task, "hard", split=split).samples(range(200))}
            for split in avrgym.SPLITS
        }
        assert not drawn["train"] & drawn["test"]
        assert not drawn["train"] & drawn["val"]
        assert not drawn["val"] & drawn["test"]


def test_pictures_go_where_they_are_told() -> None:
    out = np.zeros((len(BATCH) + 1, 64, 96, 3), np.uint8)
    assert render(BATCH, out=out[1:], insist=True) is not None
    assert np.array_equal(out[1:], render(BATCH, (64, 96), insist=True))
    assert not out[0].any()


@pytest.mark.parametrize(
    ("out", "error"),
    [
        (np.zeros((2, 64, 64, 3), np.uint8), TaskError),
        (np.zeros((1, 64, 64, 4), np.uint8), TaskError),
        (np.zeros((1, 8, 64, 3), np.uint8), TaskError),
        (np.zeros((1, 64, 64, 3), np.float32), TypeError),
        (np.zeros((64, 64, 3), np.uint8), TypeError),
        (np.zeros((1, 64, 64, 6), np.uint8)[..., ::2], TypeError),
    ],
)
def test_a_buffer_that_does_not_fit_is_refused(
    out: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        render(BATCH[:1], out=out, insist=True)


def test_a_read_only_buffer_is_refused() -> None:
    out = np.zeros((1, 64, 64, 3), np.uint8)
    out.flags.writeable = False
    with pytest.raises(TypeError):
        render(BATCH[:1], out=out)


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("", "#"),
        ("nope/simple#train:0:0", "nope"),
        ("table_readout/nope#train:0:0", "nope"),
        ("table_readout/simple?nope=1#train:0:0", "nope"),
        ("table_readout/simple#nope:0:0", "nope"),
        ("table_readout/simple#train:-1:0", "-1"),
        ("table_readout/simple#train:0:18446744073709551616", "18446744073709551616"),
        ("table_readout/simple#train:0", "split:seed:index"),
    ],
)
def test_errors_name_what_is_wrong(address: str, word: str) -> None:
    for call in (samples, render, avrgym.contents):
        with pytest.raises(TaskError, match=word):
            call([address])


def test_errors_of_arguments() -> None:
    with pytest.raises(TaskError, match="sepia"):
        render([], theme="sepia")
    with pytest.raises(TaskError, match="63"):
        render(BATCH[:1], 63, insist=True)
    with pytest.raises(TaskError, match="4097"):
        render(BATCH[:1], (64, 4097), insist=True)
    with pytest.raises(TaskError):
        Source("table_readout", "simple", params={"rows": "0"})
    with pytest.raises(TaskError, match="end"):
        Source("table_readout", "simple")[3:]
    with pytest.raises(TaskError):
        avrgym.levels("nope")


def test_parameters_are_written_as_addresses_write_them() -> None:
    source = Source("grid_navigation", "simple", params={"rows": (5, 7), "style": "terse"})
    assert source.address(4) == "grid_navigation/simple?rows=5-7&style=terse#train:0:4"
    assert source[4].address == source.address(4)
    assert source[2:6:2] == source.samples([2, 4])


def test_a_sample_describes_itself() -> None:
    for task in avrgym.TASKS:
        sample = Source(task, "simple")[0]
        said = sample.rationale.encode()
        assert all(0 <= step.start < step.end <= len(said) for step in sample.steps)
        assert {step.skill for step in sample.steps} <= set(avrgym.SKILLS)
        assert all(0 <= chance <= 1 for chance in sample.shortcuts.values())
        assert sample.features

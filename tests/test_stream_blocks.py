"""Streams in runs of one modality, and shuffled in blocks: what is resumed goes on exactly."""

import pickle
import warnings
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avrgym import TaskError
from avrgym.mixtures import items, named

torch = pytest.importorskip("torch")
datasets = pytest.importorskip("datasets")

from torch.utils.data import DataLoader  # noqa: E402

from avrgym.stream import Rows  # noqa: E402
from avrgym.stream.blocks import moved  # noqa: E402
from avrgym.stream.hf import iterable  # noqa: E402
from avrgym.stream.torch import Stream  # noqa: E402
from streamed import same  # noqa: E402

RUNS = Rows(named("mix", "grid_navigation", 96, seed=1, batch=8), size=64, insist=True)
PLAIN = Rows(named("mix", "grid_navigation", 93, seed=1), size=64, insist=True)


def bare(row: dict[str, Any]) -> tuple[str, str]:
    """An address and how it is shown, without the picture: streams of these are quick."""
    return row["address"], row["completion"][0]["content"]


def listed(rows: Any) -> list[Any]:
    return [bare(row) for row in rows]


def of(rows: Rows, **changes: Any) -> Rows:
    return replace(rows, **changes)


def runs_of(rows: list[dict[str, Any]], batch: int) -> list[set[int]]:
    found = [len(row["images"]) for row in rows]
    return [set(found[k : k + batch]) for k in range(0, len(found), batch)]


@pytest.mark.parametrize("shuffle", [None, 24])
def test_every_way_to_stream_has_the_runs_of_the_phase(shuffle: int | None) -> None:
    rows = of(RUNS, shuffle_blocks=shuffle)
    expected = listed(rows[:])
    if shuffle is None:
        drawn = items(RUNS.mixture, "mix", 0, 96)
        assert [address for address, _ in expected] == [item.address for item in drawn]
    assert all(len(run) == 1 for run in runs_of(rows[:], 8))
    for workers in (0, 2):
        loader = DataLoader(
            Stream(rows, block=8), batch_size=8, num_workers=workers, collate_fn=same
        )
        batches = list(loader)
        assert [row for batch in batches for row in listed(batch)] == expected
        assert all(len(run) == 1 for batch in batches for run in runs_of(batch, 8))
    assert listed(iterable(rows)) == expected
    # A step of two ranks with batches of four each is a run; so are blocks wherever they go.
    ranks = [list(Stream(rows, rank=rank, world=2, block=4)) for rank in (0, 1)]
    for rank in ranks:
        assert all(len(run) == 1 for run in runs_of(rank, 4))
    from datasets.distributed import split_dataset_by_node

    for rank_ in (0, 1, 2):
        share = list(split_dataset_by_node(iterable(rows, block=16), rank_, 3))
        assert share and all(len(run) == 1 for run in runs_of(share, 8))
    mixed = list(iterable(rows, block=16).shuffle(seed=1, buffer_size=1, max_buffer_input_shards=1))
    assert sorted(listed(mixed)) == sorted(expected) and listed(mixed) != expected
    assert all(len(run) == 1 for run in runs_of(mixed, 8))


@given(st.booleans(), st.integers(1, 30), st.integers(0, 2**40), st.integers(0, 2), st.booleans())
@settings(max_examples=40, deadline=None)
def test_blocks_have_their_rows_in_another_order(
    in_runs: bool, blocks: int, seed: int, turn: int, fresh: bool
) -> None:
    plain = of(RUNS if in_runs else PLAIN, transform=bare, fresh=fresh, layout=None)
    block = 8 * blocks if in_runs else blocks
    size, first = plain.mixture.phases[0].size, plain.mixture.phases[0].size * turn
    mixed = of(plain, shuffle_blocks=block, shuffle_seed=seed)
    whole = range(first, first + size)
    before, after = plain.__getitems__(whole), mixed.__getitems__(whole)
    for start in range(0, size, block):
        stop = start + block
        assert Counter(before[start:stop]) == Counter(after[start:stop])
    if in_runs:
        for start in range(0, size, 8):
            run = Counter(after[start : start + 8])
            assert run in [Counter(before[k : k + 8]) for k in range(0, size, 8)]
    # In any order, and by the number that was asked for alone.
    some = [first + (seed + 7 * k) % size for k in range(9)]
    assert mixed.__getitems__(some) == [after[i - first] for i in some]


def test_a_shuffle_is_one_and_its_seed_matters() -> None:
    plain = of(PLAIN, transform=bare)
    orders = [of(plain, shuffle_blocks=31, shuffle_seed=seed)[:] for seed in range(20)]
    before = plain[:]
    assert len({tuple(order) for order in orders}) == 20
    stay = [sum(a == b for a, b in zip(before, order, strict=True)) for order in orders]
    assert sum(stay) / 20 < 8, "of 93 rows in three blocks three stay on average"
    # Each pass and each block has a shuffle of its own.
    phase = plain.mixture.phases[0]
    at = moved(range(186), phase, 31, 0)
    moves = {tuple(i - k for i in at[k : k + 31]) for k in range(0, 186, 31)}
    assert len(moves) == 6
    assert of(plain, shuffle_blocks=1)[:] == before
    # A block that is one run has its rows in another order too.
    runs = of(RUNS, transform=bare)
    mixed = of(runs, shuffle_blocks=8)[:]
    assert sum(mixed[k : k + 8] != runs[k : k + 8] for k in range(0, 96, 8)) >= 11
    assert (
        len({tuple(runs[k : k + 8].index(row) for row in mixed[k : k + 8]) for k in (0, 8, 16)})
        == 3
    )


@given(st.integers(0, 93), st.integers(1, 100), st.integers(1, 40), st.booleans())
@settings(max_examples=20, deadline=None)
def test_shuffled_streams_go_on_exactly(taken: int, shuffle: int, block: int, fresh: bool) -> None:
    rows = of(PLAIN, transform=bare, shuffle_blocks=shuffle, shuffle_seed=5, fresh=fresh)
    expected = rows.__getitems__(range(93))
    first = Stream(rows, block=block)
    reading = iter(first)
    assert [next(reading) for _ in range(taken)] == expected[:taken]
    second = Stream(rows, block=block)
    second.load_state_dict(pickle.loads(pickle.dumps(first.state_dict())))
    assert list(second) == expected[taken:]
    assert list(Stream(rows, start=taken, block=block)) == expected[taken:]


def as_row(row: dict[str, Any]) -> dict[str, Any]:
    return {"row": bare(row)}


@given(st.integers(0, 96), st.sampled_from([8, 40, 96]), st.sampled_from([8, 16, 256]))
@settings(max_examples=15, deadline=None)
def test_shuffled_streams_of_hugging_face_go_on_exactly(
    taken: int, shuffle: int, block: int
) -> None:
    rows = of(RUNS, transform=as_row, shuffle_blocks=shuffle, shuffle_seed=5)
    expected = rows[:]
    first = iterable(rows, block=block)
    assert list(islice(first, taken)) == expected[:taken]
    reading = iter(first)
    assert [next(reading) for _ in range(taken)] == expected[:taken]
    second = iterable(rows, block=block)
    second.load_state_dict(first.state_dict())
    assert list(second) == expected[taken:]


def test_the_buffered_shuffle_loses_what_is_in_its_buffer() -> None:
    """What the documentation says of it, and why there is another one."""
    rows = of(PLAIN, transform=as_row)
    made = iterable(rows, block=93).shuffle(seed=1, buffer_size=40)
    reading = iter(made)
    seen = [next(reading) for _ in range(30)]
    again = iterable(rows, block=93).shuffle(seed=1, buffer_size=40)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        again.load_state_dict(made.state_dict())
        rest = list(again)
    assert len(seen) + len(rest) < 93 - 20


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("rows", [RUNS, PLAIN], ids=["runs", "plain"])
def test_shuffled_streams_go_on_in_workers(rows: Rows, workers: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loading = pytest.importorskip("torchdata.stateful_dataloader")
        mixed = of(rows, shuffle_blocks=32, shuffle_seed=2)

        def loader() -> Any:
            return loading.StatefulDataLoader(
                Stream(mixed, block=8), batch_size=8, num_workers=workers, collate_fn=same
            )

        first = loader()
        reading = iter(first)
        before = [bare(row) for _ in range(5) for row in next(reading)]
        second = loader()
        second.load_state_dict(first.state_dict())
        assert before + [bare(row) for batch in second for row in batch] == listed(mixed[:])
        for _ in reading:
            pass


def test_a_state_fits_the_same_shuffle_alone() -> None:
    state = Stream(of(PLAIN, shuffle_blocks=8)).state_dict()
    for other in (PLAIN, of(PLAIN, shuffle_blocks=9), of(PLAIN, shuffle_blocks=8, shuffle_seed=1)):
        with pytest.raises(TaskError, match="the state has rows"):
            Stream(other).load_state_dict(state)


def test_bad_blocks_are_refused() -> None:
    for wrong in (0, -1, 2.0):
        with pytest.raises(TaskError, match=f"shuffle_blocks {wrong} is no number"):
            of(PLAIN, shuffle_blocks=wrong)
    with pytest.raises(TaskError, match=r"shuffle_seed 0\.5 is no seed"):
        of(PLAIN, shuffle_blocks=4, shuffle_seed=0.5)
    with pytest.raises(TaskError, match=r"shuffle_blocks 20 would break runs .* give 16 or 24"):
        of(RUNS, shuffle_blocks=20)
    with pytest.raises(TaskError, match=r"shuffle_blocks 4 would break runs .* give 8, or"):
        of(RUNS, shuffle_blocks=4)
    with pytest.raises(TaskError, match=r"block 20 would break runs .* give 16 or 24"):
        iterable(RUNS, block=20)
    odd = named("mix", "grid_navigation", 99, batch=11)
    assert next(iter(iterable(Rows(odd, size=64, insist=True))))["address"]

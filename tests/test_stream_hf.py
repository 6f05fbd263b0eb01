"""Streams of Hugging Face datasets: the same rows, shared out, shuffled, resumed, without end."""

import numpy as np
import pytest

import avrgym
from avrgym.mixtures import named

pytest.importorskip("torch")
pytest.importorskip("datasets")

from torch.utils.data import DataLoader

from avrgym.stream import Rows
from avrgym.stream.hf import iterable
from streamed import EXPECTED, MIXTURE, ROWS, name, same


def test_hugging_face_streams_have_the_same_rows() -> None:
    stream = iterable(ROWS, block=32)
    rows = list(stream)
    assert [name(row) for row in rows] == EXPECTED
    shown = next(row for row in rows if row["images"])
    assert (
        np.asarray(shown["images"][0]) == avrgym.render([shown["address"]], 64, insist=True)[0]
    ).all()
    assert len(list(iterable(ROWS, passes=2))) == 402


def test_hugging_face_streams_go_on() -> None:
    first = iterable(ROWS, block=32)
    reading = iter(first)
    before = [name(next(reading)) for _ in range(75)]
    second = iterable(ROWS, block=32)
    second.load_state_dict(first.state_dict())
    assert before + [name(row) for row in second] == EXPECTED


def test_hugging_face_streams_are_shared_out() -> None:
    from datasets.distributed import split_dataset_by_node

    for world in (2, 7):
        shares = [
            [name(row) for row in split_dataset_by_node(iterable(ROWS, block=32), rank, world)]
            for rank in range(world)
        ]
        assert all(shares)
        assert sorted(row for share in shares for row in share) == sorted(EXPECTED)


def test_hugging_face_streams_cost_the_same_with_any_number_of_passes() -> None:
    """A list of the 10**13 blocks could not even be made."""
    rows = Rows(named("text", "table_readout", 240_000), size=64, insist=True)
    stream = iterable(rows, passes=10**10)
    shuffled = stream.shuffle(seed=1, buffer_size=10).map(lambda row: row)
    assert name(next(iter(stream))) == name(rows[0])
    assert next(iter(shuffled))["address"]


@pytest.mark.parametrize("workers", [0, 2])
def test_hugging_face_streams_need_not_end(workers: int) -> None:
    from datasets.distributed import split_dataset_by_node

    size = MIXTURE.phases[0].size
    expected = [row["address"] for row in ROWS.__getitems__(range(3 * size))]
    stream = iterable(ROWS, block=8, endless=True)
    if not workers:
        assert [row["address"] for row in stream.take(3 * size)] == expected
    world, seen = 3, list[str]()
    for rank in range(world):
        share = split_dataset_by_node(stream, rank, world)
        loader = DataLoader(share, batch_size=8, num_workers=workers, collate_fn=same)
        # 75 blocks, 25 of them in turns of three ranks; two workers take turns within.
        batches = [batch for batch, _ in zip(loader, range(24), strict=False)]
        seen += [row["address"] for batch in batches for row in batch]
    assert sorted(seen) == sorted(expected[: 24 * 8 * world])


def test_hugging_face_streams_without_end_are_shuffled_and_go_on() -> None:
    size = len(ROWS)
    reading = iter(iterable(ROWS, block=3, endless=True).shuffle(seed=1, buffer_size=1))
    drawn = [name(next(reading)) for _ in range(2 * size)]
    assert drawn[:size] != EXPECTED
    assert len(set(drawn)) == size
    first = iterable(ROWS, block=8, endless=True).shard(3, 1)
    reading = iter(first)
    for _ in range(300):
        next(reading)
    second = iterable(ROWS, block=8, endless=True).shard(3, 1)
    second.load_state_dict(first.state_dict())
    again = iter(second)
    assert [name(next(again)) for _ in range(300)] == [name(next(reading)) for _ in range(300)]


@pytest.mark.parametrize("contiguous", [False, True])
@pytest.mark.parametrize("passes", [1, 3])
def test_hugging_face_streams_are_shared_out_and_shuffled_in_any_order(
    passes: int, contiguous: bool
) -> None:
    whole = iterable(ROWS, block=4, passes=passes)
    expected = sorted(EXPECTED * passes)
    shuffled = whole.shuffle(seed=3, buffer_size=1, max_buffer_input_shards=1)
    assert sorted(map(name, shuffled)) == expected
    assert [name(row) for row in shuffled] != [name(row) for row in whole]
    for given in (whole, shuffled):
        shares = [given.shard(7, index, contiguous=contiguous) for index in range(7)]
        assert sorted(name(row) for share in shares for row in share) == expected
        mixed = [share.shuffle(seed=index) for index, share in enumerate(shares)]
        assert sorted(name(row) for share in mixed for row in share) == expected

"""Streams: every row once over all ranks and workers, and the same rows after a restart."""

import pickle
import warnings
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import avrgym
from avrgym import TaskError
from avrgym.mixtures import Mixture, items, named

torch = pytest.importorskip("torch")
datasets = pytest.importorskip("datasets")

from torch.utils.data import DataLoader  # noqa: E402

from avrgym.stream import Rows, with_pillow  # noqa: E402
from avrgym.stream.hf import iterable  # noqa: E402
from avrgym.stream.pool import Pool  # noqa: E402
from avrgym.stream.torch import Stream, with_tensors  # noqa: E402
from streamed import EXPECTED, MIXTURE, ROWS, name, same  # noqa: E402


@pytest.mark.parametrize("world", [1, 2, 3])
@pytest.mark.parametrize("block", [1, 8, 300])
@pytest.mark.parametrize("prefetch", [False, True])
def test_ranks_share_all_rows_out(world: int, block: int, prefetch: bool) -> None:
    shares = [
        [name(row) for row in Stream(ROWS, rank=rank, world=world, block=block, prefetch=prefetch)]
        for rank in range(world)
    ]
    for rank, share in enumerate(shares):
        assert share == EXPECTED[rank::world]


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("world", [1, 2])
def test_workers_keep_the_order_of_batches(workers: int, world: int) -> None:
    for rank in range(world):
        stream = Stream(ROWS, rank=rank, world=world, block=16)
        loader = DataLoader(stream, batch_size=16, num_workers=workers, collate_fn=same)
        assert [name(row) for batch in loader for row in batch] == EXPECTED[rank::world]


def test_workers_share_rows_out_whatever_the_batch() -> None:
    stream = Stream(ROWS, block=7)
    loader = DataLoader(stream, batch_size=16, num_workers=2, collate_fn=same)
    got = [name(row) for batch in loader for row in batch]
    assert sorted(got) == sorted(EXPECTED)


def test_ranks_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert [name(row) for row in Stream(ROWS)] == EXPECTED[1::4]
    assert [name(row) for row in Stream(ROWS, rank=0, world=1)] == EXPECTED


@pytest.mark.parametrize("taken", [0, 1, 31, 32, 33, 100, 200])
@pytest.mark.parametrize("prefetch", [False, True])
def test_a_stream_goes_on_where_it_stood(taken: int, prefetch: bool) -> None:
    first = Stream(ROWS, prefetch=prefetch)
    reading = iter(first)
    before = [name(next(reading)) for _ in range(taken)]
    state = pickle.loads(pickle.dumps(first.state_dict()))
    second = Stream(ROWS)
    second.load_state_dict(state)
    assert second.state_dict() == state
    assert before + [name(row) for row in second] == EXPECTED
    # What follows is another iteration, from the beginning.
    assert [name(row) for row in second] == EXPECTED
    del reading


def test_any_number_of_ranks_goes_on_by_rows_seen() -> None:
    seen = [
        name(row)
        for rank in range(3)
        for row, _ in zip(Stream(ROWS, rank=rank, world=3), range(20), strict=False)
    ]
    rest = [name(row) for rank in (0, 1) for row in Stream(ROWS, start=60, rank=rank, world=2)]
    assert sorted(seen + rest) == sorted(EXPECTED)


@pytest.mark.parametrize("workers", [0, 2])
def test_stateful_loaders_go_on(workers: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loading = pytest.importorskip("torchdata.stateful_dataloader")

        def loader() -> Any:
            return loading.StatefulDataLoader(
                Stream(ROWS, block=8), batch_size=8, num_workers=workers, collate_fn=same
            )

        first = loader()
        reading = iter(first)
        before = [name(row) for _ in range(7) for row in next(reading)]
        second = loader()
        second.load_state_dict(first.state_dict())
        assert before + [name(row) for batch in second for row in batch] == EXPECTED
        for _ in reading:  # a loader that is let go of half-way waits for its workers
            pass


@pytest.mark.parametrize(
    "other",
    [
        Stream(ROWS, rank=0, world=2),
        Stream(ROWS, block=16),
        Stream(ROWS, start=8),
        Stream(Rows(MIXTURE, size=80, insist=True)),
        Stream(Rows(named("mix", "grid_navigation", 201, seed=2), size=64, insist=True)),
        Stream(Rows(MIXTURE, size=64, exclude={"0" * 32}, insist=True)),
    ],
)
def test_states_of_other_streams_are_refused(other: Stream) -> None:
    with pytest.raises(TaskError, match="the state has"):
        other.load_state_dict(Stream(ROWS).state_dict())


def test_a_state_is_refused_by_workers_that_it_is_not_of(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(ROWS)
    stream.load_state_dict(stream.state_dict())
    # As in a worker: a loader waits ten seconds for its own that fail.
    worker = SimpleNamespace(id=0, num_workers=2)
    monkeypatch.setattr("avrgym.stream.torch.get_worker_info", lambda: worker)
    with pytest.raises(TaskError, match="workers 1, this stream has 2"):
        next(iter(stream))


def test_a_state_that_workers_have_moved_past_comes_with_a_warning() -> None:
    stream = Stream(ROWS, block=16)
    stream.state_dict()
    loader = DataLoader(stream, batch_size=16, num_workers=2, collate_fn=same)
    for _ in loader:
        pass
    with pytest.warns(UserWarning, match="handed out by a loader's workers.*after 0 rows"):
        stream.state_dict()
    list(stream)  # from here on it knows
    assert stream.state_dict()["taken"] == 201


def test_states_cost_the_same_whatever_is_excluded() -> None:
    held = {f"{i:032x}" for i in range(1000)}
    rows = Rows(MIXTURE, size=64, exclude=held, insist=True)
    for other in (
        pickle.loads(pickle.dumps(rows)),
        Rows(MIXTURE, size=64, exclude=sorted(held), insist=True),
    ):
        assert other.fingerprint() == rows.fingerprint()
    assert rows.fingerprint() is rows.fingerprint(), "found once"
    before = rows.fingerprint()
    held.add("f" * 32)
    assert isinstance(rows.exclude, frozenset) and len(rows.exclude) == 1000
    assert Rows(MIXTURE, size=64, exclude=held, insist=True).fingerprint() != before
    names = {
        Rows(MIXTURE, size=64, exclude=exclude, insist=True).fingerprint()
        for exclude in (None, set[str](), out_below_four, out_below_five, held.__contains__)
    }
    assert len(names) == 4


def out_below_four(content: str) -> bool:
    return content < "4"


def out_below_five(content: str) -> bool:
    return content < "5"


@pytest.mark.parametrize(
    ("exclude", "said"),
    [
        ("grid_navigation/hard#test:0:0-999", "has 'grid_navigation/hard#test:0:0-999', which"),
        (["grid_navigation/hard#test:0:0-999"], r"no content hash; .*exclusions\.excluded makes"),
        ("0" * 32, "is the string '0{32}'; give a set"),
        ([3], "has 3, which is no content hash"),
    ],
)
def test_what_is_excluded_is_hashes(exclude: Any, said: str) -> None:
    with pytest.raises(TaskError, match=said):
        Rows(MIXTURE, size=64, exclude=exclude, insist=True)


QWEN = avrgym.Layout(patches=avrgym.Patches())


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("layout", [QWEN, avrgym.Layout.siglip(112)], ids=["patches", "planes"])
def test_rows_have_the_input_of_a_model(layout: avrgym.Layout, dtype: Any) -> None:
    size = (84, 112) if layout.patches else 112
    rows = Rows(MIXTURE, size=size, theme="varied", layout=layout, dtype=dtype, insist=True)
    plain = Rows(MIXTURE, size=size, theme="varied", insist=True)
    got, tensors = rows[:40], list(Stream(replace(rows, transform=with_tensors), block=7))
    for row, whole, given in zip(got, plain[:40], tensors[:40], strict=True):
        assert "images" not in row
        assert all(row[key] == whole[key] for key in ("address", "prompt", "completion"))
        if not whole["images"]:
            assert not {"pixel_values", "image_grid_thw"} & {*row, *given}
            continue
        expected = avrgym.pixels([row["address"]], layout, size, "varied", dtype=dtype, insist=True)
        assert set(expected) <= set(row)
        for key in expected:
            value: Any = expected[key]
            assert np.array_equal(row[key], value) and row[key].dtype == value.dtype
        values = given["pixel_values"]
        assert values.dtype == getattr(torch, dtype)
        single = avrgym.pixels([row["address"]], layout, size, "varied", insist=True)[
            "pixel_values"
        ]
        assert torch.equal(values, torch.from_numpy(single).to(values.dtype))
    assert len(tensors) == 201


def test_rows_have_what_the_processor_makes_of_the_picture() -> None:
    qwen = pytest.importorskip("transformers.models.qwen2_vl.image_processing_pil_qwen2_vl")
    processor = qwen.Qwen2VLImageProcessorPil()
    rows = Rows(MIXTURE, size=84, layout=avrgym.Layout.from_processor(processor), insist=True)
    shown = [row for row in rows[:20] if "pixel_values" in row]
    pictures = [
        row["images"][0] for row in Rows(MIXTURE, size=84, insist=True)[:20] if row["images"]
    ]
    expected = processor(pictures, return_tensors="np")
    for key in ("pixel_values", "image_grid_thw"):
        together = np.concatenate([row[key] for row in shown])
        np.testing.assert_allclose(together, expected[key], rtol=0, atol=1e-6)


def test_no_picture_is_drawn_for_the_input_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Rows(MIXTURE, size=84, layout=QWEN, insist=True)

    def drawn(*_: object) -> None:
        raise AssertionError("a picture was drawn")

    monkeypatch.setattr("avrgym._core.render", drawn)
    assert len(rows[:30]) == 30


def test_the_input_of_a_model_stays_what_it_is() -> None:
    held = [row for row in Stream(Rows(MIXTURE, size=84, layout=QWEN, insist=True), block=8)]
    again = Rows(MIXTURE, size=84, layout=QWEN, insist=True)[:]
    for row, other in zip(held, again, strict=True):
        assert np.array_equal(row.get("pixel_values", 0), other.get("pixel_values", 0))


def test_slices_are_lists_of_rows() -> None:
    assert [name(row) for row in ROWS[2:9:3]] == EXPECTED[2:9:3]
    assert [name(row) for row in ROWS[-2:]] == EXPECTED[-2:]
    assert ROWS[5:5] == [] == ROWS[300:]


def test_endless_streams_pass_again() -> None:
    size = MIXTURE.phases[0].size
    reading: Iterator[Any] = iter(Stream(ROWS, endless=True))
    passes = [[name(next(reading)) for _ in range(size)] for _ in range(3)]
    assert passes[0] == EXPECTED
    assert passes[0] != passes[1]
    assert sorted(passes[0]) == sorted(passes[1]) == sorted(passes[2])
    fresh: Iterator[Any] = iter(
        Stream(Rows(MIXTURE, size=64, fresh=True, insist=True), endless=True)
    )
    drawn = [next(fresh)["address"] for _ in range(3 * size)]
    assert len(set(drawn)) == size, "a third of the rows each has new instances in three formats"


def test_rows_are_those_of_the_mixture() -> None:
    assert len(ROWS) == 201
    rows = [ROWS[i] for i in range(201)]
    assert [row["address"] for row in rows] == [i.address for i in items(MIXTURE, "mix", 0, 201)]
    shown = [row for row in rows if row["images"]]
    assert len(shown) == 134
    drawn = avrgym.render([row["address"] for row in shown], 64, insist=True)
    assert all(
        (row["images"][0] == picture).all() for row, picture in zip(shown, drawn, strict=True)
    )
    assert name(ROWS[-1]) == EXPECTED[-1]
    assert [name(row) for row in ROWS.__getitems__([5, 3, 5])] == [EXPECTED[i] for i in (5, 3, 5)]
    with pytest.raises(IndexError):
        ROWS[201]
    epochs = Rows(named("text", "grid_navigation", 201), size=64, insist=True)
    assert len(epochs) == 200
    assert name(epochs[0]) != name(epochs[100])


def test_map_style_loaders_take_batches() -> None:
    loader = DataLoader(ROWS, batch_size=32, shuffle=True, collate_fn=same)  # type: ignore[var-annotated, arg-type]
    got = [name(row) for batch in loader for row in batch]
    assert got != EXPECTED
    assert sorted(got) == sorted(EXPECTED)


def test_held_out_contents_are_not_seen() -> None:
    held = set(avrgym.contents(row[0] for row in EXPECTED[:50]))
    rows = Rows(MIXTURE, size=64, exclude=held, insist=True)
    seen = set(avrgym.contents(row["address"] for row in Stream(rows)))
    assert not seen & held
    assert len(list(Stream(rows))) == 201


def test_pictures_stay_what_they_are() -> None:
    """Memory is used again, but never under the feet of who holds a picture."""
    held = [row for row in Stream(ROWS, block=8) if row["images"]]
    drawn = avrgym.render([row["address"] for row in held], 64, insist=True)
    for row, picture in zip(held, drawn, strict=True):
        assert np.array_equal(row["images"][0], picture)


def test_memory_is_used_again() -> None:
    pool = Pool()
    first = pool.take((4, 8, 8, 3), np.uint8)
    place, view = first.ctypes.data, first[2]
    del first
    assert pool.take((4, 8, 8, 3), np.uint8).ctypes.data != place, "a view of it is still held"
    del view
    places = {pool.take((4, 8, 8, 3), np.uint8).ctypes.data for _ in range(10)}
    assert places <= {place, *places} and len(places) <= 2
    assert pool.take((2, 64, 64, 3), np.uint8).shape == (2, 64, 64, 3)


def test_transforms_are_applied() -> None:
    image = pytest.importorskip("PIL.Image")
    rows = Rows(MIXTURE, size=64, transform=with_pillow, insist=True)
    row = next(row for row in Stream(rows) if row["images"])
    [picture] = row["images"]
    assert isinstance(picture, image.Image)
    assert (np.asarray(picture) == avrgym.render([row["address"]], 64, insist=True)[0]).all()


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(TaskError, match=r"phases align, mix\+; name one"):
        Rows(named("align-mix+", "grid_navigation", 60))
    with pytest.raises(TaskError, match="has no phase"):
        Rows(MIXTURE, "first")
    with pytest.raises(TaskError, match="theme"):
        Rows(MIXTURE, theme="neon")
    with pytest.raises(TaskError, match="picture size"):
        Rows(MIXTURE, size=8, insist=True)
    with pytest.raises(TaskError, match=r"next size that fits .* 84 x 84"):
        Rows(MIXTURE, size=80, layout=QWEN, insist=True)
    with pytest.raises(TaskError, match='"double"'):
        Rows(MIXTURE, size=84, layout=QWEN, dtype="double", insist=True)  # type: ignore[arg-type]
    for wrong in ({"rank": 2, "world": 2}, {"block": 0}, {"start": -1}):
        with pytest.raises(TaskError):
            Stream(ROWS, **wrong)  # type: ignore[arg-type]
    with pytest.raises(TaskError):
        iterable(ROWS, passes=0)


def test_mixtures_travel_to_workers() -> None:
    back: Mixture = pickle.loads(pickle.dumps(MIXTURE))
    assert back == MIXTURE
    assert [
        name(row) for row in pickle.loads(pickle.dumps(ROWS)).__getitems__(range(9))
    ] == EXPECTED[:9]

"""Sources as endless sequences: what they refuse, what they contain, and what of them is equal."""

import copy
import itertools
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Sample, Source, TaskError, samples
from sources import U64, every_source

TABLE = Source("table_readout", "rung2")
HELD = Source("table_readout", "rung2", held_out=4)

REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "list": (list, "no end; take some of it, such as source"),
    "tuple": (tuple, "no end"),
    "unpacking": (lambda s: [*s], "no end"),
    "no stop": (lambda s: s[3:], "give the slice one"),
    "no start": (lambda s: s[::-1], "give the slice one"),
    "too many": (lambda s: s[0 : 10**12], "1,000,000,000,000 samples"),
    "too many of a range": (lambda s: s.addresses(range(10**19)), "samples at once"),
    "from the end": (lambda s: s[-3:9], "-3"),
    "to the end": (lambda s: s[0:-1], "-1"),
    "no step": (lambda s: s[0:9:0], "step is 0"),
    "half a step": (lambda s: s[0:9:0.5], r"0\.5"),
    "a word for a bound": (lambda s: s[0:"9"], "'9'"),
    "negative": (lambda s: s[-1], "-1"),
    "negative address": (lambda s: s.address(-1), "-1"),
    "text": (lambda s: s["3"], "'3'"),
    "truth": (lambda s: s[True], "True"),
    "fraction": (lambda s: s[1.0], r"1\.0"),
    "nothing": (lambda s: s[None], "None"),
    "beyond": (lambda s: s[2**64], "18446744073709551616"),
    "one for many": (lambda s: s.samples(3), "range"),
    "text for many": (lambda s: s.addresses("12"), "'12'"),
    "truth among many": (lambda s: s.images([0, True]), "True"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_honoured_is_refused_in_one_line(name: str) -> None:
    ask, said = REFUSED[name]
    for source in (TABLE, HELD):
        with pytest.raises(TaskError, match=said) as refused:
            ask(source)
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 400


def test_lengths_are_refused_and_the_last_index_is_not() -> None:
    with pytest.raises(TypeError, match="len"):
        len(TABLE)  # type: ignore[arg-type]
    assert TABLE[2**64 - 1].index == 2**64 - 1
    assert [s.index for s in TABLE[2**64 - 1 : 2**64]] == [2**64 - 1]
    with pytest.raises(TaskError, match="1099511627776"):
        HELD[2**40]


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([None, 1, 3, -1, -7]))
def test_slices_are_those_of_a_list(start: int, stop: int, step: int | None) -> None:
    some = list(itertools.islice(TABLE, 61))
    assert TABLE[start:stop:step] == some[start:stop:step]
    assert TABLE[np.int64(start) : np.uint8(stop) : step] == some[start:stop:step]


def test_a_loop_goes_on_and_begins_anew() -> None:
    endless: Iterator[Sample] = iter(TABLE)
    assert [next(endless).index for _ in range(200)] == list(range(200))
    assert next(iter(TABLE)) == TABLE[0]
    assert [a == b for a, b in zip(HELD, HELD.samples(range(9)), strict=False)] == [True] * 9


@given(every_source(), U64)
def test_in_is_answered_by_the_address(source: Source, index: int) -> None:
    if source.held_out is not None:
        index %= 2**40
    sample = source[index]
    assert sample in source
    assert sample.address in source
    assert avrgym.Address.parse(sample.address) in source
    other = Source(source.task, source.level, split=source.split, seed=source.seed ^ 1)
    assert sample not in other


def test_in_knows_what_is_held_out() -> None:
    plain = Source("table_readout", "rung2")
    kept = [address in HELD for address in plain.addresses(range(200))]
    shown = {sample.address for sample in HELD.samples(range(200))}
    assert kept == [address in shown for address in plain.addresses(range(200))]
    assert {True, False} == set(kept)
    for other in ("", "3", 3, None, "table_readout/rung2#train:0:x", ["a"], b"a"):
        assert other not in TABLE


@given(every_source())
def test_sources_are_values(source: Source) -> None:
    for again in (copy.copy(source), copy.deepcopy(source), pickle.loads(pickle.dumps(source))):
        assert again == source and hash(again) == hash(source)
        assert again[3] == source[3]
    assert source != source.head
    assert len({source, Source(source.task, source.level, split="val", seed=99)}) == 2


def test_parameters_are_equal_however_they_are_written() -> None:
    one = Source("table_readout", "simple", params={"rows": "5-7", "columns": 6})
    other = Source("table_readout", "simple", params={"columns": "6", "rows": [5, 7]})
    assert one == other and len({one, other, Source("table_readout", "simple")}) == 2


def test_a_sample_knows_where_it_stands_and_shows_itself() -> None:
    source = Source("grid_navigation", "hard", split="val", seed=7, params={"style": "terse"})
    sample = source[np.int32(5)]
    place = (sample.task, sample.level, sample.split, sample.seed, sample.index)
    assert place == ("grid_navigation", "hard", "val", 7, 5)
    assert np.array_equal(sample.image(), source.images([5])[0])
    small = sample.image((64, 96), "compact", insist=True)
    assert small.shape == (64, 96, 3) and small.dtype == np.uint8
    with pytest.raises(TaskError, match="too small"):
        sample.image(64)
    page = sample._repr_html_()
    assert "data:image/png;base64," in page and sample.answer in page
    strange = Sample(sample.address, "<b>&?", "", "", '<script>"', "0" * 32)._repr_html_()
    assert "<script>" not in strange and "<b>&?" not in strange
    assert "&lt;b&gt;&amp;?" in strange


def test_a_single_address_is_one_address() -> None:
    address = TABLE.address(3)
    assert samples(address) == samples(avrgym.Address.parse(address)) == [TABLE[3]]
    assert avrgym.contents(address) == [TABLE[3].content]
    assert avrgym.render(address, 64, insist=True).shape == (1, 64, 64, 3)

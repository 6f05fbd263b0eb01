import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Source, TaskError, Verdicts, verify
from sources import EVERY_LEVEL, U64, every_source


def own(count: int = 4) -> list[avrgym.Sample]:
    return [
        sample
        for task, level in EVERY_LEVEL
        for sample in Source(task, level, split="val").samples(range(count))
    ]


def test_own_replies_are_correct() -> None:
    known = own()
    addresses = [sample.address for sample in known]
    verdicts = verify(addresses, [sample.rationale for sample in known])
    assert verdicts.correct.all()
    assert (verdicts.first_error == -1).all()
    assert (verdicts.step_state == avrgym.STATES.index("ok")).all()
    assert verify(addresses, [f"Answer: {sample.answer}" for sample in known]).correct.all()
    assert not verify(addresses, [""] * len(known)).correct.any()


def test_steps_are_those_that_the_rationale_was_written_with() -> None:
    for sample in own(2):
        [verdict] = verify([sample.address], [sample.rationale])
        found = [(step.start, step.end, step.skill) for step in verdict.steps]
        assert found == [(step.start, step.end, step.skill) for step in sample.steps]


def test_columns_and_verdicts_say_the_same() -> None:
    known = own(2)
    replies = [sample.rationale if i % 2 else "Answer: up" for i, sample in enumerate(known)]
    verdicts = verify([sample.address for sample in known], replies)
    assert len(verdicts) == len(list(verdicts)) == len(known)
    assert verdicts.step_offsets[-1] == len(verdicts.step_start)
    for i, verdict in enumerate(verdicts):
        assert verdict == verdicts[i - len(known)] or verdict.components
        assert verdict.correct == verdicts.correct[i]
        assert verdict.parsed == verdicts.parsed[i]
        assert (verdict.first_error is None) == (verdicts.first_error[i] < 0)
        assert len(verdict.steps) == np.diff(verdicts.step_offsets)[i]
        for name, value in verdict.components.items():
            assert np.array_equal(verdicts.component(name)[i], np.float32(value), equal_nan=True)
        for step in verdict.steps:
            assert step.claim == replies[i].encode()[step.start : step.end].decode()
    assert np.isnan(verdicts.component("no such thing")).all()


def test_spans_are_bytes_of_the_reply() -> None:
    sample = Source("grid_navigation", "rung3")[0]
    reply = "→ „Ärger“ 🙂\n" + sample.rationale
    [verdict] = verify([sample.address], [reply])
    assert verdict.correct
    for step, shown in zip(verdict.steps, sample.steps, strict=True):
        assert step.claim == sample.rationale.encode()[shown.start : shown.end].decode()
        assert reply.encode()[step.start : step.end].decode() == step.claim


def test_text_and_bytes_are_judged_alike() -> None:
    sample = Source("table_readout", "simple")[0]
    both = verify([sample.address] * 2, [sample.rationale, sample.rationale.encode()])
    assert both[0].steps == both[1].steps
    assert both.correct.all()


def test_a_batch_of_mixed_tasks_keeps_its_order() -> None:
    known = own(1)
    addresses = [sample.address for sample in known]
    replies = [sample.rationale for sample in known]
    turned = verify(addresses[::-1], replies[::-1])
    assert turned.correct.all()
    assert not verify(addresses, replies[1:] + replies[:1]).correct.all()


@given(every_source(), U64, st.one_of(st.text(), st.binary()))
def test_no_reply_breaks_the_judge(source: Source, index: int, reply: str | bytes) -> None:
    address = source.address(index)
    [verdict] = verify([address], [reply])
    assert verdict.outcome in avrgym.OUTCOMES
    assert not verdict.correct


def test_a_lone_surrogate_is_judged() -> None:
    sample = Source("table_readout", "simple")[0]
    [verdict] = verify([sample.address], ["\ud800\n" + sample.rationale])
    assert verdict.correct


def test_what_does_not_fit_is_refused() -> None:
    address = Source("table_readout", "simple").address(0)
    with pytest.raises(TaskError, match="2"):
        verify([address, address], ["Answer: 1"])
    with pytest.raises(TypeError, match="int"):
        verify([address], [7])  # type: ignore[list-item]
    with pytest.raises(TaskError):
        verify(["nope"], [""])
    empty = verify([], [])
    assert isinstance(empty, Verdicts)
    assert len(empty) == 0

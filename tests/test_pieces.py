"""Replies and rationales cut at their steps."""

from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym.core.pieces import Mark, cut, marks
from sources import EVERY_LEVEL

STEPS = st.lists(
    st.builds(
        lambda start, length, skill, state: Mark(start, start + length, skill, state),
        st.integers(0, 60),
        st.integers(0, 30),
        st.sampled_from(avrgym.SKILLS),
        st.sampled_from(("", *avrgym.STATES)),
    ),
    max_size=8,
)


@given(st.binary(max_size=60), STEPS)
def test_pieces_are_the_words_and_mark_every_byte_of_every_step(
    said: bytes, steps: list[Mark]
) -> None:
    pieces = cut(said, steps)
    assert b"".join(piece.said for piece in pieces) == said
    assert all(piece.said for piece in pieces)
    at = 0
    for piece in pieces:
        around = {step for step in steps if step.start < at + len(piece.said) and at < step.end}
        assert set(piece.marks) == around  # overlapping or not, from its first byte to its last
        at += len(piece.said)
        stops = {step for step in around if min(step.end, len(said)) == at}
        assert set(piece.ended) == stops


@given(STEPS)
def test_what_is_wrong_is_seen_wherever_it_overlaps(steps: list[Mark]) -> None:
    at = 0
    for piece in cut(b"." * 60, steps):
        states = [s.state for s in steps if s.start <= at < s.end]
        for loud in ("wrong", "unsupported", "ok", ""):
            if loud in states:
                assert piece.state == loud
                break
        else:
            assert not piece.marks and piece.state == piece.skill == piece.note == ""
        at += len(piece.said)


def test_a_step_within_another_keeps_both() -> None:
    outer, inner = Mark(2, 9, "plan", "ok"), Mark(4, 6, "locate", "wrong", "off_by_one")
    pieces = cut("an outer one", [outer, inner])
    assert [piece.text for piece in pieces] == ["an", " o", "ut", "er ", "one"]
    assert [piece.marks for piece in pieces] == [(), (outer,), (inner, outer), (outer,), ()]
    assert [piece.complaints for piece in pieces] == [(), (), (inner,), (), ()]
    assert pieces[2].note == "locate: off by one; plan"


def test_bytes_that_are_no_text_stay() -> None:
    said = b"\xff one \xe2\x82"
    pieces = cut(said, [Mark(2, 5, "state", "ok")])
    assert b"".join(piece.said for piece in pieces) == said
    assert [piece.text for piece in pieces] == ["\ufffd ", "one", " \ufffd"]
    assert b"".join(piece.said for piece in cut("\ud800x", [])) == b"\xed\xa0\x80x"


def test_worked_steps_and_judged_ones_cut_a_rationale_into_itself() -> None:
    for task, level in EVERY_LEVEL:
        [sample] = avrgym.samples([f"{task}/{level}#test:0:0"])
        verdict = avrgym.verify([sample.address], [sample.rationale])[0]
        for steps in (marks(sample.steps), marks(verdict.steps)):
            pieces = cut(sample.rationale, steps)
            assert "".join(piece.text for piece in pieces) == sample.rationale
            assert [mark for piece in pieces for mark in piece.ended] == sorted(
                steps, key=lambda step: step.end
            )

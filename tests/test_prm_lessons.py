"""What judges learn from besides replies: how much of it, of which problems, and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Format, Prompt, TaskError
from avrgym.models.completion import Completion
from avrgym.prm.data import Labelled, balanced, of_completions
from avrgym.prm.lessons import lessons

LEVELS = ("grid_navigation/rung1", "consecutive_table_readout/rung0", "visual_analogy/rung0")
FORMS = (Format("image"), Format("text"))
ROWS = [
    row
    for level, form in zip(LEVELS, (FORMS[0], FORMS[1], FORMS[0]), strict=True)
    for task, _, rung in [level.partition("/")]
    for addresses in [avrgym.Source(task, rung).addresses(range(5))]
    for row in of_completions(
        [Prompt(address, form, "plain") for address in addresses],
        [Completion(s.rationale.encode()) for s in avrgym.samples(addresses)],
    )
]
SHARES = st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda both: sum(both) <= 4)


@given(SHARES, st.integers(1, 60), st.integers(0, 3))
def test_shares_are_kept_and_pairs_stay_together(
    shares: tuple[int, int], count: int, seed: int
) -> None:
    corrupted, paired = (share / 4 for share in shares)
    pool, order = lessons(ROWS, count, seed, corrupted=corrupted, paired=paired)
    again = lessons(ROWS, count, seed, corrupted=corrupted, paired=paired)
    assert pool == again[0] and order.tolist() == again[1].tolist()
    assert len(order) == count and pool[: len(ROWS)] == ROWS
    mine = [pool[at] for at in order]
    drawn = sum(at < len(ROWS) for at in order)
    twins = [row for row in mine if row.right is None]
    assert abs(len(twins) - count * paired) <= 1
    assert abs(drawn - count * (1 - corrupted - paired)) <= 2
    asked = {row.prompt for row in ROWS}
    assert {row.prompt for row in mine} <= asked, "of the same problems, asked alike"
    at = 0
    while at < count:
        if mine[at].right is not None:
            at += 1
            continue
        one, other = mine[at], mine[at + 1]
        assert one.prompt == other.prompt and (_known(one), _known(other)) == ([1.0], [0.0])
        at += 2


def _known(row: Labelled) -> list[float]:
    return [label for label in row.labels if label is not None]


def test_labels_are_the_verifiers_and_replies_alone_come_as_ever() -> None:
    pool, order = lessons(ROWS, 400, 1, corrupted=0.5, paired=0.3)
    added = [row for row in pool[len(ROWS) :] if row.right is not None]
    assert added == of_completions([r.prompt for r in added], [Completion(r.reply) for r in added])
    assert {row.right for row in added} == {True, False}
    twins = [pool[at] for at in order if pool[at].right is None]
    judged = of_completions([r.prompt for r in twins], [r.completion for r in twins])
    for row, told in zip(twins, judged, strict=True):
        [(at, label)] = [(at, label) for at, label in enumerate(row.labels) if label is not None]
        assert told.labels[at] == label and told.first_error == (-1 if label else at)
    # Each problem has other twins before any comes twice.
    each = [(row.prompt.address, row.reply) for row in twins]
    assert len(set(each)) > 2 * len(ROWS)
    plain, same = lessons(ROWS, 50, 3, balance=0.2)
    assert plain == ROWS and same.tolist() == balanced(ROWS, 50, 3, 0.2).tolist()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.prompt.address)
def test_one_problem_has_as_many_twins_as_are_wanted(row: Labelled) -> None:
    """A round of draws may find none in it."""
    pool, order = lessons([row], 60, 0, paired=1.0)
    assert [_known(pool[at])[0] for at in order] == [1.0, 0.0] * 30


def test_what_has_no_steps_cannot_be_tampered_with() -> None:
    rows = [Labelled(Prompt(ROWS[0].prompt.address, Format.parse("image_to_text")), b"1", (), ())]
    for how in ({"corrupted": 1.0}, {"paired": 1.0}):
        with pytest.raises(TaskError, match="no problem of these has worked steps"):
            lessons(rows, 4, 0, **how)


def test_seeds_have_other_errors() -> None:
    first, other = (
        {row.reply for row in lessons(ROWS, 30, seed, paired=1.0)[0][len(ROWS) :]}
        for seed in (0, 1)
    )
    assert len(first & other) < 0.8 * len(first | other)
    # Seeds of runs may be as large as this.
    assert len(lessons(ROWS, 4, 2**63, paired=1.0)[1]) == 4

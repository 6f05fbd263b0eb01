"""Tables of rows: the same groups, rows and steps that a loop over the rows finds."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answered import columns, drawn, row
from avrgym import TaskError
from avrgym.analyses.accuracy import accuracy, shares
from avrgym.analyses.bins import quantile_bins
from avrgym.analyses.table import Table
from avrgym.core.verdicts import REASONS, SKILLS, STATES

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.integers(1, 60), st.permutations(["stage", "format", "address", "correct"]))
def test_groups_are_those_of_the_rows(seed: int, n: int, names: list[str]) -> None:
    rng = np.random.default_rng(seed)
    rows = drawn(rng, n, 7)
    for each in rows:
        each["stage"], each["format"] = rng.choice(["start", "sft"]), rng.choice(["image", "text"])
    by = names[: int(rng.integers(0, 5))]
    wanted: dict[tuple[object, ...], list[int]] = {}
    for at, key in enumerate(columns(rows, *by)):
        wanted.setdefault(key, []).append(at)
    table = Table.of(iter(rows))
    found = dict(table.groups(*by))
    assert list(found) == list(wanted)
    for key, mine in found.items():
        assert mine["draw"].numbers().tolist() == wanted[key]
        assert mine.correct.tolist() == [rows[at]["correct"] for at in wanted[key]]


@given(SEEDS, st.integers(0, 30))
def test_steps_are_those_of_the_rows(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    rows = drawn(rng, n, 5)
    table = Table.of(rows)
    kept = rng.permutation(n)[: int(rng.integers(0, n + 1))]
    for mine, of in ((table, range(n)), (table.only(kept), kept.tolist())):
        steps = mine.steps
        assert len(mine) == len(of)
        at = 0
        for owner, source in enumerate(of):
            clean = True
            for place, (_, _, skill, state, reason) in enumerate(rows[source]["steps"]):
                assert (SKILLS[steps.skill[at]], STATES[steps.state[at]]) == (skill, state)
                assert REASONS[steps.reason[at]] == reason
                assert (steps.owner[at], steps.place[at], steps.sound[at]) == (owner, place, clean)
                clean &= state == "ok"
                at += 1
        assert at == len(steps.skill)
        wrong = steps.per_reply(steps.state == STATES.index("wrong"))
        assert wrong.tolist() == [sum(s[3] == "wrong" for s in rows[o]["steps"]) for o in of]


@given(SEEDS, st.integers(1, 40))
def test_shares_are_the_scores_where_problems_have_a_reply_each(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [row(at, bool(rng.random() < 0.5), stage=str(rng.integers(3))) for at in range(n)]
    found, wanted = shares(rows, "stage"), accuracy(rows, "stage")
    assert list(found) == list(wanted)
    for key, score in wanted.items():
        told = found[key]
        assert told.n == score.total and told.value == pytest.approx(score.accuracy)
        assert (told.low, told.high) == pytest.approx(score.interval())


def test_a_value_may_be_missing_a_list_or_another_column_later() -> None:
    rows = [row(0), row(1, size=[112, 96]), row(2, confidence=0.5)]
    table = Table.of(rows)
    assert table["size"].values == (None, (112, 96))
    assert [key for key, _ in table.groups("size")] == [(None,), ((112, 96),)]
    assert np.isnan(table["confidence"].numbers()[:2]).all()
    assert len(table.where(size=(112, 96))) == 1 and len(table.where(stage="nothing")) == 0
    assert table["task"].values == ("maze",) and Table.of(table) is table
    with pytest.raises(TaskError, match="rows have no column 'sice'; give one of task, stage"):
        table.by("sice")


@given(st.lists(st.floats(-1e6, 1e6) | st.integers(0, 3), min_size=1), st.integers(1, 8))
def test_bins_cover_all_and_keep_equal_numbers_together(values: list[float], bins: int) -> None:
    held = np.array(values, np.float64)
    codes, ends = quantile_bins(held, bins)
    assert 1 <= len(ends) <= bins and set(codes.tolist()) == set(range(len(ends)))
    for value, code in zip(held, codes, strict=True):
        assert ends[code][0] <= value <= ends[code][1]
    assert all(before[1] < after[0] for before, after in pairwise(ends))
    if len(set(values)) <= bins:
        assert [low for low, _ in ends] == [high for _, high in ends] == sorted(set(held.tolist()))

"""Replies grown step by step: what is spent, what is kept, in what order."""

import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from avrgym.models.completion import Completion
from avrgym.search.beam import Beam
from avrgym.search.grow import Beginning, Growth, grow
from avrgym.search.rebase import Rebase
from avrgym.search.sample import Sample

GROWTHS = st.one_of(
    st.builds(Sample, n=st.integers(1, 12), most=st.integers(1, 9)),
    st.builds(
        Rebase,
        n=st.integers(1, 12),
        most=st.integers(1, 9),
        temperature=st.sampled_from([0.05, 0.2, 5.0]),
    ),
    st.builds(
        lambda kept, ways, most: Beam(n=kept * ways, ways=ways, most=most),
        st.integers(1, 4),
        st.integers(1, 4),
        st.integers(1, 9),
    ),
)


class Digits:
    """Says digits until it says 0; every step is one of them, and larger ones score more."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.asked, self.rated = list[Beginning](), list[Beginning]()

    def go_on(self, beginnings: Sequence[Beginning], /, *, depth: int) -> list[Completion]:
        assert all(len(each.ids) == depth for each in beginnings)
        self.asked += beginnings
        drawn = [self.dice.randrange(10) for _ in beginnings]
        return [
            Completion(str(digit).encode(), (digit,), "pause" if digit else "stop", logprob=-1.0)
            for digit in drawn
        ]

    def rate(self, beginnings: Sequence[Beginning], /) -> np.ndarray:
        self.rated += beginnings
        return np.array([each.ids[-1] / 9 for each in beginnings])


@given(GROWTHS, st.integers(0, 4), st.integers(0, 10**6))
def test_every_problem_gets_its_replies(growth: Growth, problems: int, seed: int) -> None:
    digits = Digits(seed)
    grown = grow(growth, problems, digits.go_on, digits.rate)
    assert [len(leaves) for leaves in grown.leaves] == [growth.n] * problems
    assert grown.spent.calls == grown.spent.tokens == len(digits.asked)
    read = sum(len(each.ids) for each in digits.rated)
    assert grown.spent.judged == (read if growth.SCORED else 0)
    asked = {(each.problem, each.ids) for each in digits.asked if each.ids}
    rated = [(each.problem, each.ids) for each in digits.rated]
    assert len(rated) == len(set(rated))  # what is the same is read once
    assert asked <= set(rated) or not growth.SCORED
    for problem, leaves in enumerate(grown.leaves):
        for leaf in leaves:
            assert leaf.problem == problem
            assert leaf.reply == "".join(map(str, leaf.ids)).encode()
            assert leaf.logprob == -len(leaf.ids)
            assert leaf.score == (leaf.ids[-1] / 9 if growth.SCORED else 0)
            assert (leaf.finish == "stop") == (leaf.ids[-1] == 0)
            assert leaf.finish == "stop" or len(leaf.ids) == growth.most
            assert 0 not in leaf.ids[:-1]


@given(st.integers(1, 12), st.integers(0, 10**6))
def test_sampling_cuts_nothing_back(n: int, seed: int) -> None:
    digits = Digits(seed)
    leaves = grow(Sample(n=n, most=50), 1, digits.go_on, digits.rate).leaves[0]
    begun = Counter(each.ids for each in digits.asked)
    ended = Counter(leaf.ids[:length] for leaf in leaves for length in range(len(leaf.ids)))
    assert begun == ended


def test_what_scores_well_goes_on() -> None:
    def chosen(growth: Growth) -> float:
        firsts = []
        for seed in range(30):
            digits = Digits(seed)
            grow(growth, 1, digits.go_on, digits.rate)
            firsts += [each.ids[0] for each in digits.asked if len(each.ids) == 1]
        return sum(firsts) / len(firsts)

    plain = chosen(Sample(n=16, most=3))
    assert chosen(Rebase(n=16, most=3)) > plain + 1.5
    assert chosen(Beam(n=16, ways=4, most=3)) > plain + 1.5

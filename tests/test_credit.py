"""Step credit: bytes and tokens agree on any text; rules equal plain references."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import avrgym

pytest.importorskip("torch", reason="needs the train extra: pip install avrgym[train]")

from numpy.typing import NDArray

from avrgym.analyses.skills import SEEING
from avrgym.models import tokenizer
from avrgym.models.dialects import LLAVA
from avrgym.models.tokens import ByteTable
from avrgym.train.credit import ByReturns, BySteps
from avrgym.train.credit.spans import OK, WRONG, Floats, Steps

ADDRESS = "grid_navigation/rung2#test:0:1"
SAMPLE = avrgym.samples([ADDRESS])[0]
TOKENIZER = tokenizer.build([SAMPLE.rationale] * 2)
TABLE = ByteTable(TOKENIZER)
SKILLS = ("locate", "avoid", "move", "collect", "conclude")


def tokens_of(token_bytes: NDArray[np.int32], count: int) -> Iterator[tuple[int, int]]:
    """The first byte of each token and one past its last."""
    ends = np.cumsum(token_bytes[:count], dtype=np.int64)
    yield from zip((ends - token_bytes[:count]).tolist(), ends.tolist(), strict=True)


def by_steps(rule: BySteps, advantage: float, steps: Steps, token: tuple[int, int]) -> float:
    """What ``BySteps`` must deal to a token of the only reply, in plain Python."""
    before, after = token
    every = range(len(steps.start))
    seeing = [avrgym.SKILLS[skill] in SEEING for skill in steps.skill]
    wrong = [at for at in every if steps.state[at] == WRONG]
    ending = {
        "thinking": [at for at in wrong if not seeing[at]],
        "any": wrong,
        "none": [],
    }[rule.ends]
    if any(steps.end[at] <= before for at in ending):
        return 0
    touched = [at for at in every if steps.start[at] < after and steps.end[at] > before]
    faulty = [at for at in touched if at in wrong]
    if not touched:
        return advantage
    weight = rule.seeing if seeing[(faulty or touched)[0]] else rule.thinking
    return weight * (min(advantage, 0) if faulty else advantage)


def by_returns(
    rule: ByReturns, advantages: Floats, groups: list[str], steps: Steps, row: int, before: int
) -> float:
    """What ``ByReturns`` must deal to a token that begins at a byte, in plain Python."""

    def rewards(of: int) -> list[float]:
        mine = slice(*steps.offsets[of : of + 2].tolist())
        weights = [
            rule.seeing if avrgym.SKILLS[skill] in SEEING else rule.thinking
            for skill in steps.skill[mine]
        ]
        signs = [{OK: 1, WRONG: -1}.get(state, 0) for state in steps.state[mine].tolist()]
        return [weight * sign for weight, sign in zip(weights, signs, strict=True)]

    everyone = [r for of, name in enumerate(groups) if name == groups[row] for r in rewards(of)]
    ahead, discount = 0.0, 1.0
    spread = float(np.std(everyone)) if everyone else 0.0
    for at, reward in enumerate(rewards(row)):
        if steps.end[steps.offsets[row] + at] <= before or spread < 1e-6:
            continue
        ahead += discount * (reward - float(np.mean(everyone))) / spread
        discount *= rule.discount
    return rule.outcome * float(advantages[row]) + rule.ahead * ahead


def alone(steps: Steps, row: int) -> Steps:
    """The steps of one reply."""
    mine = slice(*steps.offsets[row : row + 2].tolist())
    held = (steps.start[mine], steps.end[mine], steps.state[mine], steps.skill[mine])
    return Steps(np.array([0, len(held[0])]), *held)


def verdicts_of(steps: Steps, groups: list[str]) -> Any:
    """As much of verdicts as rules of credit look at, of steps that no core has judged."""
    return SimpleNamespace(
        addresses=tuple(groups),
        step_offsets=steps.offsets,
        step_start=steps.start,
        step_end=steps.end,
        step_state=steps.state,
        step_skill=steps.skill,
    )


def tokens(reply: str) -> tuple[list[int], np.ndarray]:
    ids = TOKENIZER.encode(reply, add_special_tokens=False)
    return ids, TABLE.lengths[ids][None]


def credit(reply: str, advantage: float) -> list[tuple[bytes, float]]:
    """Each token of a single reply with its advantage."""
    ids, lengths = tokens(reply)
    count = np.array([len(ids)])
    verdicts = avrgym.verify([ADDRESS], [reply.encode()])
    dealt = BySteps().deal(np.array([advantage], np.float32), lengths, count, verdicts)
    return list(zip([TABLE.text([index]) for index in ids], dealt[0].tolist(), strict=True))


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example(LLAVA.user + " the name of a special token, spelled out")
def test_tokens_are_the_bytes_of_any_text(text: str) -> None:
    ids = TOKENIZER.encode(text, add_special_tokens=False, split_special_tokens=True)
    assert TABLE.text(ids) == text.encode()
    assert TABLE.lengths[ids].sum() == len(text.encode())


def test_special_tokens_have_no_bytes_as_in_the_decoded_reply() -> None:
    ids = TOKENIZER.encode("up" + "".join(LLAVA.special) + "down", add_special_tokens=False)
    assert TABLE.text(ids).decode() == TOKENIZER.decode(ids, skip_special_tokens=True) == "updown"


@st.composite
def batches(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, Steps]:
    """Replies of random token lengths, with steps in order that may touch but do not overlap."""
    rows = draw(st.integers(1, 5))
    lengths = draw(st.lists(st.lists(st.integers(0, 4), max_size=8), min_size=rows, max_size=rows))
    width = max(1, *map(len, lengths), 0)
    padded = np.zeros((rows, width), np.int32)
    offsets, start, end, state, skill = [0], [], [], [], []
    for row, sizes in enumerate(lengths):
        padded[row, : len(sizes)] = sizes
        at = 0
        for _ in range(draw(st.integers(0, 4))):
            begin = at + draw(st.integers(0, 3))
            at = begin + draw(st.integers(1, 5))
            start.append(begin)
            end.append(at)
            state.append(draw(st.integers(0, len(avrgym.STATES) - 1)))
            skill.append(avrgym.SKILLS.index(draw(st.sampled_from(SKILLS))))
        offsets.append(len(start))
    steps = Steps(
        np.array(offsets, np.int64),
        np.array(start, np.int64),
        np.array(end, np.int64),
        np.array(state, np.uint8),
        np.array(skill, np.uint8),
    )
    shares = draw(st.lists(st.floats(-3, 3, width=32), min_size=rows, max_size=rows))
    return np.array(shares, np.float32), padded, np.array([len(s) for s in lengths]), steps


WEIGHTS = st.sampled_from([0.0, 0.5, 1.0, 2.0])


@given(batches(), WEIGHTS, WEIGHTS, st.sampled_from(["thinking", "any", "none"]))
def test_steps_deal_as_plain_python_does(
    batch: tuple[np.ndarray, np.ndarray, np.ndarray, Steps],
    seeing: float,
    thinking: float,
    ends: Any,
) -> None:
    advantages, token_bytes, counts, steps = batch
    rule = BySteps(seeing=seeing, thinking=thinking, ends=ends)
    dealt = rule.deal(advantages, token_bytes, counts, verdicts_of(steps, ["a"] * len(counts)))
    due = np.zeros_like(dealt)
    for row, count in enumerate(counts):
        mine = alone(steps, row)
        for column, token in enumerate(tokens_of(token_bytes[row], count)):
            due[row, column] = by_steps(rule, float(advantages[row]), mine, token)
    np.testing.assert_array_equal(dealt, due)


@given(batches(), WEIGHTS, WEIGHTS, st.sampled_from([0.0, 0.5, 1.0]), st.data())
def test_returns_deal_as_plain_python_does(
    batch: tuple[np.ndarray, np.ndarray, np.ndarray, Steps],
    seeing: float,
    thinking: float,
    discount: float,
    data: st.DataObject,
) -> None:
    advantages, token_bytes, counts, steps = batch
    groups = [data.draw(st.sampled_from("ab")) for _ in counts]
    rule = ByReturns(outcome=0.5, ahead=2.0, discount=discount, seeing=seeing, thinking=thinking)
    dealt = rule.deal(advantages, token_bytes, counts, verdicts_of(steps, groups))
    due = np.zeros_like(dealt)
    for row, count in enumerate(counts):
        for column, (before, _) in enumerate(tokens_of(token_bytes[row], count)):
            due[row, column] = by_returns(rule, advantages, groups, steps, row, before)
    np.testing.assert_allclose(dealt, due, rtol=1e-4, atol=1e-4)


def test_returns_tell_the_step_that_failed_from_those_before_it() -> None:
    """Two replies part at one move: what lies before it is worth less the sooner it goes wrong."""
    lines = LINES.copy()
    lines[MOVES[1]] = f"{lines[MOVES[1]][:-2]}zz"
    replies = ["\n".join(LINES), "\n".join(lines)]
    ids = [TOKENIZER.encode(reply, add_special_tokens=False) for reply in replies]
    counts = np.array([len(each) for each in ids])
    sizes = np.zeros((2, counts.max()), np.int32)
    for row, each in enumerate(ids):
        sizes[row, : len(each)] = TABLE.lengths[each]
    verdicts = avrgym.verify([ADDRESS] * 2, replies)
    right, wrong = ByReturns(discount=0).deal(np.zeros(2, np.float32), sizes, counts, verdicts)
    at = len(TOKENIZER.encode("\n".join(LINES[: MOVES[1]]) + "\n", add_special_tokens=False))
    assert wrong[at + 1] < 0 < right[at + 1]
    assert right[0] == wrong[0] > 0


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (ByReturns, {"discount": 1.5}),
        (ByReturns, {"ahead": -1.0}),
        (BySteps, {"seeing": float("nan")}),
        (BySteps, {"ends": "all"}),
    ],
)
def test_what_is_out_of_range_is_named(rule: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(avrgym.TaskError, match=next(iter(wrong))):
        rule(**wrong)


@pytest.mark.parametrize("advantage", [1.5, -1.5])
def test_a_flawless_reply_shares_one_advantage(advantage: float) -> None:
    assert {value for _, value in credit(SAMPLE.rationale, advantage)} == {advantage}


LINES = SAMPLE.rationale.split("\n")
MOVES = [at for at, line in enumerate(LINES) if line[2:3] == " " and " to " not in line]


@pytest.mark.parametrize(("advantage", "before", "within"), [(-1.0, -1.0, -1.0), (1.0, 1.0, 0.0)])
def test_nothing_counts_after_a_wrong_move(advantage: float, before: float, within: float) -> None:
    lines = LINES.copy()
    lines[MOVES[1]] = f"{lines[MOVES[1]][:-2]}zz"
    cut = len("\n".join(lines[: MOVES[1]]))
    end = len("\n".join(lines[: MOVES[1] + 1]))
    at = 0
    for spelling, value in credit("\n".join(lines), advantage):
        at += len(spelling)
        assert value == (before if at <= cut else within if at <= end else 0)


@pytest.mark.parametrize(("advantage", "within"), [(-1.0, -1.0), (1.0, 0.0)])
def test_a_misreading_is_not_praised_and_ends_nothing(advantage: float, within: float) -> None:
    lines = LINES.copy()
    lines[1] = "avoid aa ab ac ba bb bc ca cb cc"
    dealt = credit("\n".join(lines), advantage)
    for spelling, value in dealt:
        inside = spelling.strip().startswith(b"avoid")
        assert value == within if inside else value in (advantage, within)
    assert dealt[0][1] == dealt[-1][1] == advantage


def test_a_token_that_begins_a_wrong_step_is_not_praised() -> None:
    """It ends a right step as well: bytes 0 to 4 are right, 4 to 8 are wrong."""
    move, state = avrgym.SKILLS.index("move"), [avrgym.STATES.index(s) for s in ("ok", "wrong")]
    steps = Steps(
        np.array([0, 2]),
        np.array([0, 4]),
        np.array([4, 8]),
        np.array(state, np.uint8),
        np.array([move, move], np.uint8),
    )
    sizes, count = np.array([[3, 2, 3, 1]], np.int32), np.array([4])
    for advantage, dealt in ((1.0, [1, 0, 0, 0]), (-1.0, [-1, -1, -1, 0])):
        verdicts = verdicts_of(steps, ["a"])
        found = BySteps().deal(np.array([advantage], np.float32), sizes, count, verdicts)
        assert found[0].tolist() == dealt


def test_of_two_steps_in_a_token_the_wrong_one_says_what_it_weighs() -> None:
    read, move = avrgym.SKILLS.index("read"), avrgym.SKILLS.index("move")
    steps = Steps(
        np.array([0, 2]),
        np.array([0, 4]),
        np.array([4, 8]),
        np.array([OK, WRONG], np.uint8),
        np.array([read, move], np.uint8),
    )
    sizes, count = np.array([[3, 2, 3]], np.int32), np.array([3])
    rule = BySteps(seeing=2, thinking=0.5)
    verdicts = verdicts_of(steps, ["a"])
    found = rule.deal(np.array([-1], np.float32), sizes, count, verdicts)
    assert found[0].tolist() == [-2, -0.5, -0.5]


def test_invalid_utf8_keeps_its_place() -> None:
    """A character cut in two is judged as its bytes, so no offset moves."""
    half = TOKENIZER.encode("é", add_special_tokens=False)[:1]
    line = TOKENIZER.encode("\n" + SAMPLE.rationale, add_special_tokens=False)
    reply = TABLE.text(half + line)
    assert reply == "é".encode()[:1] + b"\n" + SAMPLE.rationale.encode()
    assert avrgym.verify([ADDRESS], [reply])[0].steps[0].start == 2

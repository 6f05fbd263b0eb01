"""Step credit: bytes and tokens agree on any text; the compiled loop equals its plain reference."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import avrgym

pytest.importorskip("torch", reason="needs the train extra: pip install avrgym[train]")

from numpy.typing import NDArray

from avrgym.models import tokenizer
from avrgym.models.dialects import LLAVA
from avrgym.models.tokens import ByteTable
from avrgym.train.credit.spans import IS_READING, WRONG, Floats, Ints, Steps, deal

ADDRESS = "grid_navigation/rung2#test:0:1"
SAMPLE = avrgym.samples([ADDRESS])[0]
TOKENIZER = tokenizer.build([SAMPLE.rationale] * 2)
TABLE = ByteTable(TOKENIZER)
SKILLS = ("locate", "avoid", "move", "collect", "conclude")


def deal_slowly(
    advantages: Floats,
    token_bytes: NDArray[np.int32],
    token_counts: Ints,
    steps: Steps,
) -> Floats:
    """What ``deal`` must equal, step by step in plain Python."""
    dealt = np.zeros(token_bytes.shape, np.float32)
    for row, advantage in enumerate(advantages.tolist()):
        mine = range(*steps.offsets[row : row + 2].tolist())
        wrong = [at for at in mine if steps.state[at] == WRONG]
        fatal = [at for at in wrong if not IS_READING[steps.skill[at]]]
        horizon = steps.end[fatal[0]] if fatal else np.inf
        sizes = token_bytes[row, : token_counts[row]]
        ends = np.cumsum(sizes, dtype=np.int64)
        for column, (before, after) in enumerate(zip(ends - sizes, ends, strict=True)):
            touched = [at for at in mine if steps.start[at] < after and steps.end[at] > before]
            if before >= horizon:
                dealt[row, column] = 0
            elif set(touched) & set(wrong):
                dealt[row, column] = min(advantage, 0)
            else:
                dealt[row, column] = advantage
    return dealt


def judged(replies: list[bytes]) -> Steps:
    return Steps.of(avrgym.verify([ADDRESS] * len(replies), replies))


def tokens(reply: str) -> tuple[list[int], np.ndarray]:
    ids = TOKENIZER.encode(reply, add_special_tokens=False)
    return ids, TABLE.lengths[ids][None]


def credit(reply: str, advantage: float) -> list[tuple[bytes, float]]:
    """Each token of a single reply with its advantage."""
    ids, lengths = tokens(reply)
    count = np.array([len(ids)])
    dealt = deal(np.array([advantage], np.float32), lengths, count, judged([reply.encode()]))
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


@given(batches())
def test_the_compiled_loop_equals_the_plain_one(
    batch: tuple[np.ndarray, np.ndarray, np.ndarray, Steps],
) -> None:
    np.testing.assert_array_equal(deal(*batch), deal_slowly(*batch))


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
        given = (np.array([advantage], np.float32), sizes, count, steps)
        assert deal(*given)[0].tolist() == deal_slowly(*given)[0].tolist() == dealt


def test_invalid_utf8_keeps_its_place() -> None:
    """A character cut in two is judged as its bytes, so no offset moves."""
    half = TOKENIZER.encode("é", add_special_tokens=False)[:1]
    line = TOKENIZER.encode("\n" + SAMPLE.rationale, add_special_tokens=False)
    reply = TABLE.text(half + line)
    assert reply == "é".encode()[:1] + b"\n" + SAMPLE.rationale.encode()
    assert avrgym.verify([ADDRESS], [reply])[0].steps[0].start == 2

"""Junk for every argument: one error that names the value, and nothing changed."""

import inspect
import math
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import avrgym
from avrgym import SPLITS, TASKS, THEMES, Source, TaskError, create_dataset, rewards
from avrgym.dialogues.dialogue import ORDERS
from avrgym.envs import BOARD_TASKS
from avrgym.envs.board import OBSERVATIONS, RENDER_MODES, WEIGHTS, BoardEnv
from avrgym.envs.board_vector import BoardVectorEnv
from avrgym.envs.dialogue import DialogueEnv
from avrgym.envs.dialogue_vector import DialogueVectorEnv
from avrgym.envs.reply import REPLY_FORMATS, ReplyEnv
from avrgym.envs.reply_vector import ReplyVectorEnv
from environments import KINDS, MODES, Kind, Player

REFUSALS = (ValueError, TypeError, gym.error.Error)

numbers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.integers(-3, 70),
    st.floats(),
    st.sampled_from([np.float32(1), np.bool_(True), np.nan, np.inf]),
    st.sampled_from([np.array(1.0), np.array([1]), np.array([True]), np.array("1"), 1j]),
)
letters = st.characters(categories=["L", "N", "P", "S"])
texts = st.one_of(
    st.text(letters, max_size=12),
    st.sampled_from(
        ["simple?objects=2", "train:0", "simple#", "human", "PAPER", "correctness ", ""]
    ),
    st.text(letters, min_size=200, max_size=300),
)
atoms = st.one_of(st.none(), st.booleans(), numbers, texts, st.binary(max_size=5))
junk = st.one_of(
    atoms,
    st.lists(atoms, max_size=4),
    st.tuples(atoms, atoms),
    st.tuples(atoms, atoms, atoms),
    st.dictionaries(st.one_of(texts, st.integers()), atoms, max_size=3),
    st.builds(object),
    st.builds(set),
)


def is_whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def is_size(value: object) -> bool:
    pair = value if isinstance(value, tuple | list) else (value, value)
    return len(pair) == 2 and all(is_whole(side, 64, 4096) for side in pair)


def is_finite(value: object) -> bool:
    return type(value) in (int, float, np.float32) and math.isfinite(value)  # type: ignore[arg-type]


def is_weighing(value: object, known: Any) -> bool:
    return isinstance(value, Mapping) and all(
        name in known and type(worth) in (int, float) and math.isfinite(worth)
        for name, worth in value.items()
    )


#: Whether a value is one that an argument may have; said here once more.
MAY_BE: dict[str, Callable[[Any], bool]] = {
    "num_envs": lambda value: is_whole(value, 1, 2**20),
    "task": lambda value: value in TASKS,
    "level": lambda value: value in avrgym.levels("grid_navigation"),
    "split": lambda value: value in SPLITS,
    "params": lambda value: value is None or value == {},
    "observation": lambda value: value in OBSERVATIONS,
    "format": lambda value: str(value).removesuffix("-direct") in REPLY_FORMATS,
    "rationale": lambda value: isinstance(value, bool | np.bool_),
    "strict": lambda value: isinstance(value, bool | np.bool_),
    "reveal_answer": lambda value: isinstance(value, bool | np.bool_),
    "copy": lambda value: isinstance(value, bool | np.bool_),
    "words": lambda value: isinstance(value, bool | np.bool_),
    "insist": lambda value: isinstance(value, bool | np.bool_),
    "size": is_size,
    "theme": lambda value: value in THEMES,
    "levels": lambda value: (
        value is None
        or (
            isinstance(value, list | tuple)
            and bool(value)
            and all(level in avrgym.levels("grid_navigation") for level in value)
        )
    ),
    "window": lambda value: value is None,
    "max_episode_steps": lambda value: value is None or is_whole(value, 1, 2**32 - 1),
    "max_moves": lambda value: value is None or is_whole(value, 1, 2**32 - 1),
    "weights": lambda value: value is None or is_weighing(value, WEIGHTS),
    "reward": lambda value: (
        (isinstance(value, str) and value in rewards.REWARDS)
        or (bool(value) and is_weighing(value, rewards.REWARDS))
    ),
    "held_out": lambda value: value is None or is_whole(value, 2, 2**16),
    "render_mode": lambda value: value is None or value in RENDER_MODES,
    "autoreset_mode": lambda value: value in MODES,
    "order": lambda value: value in ORDERS,
    **dict.fromkeys(("turn", "consistency", "unreadable"), lambda value: is_finite(value)),
    "seed": lambda value: is_whole(value, 0, 2**64 - 1),
    "name": lambda value: value in TASKS,
}

DRAWN: list[Any] = [BoardEnv, BoardVectorEnv, ReplyEnv, ReplyVectorEnv]
DRAWN += [DialogueEnv, DialogueVectorEnv]
CLASSES: list[Any] = [*DRAWN, create_dataset, Source]
ARGUMENTS = [
    (made, name)
    for made in CLASSES
    for name in inspect.signature(made).parameters
    if not (made in (create_dataset, Source) and name in ("size", "format"))
]


def allowed(name: str, value: Any) -> bool:
    """As the table says; what cannot be compared or hashed is not allowed."""
    try:
        found = MAY_BE[name](value)
        return found if isinstance(found, bool) else bool(np.all(found)) and np.size(found) == 1
    except (ValueError, TypeError):
        return False


def names(error: BaseException, value: Any) -> bool:
    """Whether an error says what was wrong: the value, or the part of it that is."""
    said = str(error).replace("\\", "")  # quotes are escaped by either language's rule
    parts = [value]
    if isinstance(value, Mapping):
        parts += [*value, *value.values()]
    elif isinstance(value, tuple | list) or (isinstance(value, np.ndarray) and value.ndim):
        parts += list(value)
    for part in parts:
        if any(text.replace("\\", "")[:60] in said for text in (repr(part), str(part))):
            return True
    return "is empty" in said or "are empty" in said


@pytest.mark.parametrize(("made", "name"), ARGUMENTS)
@settings(max_examples=settings().max_examples // 2)
@given(junk)
def test_junk_is_refused_by_its_name(made: Any, name: str, value: Any) -> None:
    assume(not allowed(name, value))
    first = {"name": "grid_navigation"} if made is create_dataset else {"task": "grid_navigation"}
    with pytest.raises(REFUSALS) as raised:
        made(
            **{
                **first,
                "level": "rung0",
                **({} if made not in DRAWN else {"size": 64, "insist": True}),
            }
            | {name: value}
        )
    assert names(raised.value, value), (str(raised.value), value)
    assert type(raised.value) in (TaskError, TypeError)


def test_every_argument_has_a_rule() -> None:
    assert {name for _, name in ARGUMENTS} <= MAY_BE.keys()
    assert set(BOARD_TASKS) < set(TASKS)


@given(junk)
def test_datasets_refuse_junk_too(value: Any) -> None:
    assume(not is_whole(value, 1, 2**63 - 1))
    with pytest.raises(REFUSALS) as raised:
        create_dataset("table_readout", size=value)
    assert names(raised.value, value)
    assume(value.removesuffix("-direct") not in avrgym.FORMATS if isinstance(value, str) else True)
    with pytest.raises(REFUSALS) as raised:
        create_dataset("table_readout", format=value)
    assert names(raised.value, value)


def test_unknown_keywords_are_named() -> None:
    for name in ("avrgym/GridNavigation-Board-v0", "avrgym/GridNavigation-v0"):
        for make in (
            gym.make,
            lambda name, **kw: gym.make_vec(name, 2, "vector_entry_point", **kw),
        ):
            with pytest.raises(TypeError, match="colour"):
                make(name, colour=3)
            with pytest.raises(TaskError, match="-1"):
                make(name, held_out=-1)


@pytest.mark.filterwarnings("ignore:.*render_mode")  # Gymnasium's own, before the error
def test_gymnasium_passes_errors_on() -> None:
    with pytest.raises(TaskError, match="nope"):
        gym.make("avrgym/GridNavigation-v0", render_mode="nope")
    counts: list[Any] = [0, -1, 2.0, "2", None]
    for count in counts:
        with pytest.raises(TaskError, match=f"num_envs.*{count}"):
            gym.make_vec("avrgym/GridNavigation-Board-v0", count, "vector_entry_point")


def begun(kind: Kind, seed: int, turns: int) -> Player:
    player = Player(kind.make(**kind.kwargs), seed)
    for turn in range(turns):
        player.play(seed if turn == 0 else None)
    return player


def is_action(kind: Kind, env: Any, value: Any) -> bool:
    def one(value: Any) -> bool:
        if "Board" not in kind.make.__name__:
            return isinstance(value, str | bytes)
        if (isinstance(value, np.ndarray) and value.ndim == 0) or isinstance(value, np.generic):
            value = value.item()
        return is_whole(value, 0, env.boards.actions - 1)

    if "Vector" not in kind.make.__name__:
        return one(value)
    return isinstance(value, tuple | list) and len(value) == env.num_envs and all(map(one, value))


every_kind = pytest.mark.parametrize(
    "kind", [KINDS[i] for i in (0, 1, 2, 10, 24, 25, 29, 32, 34, -1)], ids=str
)


@every_kind
@given(st.one_of(junk, st.lists(atoms, min_size=3, max_size=3)), st.integers(0, 9))
def test_bad_actions_change_nothing(kind: Kind, value: Any, turns: int) -> None:
    player = begun(kind, 3, turns)
    assume(not is_action(kind, player.env, value))
    before = pickle.dumps(player.env)
    with pytest.raises(REFUSALS) as raised:
        player.env.step(value)
    assert isinstance(raised.value, gym.error.ResetNeeded) or names(raised.value, value), raised
    assert pickle.dumps(player.env) == before


def is_option(name: str, value: Any, count: int) -> bool:
    if name == "index":
        each = value if count and isinstance(value, tuple | list) else [value] * max(count, 1)
        return len(each) == max(count, 1) and all(is_whole(index, 0, 2**62) for index in each)
    return name in ("level", "split") and allowed(name, value)


@every_kind
@given(
    st.sampled_from(
        ["index", "level", "split", "address", "reset_mask", "indx", "seed", "options"]
    ),
    junk,
    st.integers(0, 9),
    st.booleans(),
)
def test_bad_resets_change_nothing(
    kind: Kind, name: str, value: Any, turns: int, seeded: bool
) -> None:
    player = begun(kind, 3, turns)
    count = getattr(player.env, "num_envs", 0)
    wrong: dict[str, Any] = {"options": {name: value}} | ({"seed": 9} if seeded else {})
    if name == "seed":
        each = value if count and isinstance(value, tuple | list) else [value]
        fits = len(each) == count or each == [value]
        assume(not (fits and all(one is None or allowed("seed", one) for one in each)))
        wrong = {"seed": value}
    elif name == "options":
        assume(value is not None and value != {})
        wrong = {"options": value}
    elif name == "reset_mask" and count:
        assume(value is not None)
    else:
        assume(not is_option(name, value, count))
        # A level of another task's, or one that observations do not hold, is refused as well.
    before = pickle.dumps(player.env)
    with pytest.raises(REFUSALS) as raised:
        player.env.reset(**wrong)
    assert names(raised.value, value) or names(raised.value, name) or turns == 0
    assert pickle.dumps(player.env) == before


def test_a_level_that_does_not_fit_changes_nothing() -> None:
    vector = BoardVectorEnv(3, level="rung1", max_moves=5)
    alone = BoardEnv("grid_navigation", "rung1", max_moves=5)
    for env in (vector, alone):
        for seed in (None, 4):
            before = pickle.dumps(env)
            with pytest.raises(TaskError, match="fit"):
                env.reset(seed=seed, options={"level": "hard"})
            assert pickle.dumps(env) == before
        player = Player(env, 1)
        for _ in range(9):
            player.play()


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint32, np.int64, np.uint64])
def test_integers_of_every_dtype_are_actions(dtype: Any) -> None:
    for action in (dtype(2), np.array(2, dtype), 2):
        env: Any = BoardEnv("grid_navigation", "rung1")
        env.reset(seed=1)
        assert env.step(action)[4]["index"] == 0
    vector = BoardVectorEnv(2, level="rung1")
    vector.reset(seed=1)
    vector.step(np.array([1, 2], dtype))
    vector.step(np.array([[1, 2], [0, 0]], dtype).T[:, 0])
    vector.step([dtype(1), 2])
    for wrong in ([np.nan, 0], [True, 0], [1.0, 0], [0, 2**63], np.array([0.0, 1.0])):
        with pytest.raises(TaskError, match="action"):
            vector.step(wrong)
    with pytest.raises(TaskError, match=str(2**64 - 1)):
        vector.step(np.array([0, 2**64 - 1], np.uint64))

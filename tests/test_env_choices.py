"""What environments can be asked for: levels by draw, addresses, masks, planes, fewer steps."""

from collections import Counter
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from avrgym import Source, TaskError, levels
from avrgym.envs import BOARD_TASKS
from avrgym.envs.board import BoardEnv
from avrgym.envs.board_vector import BoardVectorEnv
from avrgym.envs.reply import ReplyEnv
from avrgym.envs.reply_vector import ReplyVectorEnv

RUNGS = ["rung0", "rung2", "rung4"]
SMALL: dict[str, Any] = {"size": 64, "insist": True}
every_mode = pytest.mark.parametrize("mode", list(AutoresetMode))


@pytest.mark.parametrize("task", BOARD_TASKS)
@pytest.mark.parametrize("window", [None, 1, (0, 2)])
def test_planes_pass_the_checker(task: str, window: Any) -> None:
    env = BoardEnv(task, "rung2", observation="onehot", window=window)
    check_env(env, skip_render_check=True)


@pytest.mark.parametrize("task", BOARD_TASKS)
def test_planes_tell_what_symbols_tell_in_one_shape(task: str) -> None:
    shapes = set()
    for level in levels(task):
        symbols, planes = (BoardEnv(task, level, observation=o) for o in ("symbolic", "onehot"))
        shapes.add(planes.observation_space.shape)
        seen, shown = symbols.reset(seed=1)[0], planes.reset(seed=1)[0]
        rows, columns = seen.shape
        assert not shown[:, rows:].any() and not shown[:, :, columns:].any()
        for (row, column), code in np.ndenumerate(seen):
            found = shown[:, row, column]
            assert found[-1] == (code >= 128)
            lit = np.flatnonzero(found[:-1]).tolist()
            symbol = int(code) % 128 - 1
            if symbol < 0:
                assert lit == []
            else:
                reading = [symbol % 10, 10 + symbol // 10]
                assert lit == ([symbol] if task == "grid_navigation" else reading)
        # A level of another size is taken up in the same shape.
        again, _ = planes.reset(seed=1, options={"level": "rung11"})
        assert again.shape == shown.shape
    assert len(shapes) == 1


@pytest.mark.parametrize("task", BOARD_TASKS)
def test_a_window_is_the_part_around_the_cursor(task: str) -> None:
    whole, part = (
        BoardEnv(task, "rung3", observation="onehot", window=window) for window in (None, (2, 1))
    )
    rng = np.random.default_rng(0)
    for index in range(5):
        seen, _ = whole.reset(seed=2, options={"index": index})
        near, _ = part.reset(seed=2, options={"index": index})
        for _ in range(12):
            [(row, column)] = np.argwhere(seen[-1])
            around = np.pad(seen[:-1], ((0, 0), (2, 2), (1, 1)))
            assert np.array_equal(near, around[:, row : row + 5, column : column + 3])
            move = int(rng.integers(4))
            seen, _, _, truncated, _ = whole.step(move)
            near = part.step(move)[0]
            if truncated or whole._over:
                break


@pytest.mark.parametrize("task", BOARD_TASKS)
def test_masks_forbid_what_is_refused_and_nothing_that_is_right(task: str) -> None:
    env: Any = BoardEnv(task, "rung4")
    forbidden = refused = 0
    for index in range(25):
        _, info = env.reset(seed=3, options={"index": index})
        for action in range(env.action_space.n):
            env.reset(seed=3, options={"index": index})
            moves = [move for move in range(4) if info["action_mask"][move]][:1] * (index % 2)
            for move in moves:
                if env.step(move)[2]:
                    break
            if env._over:
                continue
            mask = env.action_mask()
            assert mask.dtype == np.int8 and mask in gym.spaces.MultiBinary(len(mask))
            assert env.action_masks().tolist() == mask.astype(bool).tolist()
            before = env._facts[0, 0, 1]
            *_, told = env.step(action)
            wrong = told["edge"] or told.get("hit", False) or told.get("misread", False)
            forbidden += not mask[action]
            refused += wrong and action < 4
            assert mask[action] or wrong
            if action < 4:
                assert bool(mask[action]) != wrong
            if told["distance"] < before:
                assert mask[action]
    assert forbidden > 8 and refused > 8


@pytest.mark.parametrize(
    "env",
    [
        BoardEnv("table_readout", "rung1", max_moves=3),
        BoardEnv("grid_navigation", "rung1", max_moves=3),
        ReplyEnv("grid_navigation", "rung1", **SMALL),
    ],
    ids=["table", "grid", "reply"],
)
def test_infos_have_the_same_keys_at_reset_and_step(env: Any) -> None:
    _, first = env.reset(seed=1)
    *_, later = env.step("Answer: up" if isinstance(env, ReplyEnv) else 0)
    assert first.keys() == later.keys()
    assert first["success"] is first["is_success"] is False
    assert type(later["is_success"]) is bool
    assert later["success"] == later["is_success"]


@every_mode
@pytest.mark.parametrize("held_out", [None, 3])
def test_boards_of_drawn_levels_agree_with_single_ones(mode: AutoresetMode, held_out: Any) -> None:
    kwargs: dict[str, Any] = {"task": "table_readout", "levels": RUNGS, "held_out": held_out}
    kwargs |= {"observation": "onehot", "max_moves": 4}
    native: Any = BoardVectorEnv(3, autoreset_mode=mode, **kwargs)
    single: Any = SyncVectorEnv([lambda: BoardEnv(**kwargs)] * 3, autoreset_mode=mode)
    rng = np.random.default_rng(0)
    seeds: Any = [7, 7, 1]
    ours, theirs = native.reset(seed=seeds), single.reset(seed=seeds)
    met: Counter[str] = Counter()
    for turn in range(60):
        assert data_equivalence(ours, theirs, exact=True)
        met.update(level for level in ours[-1]["level"] if level)
        actions = rng.integers(0, 14, 3)
        ours, theirs = native.step(actions), single.step(actions)
        over = ours[2] | ours[3]
        if mode is AutoresetMode.DISABLED and over.any():
            assert data_equivalence(ours, theirs, exact=True)
            ours, theirs = (
                env.reset(options={"reset_mask": over.copy()}) for env in (native, single)
            )
        elif turn == 30:
            options: Any = {"level": "rung2"}
            ours, theirs = native.reset(options=options), single.reset(options=options)
            assert data_equivalence(ours, theirs, exact=True)
            assert ours[-1]["level"].tolist() == ["rung2"] * 3
    assert len(met) == 3
    ours, theirs = native.reset(seed=seeds), single.reset(seed=seeds)
    assert data_equivalence(ours, theirs, exact=True)


@every_mode
def test_replies_of_drawn_levels_agree_with_single_ones(mode: AutoresetMode) -> None:
    kwargs: dict[str, Any] = {"task": "visual_analogy", "levels": ["rung0", "rung3"], **SMALL}
    native: Any = ReplyVectorEnv(3, autoreset_mode=mode, **kwargs)
    single: Any = SyncVectorEnv([lambda: ReplyEnv(**kwargs)] * 3, autoreset_mode=mode)
    seeds: Any = [7, 8, 9]
    ours, theirs = native.reset(seed=seeds), single.reset(seed=seeds)
    met: Counter[str] = Counter()
    for _ in range(8):
        assert data_equivalence(ours, theirs, exact=True)
        met.update(ours[-1]["level"])
        ours, theirs = native.step(["no"] * 3), single.step(["no"] * 3)
        if mode is AutoresetMode.DISABLED:
            ours, theirs = native.reset(), single.reset()
    assert len(met) == 2


def test_levels_are_drawn_equally_often_and_again_alike() -> None:
    env = BoardVectorEnv(500, task="grid_navigation", levels=RUNGS)
    drawn = [env.reset(seed=seed)[1]["level"].tolist() for seed in (1, 2, 1)]
    assert drawn[0] == drawn[2] != drawn[1]
    assert all(120 < count < 215 for count in Counter(drawn[0]).values())
    alone = BoardEnv("grid_navigation", levels=RUNGS)
    assert [alone.reset(seed=1 if i == 0 else None)[1]["level"] for i in range(20)] == drawn[0][:20]


@pytest.mark.parametrize("held_out", [None, 3])
def test_an_address_is_gone_to_and_on_from(held_out: int | None) -> None:
    kwargs: dict[str, Any] = {"held_out": held_out}
    source = Source("table_readout", "rung2", "val", 9, {"cells": "2-5"}, held_out)
    first, second, third = (source.address(index) for index in (40, 41, 43))
    for env in (
        BoardEnv("table_readout", "rung3", **kwargs),
        ReplyEnv("table_readout", "rung3", **SMALL, **kwargs),
    ):
        _, info = env.reset(seed=1, options={"address": first})
        assert (info["address"], info["level"], info["split"]) == (first, "rung2", "val")
        assert env.reset()[1]["address"] == second
        assert env.reset(seed=1)[1]["level"] == "rung3"
    for fleet in (
        BoardVectorEnv(2, task="table_readout", level="rung3", **kwargs),
        ReplyVectorEnv(2, task="table_readout", level="rung3", **SMALL, **kwargs),
    ):
        _, infos = fleet.reset(options={"address": first})
        assert infos["address"].tolist() == [first, second]
        _, infos = fleet.reset(options={"address": [third, first]})
        assert infos["address"].tolist() == [third, first]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"address": "nope"}, "nope"),
        ({"address": 3}, "3"),
        ({"address": "grid_navigation/rung0#train:0:0"}, "table_readout"),
        ({"address": "table_readout/rung0#train:0:0", "index": 2}, "index"),
        ({"address": "table_readout/none#train:0:0"}, "none"),
        ({"address": "table_readout/hard#train:0:0"}, "fit"),
        ({"address": f"table_readout/rung0#train:0:{2**63}"}, "range"),
    ],
)
def test_bad_addresses_are_refused(options: dict[str, Any], word: str) -> None:
    for env in (
        BoardEnv("table_readout", "rung0"),
        BoardVectorEnv(2, task="table_readout", level="rung0"),
    ):
        with pytest.raises(TaskError, match=word) as raised:
            env.reset(seed=1, options=options)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("kwargs", "word"),
    [
        ({"levels": "rung0"}, "rung0"),
        ({"levels": []}, r"\[\]"),
        ({"levels": ["rung0", "nope"]}, "nope"),
        ({"window": 1}, "onehot"),
        ({"observation": "onehot", "window": -1}, "-1"),
        ({"observation": "onehot", "window": (1, 2, 3)}, "3"),
    ],
)
def test_bad_choices_are_refused(kwargs: dict[str, Any], word: str) -> None:
    for make in (BoardEnv, BoardVectorEnv):
        with pytest.raises(TaskError, match=word):
            make(**kwargs)


def test_make_vec_cuts_episodes_short_as_make_does() -> None:
    name = "avrgym/TableReadout-Board-Rung3-v0"
    for most in (5, 10_000):
        native: Any = gym.make_vec(name, 3, "vector_entry_point", max_episode_steps=most)
        single: Any = gym.make_vec(name, 3, "sync", max_episode_steps=most)
        assert native.autoreset_mode is AutoresetMode.NEXT_STEP
        rng = np.random.default_rng(0)
        assert data_equivalence(native.reset(seed=[1, 2, 3]), single.reset(seed=[1, 2, 3]))
        cut = 0
        for _ in range(90):
            actions = rng.integers(0, 4, 3)
            ours, theirs = native.step(actions), single.step(actions)
            assert data_equivalence(ours, theirs, exact=True)
            cut += ours[3].sum()
        assert cut
    with pytest.raises(TaskError, match="max_episode_steps"):
        gym.make_vec(name, 3, "vector_entry_point", max_episode_steps=0)
    one = gym.make_vec("avrgym/TableReadout-v0", 2, "vector_entry_point", max_episode_steps=1)
    assert one.metadata["autoreset_mode"] is one.autoreset_mode  # type: ignore[attr-defined]


def test_infos_without_words_are_numbers_alone() -> None:
    single: Any = BoardEnv("table_readout", "rung1", words=False)
    native: Any = BoardVectorEnv(3, task="table_readout", level="rung1", words=False)
    for env in (single, native):
        told = env.reset(seed=1)[1]
        assert not told.keys() & {"task", "level", "split", "address"}
        assert all(np.asarray(value).dtype.kind in "bi" for value in told.values())

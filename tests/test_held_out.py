"""Held-out contents: one rule, for sources, datasets, environments and training."""

from typing import Any

import pytest
from gymnasium.vector import AutoresetMode
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import SPLITS, TASKS, Source, TaskError, contents, create_dataset
from avrgym.core.held_out import SPAN, admitted, splits
from avrgym.envs.board import BoardEnv
from avrgym.envs.board_vector import BoardVectorEnv
from avrgym.envs.reply import ReplyEnv
from avrgym.envs.reply_vector import ReplyVectorEnv
from avrgym.evaluate.heldout import evaluation_addresses
from avrgym.train.curricula.levels import Levels
from avrgym.train.curricula.occasion import Occasion
from sources import is_held_out

MANY = 150
LEVELS = [(task, level) for task in TASKS for level in ("rung0", "rung3")]


def belongs(content: str, held_out: int) -> str:
    """The rule once more: by the digits of the hash."""
    if int(content[:8], 16) % held_out:
        return "train"
    return "test" if int(content[8:16], 16) % 2 else "val"


@given(st.text("0123456789abcdef", min_size=32, max_size=32), st.integers(2, 2**16))
def test_the_rule_is_by_the_hash_alone(content: str, held_out: int) -> None:
    assert splits([content], held_out) == [belongs(content, held_out)]
    assert is_held_out(content, held_out) == (belongs(content, held_out) != "train")


@pytest.mark.parametrize(("task", "level"), LEVELS)
def test_splits_of_small_levels_have_no_content_in_common(task: str, level: str) -> None:
    found = {}
    for split in SPLITS:
        source = Source(task, level, split, 5, held_out=4)
        found[split] = contents(source.addresses(range(MANY)))
        assert {belongs(content, 4) for content in found[split]} == {split}
    assert not set(found["train"]) & set(found["val"] + found["test"])
    assert not set(found["val"]) & set(found["test"])


def test_nothing_asked_occurs_among_many_shown() -> None:
    clean = Source("grid_navigation", "rung0", held_out=4).addresses(range(2_000))
    asked = contents(Source("grid_navigation", "rung0", "test", held_out=4).addresses(range(300)))
    assert not set(contents(clean)) & set(asked)


@given(st.integers(0, SPAN - 40), st.sampled_from(SPLITS), st.integers(2, 9))
def test_any_index_is_found_without_the_others(index: int, split: str, held_out: int) -> None:
    source = Source("table_readout", "rung1", split, 3, held_out=held_out)
    indices = range(index, index + 8)
    several = source.addresses(indices)
    assert several == [source.address(each) for each in reversed(indices)][::-1]
    own = [int(address.rpartition(":")[2]) for address in several]
    assert [each % SPAN for each in own] == list(indices)
    assert [sample.address for sample in source[index : index + 8]] == several
    for address, number in zip(several, own, strict=True):
        assert belongs(contents([address])[0], held_out) == split
        # It is the first of its kind.
        head = address.rpartition(":")[0]
        before = [f"{head}:{earlier}" for earlier in range(number % SPAN, number, SPAN)]
        assert split not in splits(contents(before), held_out)


def test_a_dataset_keeps_its_contents_apart() -> None:
    kwargs: dict[str, Any] = {"level": "rung0", "size": 60, "held_out": 3}
    shown, asked = (
        [
            entry["metadata"]["content"]
            for entry in create_dataset("grid_navigation", split=split, **kwargs)
        ]
        for split in ("train", "test")
    )
    assert not set(shown) & set(asked)
    again = create_dataset("grid_navigation", split="test", **kwargs)
    assert again[7]["metadata"]["content"] == asked[7]
    assert again.image(7, 64, insist=True).shape == (64, 64, 3)


@pytest.mark.parametrize("split", SPLITS)
def test_environments_walk_the_same_source(split: str) -> None:
    kwargs: dict[str, Any] = {"split": split, "held_out": 4, "size": 64, "insist": True}
    source = Source("grid_navigation", "rung1", split, 8, held_out=4)
    reply, board = ReplyEnv("grid_navigation", "rung1", **kwargs), BoardEnv(level="rung1", **kwargs)
    for index in range(6):
        for env in (reply, board):
            _, info = env.reset(seed=8) if index == 0 else env.reset()
            assert (info["index"], info["address"]) == (index, source.address(index))
    _, info = board.reset(options={"index": 77})
    assert info["address"] == source.address(77)
    assert board.reset()[1]["address"] == source.address(78)


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_vectors_walk_the_same_source(mode: AutoresetMode) -> None:
    source = Source("grid_navigation", "rung1", "val", 8, held_out=5)
    kwargs: dict[str, Any] = {
        "level": "rung1",
        "split": "val",
        "held_out": 5,
        "size": 64,
        "insist": True,
    }
    boards = BoardVectorEnv(3, autoreset_mode=mode, max_moves=1, **kwargs)
    replies = ReplyVectorEnv(3, task="grid_navigation", autoreset_mode=mode, **kwargs)
    shown = []
    env: Any
    for env, action in ((boards, [0, 0, 0]), (replies, ["", "", ""])):
        _, infos = env.reset(seed=8)
        assert infos["address"].tolist() == source.addresses(range(3))
        for _ in range(3):
            _, _, terminated, truncated, infos = env.step(action)
            if mode is AutoresetMode.DISABLED:
                _, infos = env.reset(options={"reset_mask": terminated | truncated})
            elif mode is AutoresetMode.NEXT_STEP:
                _, _, _, _, infos = env.step(action)
        assert infos["index"].tolist() == [9, 10, 11]
        shown.append(infos)
    assert boards.addresses() == source.addresses(range(9, 12))
    assert shown[1]["address"].tolist() == source.addresses(range(9, 12))


def test_what_cannot_be_had_is_refused() -> None:
    source = Source("grid_navigation", "rung1", held_out=4)
    with pytest.raises(TaskError, match=str(SPAN)):
        source.address(SPAN)
    with pytest.raises(TaskError, match="no content"):
        splits(["12"], 4)
    # Two problems there are, and neither is kept.
    tiny: dict[str, object] = {"rows": 1, "columns": 2, "obstacles": 0, "objects": 0, "length": 1}
    tiny |= {"scatter": "count", "trace_length": "1-99", "blind_max": 1.0}
    kept = {
        (split, held_out)
        for split in SPLITS
        for held_out in range(2, 30)
        if split
        in splits(
            contents(Source("grid_navigation", "rung0", params=tiny).addresses(range(40))), held_out
        )
    }
    [missing, *_] = [held for held in range(2, 30) if ("test", held) not in kept]
    none = Source("grid_navigation", "rung0", "test", params=tiny, held_out=missing)
    with pytest.raises(TaskError, match=f"held_out={missing}"):
        none.address(0)
    for env in (BoardEnv("grid_navigation", "rung0", split="test", params=tiny, held_out=missing),):
        with pytest.raises(TaskError, match=f"held_out={missing}"):
            env.reset(seed=1)


def test_every_place_imports_one_rule() -> None:
    asked = evaluation_addresses("grid_navigation/rung0", items=40, held_out=6)
    assert admitted(asked, 6) == asked
    levels = Levels(levels="grid_navigation/rung0").made(Occasion(held_out=6, rows=40))
    shown = [prompt.address for prompt in levels.draw(40)]
    assert splits(avrgym.contents(shown), 6) == ["train"] * 40
    assert len(set(shown)) == 40

"""Pictures too small to be read are refused with the size that would do, before any work."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import avrgym
from avrgym import Source, TaskError, create_dataset, legible_size, mixtures
from avrgym.data.settings import Settings, Writing
from avrgym.envs.board import BoardEnv
from avrgym.envs.board_vector import BoardVectorEnv
from avrgym.envs.reply import ReplyEnv
from avrgym.envs.reply_vector import ReplyVectorEnv
from avrgym.mixtures import named
from avrgym.stream.rows import Rows
from sources import EVERY_LEVEL

LEVEL = "table_readout/simple"
ADDRESS = f"{LEVEL}#test:0:3"
SIDE = legible_size(LEVEL)
TASK: dict[str, Any] = {"task": "table_readout", "level": "simple"}
MIXTURE = named("mix", "table_readout", 40)
LAYOUT = avrgym.Layout()


@pytest.mark.parametrize("theme", avrgym.THEMES)
@pytest.mark.parametrize(("task", "level"), EVERY_LEVEL)
def test_the_size_that_is_named_will_do_and_less_will_not(
    task: str, level: str, theme: str
) -> None:
    address = Source(task, level, "test").address(0)
    least = legible_size(address, theme)
    assert least == legible_size(f"{task}/{level}", theme) and least % 4 == 0
    assert avrgym.render([address], least, theme).shape == (1, least, least, 3)
    if least > 64:
        with pytest.raises(TaskError, match=f"give at least {least} x {least}, or insist"):
            avrgym.render([address], least - 1, theme)
        assert avrgym.render([address], least - 1, theme, insist=True).any()


def test_what_is_drawn_when_nobody_asks_is_legible() -> None:
    for task, level in EVERY_LEVEL:
        for theme in ("paper", "varied"):
            assert legible_size(f"{task}/{level}", theme) <= 448


MAKERS: list[Callable[..., Any]] = [
    lambda **how: avrgym.render([ADDRESS], **how),
    lambda **how: avrgym.encode([ADDRESS], **how),
    lambda **how: avrgym.pixels([ADDRESS], LAYOUT, **how),
    lambda **how: Source("table_readout", "simple").images([3], **how),
    lambda **how: create_dataset("table_readout", size=5, level="simple").image(3, **how),
    lambda **how: avrgym.formats.rows(avrgym.samples([ADDRESS]), **how),
    lambda **how: mixtures.rows(MIXTURE, mixtures.items(MIXTURE, "mix", 0, 40), **how),
    lambda **how: Rows(MIXTURE, **how),
    lambda **how: Settings(MIXTURE, Writing(**how)),
    lambda **how: ReplyEnv(**TASK, **how),
    lambda **how: ReplyVectorEnv(2, **TASK, **how),
    lambda **how: BoardEnv(**TASK, observation="image", **how),
    lambda **how: BoardVectorEnv(2, **TASK, render_mode="rgb_array", **how),
    lambda **how: gym.make("avrgym/TableReadout-Simple-v0", **how),
]


@pytest.mark.parametrize("make", MAKERS)
def test_whatever_draws_refuses_and_gives_way(make: Callable[..., Any]) -> None:
    make(size=SIDE)
    with pytest.raises(TaskError, match=f"{LEVEL} in theme paper.*{SIDE} x {SIDE}"):
        make(size=SIDE - 4)
    make(size=SIDE - 4, insist=True)


def test_what_shows_no_picture_has_no_size_to_obey() -> None:
    ReplyEnv(**TASK, format="text", size=64)
    BoardEnv(**TASK, size=64)
    Rows(named("text", "table_readout", 40), size=64)


def test_a_picture_that_is_no_square_is_judged_by_its_own_layout() -> None:
    # 5 x 10 cells need width, not height.
    address = "consecutive_table_readout/simple#test:0:1"
    least = legible_size(address)
    avrgym.render([address], (least * 3 // 4, least * 4 // 3))
    with pytest.raises(TaskError):
        avrgym.render([address], (least * 4 // 3, least * 3 // 4))


def test_overrides_count() -> None:
    assert legible_size("grid_navigation/simple?rows=3&columns=3&objects=2") < legible_size(
        "grid_navigation/simple"
    )


def test_nothing_is_drawn_before_the_refusal() -> None:
    out = np.zeros((1200, 100, 100, 3), np.uint8)
    addresses = [*Source("grid_navigation", "rung0").addresses(range(1199)), ADDRESS]
    with pytest.raises(TaskError, match=LEVEL):
        avrgym.render(addresses, out=out)
    assert not out.any()


@pytest.mark.filterwarnings("ignore")  # of the libraries, not of ours
def test_a_run_is_refused_before_it_trains(tmp_path: Path) -> None:
    pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
    from avrgym.train import checks
    from avrgym.train.spec import load

    file = tmp_path / "run.toml"
    file.write_text(
        'picture = { size = 80, theme = "compact" }\n[[stages]]\nkind = "sft"\nsteps = 1\n'
        'curriculum = { kind = "levels", levels = "table_readout/simple" }\n'
    )
    with pytest.raises(TaskError, match="table_readout/simple in theme compact"):
        checks.settings(load(file))
    checks.settings(
        load(file, {"picture.insist": "true", "model.kind": "tiny", "model.patch": "16"})
    )

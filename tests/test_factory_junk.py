"""Junk for every argument of what makes datasets, streams and adapters: one line, at once.

Arguments are found by signature: one that is new has no rule in ``MAY_BE`` and fails until it has.
The classes of environments, ``create_dataset`` and ``Source`` are asked more in ``test_env_junk``.
"""

import inspect
import math
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import avrgym
from avrgym import FORMATS, SPLITS, TASKS, TEMPLATES, THEMES, Picture, Source, TaskError, mixtures
from avrgym.adapters import nemo_gym, reasoning_gym, trl, verl
from avrgym.adapters.dialogue import TurnByTurn
from avrgym.core.arguments import QUOTED
from avrgym.data import generate
from avrgym.data.layouts import LAYOUTS
from avrgym.data.settings import TRAINERS, Settings, Writing
from avrgym.dialogues.dialogue import ORDERS
from avrgym.mixtures import Format, Internalise, Mixture, Part, Phase
from avrgym.stream import Rows

LARGEST = 1 << 40
PART = Part("table_readout", "rung0", Format("text"))
PHASE = Phase("main", 8, (PART,))
MIXTURE = Mixture("mine", (PHASE,))
ADDRESSES = Source("table_readout", "rung0").addresses(range(4))

JUNK: list[Any] = [
    *(None, True, -1, 0, 1, 2**70, -(2**70), 10**400, 1.5, math.nan, math.inf, -math.inf, 1j),
    *("", "x", "text", "x" * 300, "a\nb", b"a", [], {}, (), set[Any](), [None], ["x"], {"x": 1}),
    *({1: 2}, [[]], object(), object, int, np.array([1, 2]), np.array("x"), np.float32(1)),
]


def whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def real(value: Any) -> bool:
    held = isinstance(value, int | float | np.floating) and not isinstance(value, bool)
    return held and -1e30 < value < 1e30


def above(least: float) -> Callable[[Any], bool]:
    return lambda value: real(value) and value > least


def share(value: Any) -> bool:
    return real(value) and 0 <= value <= 1


def of(known: Any) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in known


def a(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


def perhaps(rule: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or rule(value)


def empty(value: Any) -> bool:
    """A collection of nothing that one may go over."""
    return isinstance(value, list | tuple | dict | set) and not value


truth = a(bool)
overrides = perhaps(lambda value: value == {})
level = of(avrgym.levels("table_readout"))
seed = whole(0, 2**64 - 1)

#: Whether an argument may have a value; said here once more. ``factory.argument`` goes before.
MAY_BE: dict[str, Callable[[Any], bool]] = {
    "task": of(TASKS),
    "level": level,
    "simple": level,
    "hard": level,
    "split": of(SPLITS),
    "seed": seed,
    "params": overrides,
    "format": of([f"{shown}{behind}" for shown in FORMATS for behind in ("", "-direct")]),
    "rationale": truth,
    "held_out": perhaps(whole(2, 2**16)),
    "theme": of(THEMES),
    "insist": truth,
    "template": of([*TEMPLATES, "any"]),
    "picture": perhaps(a(Picture)),
    "mixture": a(Mixture),
    "rows": a(Rows),
    "endless": truth,
    "cost": real,
    "max_moves": perhaps(whole(1, 2**32 - 1)),
    "reward": of(avrgym.rewards.REWARDS),
    "Part.format": a(Format),
    "Part.weight": above(0),
    "Part.seed": perhaps(seed),
    "Part.count": perhaps(whole(1, LARGEST)),
    "Part.first": whole(0, LARGEST - 1),
    "Phase.name": a(str),
    "Phase.size": whole(1, LARGEST),
    "Phase.parts": lambda value: False,
    "Phase.epochs": above(0),
    "Phase.shuffle": truth,
    "Phase.batch": whole(1, LARGEST),
    "Internalise.full": lambda value: False,
    "Internalise.shorten": lambda value: False,
    "Internalise.none": lambda value: False,
    "Internalise.levels": whole(2, LARGEST),
    "Mixture.name": a(str),
    "Mixture.phases": lambda value: False,
    "Mixture.internalise": perhaps(a(Internalise)),
    "named.name": of(mixtures.NAMES),
    "named.size": whole(8, LARGEST),
    "named.align_size": perhaps(whole(1, LARGEST)),
    "named.internalise": perhaps(a(Internalise)),
    "named.batch": whole(1, LARGEST),
    "Rows.phase": of(["", "main"]),
    "Rows.size": whole(64, 4096),
    "Rows.fresh": truth,
    "Rows.exclude": lambda value: value is None or empty(value) or callable(value),
    "Rows.transform": perhaps(callable),
    "Rows.layout": perhaps(a(avrgym.Layout)),
    "Rows.dtype": of(["float32", "float16", "bfloat16"]),
    "Rows.shuffle_blocks": perhaps(whole(1, LARGEST)),
    "Rows.shuffle_seed": lambda value: type(value) is int,
    "Stream.start": whole(0, 2**62),
    "Stream.rank": perhaps(whole(0, 1)),
    "Stream.world": perhaps(whole(1, 2**31 - 1)),
    "Stream.block": whole(1, 2**31 - 1),
    "Stream.prefetch": truth,
    "iterable.passes": whole(1, 2**62),
    "iterable.block": perhaps(whole(1, 2**31 - 1)),
    "Writing.layout": a(str),  # known when rows are laid out
    "Writing.trainer": perhaps(of(TRAINERS)),
    "Writing.container": of(["auto", "parquet", "jsonl", "webdataset", "tsv"]),
    "Writing.size": whole(64, 4096),
    "Writing.encoding": of(["png", "jpeg"]),
    "Writing.quality": whole(1, 100),
    "Writing.shard_rows": whole(1, LARGEST),
    "Writing.duplicates": of(["auto", "drop", "count", "fail"]),
    "Settings.writing": a(Writing),
    "generate.settings": a(Settings),
    "generate.folder": a(str),  # where nothing is, since settings are wrong
    "generate.exclude": empty,
    "generate.workers": perhaps(whole(1, 2**16)),
    "generate.engine": of(["local", "ray"]),
    "generate.hear": callable,
    "written.layout": of(LAYOUTS),
    "Dataset.source": a(Source),
    "Dataset.size": whole(1, 2**63 - 1),
    "registered.size": whole(1, 2**63 - 1),
    "registered.seed": perhaps(seed),
    "make.name": of(avrgym.envs.ids()),
    "make.num_envs": whole(1, 2**20),
    "make.kwargs": lambda value: True,  # of the environments, which refuse them
    "Retry.format": of(["image", "text"]),
    "TurnByTurn.format": of(["image", "text"]),
    "TurnByTurn.order": of(ORDERS),
    **dict.fromkeys([f"TurnByTurn.{part}" for part in ("turn", "consistency", "unreadable")], real),
    "GridBoard.format": of(["image", "text"]),
    "TableBoard.format": of(["image", "text"]),
    "Retry.tries": whole(1, 2**31 - 1),
    "Retry.feedback": of(trl.FEEDBACK),
    "Climb.addresses": lambda value: False,
    "Climb.promote": lambda value: share(value) and value > 0.2,
    "Climb.demote": lambda value: share(value) and value < 0.9,
    "Climb.window": whole(1, 2**31 - 1),
    "Climb.share": lambda value: share(value) and value > 0,
}


def registered(
    *,
    size: Any = 4,
    seed: Any = 0,
    level: Any = "rung0",
    split: Any = "train",
    format: Any = "text",
    params: Any = None,
    held_out: Any = None,
) -> Any:
    """A dataset of reasoning-gym's registry."""
    import reasoning_gym as house

    [name] = [name for name in reasoning_gym.register() if name.endswith("_grid_navigation")]
    given = dict(size=size, seed=seed, level=level, split=split, format=format)
    return house.create_dataset(name, **given, params=params, held_out=held_out)


def written(*, layout: Any) -> Any:
    """A dataset begun in a layout, in a folder that is none."""
    return generate(Settings(MIXTURE, Writing(layout)), Path(__file__))


def factories() -> Iterator[tuple[str, Callable[..., Any], dict[str, Any]]]:
    """What there is to call, each with what it cannot be called without."""
    yield "Part", Part, {"task": "table_readout", "level": "rung0"}
    yield "Phase", Phase, {"name": "main", "size": 8, "parts": (PART,)}
    yield "Internalise", Internalise, {}
    yield "Mixture", Mixture, {"name": "mine", "phases": (PHASE,)}
    yield "named", mixtures.named, {"name": "text", "task": "table_readout", "size": 8}
    yield "Rows", Rows, {"mixture": MIXTURE}
    yield "Writing", Writing, {}
    yield "Settings", Settings, {"mixture": MIXTURE}
    yield "generate", generate, {"settings": Settings(MIXTURE), "folder": Path(__file__)}
    yield "written", written, {"layout": "trl"}
    yield "Dataset", avrgym.Dataset, {"source": Source("table_readout", "rung0"), "size": 4}
    yield "app", nemo_gym.app, {}
    yield "GridBoard", trl.GridBoard, {}
    yield "TableBoard", trl.TableBoard, {}
    yield "Retry", trl.Retry, {}
    yield "TurnByTurn", TurnByTurn, {}
    yield "Climb", verl.Climb, {"addresses": ADDRESSES}
    if find_spec("reasoning_gym"):
        yield "registered", registered, {}
    if find_spec("stable_baselines3"):
        from avrgym.adapters import sb3

        name = "avrgym/TableReadout-Board-Rung0-v0"
        yield "make", sb3.make, {"name": name, "num_envs": 1}
    if find_spec("datasets"):
        from avrgym.stream.hf import iterable
        from avrgym.stream.torch import Stream

        yield "Stream", Stream, {"rows": Rows(MIXTURE), "rank": 0, "world": 2}
        yield "iterable", iterable, {"rows": Rows(MIXTURE)}


FACTORIES = {name: (call, given) for name, call, given in factories()}
ARGUMENTS = [
    (factory, argument)
    for factory, (call, _) in FACTORIES.items()
    for argument in inspect.signature(call).parameters
]


def rule(factory: str, argument: str) -> Callable[[Any], bool]:
    own = f"{factory}.{argument}"
    return MAY_BE[own if own in MAY_BE else argument]


def allowed(factory: str, argument: str, value: Any) -> bool:
    try:
        return bool(rule(factory, argument)(value))
    except (ValueError, TypeError):
        return False


def test_every_argument_has_a_rule_and_every_rule_an_argument() -> None:
    for factory, argument in ARGUMENTS:
        assert {f"{factory}.{argument}", argument} & MAY_BE.keys()
    known = {f"{factory}.{argument}" for factory, argument in ARGUMENTS}
    missing = {name for name in MAY_BE if "." in name} - known
    assert all(name.split(".")[0] not in FACTORIES for name in missing), missing


@pytest.mark.parametrize(("factory", "argument"), ARGUMENTS)
def test_junk_is_refused_by_the_arguments_name(factory: str, argument: str) -> None:
    call, given = FACTORIES[factory]
    for value in JUNK:
        if allowed(factory, argument, value):
            continue
        with pytest.raises((TaskError, TypeError)) as refused:
            call(**given | {argument: value})
            pytest.fail(f"{value!r} is taken")
        said = str(refused.value)
        assert "\n" not in said and len(said) < 500 + QUOTED, said
        names = {argument, *argument.split("_")} | ALIASES.get(argument, set())
        assert any(name in said for name in names), (value, said)
        # Ours, not that of a library to which the value was handed on.
        [*_, last] = traceback.extract_tb(refused.tb)
        assert "avrgym" in last.filename or last.filename == __file__, (value, last)


#: What an error may call an argument besides.
ALIASES: dict[str, set[str]] = {
    "simple": {"level"},
    "hard": {"level"},
    "addresses": {"address", "no rows"},
    "params": {"parameter"},
    "reward": {"weights"},
    "exclude": {"content"},
    "align_size": {"size"},
    "demote": {"promote"},
    "name": {"mixture"},
}


@pytest.mark.parametrize(
    ("factory", "argument"),
    [pair for pair in ARGUMENTS if pair[0] not in ("generate", "written", "make", "app")],
)
def test_what_is_allowed_is_taken(factory: str, argument: str) -> None:
    call, given = FACTORIES[factory]
    for value in JUNK:
        if allowed(factory, argument, value):
            call(**given | {argument: value})


#: What no argument of any environment may be.
NEVER: list[Any] = [object(), -1, 2**70, math.nan, b"a", [None], "no such", 1j]

MAKERS: dict[str, Callable[..., Any]] = {
    "make": gym.make,
    "make_vec": partial(gym.make_vec, num_envs=2, vectorization_mode="vector_entry_point"),
}
KEYWORDS = [
    (name, maker, argument)
    for name in ("avrgym/GridNavigation-Board-Rung0-v0", "avrgym/TableReadout-Rung0-v0")
    for maker, point in (("make", "entry_point"), ("make_vec", "vector_entry_point"))
    for argument in inspect.signature(
        gym.envs.registration.load_env_creator(getattr(gym.spec(name), point))
    ).parameters
    if argument != "num_envs"
]


@pytest.mark.filterwarnings("ignore:.*render_mode")  # Gymnasium's own, before the error
@pytest.mark.parametrize(("name", "maker", "argument"), KEYWORDS)
def test_what_makes_environments_refuses_junk_too(name: str, maker: str, argument: str) -> None:
    for value in NEVER if argument != "render_mode" else NEVER[-2:-1]:  # Gymnasium takes names
        with pytest.raises((TaskError, TypeError)) as refused:
            MAKERS[maker](name, **{argument: value})
            pytest.fail(f"{value!r} is taken")
        said = str(refused.value)
        names = {argument, *argument.split("_"), argument.removesuffix("s")}
        assert "\n" not in said and any(each in said for each in names), (value, said)

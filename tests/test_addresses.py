"""Whatever takes addresses takes a single one for itself, and refuses what is none in one line."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import avrgym
from avrgym import Layout, Source, TaskError, rewards
from avrgym.core import facts, held_out

SAMPLE = Source("table_readout", "rung2")[3]

# What the calls need besides addresses, by the name of the parameter.
NEEDED: dict[str, Any] = {
    "replies": [SAMPLE.rationale],
    "completions": [SAMPLE.rationale],
    "layout": Layout.qwen2_vl(),
    "size": 448,
    "held_out": 4,
    "theme": "paper",
}
OPTIONAL = {"size"}

TAKERS: dict[str, Callable[..., Any]] = {
    f"{room.__name__}.{name}": call
    for room in (avrgym, rewards, facts, held_out)
    for name, call in vars(room).items()
    if inspect.isfunction(call)
    and not name.startswith("_")
    and {"addresses", "address"} & set(inspect.signature(call).parameters)
    and name not in ("paid",)
}


def asked(name: str, addresses: Any) -> Any:
    call = TAKERS[name]
    parameters = inspect.signature(call).parameters
    said = {key: value for key, value in NEEDED.items() if key in parameters}
    return call(**{"addresses" if "addresses" in parameters else "address": addresses}, **said)


def plain(made: Any) -> str:
    """What a call gave, so that two can be compared."""
    if isinstance(made, avrgym.Verdicts):
        return repr(list(made))
    if isinstance(made, dict):
        return repr({key: plain(value) for key, value in made.items()})
    return repr(made.tolist() if isinstance(made, np.ndarray) else made)


def test_all_that_take_addresses_are_found() -> None:
    known = {name.rpartition(".")[2] for name in TAKERS}
    named = {"samples", "render", "verify", "contents", "encode", "pixels", "features", "admitted"}
    assert named | {"correctness", "steps", "transcription"} <= known


@pytest.mark.parametrize("name", TAKERS)
def test_a_single_address_is_that_one(name: str) -> None:
    due = plain(asked(name, [SAMPLE.address]))
    assert plain(asked(name, SAMPLE.address)) == due
    assert plain(asked(name, avrgym.Address.parse(SAMPLE.address))) == due
    assert plain(asked(name, (address for address in [SAMPLE.address]))) == due
    assert plain(asked(name, np.array([SAMPLE.address]))) == due


@pytest.mark.parametrize("junk", [None, 3, [3], SAMPLE, [SAMPLE], b"a", [None], Source], ids=repr)
@pytest.mark.parametrize("name", TAKERS)
def test_what_is_no_address_is_refused_in_one_line(name: str, junk: Any) -> None:
    with pytest.raises((TaskError, TypeError)) as refused:
        asked(name, junk)
    assert "address" in str(refused.value)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("ask", "meant"),
    [
        (lambda: Source("tabel_readout", "simple"), "table_readout"),
        (lambda: Source("table_readout", "simpel"), "simple"),
        (lambda: Source("table_readout", "simple", split="tset"), "test"),
        (lambda: avrgym.parameters("table_readout", "hrad"), "hard"),
        (lambda: avrgym.levels("grid"), "grid_navigation"),
        (lambda: avrgym.render([], theme="papr"), "paper"),
        (lambda: avrgym.encode([], encoding="jpg"), "jpeg"),
        (lambda: avrgym.create_dataset("table_readout", format="imag"), "image"),
        (lambda: avrgym.Format.parse("image_to_txt"), "image_to_text"),
        (lambda: avrgym.formats.prompt(SAMPLE, template="breif"), "brief"),
        (lambda: rewards.weighted({"corectness": 1.0}), "correctness"),
        (lambda: avrgym.mixtures.named("mixx", "table_readout", 100), "mix"),
    ],
)
def test_what_is_misspelt_is_answered_with_the_nearest(ask: Callable[[], Any], meant: str) -> None:
    with pytest.raises(TaskError) as refused:
        ask()
    assert f"did you mean {meant}?" in str(refused.value)

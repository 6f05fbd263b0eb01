"""What a search within evaluate says that it took, held to its rows and to weights counted here."""

import json
import tomllib
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrgym import Picture, Prompt
from avrgym.evaluate.folder import Folder
from avrgym.evaluate.results import Completion as Said
from avrgym.models.completion import Completion
from avrgym.prm.exact import Exact
from avrgym.search import BestOfN, Majority
from avrgym.search.live import Ranked, told
from commands import Command

PROMPTS = [Prompt(f"grid_navigation/rung0#val:0:{at}") for at in range(6)]


def talks(prompts: Sequence[Prompt], /, picture: Picture, *, draw: int, **_: Any) -> list[Said]:
    """Anyone who counts tokens; of three replies the last two are the same."""
    said = b"Answer: up" if draw % 3 else b"Answer: left"
    return [Completion(said, counted=3 + len(each.address)) for each in prompts]


def searched(scored: bool, weights: int | None, draws: Sequence[int]) -> Ranked:
    """A search that answered some prompts."""
    how: dict[str, Any] = {"weights": weights, "scorer": Exact() if scored else None}
    made = Ranked(BestOfN(n=3) if scored else Majority(n=3), talks, **how)
    for draw in draws:
        made(PROMPTS[: 1 + draw % 6], Picture(), decoding="sampled", draw=draw)
    return made


@given(
    st.booleans(),
    st.one_of(st.none(), st.integers(1, 10**9)),
    st.lists(st.integers(0, 9), max_size=6),
    st.integers(0, 6),
)
def test_an_evaluation_in_parts_took_what_the_whole_took(
    scored: bool, weights: int | None, draws: list[int], cut: int
) -> None:
    whole = told(searched(scored, weights, draws), {})
    first = told(searched(scored, weights, draws[:cut]), {})
    both = told(searched(scored, weights, draws[cut:]), first)
    assert both.keys() == whole.keys()
    for name, value in whole.items():
        if value == "unknown":
            assert both[name] == value and weights is None
        else:
            assert both[name] == pytest.approx(value)
    if draws:
        assert whole["problems"] == sum(1 + draw % 6 for draw in draws)
        assert whole["judged"] == pytest.approx(whole["tokens"] * 2 / 3 if scored else 0)
    if draws and weights is not None:  # the verifier has none
        assert whole["flops"] == pytest.approx(2 * whole["tokens"] * weights)


def of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((folder / "evaluation.toml").read_text("utf-8"))["told"]
    return found


@pytest.mark.usefixtures("one_thread")
@pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours
def test_the_judges_operations_are_counted_too(tmp_path: Path, command: Command) -> None:
    pytest.importorskip("tyro")
    pytest.importorskip("trl", reason="the train extra is not installed")
    from safetensors import safe_open

    import trained
    from avrgym.models.load import save

    model = tmp_path / "model"
    save(trained.model(), model)
    with safe_open(model / "model.safetensors", framework="np") as held:
        size = sum(prod(held.get_slice(name).get_shape()) for name in held.keys())
    suite = tmp_path / "one.toml"
    suite.write_text(
        'suite = ["grid_navigation/rung0"]\nformats = ["text"]\nitems = 4\nbatch = 2\n'
    )
    asked: tuple[object, ...] = (
        "evaluate",
        "--policy",
        model,
        "--suite",
        suite,
        "--decodings",
        "sampled",
    )
    asked += ("--draws", 1, "--max-reply", 6)
    for strategy, scorer, judge in (
        ("majority", "exact", 0),
        ("best_of_n", f"likelihood:{model}", size),
        ("rebase", "exact", 0),
        ("rebase", f"exact+likelihood:{model}", size),
    ):
        to = tmp_path / f"{strategy}-{judge}"
        how = ("--search", f"{{ kind = '{strategy}', n = 2 }}", "--scorer", scorer, "--to", to)
        code, _, said = command(*asked, *how)
        assert code == 0, said
        took = of(to)
        assert took["flops"] == pytest.approx(2 * (took["tokens"] * size + took["judged"] * judge))
        assert 0 < took["flops"] and (took["judged"] > 0) == (strategy != "majority")
        rows = list(Folder(to).rows())
        assert took["problems"] == len(rows)
    # Gone on where nothing is missing, it still says what it took; where half is, both parts.
    code, out, _ = command(*asked, *how)
    assert code == 0 and of(to) == took
    assert f"a problem took {took['tokens']:,.0f} tokens in {took['calls']:,.0f} calls" in out
    assert f": {took['flops']:.2g} FLOPs" in out
    assert json.loads(command(*asked, *how, "--json")[1])["search"] == took
    lines = (to / "results.jsonl").read_text("utf-8").splitlines(keepends=True)
    (to / "results.jsonl").write_text("".join(lines[: len(lines) // 2]), "utf-8")
    assert command(*asked, *how)[0] == 0
    assert len(list(Folder(to).rows())) == len(rows) and of(to)["problems"] > took["problems"]


def test_what_is_not_known_is_said_to_be(tmp_path: Path, command: Command) -> None:
    pytest.importorskip("tyro")
    asked: tuple[object, ...] = (
        "evaluate",
        "--policy",
        "guess",
        "--suite",
        "quick",
        "--formats",
        "text",
    )
    asked += ("--decodings", "sampled", "--draws", 1, "--items", 2)
    for strategy in ("majority", "best_of_n"):
        to = tmp_path / strategy
        code, out, _ = command(*asked, "--search", strategy, "--to", to)
        assert code == 0 and ": FLOPs unknown" in out
        assert of(to)["flops"] == "unknown" and of(to)["calls"] == 16

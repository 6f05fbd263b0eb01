"""The benchmark of labelled steps: the same bytes again, true rows, even counts, any judge."""

import importlib
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avrgym
from avrgym import TaskError
from avrgym.core.corruption import CORRUPTIONS, corrupted
from avrgym.core.pictures import Picture
from avrgym.evaluate.results import judged, said
from avrgym.models.completion import Completion
from avrgym.prm.data import of_rows
from avrgym.prompts.prompt import Prompt
from commands import Command

pytest.importorskip("tyro")
pytest.importorskip("pyarrow", reason="needs the data extra")
datasets = pytest.importorskip("datasets", reason="needs the train extra")

SCRIPTS = Path(__file__).parents[1] / "scripts"
LEVELS = ("grid_navigation/rung1", "visual_analogy/simple")
FEW: dict[str, Any] = {"levels": LEVELS, "items": 12, "replies": 40}


@pytest.fixture(scope="module")
def script() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPTS))
        return importlib.import_module("steps_benchmark")


@pytest.fixture(scope="module")
def folder(script: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("steps") / "one"
    script.main(script.Benchmark(to=to, **FEW))
    return to


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "results.jsonl").read_bytes().splitlines()]


def test_the_same_settings_give_the_same_bytes(script: Any, folder: Path, tmp_path: Path) -> None:
    script.main(script.Benchmark(to=tmp_path / "two", **FEW))
    one, two = (
        {p.name: p.read_bytes() for p in each.iterdir()} for each in (folder, tmp_path / "two")
    )
    assert one == two and sorted(one) == ["README.md", "results.jsonl", script.TABLE]
    assert [path.name for path in tmp_path.iterdir()] == ["two"]


def test_rows_are_true_and_of_every_policy(script: Any, folder: Path) -> None:
    rows = rows_of(folder)
    verdicts = avrgym.verify([row["address"] for row in rows], [said(row) for row in rows])
    for row, verdict in zip(rows, verdicts, strict=True):
        steps = [[s.start, s.end, s.skill, s.state, s.reason, s.thought] for s in verdict.steps]
        assert row["steps"] == steps and row["correct"] == verdict.correct
        assert (row["policy"] == "gold") <= (verdict.first_error is None)
        assert (row["policy"] in CORRUPTIONS) <= (verdict.first_error is not None)
        assert row["split"] == "test" and row["ids"] == []
    assert len({(row["address"], row["draw"]) for row in rows}) == len(rows)
    assert len({(row["address"], row["reply"]) for row in rows}) == len(rows)
    assert {row["policy"] for row in rows} == {*script.MADE, *script.SUBJECTS}


def test_the_table_holds_the_same_with_pictures(script: Any, folder: Path) -> None:
    """As the card has the hub read it."""
    rows = rows_of(folder)
    held = datasets.load_dataset(str(folder), split="test", cache_dir=str(folder.parent / "cache"))
    assert len(held) == len(rows)
    for row, each, label in zip(rows, held, of_rows(rows), strict=True):
        assert (each["policy"], each["address"], each["reply"]) == (
            *(row["policy"], row["address"], row["reply"]),
        )
        assert each["kind"] == (row["policy"] if row["policy"] in script.MADE else "")
        assert each["first_error"] == label.first_error and each["ends"] == list(label.ends)
    assert held[0]["images"][0].size == (448, 448)


def test_the_card_counts_what_is_there(folder: Path) -> None:
    rows, card = rows_of(folder), (folder / "README.md").read_text()
    firsts = [row.first_error for row in of_rows(rows)]
    counts = Counter(row["policy"] for row in rows) + Counter(row["level"] for row in rows)
    counts += Counter(row["level"].partition("/")[0] for row in rows)
    counts["1"] = sum(first == 0 for first in firsts)
    told = dict(re.findall(r"\| `([^`]+)` \| ([\d,]+) \|", card))
    assert {name: told[name] for name in counts} == {n: f"{c:,}" for n, c in counts.items()}
    skills, places = (card.split(f"| {what} of the first error")[1] for what in ("skill", "step"))
    for table in (skills, places):
        counted = [int(n) for n in re.findall(r"\| `[^`]+` \| (\d+) \|", table.split("\n\n")[0])]
        assert sum(counted) == len(rows)
        assert f"| `none` | {sum(first < 0 for first in firsts)} |" in table


def test_judges_are_held_to_it_policy_by_policy(folder: Path, command: Command) -> None:
    code, out, _ = command("judge", folder, "--scorer", "exact", "--json", "--twins", 8)
    held = json.loads(out)
    assert code == 0 and held["f1"]["value"] == 1 and held["twins"]["all"]["value"] == 1
    own = {name: each["replies"] for name, each in held["groups"].items() if "said by" in name}
    assert own == {
        f"said by {p}": n for p, n in Counter(r["policy"] for r in rows_of(folder)).items()
    }
    # Twins are of all levels, not of those that come first: analogies alone infer rules.
    assert {"infer_rule", "apply_rule"} & set(held["twins"])


def test_models_are_shown_what_they_learned_from(script: Any, tmp_path: Path) -> None:
    """And rows have the words alone, which judges of any vocabulary read."""
    pytest.importorskip("torch", reason="needs the train extra")
    import trained
    from avrgym.models.load import save
    from avrgym.train.beginning import begun

    pictures = {"near": Picture(112, "compact"), "far": Picture(168, "compact")}
    for name, picture in pictures.items():
        save(begun(trained.run(trained.SFT, picture=picture)), tmp_path / name)
    models = script.loaded([tmp_path / name for name in pictures])
    asked = script.Benchmark(to=tmp_path / "new", max_reply=4)
    addresses = avrgym.Source("grid_navigation", "rung0", split="test").addresses(range(2))
    rows = [row for each in script.said(asked, addresses, models, Picture()) for row in each]
    for name, picture in pictures.items():
        own = [row for row in rows if row.policy == name]
        assert [row.size for row in own] == [picture.size] * 2
        assert all(row.ids == () and row.reply for row in own)


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 90), seed=st.integers(0, 9), gold=st.integers(0, 12))
def test_what_is_kept_is_even(script: Any, count: int, seed: int, gold: int) -> None:
    """A quarter is clean where there are so many; no first error is far rarer than another."""
    rows = POOL[:gold] + POOL[GOLD:] * 2  # each wrong one twice, which counts once
    made = script.kept(rows, count, seed)
    keys = [(row.address, row.reply) for row in made]
    assert len(set(keys)) == len(made) == min(count, len({(r.address, r.reply) for r in rows}))

    def first(row: Any) -> object:
        [label] = of_rows([row.row()])
        return "" if label.first_error < 0 else (label.first_error, label.skills[label.first_error])

    there = Counter(map(first, {(r.address, r.reply): r for r in rows}.values()))
    found = Counter(map(first, made))
    wrong = sum(n for what, n in there.items() if what)
    assert found[""] == min(there[""], max(count // script.CLEAN, count - wrong))
    short = [found[what] for what in there if what and found[what] < there[what]]
    most = max((n for what, n in found.items() if what), default=0)
    assert not short or most - min(short) <= 1


def pool() -> list[Any]:
    asked = avrgym.Source("grid_navigation", "rung1", split="test").addresses(range(12))
    gold = [each.rationale.encode() for each in avrgym.samples(asked)]
    made = [each for kind in ("fact", "answer") for each in corrupted(asked, kinds=[kind]) if each]
    prompts = [Prompt(address) for address in (*asked, *(each.address for each in made))]
    replies = [Completion(reply) for reply in (*gold, *(each.reply.encode() for each in made))]
    how: dict[str, Any] = {"stage": "", "decoding": "sampled", "picture": Picture()}
    return judged(prompts, replies, policy="any", seed=0, draw=0, **how)


POOL, GOLD = pool(), 12


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"replies": 0}, "--replies"),
        ({"format": "image_to_text"}, "image_to_text"),
        ({"models": (Path("runs/a/mine"), Path("runs/b/mine"))}, "two policies are called mine"),
        ({"models": (Path("runs/gold"),)}, "two policies are called gold"),
        ({"levels": ("grid_navigation/rung99",)}, "rung99"),
    ],
)
def test_wrong_settings_are_told_before_work(
    script: Any, tmp_path: Path, change: dict[str, Any], wrong: str
) -> None:
    asked = script.Benchmark(to=tmp_path / "new", **FEW)
    with pytest.raises(TaskError, match=wrong):
        script.main(replace(asked, **change))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_stays(script: Any, folder: Path) -> None:
    before = (folder / "README.md").read_bytes()
    with pytest.raises(TaskError, match="is there; give a new folder"):
        script.main(script.Benchmark(to=folder, **FEW))
    assert (folder / "README.md").read_bytes() == before

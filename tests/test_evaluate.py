"""Scores, suites, the samples that are evaluated, and the rows that an evaluation writes."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avrgym
from avrgym import Picture, Prompt, TaskError
from avrgym.analyses.accuracy import accuracy, pooled
from avrgym.config import build, table
from avrgym.core.generator import generator
from avrgym.core.held_out import splits
from avrgym.core.ladder import expand, ladder
from avrgym.core.score import Score
from avrgym.evaluate.heldout import evaluation_addresses
from avrgym.evaluate.results import Result, judged, key, said
from avrgym.evaluate.run import Share, measure, probe
from avrgym.evaluate.suite import Evaluation

SMALL = Evaluation(
    suite=("grid_navigation/rung1..rung2", "table_readout/rung0"), items=6, batch=4, draws=2
)


@dataclass(frozen=True, slots=True)
class Said:
    reply: bytes
    tokens: int = 2
    finish: str = "stop"
    seconds: float | None = None
    logprob: float | None = None
    ids: tuple[int, ...] = ()


PICTURE = Picture(448, "compact")


class Half:
    """A policy that works out every second sample, and says of others nothing that is text."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[Prompt], dict[str, Any]]] = []

    def __call__(self, prompts: Sequence[Prompt], /, picture: Picture, **how: Any) -> list[Said]:
        self.asked.append((list(prompts), how | {"picture": picture}))
        samples = avrgym.samples(prompt.address for prompt in prompts)
        return [
            Said(s.rationale.encode() if int(s.address[-1]) % 2 else b"\xff no", finish="length")
            for s in samples
        ]


def measured(
    policy: Half,
    done: Sequence[dict[str, Any]] = (),
    share: Share | None = None,
    evaluation: Evaluation = SMALL,
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    count = measure(
        policy,
        evaluation,
        "sft",
        rows.extend,
        {key(row) for row in done},
        settings=evaluation.settings(),
        held_out=4,
        picture=PICTURE,
        share=share or Share(),
        policy="half",
    )
    assert count == len(rows)
    return rows


@given(st.integers(0, 200), st.integers(0, 200))
def test_an_interval_holds_its_share_and_stays_inside(right: int, wrong: int) -> None:
    made = Score(right, right + wrong)
    low, high = made.interval()
    assert 0 <= low < high <= 1
    if made.total:
        assert low - 1e-9 <= made.accuracy <= high + 1e-9
    else:
        assert math.isnan(made.accuracy)


def test_a_share_is_within_its_interval_also_where_it_is_an_end_of_it() -> None:
    """Rounding put it outside at some totals, and a figure's bar had a negative length."""
    for score in (Score(right, total) for total in range(1, 2_000) for right in (0, total)):
        low, high = score.interval()
        assert low <= score.accuracy <= high


def test_wilson_as_in_the_books() -> None:
    """Newcombe 1998, table I: 81 of 263."""
    assert Score(81, 263).interval() == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_ranges_of_levels_go_along_the_ladder() -> None:
    assert ladder("grid_navigation", "rung2..rung4") == ("rung2", "rung3", "rung4")
    assert ladder("grid_navigation", "hard") == ("hard",)
    assert ladder("table_readout", "rung0..rung11") == tuple(f"rung{i}" for i in range(12))
    assert expand(["table_readout/rung0..rung1?rows=5", "grid_navigation/rung0"]) == (
        "table_readout/rung0?rows=5",
        "table_readout/rung1?rows=5",
        "grid_navigation/rung0",
    )


def test_a_star_is_every_task_that_has_the_level() -> None:
    assert expand(["*/simple"]) == tuple(f"{task}/simple" for task in avrgym.TASKS)
    assert expand(["*/medium"]) == ("consecutive_table_readout/medium",)
    assert len(expand(["*/rung0..rung11", "table_readout/rung3"])) == 12 * len(avrgym.TASKS)
    with pytest.raises(TaskError, match=r"'\*/easy': no task has such a level"):
        expand(["*/easy"])


def test_a_wording_is_for_all_and_an_entry_may_differ() -> None:
    terse = {"style": "terse"}
    # What the level says anyway is no override: rungs are terse of themselves.
    assert expand(["grid_navigation/rung0", "grid_navigation/simple"], terse) == (
        "grid_navigation/rung0",
        "grid_navigation/simple?style=terse",
    )
    assert expand(["grid_navigation/hard?style=full"], terse) == ("grid_navigation/hard",)
    suite = Evaluation(suite=("grid_navigation/hard",))
    assert suite.settings(terse) == ("grid_navigation/hard?style=terse",)
    assert replace(suite, wording={}).settings(terse) == ("grid_navigation/hard",)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("grid_navigation/rung4..rung2", "run backwards; give rung2..rung4"),
        (
            "grid_navigation/rung0..rung99",
            "no level 'rung99' (did you mean rung9?); known",
        ),
        ("grid_navigation/rung0..", "no level ''; known"),
        ("maze/rung0", 'unknown task "maze"; known: '),
        ("grid_navigation", "names no levels; one has the form"),
        ("grid_navigation/rung0#test:0:0", "names no levels"),
        ("grid_navigation/rung0?rows", "'rows' of 'grid_navigation/rung0?rows' is no key=value"),
        ("grid_navigation/rung0?maze=1", 'no parameter "maze"'),
        (7, "7 names no levels"),
    ],
)
def test_what_names_nothing_is_refused(entry: Any, said: str) -> None:
    with pytest.raises(TaskError) as refused:
        Evaluation(suite=(entry,))
    assert said in str(refused.value)


def test_settings_out_of_range_are_refused() -> None:
    wrong: list[dict[str, Any]] = [
        {"items": 0},
        {"batch": -1},
        {"draws": True},
        {"seed": -1},
        {"split": "train"},
        {"decodings": ("beam",)},
        {"formats": ("smell",)},
        {"formats": ("image", "image")},
        {"formats": ()},
        {"templates": ("blunt",)},
        {"themes": ("paper", "paper")},
        {"sizes": (7,)},
        {"sizes": (96, (96, 96))},
        {"wording": {"style": "loud"}, "suite": ("grid_navigation/rung0",)},
    ]
    for values in wrong:
        with pytest.raises(TaskError):
            Evaluation(**values)


def test_an_evaluation_is_read_and_written_as_settings() -> None:
    said = {"suite": ["grid_navigation/rung0..rung1"], "items": 8, "wording": {"style": "terse"}}
    read = build(Evaluation, said, "run.toml")
    assert read == Evaluation(("grid_navigation/rung0..rung1",), 8, wording={"style": "terse"})
    assert build(Evaluation, table(read), "run.json") == read
    with pytest.raises(TaskError, match=r"run\.toml: .*suit"):
        build(Evaluation, {"suit": []}, "run.toml")


def test_evaluated_samples_are_held_out_distinct_and_of_their_split() -> None:
    found = {
        split: evaluation_addresses(
            "grid_navigation/rung0?rows=3", items=40, held_out=4, split=split
        )
        for split in ("val", "test")
    }
    contents = {split: avrgym.contents(addresses) for split, addresses in found.items()}
    for split, held in contents.items():
        assert len(set(held)) == len(held) == 40
        assert splits(held, 4) == [split] * 40
        assert all(f"#{split}:0:" in address for address in found[split])


def test_rows_hold_what_was_said_and_its_verdict() -> None:
    rows = measured(Half())
    # 3 levels x 6 items x 2 formats, greedy once and sampled twice
    assert len(rows) == 3 * 6 * 2 * 3 == len({key(row) for row in rows})
    verdicts = avrgym.verify([row["address"] for row in rows], [said(row) for row in rows])
    for row, verdict in zip(rows, verdicts, strict=True):
        result = Result.of(row)
        assert Result.read(result.line()) == result
        assert json.loads(result.line()) == row  # nothing that JSON has no place for
        assert result.level == row["address"].partition("#")[0]
        assert (result.correct, result.outcome, result.form) == (
            verdict.correct,
            verdict.outcome,
            verdict.form,
        )
        assert [step[:2] for step in result.steps] == [(s.start, s.end) for s in verdict.steps]
        assert list(result.components) == list(verdict.components)
        assert result.generator == generator()
        if not result.correct:
            assert said(row) == b"\xff no" and row["reply"] == "\ufffd no"
    assert {row["correct"] for row in rows} == {True, False}
    assert {row["level"] for row in rows} == set(SMALL.settings())


def test_a_batch_is_asked_with_the_evaluations_settings() -> None:
    policy = Half()
    measured(policy)
    assert [len(prompts) for prompts, _ in policy.asked] == [4, 2] * 18
    hows = [(how["decoding"], how["draw"]) for _, how in policy.asked[:6:2]]
    assert hows == [("greedy", 0), ("sampled", 0), ("sampled", 1)]
    assert all(how["max_reply"] == 64 and how["batch"] == 4 for _, how in policy.asked)


@given(st.integers(0, 108))
def test_what_was_written_is_not_asked_again_and_batches_stay(written: int) -> None:
    whole = measured(Half())
    policy = Half()
    rest = measured(policy, whole[:written])
    assert whole[:written] + rest == whole
    first = Half()
    measured(first)
    # One batch may have been written in part; what is asked is asked as without the interruption.
    assert policy.asked == first.asked[len(first.asked) - len(policy.asked) :]
    assert sum(len(prompts) for prompts, _ in policy.asked) < len(rest) + SMALL.batch


@given(
    st.lists(st.sampled_from(avrgym.TEMPLATES), min_size=1, max_size=2, unique=True),
    st.lists(st.sampled_from((448, (512, 600))), max_size=2, unique=True),
    st.lists(st.sampled_from(("paper", "varied")), max_size=2, unique=True),
)
@settings(max_examples=20)
def test_templates_sizes_and_themes_are_asked_in_all_combinations(
    templates: list[str], sizes: list[Any], themes: list[str]
) -> None:
    evaluation = replace(
        SMALL,
        suite=("grid_navigation/rung1",),
        items=2,
        templates=tuple(templates),
        sizes=tuple(sizes),
        themes=tuple(themes),
    )
    policy = Half()
    rows = measured(policy, evaluation=evaluation)
    assert len(rows) == 2 * evaluation.replies == len({key(row) for row in rows})
    seen = {(row["template"], *(row["size"] or ()), row["theme"]) for row in rows}
    shown = {
        (template, size, size, theme) if isinstance(size, int) else (template, *size, theme)
        for template in templates
        for size in sizes or [448]
        for theme in themes or ["compact"]
    }
    assert seen == shown | {(template, None) for template in templates}
    assert all((row["size"] is None) == (row["format"] == "text") for row in rows)
    assert {how["picture"] for _, how in policy.asked} == {*evaluation.pictures(PICTURE)}
    assert {row["policy"] for row in rows} == {"half"}
    assert measured(policy, rows, evaluation=evaluation) == []


def test_rows_of_before_are_read() -> None:
    [row, *_] = measured(Half())
    old = {name: row[name] for name in row if name not in ("template", "size", "theme", "policy")}
    assert Result.of(old).template == "plain" and Result.of(old).theme is None
    assert key(old) == Result.of(old).key


def test_processes_share_the_items() -> None:
    whole = measured(Half())
    shares = [measured(Half(), share=Share(rank, 3)) for rank in range(3)]
    keys = [key(row) for rows in shares for row in rows]
    assert sorted(keys) == sorted(key(row) for row in whole)
    assert len(set(keys)) == len(keys)
    for rank in (-1, 3):
        with pytest.raises(TaskError, match="give 0 to 2"):
            Share(rank, 3)


def test_a_probe_asks_all_levels_together_on_the_other_split() -> None:
    policy = Half()
    scores = probe(policy, SMALL, settings=SMALL.settings(), held_out=4, picture=PICTURE, size=5)
    assert [(len(prompts), how["decoding"]) for prompts, how in policy.asked] == [
        (15, "greedy")
    ] * 2
    assert list(scores) == [(level, f) for f in ("image", "text") for level in SMALL.settings()]
    for (level, _), score in scores.items():
        addresses = [p.address for p in policy.asked[0][0] if p.address.startswith(f"{level}#val")]
        assert score == Score(sum(int(a[-1]) % 2 for a in addresses), 5)


def test_accuracy_by_columns_of_rows() -> None:
    rows = measured(Half())
    by_level = accuracy(rows, "level", "decoding")
    assert list(by_level)[:2] == [(SMALL.settings()[0], d) for d in ("greedy", "sampled")]
    assert [score.total for score in by_level.values()] == [12, 24] * 3
    assert pooled(by_level.values()) == Score(sum(row["correct"] for row in rows), len(rows))
    assert accuracy([], "level") == {} and pooled([]) == Score(0, 0)


def test_a_level_without_held_out_contents_is_refused_before_anything_is_asked() -> None:
    policy, rows = Half(), list[dict[str, Any]]()
    with pytest.raises(TaskError, match="grid_navigation/rung1 shows no content of split test"):
        how = {"settings": SMALL.settings(), "held_out": 2**16, "picture": PICTURE}
        measure(policy, SMALL, "sft", rows.extend, (), **how)  # type: ignore[arg-type]
    assert not policy.asked and not rows


def test_worked_replies_score_and_empty_ones_do_not() -> None:
    prompts = [Prompt(f"grid_navigation/rung2#test:0:{i}") for i in range(40)]
    worked = [Said(s.rationale.encode()) for s in avrgym.samples(p.address for p in prompts)]
    for replies, right in ((worked, 40), ([Said(b"")] * 40, 0)):
        rows = judged(prompts, replies, stage="start", decoding="greedy")
        assert pooled(accuracy((row.row() for row in rows), "stage").values()) == Score(right, 40)


HOT: dict[str, Any] = {"temperature": 0.5, "top_p": 0.75}


def test_what_is_sampled_says_at_which_temperature() -> None:
    policy, hot = Half(), replace(SMALL, **HOT)
    rows = measured(policy, evaluation=hot)
    assert {(r["decoding"], r["temperature"], r["top_p"]) for r in rows} == {
        ("greedy", 0.0, 1.0),
        ("sampled", 0.5, 0.75),
    }
    assert {(how["decoding"], how["temperature"], how["top_p"]) for _, how in policy.asked} == {
        ("greedy", 0.0, 1.0),
        ("sampled", 0.5, 0.75),
    }
    assert measured(Half(), rows, evaluation=hot) == []
    # At another temperature only greedy replies are the same ones.
    again = measured(Half(), rows)
    assert {row["decoding"] for row in again} == {"sampled"} and len(again) == len(rows) * 2 // 3
    # Rows of before there was a choice were drawn from all at 1.
    older = [{k: v for k, v in row.items() if k not in HOT} for row in measured(Half())]
    assert measured(Half(), older) == []
    assert [Result.of(row).row() for row in older] == measured(Half())


@pytest.mark.parametrize("name", HOT)
def test_a_temperature_that_cannot_be_is_one_line(name: str) -> None:
    given: dict[str, Any]
    for value in (0, -1, 3, math.nan, math.inf, "hot", True, None):
        given = {name: value}
        with pytest.raises(TaskError, match=rf"^{name}( is|=)"):
            replace(SMALL, **given)
    given = {name: 0.5, "decodings": ("greedy",)}
    with pytest.raises(TaskError, match=f"{name} is 0.5, and nothing is sampled"):
        replace(SMALL, **given)


def test_rows_by_the_column_come_back(tmp_path: Path) -> None:
    parquet = pytest.importorskip("avrgym.evaluate.parquet", reason="needs the data extra")
    rows = measured(Half(), evaluation=replace(SMALL, **HOT))
    rows[0] |= {"seed": 2**64 - 1, "logprob": -0.1, "tokens": None, "components": {"x": None}}
    parquet.write(tmp_path / "rows.parquet", rows)
    assert list(parquet.read(tmp_path / "rows.parquet")) == rows
    older = {k: v for k, v in rows[1].items() if k not in ("logprob", "temperature", "top_p")}
    older["steps"] = [step[:5] for step in older["steps"]]
    parquet.write(tmp_path / "older.parquet", [older])
    assert list(parquet.read(tmp_path / "older.parquet")) == [Result.of(older).row()]

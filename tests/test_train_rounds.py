"""Rounds of preferences: fresh prompts, compared with where a round began, kept, and refused."""

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
import trained
from avrgym import Prompt, TaskError, config
from avrgym.cli import main
from avrgym.evaluate.suite import Evaluation
from trained import DPO, ONE, QUIET, SPOKEN, TASK

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch

from avrgym.models.completion import Completion
from avrgym.prompts.format import Format
from avrgym.runs.record import Record
from avrgym.train.pairing import Pairing
from avrgym.train.run import train
from avrgym.train.stages import Dpo, Rft, Sppo
from avrgym.train.trainers.ches import discounted
from avrgym.train.trainers.compared import FACTS, Held
from avrgym.train.trainers.dpo import lacking
from avrgym.train.trainers.heard import heard, told
from avrgym.train.trainers.pairs import Contrast, paired
from avrgym.train.trainers.rated import Rated
from avrgym.train.turns import Turns

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

UNMEASURED = Evaluation(suite=())
BOTH = replace(ONE, formats={"text": 1, "text-direct": 1})
WIDE = Pairing(accuracy=(0.05, 0.95))
ROUNDS = replace(
    DPO,
    rounds=2,
    steps=6,
    samples=16,
    replies=6,
    max_reply=30,
    watch=4,
    curriculum=BOTH,
    pairs=WIDE,
    trl={"learning_rate": 1e-3, **QUIET},
)
TALKS = replace(SPOKEN, steps=60, curriculum=BOTH)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A run that speaks, worked and at once, and then prefers, in two rounds."""
    run = trained.run(TALKS, ROUNDS, evaluation=UNMEASURED)
    return train(run, folder=tmp_path_factory.mktemp("rounds"))


def pairs(record: Record, round: int) -> list[dict[str, Any]]:
    file = record.pairs("dpo") / f"round-{round}.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_every_round_asks_other_prompts_and_pairs_worked_and_direct_replies(record: Record) -> None:
    drawn: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for line in record.rollouts():
        drawn[line["round"]].append((line["address"], line["format"]))
    assert sorted(drawn) == [0, 1]
    assert [len(lines) for lines in drawn.values()] == [96, 96]
    assert len({*drawn[0], *drawn[1]}) == 32  # each six times
    for round, asked in drawn.items():
        found = pairs(record, round)
        assert {pair["format"] for pair in found} == {"text", "text-direct"}
        assert {(pair["address"], pair["format"]) for pair in found} <= set(asked)


def test_a_pair_says_which_replies_it_is_of_and_what_the_verifier_said(record: Record) -> None:
    lines = list(record.rollouts())
    for round in (0, 1):
        mine: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for line in lines:
            if line["round"] == round:
                mine[line["address"], line["format"]].append(line)
        learned = set()
        for pair in pairs(record, round):
            asked = pair["address"], pair["format"]
            group = mine[asked]
            right, wrong = (group[pair[f"{side}_draw"]] for side in ("chosen", "rejected"))
            assert pair["chosen"] == right["reply"] and right["correct"]
            assert wrong["reply"].startswith(pair["rejected"]) and not wrong["correct"]
            assert pair["cut"] == (pair["rejected"] != wrong["reply"])
            assert pair["right"] == sum(line["correct"] for line in group)
            assert pair["rejected_outcome"] == wrong["outcome"]
            assert pair["rejected_first_error"] == wrong["first_error"]
            learned |= {(*asked, pair["chosen_draw"]), (*asked, pair["rejected_draw"])}
        kept = {
            (*asked, at)
            for asked, group in mine.items()
            for at, line in enumerate(group)
            if line["kept"]
        }
        assert kept == learned


def test_a_round_is_compared_with_the_model_that_it_began_with(record: Record) -> None:
    """TRL's margin is of what moved since: nothing in the first step of either round."""
    margins = {
        event["step"]: event["rewards/margins"]
        for event in record.events("log")
        if event["stage"] == "dpo" and "rewards/margins" in event
    }
    assert sorted(margins) == [1, 2, 3, 4, 5, 6]
    still = {step for step, margin in margins.items() if abs(margin) < 1e-5}
    assert still == {1, 4}
    looks = [(event["round"], event["step"]) for event in record.events("displacement")]
    assert looks == [(0, 0), (0, 3), (1, 3), (1, 6)]


def test_what_was_preferred_becomes_a_dataset_of_pairs(record: Record, tmp_path: Path) -> None:
    wide = ("--accuracy", "0", "1", "--most", "9")
    words = ["generate", str(record.folder), "--for", "dpo", *wide, "--to", str(tmp_path / "pairs")]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    told = json.loads((tmp_path / "pairs" / "pairs.json").read_text())
    assert told["replies"] == 192 and told["pairs"] >= sum(len(pairs(record, r)) for r in (0, 1))


BYTES = st.binary(max_size=8)
ASKED = avrgym.Source(TASK, "rung2").addresses(range(3))
PROMPTS = [Prompt(address, Format("text")) for address in ASKED]
SAMPLES = dict(zip(PROMPTS, avrgym.samples([each.address for each in PROMPTS]), strict=True))


@given(BYTES, BYTES, st.booleans(), st.floats(0.5, 1), st.floats(-90, 0), st.floats(0, 1))
def test_a_pair_is_read_as_it_was_written(
    chosen: bytes, rejected: bytes, cut: bool, wins: float, before: float, kept: float
) -> None:
    pair = Contrast(replace(PROMPTS[0], kept=kept), chosen, rejected, cut, not cut)
    facts = dict(zip(FACTS, (1, 2, 3, 8, "correct", "wrong", None, 4), strict=True))
    held = Held(Rated(pair, wins, 1 - wins), facts, (before, -before))
    assert Held.read(json.loads(json.dumps(held.line()))) == held


def said(prompt: Prompt, how: str) -> bytes:
    """A worked reply: right, right behind a wrong step, or one of two wrong ones."""
    lines = SAMPLES[prompt].rationale.split("\n")
    slipped = [lines[0], "avoid aa ab ac ba bb bc ca cb cc", *lines[1:]]
    wrong = "Answer: up, up, up, up, up, up, up"
    made = {"whole": lines, "slipped": slipped, "wrong": [*lines[:-1], wrong], "bare": [wrong]}
    return "\n".join(made[how]).encode()


HOW = st.sampled_from(["whole", "slipped", "wrong", "bare"])
RULES = st.builds(
    Pairing,
    accuracy=st.sampled_from([(0.0, 1.0), (0.5, 0.5), (0.75, 1.0)]),
    cut=st.sampled_from(["first_error", "none"]),
    ratio=st.sampled_from([0.0, 1.0]),
)


@given(st.lists(st.lists(HOW, min_size=4, max_size=4), min_size=1, max_size=3), RULES)
def test_why_there_is_no_pair_is_told_with_what_would_give_one(
    groups: list[list[str]], rule: Pairing
) -> None:
    """Whatever was said; the remedy is followed, and then another thing lacks or nothing."""
    asked = [p for p, group in zip(PROMPTS, groups, strict=False) for _ in group]
    hows = [how for group in groups for how in group]
    replies = [said(p, how) for p, how in zip(asked, hows, strict=True)]
    of = heard(asked, [Completion(reply, (), "stop", 0.0) for reply in replies])
    if paired(asked, replies, rule).pairs:
        return
    text = lacking(told(of, [False] * len(asked)), replace(ROUNDS, replies=4, pairs=rule))
    counts = [sum(of.right[at : at + 4]) for at in range(0, len(asked), 4)]
    if "easier" in text:
        assert not any(counts)
    elif "harder" in text:
        assert all(count == 4 for count in counts)
    elif "more replies" in text:
        assert set(counts) == {0, 4}
    elif "accuracy" in text:
        low, high = rule.accuracy
        assert not any(low <= count / 4 <= high for count in counts if 0 < count < 4)
    else:
        free = replace(rule, ratio=0.0) if "ratio" in text else replace(rule, cut="none")
        more = replace(free, cut="none") if "ratio" in text else free
        assert paired(asked, replies, more).pairs
    assert f"{sum(0 < count < 4 for count in counts)} had both right and wrong ones" in text


def test_a_window_that_leaves_nothing_is_one_clear_error_before_the_stage(tmp_path: Path) -> None:
    """What was said can be looked at, and nothing was learned."""
    narrow = replace(ROUNDS, pairs=Pairing(accuracy=(0.91, 0.95)))
    why = r"stage dpo: 96 replies, .*: of 16 prompts .* pairs.accuracy \[0.91, 0.95"
    with pytest.raises(TaskError, match=why):
        train(trained.run(TALKS, narrow, evaluation=UNMEASURED), folder=tmp_path)
    held = Record(tmp_path / "tiny")
    assert len(list(held.rollouts())) == 96 and not held.pairs("dpo").exists()
    assert not [event for event in held.events("log") if event["stage"] == "dpo"]


LENGTHS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=4)


@given(LENGTHS, st.integers(0, 3), st.floats(0, 1))
def test_what_is_beyond_the_shorter_reply_counts_less_as_trl_has_it(
    lengths: list[tuple[int, int]], prompt: int, tail: float
) -> None:
    """``ld_alpha``: of both replies of a pair, token by token."""
    ends = [chosen for chosen, _ in lengths] + [rejected for _, rejected in lengths]
    scored = torch.zeros(len(ends), prompt + 8, dtype=torch.long)
    wanted = torch.zeros(scored.shape)
    for row, end in enumerate(ends):
        scored[row, prompt : prompt + end] = 1
        shared = min(lengths[row % len(lengths)])
        for token in range(end):
            wanted[row, prompt + token] = 1.0 if token < shared else tail
    assert torch.allclose(discounted(scored, tail), wanted)


@given(st.integers(1, 40), st.integers(1, 200))
def test_rounds_share_all_steps_and_each_has_some(rounds: int, steps: int) -> None:
    if steps < rounds:
        with pytest.raises(TaskError, match=f"steps {steps} are of {rounds} rounds together"):
            Turns(rounds, steps)
        return
    turns = Turns(rounds, steps)
    sizes = [turns.begin(r + 1) - turns.begin(r) for r in range(rounds)]
    assert sum(sizes) == steps and max(sizes) - min(sizes) <= 1 and min(sizes) >= 1
    assert [turns.of(step) for step in range(steps)] == [
        round for round, size in enumerate(sizes) for _ in range(size)
    ]
    assert turns.later == {turns.begin(r) for r in range(1, rounds)}


@pytest.mark.parametrize("kind", [Dpo, Sppo, Rft])
def test_fewer_steps_than_rounds_are_refused_of_every_kind(kind: type) -> None:
    table = {"kind": kind.__name__.lower(), "curriculum": config.table(ONE), "rounds": 3}
    with pytest.raises(TaskError, match="steps 2 are of 3 rounds together"):
        config.build(kind, {**table, "steps": 2})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sync_ref_model", "say rounds of the stage"),
        ("precompute_ref_log_probs", "the stage does so by itself"),
    ],
)
def test_what_rounds_do_is_not_passed_through(name: str, said: str) -> None:
    with pytest.raises(TaskError, match=f"trl.{name} is not passed through: {said}"):
        replace(ROUNDS, trl={name: True}).check({}, 1)

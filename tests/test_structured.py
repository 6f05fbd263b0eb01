"""Replies in sections: what they owe, how they are judged, what tags and cells are paid."""

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Format, Sample, Source, TaskError, Verdict, formats, rewards, verify
from avrgym.core.sections import SECTIONS, held, tags
from avrgym.envs.reply import ReplyEnv
from avrgym.rewards.tagged import order
from sources import EVERY_LEVEL, every_source

NAMES = ("structured", "structured-direct")
WORDED: list[dict[str, Any]] = [{}, {"style": "terse"}, {"style": "full"}]
#: As readouts alone can be worded; with cells the rationale is the answer and the steps are empty.
OF_READOUTS: list[dict[str, Any]] = [{"answer": "cells"}, {"ask": "total"}, {"twin": "markdown"}]
SAMPLES = [
    sample
    for task, level in EVERY_LEVEL
    for params in WORDED + OF_READOUTS * task.endswith("readout")
    for sample in Source(task, level, split="val", params=params).samples(range(2))
]
MARKS = [(name, closes) for name in SECTIONS for closes in (False, True)]


def paid(name: str, replies: list[str], sample: Sample, format: str = "structured") -> list[float]:
    points: list[float] = getattr(rewards, name)(
        replies, [sample.address] * len(replies), format=[format] * len(replies)
    )
    return points


def told(verdict: Verdict) -> list[tuple[str, ...]]:
    """Steps without the words that mark the answer, which belong to its form."""
    marks = re.compile(r"^(Answer:|<answer>)?\s*")
    return [(marks.sub("", s.claim), s.skill, s.state, s.reason) for s in verdict.steps]


def tag(name: str, closes: bool) -> str:
    return f"</{name}>" if closes else f"<{name}>"


def test_the_steps_of_a_reply_in_sections_are_those_of_the_rationale() -> None:
    addresses = [sample.address for sample in SAMPLES]
    plain = verify(addresses, [sample.rationale for sample in SAMPLES])
    replies = [formats.target(sample, "structured") for sample in SAMPLES]
    lines = verify(addresses, replies)
    # Tags on the line of what they hold, as models that were not trained here may write them.
    tight = [re.sub(r"\n?(</?\w+>)\n?", r"\1", reply) for reply in replies]
    for each, said in ((lines, replies), (verify(addresses, tight), tight)):
        assert each.correct.all() and (each.form == avrgym.FORMS.index("tag")).all()
        for sample, one, other, reply in zip(SAMPLES, plain, each, said, strict=True):
            assert told(one) == told(other), sample.address
            raw = reply.encode()
            assert [raw[s.start : s.end].decode() for s in other.steps] == [
                s.claim for s in other.steps
            ]


def test_a_false_plan_or_transcription_costs_no_step_and_earns_none() -> None:
    for sample, other in zip(SAMPLES, SAMPLES[1:] + SAMPLES[:1], strict=True):
        gold = formats.target(sample, "structured")
        false = gold.replace(f"\n{sample.twin}\n", f"\n{other.twin}\n")
        one, two = verify([sample.address] * 2, [gold, false])
        assert one.outcome == two.outcome == "correct" and told(one) == told(two), sample.address


@pytest.mark.parametrize("name", NAMES)
def test_prompts_ask_for_sections_and_show_no_twin(name: str) -> None:
    asked = Format.parse(name)
    assert asked.pictured and not asked.transcribes and asked.name == name
    for sample in SAMPLES:
        chat = formats.chat(sample, name)
        picture, words = chat.prompt[0]["content"]
        assert picture == {"type": "image"}
        rows = [line for line in sample.twin.splitlines() if line.count("&") + line.count("|") > 1]
        assert sample.twin not in words["text"]
        assert not any(row in words["text"] for row in rows)
    assert Format("text").sections == ()
    full = [sample for sample in SAMPLES if formats.style(sample.address) == "full"]
    asks = [formats.prompt(s, name, template=t) for s in full for t in avrgym.TEMPLATES]
    for said in asks:
        assert [f"<{each}>" in said for each in SECTIONS] == [
            each in asked.sections for each in SECTIONS
        ]
    # Said again they are worth little.
    addresses = [sample.address for sample in full for _ in avrgym.TEMPLATES]
    assert max(rewards.tags(asks, addresses, format=[name] * len(asks))) <= 0.5
    assert not verify(addresses, asks).correct.any()


@pytest.mark.parametrize("kept", [0.0, 0.4])
def test_sections_stay_where_steps_are_left_out(kept: float) -> None:
    for sample in SAMPLES[::7]:
        whole, cut = (formats.target(sample, "structured", kept=k) for k in (1.0, kept))
        assert len(cut) <= len(whole) and paid("tags", [cut], sample) == [1.0]
        assert held([cut], "transcribe") == held([whole], "transcribe")
        [verdict] = verify([sample.address], [formats.dropped(sample, kept) + cut])
        assert verdict.correct and {step.state for step in verdict.steps} == {"ok"}


@given(
    st.lists(st.sampled_from(MARKS), max_size=24),
    st.lists(st.sampled_from(["", "x", "\n", "Answer: 1", "<pla", "a & b", "é"]), max_size=4),
)
def test_tags_are_paid_by_their_order_alone(
    marks: list[tuple[str, bool]], words: list[str]
) -> None:
    fill = [*words, ""]
    said = "".join(tag(*mark) + fill[i % len(fill)] for i, mark in enumerate(marks))
    bare = "".join(tag(*mark).upper() for mark in marks)
    assert [(each.name, each.closes) for each in tags([said])[0]] == marks
    points = order([said, bare], SECTIONS)
    assert points[0] == points[1] == _slow(marks) / max(len(marks), len(MARKS))
    assert (points[0] == 1) == (marks == MARKS)
    assert order([said], ()).tolist() == [0.0]


def _slow(marks: list[tuple[str, bool]]) -> int:
    """The longest common subsequence, by trying every part of the tags that are owed."""
    best = 0
    for chosen in range(2 ** len(MARKS)):
        wanted = [mark for place, mark in enumerate(MARKS) if chosen >> place & 1]
        rest = iter(marks)
        if len(wanted) > best and all(mark in rest for mark in wanted):
            best = len(wanted)
    return best


@given(st.data(), every_source(), st.integers(0, 2**40))
def test_nothing_that_is_done_to_tags_pays(data: st.DataObject, source: Source, index: int) -> None:
    """Nested, repeated, missing, swapped and unclosed: never more than the reply as it is owed."""
    sample = source[index]
    gold = formats.target(sample, "structured")
    # Tags stand at odd places, what is around them at even ones.
    pieces = re.split(r"(</?\w+>)", gold)
    places = st.integers(0, len(MARKS) - 1).map(lambda place: 2 * place + 1)
    for _ in range(data.draw(st.integers(1, 3))):
        at, to = data.draw(places), data.draw(places)
        match data.draw(st.sampled_from(["drop", "twice", "swap", "think"])):
            case "drop":
                pieces[at] = ""
            case "twice":
                pieces[at] *= 2
            case "swap":
                pieces[at], pieces[to] = pieces[to], pieces[at]
            case _:
                pieces[at] = f"<think>{pieces[at]}</think>"
    hostile = "".join(pieces)
    right = verify([sample.address], [hostile]).correct[0]
    for name in ("tags", "transcription", "correctness", "format"):
        most, points = paid(name, [gold, hostile], sample)
        assert most == 1.0 and 0.0 <= points <= 1.0
    found = [(each.name, each.closes) for each in tags([hostile])[0]]
    assert (paid("tags", [hostile], sample) == [1.0]) == (found == MARKS)
    assert paid("correctness", [hostile], sample) == [float(right)]
    if paid("transcription", [hostile], sample)[0] > 0:
        assert found.count(("transcribe", False)) == found.count(("transcribe", True)) == 1


def test_the_transcription_is_paid_cell_by_cell_and_within_its_section_alone() -> None:
    for sample in Source("grid_navigation", "rung0", split="val").samples(range(8)):
        gold = formats.target(sample, "structured")
        assert paid("transcription", [gold], sample) == [1.0]
        cells = [m.span() for m in re.finditer(r"(?<=& )\S+$", sample.twin, re.MULTILINE)][1:]
        twin, points = sample.twin, [1.0]
        for start, end in reversed(cells):
            twin = f"{twin[:start]}?{twin[end:]}"
            points += paid("transcription", [gold.replace(sample.twin, twin)], sample)
        assert all(a > b for a, b in pairwise(points))
        assert len(set(np.diff(points).round(9))) == 1, "each cell weighs the same"
        inside = f"<transcribe>\n{sample.twin}\n</transcribe>"
        outside = gold.replace(inside, f"{sample.twin}\n<transcribe>\n</transcribe>")
        twice, open_ = f"{inside}\n{inside}", inside.removesuffix("</transcribe>")
        nested = inside.replace("<transcribe>\n", "<transcribe><plan></plan>\n")
        thought = f"<think>{inside}</think>"
        none = [outside, twice, open_, nested, thought, sample.twin, ""]
        assert paid("transcription", none, sample) == [0.0] * len(none)
        assert paid("transcription", [inside, f"\udcff{inside}"], sample) == [1.0, 1.0]


def test_tags_are_owed_by_format() -> None:
    sample = SAMPLES[0]
    whole, short = (formats.target(sample, name) for name in NAMES)
    assert paid("tags", [whole, short], sample) == [1.0, 0.5]
    assert paid("tags", [whole, short], sample, "structured-direct") == [0.5, 1.0]
    assert paid("tags", [whole, sample.rationale], sample, "image") == [0.0, 0.0]
    # Where the format is not known all four are wanted.
    assert rewards.tags([whole, short], [sample.address] * 2) == [1.0, 0.5]
    mixed: dict[str, Any] = {"address": [sample.address] * 3, "format": [*NAMES, None]}
    assert rewards.weighted({"tags": 2.0})([whole, short, whole], **mixed) == [2.0] * 3
    with pytest.raises(TaskError, match="did you mean structured"):
        paid("tags", [whole], sample, "structred")


def test_environments_pay_by_their_format() -> None:
    for name in NAMES:
        environment = ReplyEnv(
            "grid_navigation", "rung0", format=name, reward={"tags": 1, "transcription": 1}
        )
        environment.reset(seed=3)
        assert environment.sample is not None
        said = formats.target(environment.sample, name)
        assert environment.step(said)[1] == 2.0

"""What the picture costs: paired, by skill, and taken apart exactly."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from answered import Row, row
from avrgym import TaskError
from avrgym.analyses.modality import gap, parts, skill_gap, transcriptions
from avrgym.evaluate.results import judged
from avrgym.prompts.format import Format
from avrgym.rewards.transcripts import likeness, same
from recorded import Said

SEEDS = st.integers(0, 2**32 - 1)


def of(format: str, right: Callable[[int], bool], items: range, **more: Any) -> list[Row]:
    return [row(item, right(item), format=format, **more) for item in items]


def test_the_gap_is_of_the_same_problems() -> None:
    rows = of("text", lambda i: i % 4 != 0, range(80)) + of(
        "image", lambda i: i % 2 == 0, range(60)
    )
    [found] = gap(rows, "stage", "level").values()
    assert found.gap.n == 60 and found.gap.value == pytest.approx(45 / 60 - 30 / 60)
    assert (found.won, found.lost) == (30, 15)
    assert found.gap.low < found.gap.value < found.gap.high
    assert not gap(of("text", bool, range(3)), "level")
    with pytest.raises(TaskError, match="in common"):
        gap(of("text", bool, range(3)) + of("image", bool, range(3, 6)))


def test_skills_differ_by_what_is_shown() -> None:
    rng = np.random.default_rng(2)

    def steps(read: float) -> list[tuple[str, str, str]]:
        made = []
        for skill, chance in (("read", read), ("move", 0.9)) * 3:
            right = rng.random() < chance
            made.append((skill, "ok" if right else "wrong", "" if right else "wrong_value"))
            if not right:
                break
        return made

    rows = [
        row(item, format=name, steps=steps(chance))
        for name, chance in (("text", 0.98), ("image", 0.8))
        for item in range(400)
    ]
    found = skill_gap(rows)[()]
    assert list(found) == ["read", "move"]
    assert 0.18 in found["read"] and found["read"].low > 0.1
    assert 0.0 in found["move"]


@given(SEEDS, st.integers(1, 25), st.integers(1, 3))
def test_the_parts_sum_to_the_gap(seed: int, items: int, draws: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        row(item, bool(rng.random() < 0.5), format=name, draw=draw)
        for name in ("text", "image", "image_via_text")
        for item in range(items)
        for draw in range(draws)
    ]
    written = rng.random(len(rows)) < 0.6
    found = parts(rows, written)[()]
    whole = found.transcription.value + found.reasoning.value + found.rest.value
    assert found.gap.value == pytest.approx(whole)
    assert found.gap.value == pytest.approx(gap(rows)[()].gap.value)
    right = np.array([each["correct"] for each in rows])
    via = np.array([each["format"] == "image_via_text" for each in rows])
    assert found.transcribed.value == pytest.approx(written[via].mean())
    for share, chosen in ((found.given_right, via & written), (found.given_wrong, via & ~written)):
        assert (share is None) == (not chosen.any())
        if share is not None:
            assert share.value == pytest.approx(right[chosen].mean())


def test_each_part_is_what_its_name_says() -> None:
    """Text is always right, the picture never; written down right in half of the problems."""
    rows = of("text", lambda _: True, range(40)) + of("image", lambda _: False, range(40))
    rows += of("image_via_text", lambda i: i < 10, range(40))
    found = parts(rows, np.array([each["address"].endswith(tuple("02468")) for each in rows]))[()]
    assert found.transcription.value == pytest.approx(15 / 40)
    assert found.reasoning.value == pytest.approx(15 / 40)
    assert found.rest.value == pytest.approx(10 / 40)


def test_transcriptions_are_the_twin_word_by_word() -> None:
    samples = [avrgym.Source(task, "simple", "test")[3] for task in avrgym.TASKS]
    prompts = [avrgym.Prompt(s.address, Format.parse("image_via_text")) for s in samples]
    changed = [s.twin.rpartition("\n")[0] + "\nsomething else" for s in samples]
    for twins, wanted in (([s.twin for s in samples], True), (changed, False)):
        said = [Said(f"{t}\n{s.rationale}".encode()) for t, s in zip(twins, samples, strict=True)]
        rows = [r.row() for r in judged(prompts, said, stage="sft", decoding="greedy")]
        assert transcriptions(rows).tolist() == [wanted] * len(rows)
    assert not transcriptions([each | {"format": "image"} for each in rows]).any()


@given(st.integers(0, 10**6), st.integers(0, 3), st.booleans())
def test_what_is_the_same_is_what_is_wholly_alike(index: int, kind: int, longer: bool) -> None:
    task = avrgym.TASKS[index % len(avrgym.TASKS)]
    sample = avrgym.Source(task, "simple", "test")[index]
    words = sample.twin.split(" ")
    at = index % len(words)
    changed = " ".join([*words[:at], "nothing", *words[at + 1 :]])
    said = (sample.twin, f"  {sample.twin}\n", changed, sample.twin[: len(sample.twin) // 2])[kind]
    said += "\nAnd more." * longer
    for head in (False, True):
        alike = likeness([sample.address], [said], head=head)[0] == 1.0
        assert same([sample.address], [said], head=head).tolist() == [alike]
        assert alike == (kind < 2 and (head or not longer))

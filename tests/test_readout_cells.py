"""``answer=cells``: the answer lists cells with their digits, all through the package."""

import gymnasium
import numpy as np
import pytest

import avrgym
from avrgym import Source, TaskError, formats, rewards, verify
from avrgym.core import facts
from avrgym.evaluate.subjects import SUBJECTS, luck
from avrgym.prompts.prompt import Prompt

TASKS = ("consecutive_table_readout", "table_readout")
CELLS = {"answer": "cells"}
EVERY = [
    Source(task, level, params={**CELLS, "names": names, "style": style, "ends": "named"})
    for task in TASKS
    for level in ("simple", "rung2")
    for names in ("full", "short", "letters")
    for style in ("full", "terse")
]


@pytest.mark.parametrize("task", TASKS)
def test_it_is_a_wording_that_is_explained(task: str) -> None:
    [meant] = [each for each in facts.meanings(task).parameters if each.name == "answer"]
    assert meant.wording and meant.range == "digits, cells" and "ca 8, cb 0" in meant.meaning
    with pytest.raises(TaskError, match=r"answer.*letters.*digits.*cells"):
        Source(task, "rung0", params={"answer": "letters"})[0]
    plain, cells = Source(task, "rung3"), Source(task, "rung3", params=CELLS)
    for one, other in zip(plain[:20], cells[:20], strict=True):
        assert (one.content, one.twin) == (other.content, other.twin)
        assert one.question != other.question


def test_a_sum_stays_a_sum() -> None:
    for one, other in zip(
        Source("table_readout", "simple", params={"ask": "total"})[:5],
        Source("table_readout", "simple", params={"ask": "total", **CELLS})[:5],
        strict=True,
    ):
        assert (one.question, one.rationale) == (other.question, other.rationale)


@pytest.mark.parametrize("format", [*avrgym.FORMATS, "image-direct", "image_via_text-direct"])
def test_every_format_teaches_what_it_asks_for(format: str) -> None:
    samples = [sample for source in EVERY for sample in source[:6]]
    replies = [formats.target(sample, format) for sample in samples]
    addresses = [sample.address for sample in samples]
    assert rewards.correctness(replies, addresses, format=[format] * len(samples)) == [1.0] * len(
        samples
    )
    if format == "image_to_text":
        return
    verdicts = verify(addresses, replies)
    assert verdicts.correct.all() and (verdicts.step_state == 0).all()
    # What is shown of the form is no claim about the table.
    asked = verify(addresses, [formats.prompt(sample, "text") for sample in samples])
    assert not asked.correct.any() and len(asked.step_state) == 0
    for sample in samples:
        cells, digits = zip(
            *(item.rsplit(" ", 1) for item in sample.answer.split(", ")), strict=True
        )
        example = '"xy 7"' if len(cells[0]) == 2 else '"Anvil Monday 7"'
        assert example in formats.prompt(sample, format)
        assert len(set(cells)) == len(cells) and "".join(digits).isdigit()


@pytest.mark.parametrize("kept", [0, 0.3, 0.7, 1])
def test_an_answer_that_is_all_there_is_is_never_cut(kept: float) -> None:
    for source in EVERY:
        sample = source[0]
        left = formats.trimmed(sample, kept)
        assert left.splitlines()[-1] == f"Answer: {sample.answer}"
        assert formats.dropped(sample, kept) + left == sample.rationale
        # The ends of the path are one step, and whole or gone.
        is_full = formats.style(sample.address) == "full"
        assert ("path leads" in left) == (is_full and kept > 0.5)


def test_points_are_for_cells_and_digits() -> None:
    [sample] = Source("table_readout", "rung2", params=CELLS).samples([3])
    items = sample.answer.split(", ")
    count = len(items)
    assert count >= 4
    other = str((int(items[2][-1]) + 1) % 10)
    bad_digit = [*items[:2], items[2][:-1] + other, *items[3:]]
    bad_cell = [*items[:2], f"{items[0][:-2]} {items[2][-1]}", *items[3:]]
    said = {
        "right": sample.rationale,
        "digits": "Answer: " + ", ".join(item[-1] for item in items),
        "short": "Answer: " + ", ".join(items[:2]),
        "bad digit": "Answer: " + ", ".join(bad_digit),
        "bad cell": "Answer: " + ", ".join(bad_cell),
    }
    addresses = [sample.address] * len(said)

    def paid(reward: avrgym.rewards.Reward) -> dict[str, float]:
        return dict(zip(said, reward(list(said.values()), addresses), strict=True))

    assert paid(rewards.correctness) == {name: float(name == "right") for name in said}
    assert paid(rewards.format) == {"right": 1, "digits": 0} | dict.fromkeys(list(said)[2:], 0.5)
    steps, progress = paid(rewards.steps), paid(rewards.progress)
    assert steps["right"] == progress["right"] == 1 and steps["digits"] == progress["digits"] == 0
    assert steps["short"] == pytest.approx(0.5 * 2 / count)
    assert steps["bad digit"] == pytest.approx(0.5 * 5 / (2 * count))
    assert steps["bad cell"] == pytest.approx(0.5 * 4 / (2 * count))
    assert progress["bad digit"] == progress["bad cell"] == pytest.approx(0.5 * 2 / count)
    verdicts = dict(zip(said, verify(addresses, list(said.values())), strict=True))
    assert verdicts["digits"].outcome == "unparsed"
    assert verdicts["bad digit"].steps[5].reason == "wrong_value"
    assert verdicts["bad digit"].first_error == 5
    repeated = verdicts["bad cell"].steps[4]  # a cell that was read before, with another digit
    assert repeated.repeated or repeated.state != "ok"
    assert verdicts["short"].outcome == "wrong" and verdicts["short"].first_error is None


@pytest.mark.parametrize("name", SUBJECTS)
def test_subjects_answer_in_cells(name: str) -> None:
    source = Source("consecutive_table_readout", "rung0", params=CELLS)
    prompts = [Prompt(sample.address) for sample in source[:60]]
    said = SUBJECTS[name](prompts, luck(0, 0))
    verdicts = verify([prompt.address for prompt in prompts], said)
    rate = float(np.mean(verdicts.correct))
    assert verdicts.parsed.all()
    assert rate == 1 if name == "oracle" else rate < (0.9 if name == "blind" else 0.1)


def test_environments_ask_for_it() -> None:
    env = gymnasium.make("avrgym/TableReadout-v0", level="rung2", params=CELLS, reveal_answer=True)
    for seed in range(3):
        shown, info = env.reset(seed=seed)
        assert '"xy 7"' in shown["prompt"]
        assert env.step(f"Answer: {info['answer']}")[1] == 1
        env.reset(seed=seed)
        digits = ", ".join(item[-1] for item in info["answer"].split(", "))
        assert env.step(f"Answer: {digits}")[1] == 0

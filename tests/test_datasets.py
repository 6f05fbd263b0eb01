import numpy as np
import pytest

import avrgym
from avrgym import TaskError, create_dataset


@pytest.mark.parametrize("task", avrgym.TASKS)
@pytest.mark.parametrize("format", avrgym.FORMATS)
def test_an_entry_scores_its_own_answer(task: str, format: str) -> None:
    ds = create_dataset(task, size=5, seed=42, level="simple", split="test", format=format)
    assert len(ds) == len(list(ds)) == 5
    for i, entry in enumerate(ds):
        assert ds[i] == entry
        assert ds.score_answer(entry["answer"], entry) == 1.0
        assert ds.score_answer(ds.target(i), entry) == 1.0
        assert ds.score_answer("", entry) == ds.score_answer(None, entry) == 0.0
        assert ds.score_answer(entry["question"], entry) == 0.0
        metadata = entry["metadata"]
        assert metadata["source_dataset"] == task
        assert metadata["source_index"] == i
        assert metadata["address"] == f"{task}/simple#test:42:{i}"
        assert metadata["difficulty"]["level"] == "simple"


def test_nothing_is_earned_by_a_substring() -> None:
    for task in avrgym.TASKS:
        ds = create_dataset(task, size=5)
        for entry in ds:
            answer = entry["answer"]
            for reply in (
                f"{answer} or {answer}",
                f"I think {answer}",
                f"{answer}\nbecause I say so",
                f"Answer: {answer}, or not",
                f"Answer: {answer} <answer>left</answer>",
                f"0 1 2 3 4 5 6 7 8 9 {answer}",
            ):
                assert ds.score_answer(reply, entry) == 0.0, reply


def test_bare_answers_may_be_dressed() -> None:
    ds = create_dataset("table_readout", size=5)
    for entry in ds:
        values = entry["answer"].split(", ")
        for reply in (
            " ".join(values),
            "\n".join(values),
            f"[{', '.join(values)}].",
            f"**{entry['answer']}**",
        ):
            assert ds.score_answer(reply, entry) == 1.0, reply
        assert ds.score_answer(", ".join(values[:-1]), entry) == 0.0


def test_verdicts_have_steps() -> None:
    ds = create_dataset("grid_navigation", size=3)
    for i, entry in enumerate(ds):
        verdict = ds.verify(ds.target(i), entry)
        assert verdict.correct
        assert verdict.first_error is None
        assert len(verdict.steps) >= 2


def test_images_are_those_of_the_address() -> None:
    ds = create_dataset("visual_analogy", size=3, level="hard", seed=1)
    for i, entry in enumerate(ds):
        picture = ds.image(i, 64, "varied", insist=True)
        [same] = avrgym.render([entry["metadata"]["address"]], 64, "varied", insist=True)
        assert np.array_equal(picture, same)


def test_indices_are_bounded() -> None:
    ds = create_dataset("table_readout", size=3)
    assert ds[-1] == ds[2]
    for call in (ds.__getitem__, ds.image, ds.target):
        with pytest.raises(IndexError):
            call(3)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "nope"},
        {"level": "nope"},
        {"split": "nope"},
        {"format": "nope"},
        {"size": 0},
        {"seed": -1},
        {"params": {"nope": 1}},
    ],
)
def test_bad_arguments_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(TaskError):
        create_dataset(**{"name": "table_readout", **changed})  # type: ignore[arg-type]

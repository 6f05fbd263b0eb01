import copy
import pickle
from typing import Any

import numpy as np
import pytest

import avrgym
from avrgym import Sample, Source, TaskError, formats, rewards, verify

SAMPLES = [
    sample
    for task in avrgym.TASKS
    for level in ("rung2", "simple", "hard")
    for sample in Source(task, level, split="val").samples(range(4))
]
ADDRESSES = [sample.address for sample in SAMPLES]
GRIDS = Source("grid_navigation", "simple", split="val").samples(range(20))


def called(name: str, replies: list[str], samples: list[Sample] = SAMPLES) -> list[float]:
    points = getattr(rewards, name)(
        prompts=["?"] * len(replies),
        completions=replies,
        completion_ids=[[1]] * len(replies),
        address=[sample.address for sample in samples],
        trainer_state=None,
    )
    assert isinstance(points, list)
    assert all(type(point) is float for point in points)
    return points


@pytest.mark.parametrize("name", ["correctness", "format", "steps", "progress"])
def test_a_rationale_earns_everything_and_silence_nothing(name: str) -> None:
    assert called(name, [sample.rationale for sample in SAMPLES]) == [1.0] * len(SAMPLES)
    assert called(name, [""] * len(SAMPLES)) == [0.0] * len(SAMPLES)


@pytest.mark.parametrize("name", rewards.REWARDS)
def test_the_prompt_echoed_back_earns_nothing_or_little(name: str) -> None:
    said = [avrgym.formats.prompt(sample) for sample in SAMPLES]
    assert max(called(name, said)) <= 0.5


def test_a_bare_answer_has_no_steps() -> None:
    replies = [f"Answer: {sample.answer}" for sample in SAMPLES]
    assert called("correctness", replies) == called("progress", replies) == [1.0] * len(SAMPLES)
    assert max(called("steps", replies)) < 1.0


def test_stopping_early_and_going_on_do_not_pay() -> None:
    for sample in SAMPLES:
        lines = sample.rationale.splitlines()
        cut = "\n".join(lines[: len(lines) // 2])
        long = "\n".join(lines[:-1] * 3 + lines[-1:])
        [whole, part, longer] = called("steps", [sample.rationale, cut, long], [sample] * 3)
        assert whole == 1.0
        assert part <= 0.5
        assert longer < 1.0


def test_walking_in_circles_does_not_pay() -> None:
    for sample in GRIDS:
        [first] = [step for step in sample.answer.split(", ")][:1]
        back = {"up": "down", "down": "up", "left": "right", "right": "left"}[first]
        circles = ", ".join([first, back] * 20)
        [points] = called("progress", [f"Answer: {circles}"], [sample])
        [right] = called("progress", [f"Answer: {sample.answer}"], [sample])
        assert points <= 0.5 < right


def test_progress_falls_with_an_obstacle() -> None:
    verdicts = verify(
        [sample.address for sample in GRIDS], ["Answer: up, up, up, up, up, up"] * len(GRIDS)
    )
    astray = (verdicts.component("hits") > 0) | (verdicts.component("left_grid") > 0)
    closeness = verdicts.component("closeness")
    expected = np.where(verdicts.correct, 1.0, closeness / np.where(astray, 4, 2))
    assert np.allclose(rewards.score(verdicts, "progress"), expected)
    assert astray.any()


def test_transcription_counts_lines_at_their_place() -> None:
    twins = [sample.twin for sample in SAMPLES]
    assert called("transcription", twins) == [1.0] * len(SAMPLES)
    assert called("transcription", [f"\n{twin}\n\n" for twin in twins]) == [1.0] * len(SAMPLES)
    shifted = called("transcription", [f"so:\n{twin}" for twin in twins])
    assert max(shifted) < 0.5
    assert max(called("transcription", [twin * 2 for twin in twins])) < 1.0


def test_completions_may_be_messages() -> None:
    sample = SAMPLES[0]
    block = {"type": "text", "text": sample.rationale}
    completions: list[rewards.Completion] = [
        sample.rationale,
        sample.rationale.encode(),
        [{"role": "assistant", "content": sample.rationale}],
        [{"role": "tool", "content": "?"}, {"role": "assistant", "content": [block]}],
        [{"role": "assistant", "content": None}],
        [],
    ]
    points = rewards.correctness(completions, address=[sample.address] * 6)
    assert points == [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]


def test_weighted_rewards_add_up() -> None:
    replies = [
        sample.rationale if i % 2 else "Answer: up\nAnswer: 3" for i, sample in enumerate(SAMPLES)
    ]
    mixed = rewards.weighted({"correctness": 1, "steps": 0.5})
    assert mixed.__name__ == "1*correctness+0.5*steps"
    expected = np.array(called("correctness", replies)) + 0.5 * np.array(called("steps", replies))
    assert np.allclose(mixed(completions=replies, address=ADDRESSES), expected)


def test_unknown_rewards_are_refused() -> None:
    with pytest.raises(TaskError, match="luck"):
        rewards.weighted({"luck": 1.0})
    with pytest.raises(TaskError, match="empty"):
        rewards.weighted({})
    with pytest.raises(TaskError, match="luck"):
        rewards.score(verify([], []), "luck")
    with pytest.raises(TaskError):
        rewards.correctness(["a", "b"], address=ADDRESSES[:1])


KINDS = [shown + behind for shown in avrgym.FORMATS for behind in ("", "-direct")]


@pytest.mark.parametrize("name", rewards.REWARDS)
def test_what_a_row_asks_for_earns_everything_in_every_format(name: str) -> None:
    tagged = {kind for kind in KINDS if kind.startswith("structured")}
    some = {"transcription": tagged | {kind for kind in KINDS if "_" in kind}, "tags": tagged}
    kinds = [kind for kind in KINDS if kind in some.get(name, KINDS)]
    pairs = [(sample, kind) for sample in SAMPLES for kind in kinds]
    columns: dict[str, Any] = {
        "address": [sample.address for sample, _ in pairs],
        "format": [kind for _, kind in pairs],
        "images": [None] * len(pairs),
    }
    gold = [formats.target(sample, kind) for sample, kind in pairs]
    chats = [[{"role": "assistant", "content": said}] for said in gold]
    for reward in (getattr(rewards, name), rewards.weighted({name: 1.0})):
        points = reward(prompts=gold, completions=chats, completion_ids=gold, **columns)
        lost = [pair for pair, worth in zip(pairs, points, strict=True) if worth != 1.0]
        assert not lost, lost[0]
        assert reward(completions=[""] * len(pairs), **columns) == [0.0] * len(pairs)


def test_a_transcript_is_no_answer_and_an_answer_no_transcript() -> None:
    twins, worked = zip(*((sample.twin, sample.rationale) for sample in SAMPLES), strict=True)
    asked: dict[str, Any] = {"address": ADDRESSES, "format": ["image_to_text"] * len(SAMPLES)}
    for name in ("correctness", "format", "steps", "progress"):
        assert max(getattr(rewards, name)(worked, **asked)) < 0.5
        half = [twin.rsplit(maxsplit=1)[0] + " ?" for twin in twins]
        assert max(getattr(rewards, name)(half, **asked)) <= 0.5
        assert max(getattr(rewards, name)(twins, address=ADDRESSES)) <= 0.5


def test_answers_alone_owe_no_steps() -> None:
    right = [f"Answer: {sample.answer}" for sample in SAMPLES]
    asked: dict[str, Any] = {"address": ADDRESSES, "format": "image-direct"}
    with pytest.raises(TaskError, match="1 formats do not fit"):
        rewards.steps(right, **asked)
    asked["format"] = ["image-direct"] * len(SAMPLES)
    assert rewards.steps(right, **asked) == [1.0] * len(SAMPLES)
    wrong = ["\n".join(sample.rationale.splitlines()[:-1]) for sample in SAMPLES]
    assert max(rewards.steps(wrong, **asked)) == 0


def test_columns_of_formats_are_read_or_refused() -> None:
    one = [ADDRESSES[0]]
    assert rewards.correctness([SAMPLES[0].rationale], one, format=[None]) == [1.0]
    assert rewards.correctness(SAMPLES[0].rationale, ADDRESSES[0], format="image") == [1.0]
    with pytest.raises(TaskError, match="imge"):
        rewards.correctness([""], one, format=["imge"])
    with pytest.raises(TaskError, match="7"):
        rewards.correctness([""], one, format=[7])  # type: ignore[list-item]
    for junk in (7, None, [7], [["a"]]):
        with pytest.raises(TypeError, match="completion"):
            rewards.correctness([junk], one)  # type: ignore[list-item]


def test_weighted_rewards_are_values() -> None:
    mixed = rewards.weighted({"correctness": 1, "steps": 0.5}, strict=True)
    again = pickle.loads(pickle.dumps(mixed))
    assert again == mixed and hash(again) == hash(mixed) and again.__name__ == mixed.__name__
    assert again([SAMPLES[0].rationale], ADDRESSES[:1]) == [1.5]
    assert copy.deepcopy(mixed) == mixed != rewards.weighted({"correctness": 1, "steps": 0.5})
    assert repr(mixed).startswith("Weighted(weights={'correctness': 1.0, 'steps': 0.5}")
    for wrong in ({"steps": "much"}, {"steps": float("nan")}, {7: 1.0}, ["steps"], 7):
        with pytest.raises(TaskError):
            rewards.weighted(wrong)  # type: ignore[arg-type]

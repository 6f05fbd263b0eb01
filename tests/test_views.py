import pytest

import avrgym
from avrgym import Source, TaskError, verify, views
from avrgym.envs.words import LONGEST, PROMPT_CHARSET
from sources import EVERY_LEVEL

SAMPLES = [
    sample
    for task, level in EVERY_LEVEL
    for sample in Source(task, level, split="val").samples(range(3))
]


@pytest.mark.parametrize("view", avrgym.VIEWS)
@pytest.mark.parametrize("rationale", [True, False])
def test_targets_are_correct_replies(view: str, rationale: bool) -> None:
    replies = [views.target(sample, view, rationale) for sample in SAMPLES]
    verdicts = verify([sample.address for sample in SAMPLES], replies)
    if view == "image_to_text":
        assert replies == [sample.twin for sample in SAMPLES]
        assert not verdicts.correct.any()
    else:
        assert verdicts.correct.all()
        assert (verdicts.first_error == -1).all()


@pytest.mark.parametrize("view", avrgym.VIEWS)
@pytest.mark.parametrize("rationale", [True, False])
def test_prompts_echoed_back_are_no_replies(view: str, rationale: bool) -> None:
    said = [views.prompt(sample, view, rationale) for sample in SAMPLES]
    assert not verify([sample.address for sample in SAMPLES], said).correct.any()
    for words in said:
        assert set(words) <= set(PROMPT_CHARSET)
        assert 0 < len(words) <= LONGEST


def test_prompts_tell_views_apart() -> None:
    for sample in SAMPLES:
        kinds = [(view, rationale) for view in avrgym.VIEWS for rationale in (True, False)]
        said = {views.prompt(sample, *kind) for kind in kinds}
        # A transcript has no rationale, so its two kinds are one.
        assert len(said) == len(kinds) - 1 or views.style(sample.address) == "terse"
        assert sample.question in views.prompt(sample)
        assert (sample.twin in views.prompt(sample, "text")) and sample.twin not in sample.question


def test_full_prompts_state_the_answer_format() -> None:
    for sample in SAMPLES:
        if views.style(sample.address) == "full":
            for view in ("image", "text", "image_via_text"):
                assert "Answer: ..." in views.prompt(sample, view)


def test_terse_prompts_are_the_question_alone() -> None:
    for task in avrgym.TASKS:
        source = Source(task, "simple", params={"style": "terse"})
        said = {views.prompt(sample) for sample in source.samples(range(20))}
        assert said == {sample.question for sample in source.samples(range(20))}
        assert views.style(source.address(0)) == "terse"


def test_pictures_stand_before_the_words() -> None:
    sample = SAMPLES[0]
    chat = views.chat(sample)
    [message] = chat.prompt
    assert message["role"] == "user"
    assert [block["type"] for block in message["content"]] == ["image", "text"]
    assert chat.completion == [{"role": "assistant", "content": sample.rationale}]
    [message] = views.chat(sample, "text").prompt
    assert [block["type"] for block in message["content"]] == ["text"]


def test_rows_carry_pictures_and_addresses() -> None:
    laid_out = views.rows(SAMPLES[:3], size=64, theme="compact", insist=True)
    for row, sample in zip(laid_out, SAMPLES, strict=False):
        assert row["address"] == sample.address
        assert len(row["images"]) == 1
        assert (
            row["images"][0] == avrgym.render([sample.address], 64, "compact", insist=True)[0]
        ).all()
    assert all(row["images"] == [] for row in views.rows(SAMPLES[:3], "text"))
    assert views.rows([]) == []


def test_unknown_views_are_refused() -> None:
    for call in (views.prompt, views.target, views.chat):
        with pytest.raises(TaskError, match="sketch"):
            call(SAMPLES[0], "sketch")
    with pytest.raises(TaskError, match="sketch"):
        views.rows([], "sketch")

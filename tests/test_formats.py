import pytest

import avrgym
from avrgym import Source, TaskError, formats, verify
from avrgym.envs.words import LONGEST, PROMPT_CHARSET
from sources import EVERY_LEVEL

SAMPLES = [
    sample
    for task, level in EVERY_LEVEL
    for sample in Source(task, level, split="val").samples(range(3))
]


@pytest.mark.parametrize("format", avrgym.FORMATS)
@pytest.mark.parametrize("rationale", [True, False])
def test_targets_are_correct_replies(format: str, rationale: bool) -> None:
    replies = [formats.target(sample, format, rationale) for sample in SAMPLES]
    verdicts = verify([sample.address for sample in SAMPLES], replies)
    if format == "image_to_text":
        assert replies == [sample.twin for sample in SAMPLES]
        assert not verdicts.correct.any()
    else:
        assert verdicts.correct.all()
        assert (verdicts.first_error == -1).all()


@pytest.mark.parametrize("format", avrgym.FORMATS)
@pytest.mark.parametrize("rationale", [True, False])
def test_prompts_echoed_back_are_no_replies(format: str, rationale: bool) -> None:
    said = [formats.prompt(sample, format, rationale) for sample in SAMPLES]
    assert not verify([sample.address for sample in SAMPLES], said).correct.any()
    for words in said:
        assert set(words) <= set(PROMPT_CHARSET)
        assert 0 < len(words) <= LONGEST


def test_prompts_tell_views_apart() -> None:
    for sample in SAMPLES:
        kinds = [(format, rationale) for format in avrgym.FORMATS for rationale in (True, False)]
        said = {formats.prompt(sample, *kind) for kind in kinds}
        # A transcript has no rationale, so its two kinds are one.
        assert len(said) == len(kinds) - 1 or formats.style(sample.address) == "terse"
        assert sample.question in formats.prompt(sample)
        assert (
            sample.twin in formats.prompt(sample, "text")
        ) and sample.twin not in sample.question


def test_full_prompts_state_the_answer_format() -> None:
    for sample in SAMPLES:
        if formats.style(sample.address) == "full":
            for format in ("image", "text", "image_via_text"):
                assert "Answer: ..." in formats.prompt(sample, format)


def test_terse_prompts_are_the_question_alone() -> None:
    for task in avrgym.TASKS:
        source = Source(task, "simple", params={"style": "terse"})
        said = {formats.prompt(sample) for sample in source.samples(range(20))}
        assert said == {sample.question for sample in source.samples(range(20))}
        assert formats.style(source.address(0)) == "terse"


def test_pictures_stand_before_the_words() -> None:
    sample = SAMPLES[0]
    chat = formats.chat(sample)
    [message] = chat.prompt
    assert message["role"] == "user"
    assert [block["type"] for block in message["content"]] == ["image", "text"]
    assert chat.completion == [{"role": "assistant", "content": sample.rationale}]
    [message] = formats.chat(sample, "text").prompt
    assert [block["type"] for block in message["content"]] == ["text"]


def test_rows_carry_pictures_and_addresses() -> None:
    laid_out = formats.rows(SAMPLES[:3], size=64, theme="compact", insist=True)
    for row, sample in zip(laid_out, SAMPLES, strict=False):
        assert row["address"] == sample.address
        assert len(row["images"]) == 1
        assert (
            row["images"][0] == avrgym.render([sample.address], 64, "compact", insist=True)[0]
        ).all()
    assert all(row["images"] == [] for row in formats.rows(SAMPLES[:3], "text"))
    assert formats.rows([]) == []


def test_unknown_views_are_refused() -> None:
    for call in (formats.prompt, formats.target, formats.chat):
        with pytest.raises(TaskError, match="sketch"):
            call(SAMPLES[0], "sketch")
    with pytest.raises(TaskError, match="sketch"):
        formats.rows([], "sketch")

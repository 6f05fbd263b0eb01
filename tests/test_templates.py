"""Templates say the same thing in other words: every rule, every name, the same form of answer."""

import re
from itertools import product

import pytest

import avrgym
from avrgym import TEMPLATES, Source, TaskError, formats, templates, verify
from avrgym.envs.words import LONGEST, PROMPT_CHARSET
from sources import EVERY_LEVEL

OTHERS = TEMPLATES[1:]
SAMPLES = [sample for task, level in EVERY_LEVEL for sample in Source(task, level)[:2]]
WORDINGS = [
    sample
    for task in ("consecutive_table_readout", "table_readout")
    for ends, asked, style, names in product(
        ("named", "marked"),
        ({"ask": "list"}, {"ask": "total"}, {"answer": "cells"}),
        ("full", "terse"),
        ("full", "short", "letters"),
    )
    for sample in Source(
        task, "simple", params={"ends": ends, **asked, "style": style, "names": names}
    )[:2]
] + [
    sample
    for task, level, params in (
        ("visual_analogy", "simple", {"examples": 1}),
        ("visual_analogy", "hard", {"examples": 1}),
        ("visual_analogy", "simple", {"style": "terse"}),
        ("grid_navigation", "hard_unsolvable", {"p_unsolvable": 1}),
        ("grid_navigation", "simple", {"style": "terse"}),
    )
    for sample in Source(task, level, params=params)[:2]
]
KINDS = list(product(avrgym.FORMATS, (True, False)))
#: What no template words anew: definitions that every wording shares.
SHARED = (
    "- AND:",
    "- OR:",
    "- XOR:",
    "- Progression:",
    "A progression",
    "A panel holds",
    "Colors",
    "Sizes",
    "Positions",
)


def sentences(words: str) -> list[str]:
    return [said for said in re.split(r"(?<=[.?]) |\n", words) if said]


def instructed(sample: avrgym.Sample, format: str, rationale: bool, template: str) -> str:
    """A prompt without the twin."""
    return formats.prompt(sample, format, rationale, template).removesuffix(f"\n{sample.twin}")


def test_every_sentence_has_every_wording() -> None:
    for wordings in templates.sentences():
        assert set(wordings) == set(TEMPLATES)
        assert len(set(wordings.values())) == len(TEMPLATES)
        for words in wordings.values():
            assert set(words) <= set(PROMPT_CHARSET)
            # Each name once, and the form of the answer word for word.
            assert sorted(re.findall(r"\{\w+\}", words)) == re.findall(
                r"\{\w+\}", wordings["plain"]
            )
            quoted = r"""(?<!\w)(["'])(.*?)\1(?!\w)"""
            assert re.findall(quoted, words) == re.findall(quoted, wordings["plain"])


@pytest.mark.parametrize("template", OTHERS)
def test_no_sentence_is_left_in_plain_words(template: str) -> None:
    for sample in SAMPLES + WORDINGS:
        for kind in KINDS:
            plain = sentences(instructed(sample, *kind, "plain"))
            left = set(plain) & set(sentences(instructed(sample, *kind, template)))
            assert all(sentence.startswith(SHARED) for sentence in left), (sample.address, left)


@pytest.mark.parametrize("template", OTHERS)
def test_wordings_keep_names_and_answers(template: str) -> None:
    for sample in SAMPLES + WORDINGS:
        plain = instructed(sample, "image", True, "plain")
        other = instructed(sample, "image", True, template)
        for name in re.findall(r"row (\w+), column (\w+)", plain):
            assert "row {}, column {}".format(*name) in other
        for name in re.findall(r"the path: (.+?) to (.+?)\.", plain):
            assert "{} to {}".format(*name) in other
        assert other.count("Answer:") == plain.count("Answer:")
        if sample.task.endswith("readout"):
            is_total = "ask=total" in sample.address
            assert bool(re.search(r"\b(sum|Sum|add|Add)\b", other)) == is_total


@pytest.mark.parametrize("template", OTHERS)
@pytest.mark.parametrize(("format", "rationale"), KINDS)
def test_reworded_prompts_are_no_replies(template: str, format: str, rationale: bool) -> None:
    said = [formats.prompt(sample, format, rationale, template) for sample in SAMPLES + WORDINGS]
    judged = verify([sample.address for sample in SAMPLES + WORDINGS], said)
    assert not judged.correct.any()
    assert all(set(words) <= set(PROMPT_CHARSET) and len(words) <= LONGEST for words in said)


def test_the_twin_is_never_reworded() -> None:
    for sample in SAMPLES:
        for template in TEMPLATES:
            assert formats.prompt(sample, "text", True, template).endswith(f"\n{sample.twin}")


def test_the_address_chooses_evenly_and_for_ever() -> None:
    source = Source("table_readout", "simple")
    chosen = [templates.chosen("any", source.address(i)) for i in range(4000)]
    for template in TEMPLATES:
        assert 900 < chosen.count(template) < 1100
    # Stable over processes, platforms and releases.
    assert chosen[:8] == GOLDEN
    sample = source[0]
    assert formats.prompt(sample, "image", True, "any") == formats.prompt(
        sample, "image", True, GOLDEN[0]
    )


GOLDEN = ["formal", "friendly", "friendly", "plain", "brief", "brief", "brief", "brief"]


def test_plain_is_the_default() -> None:
    for sample in SAMPLES:
        assert formats.prompt(sample) == formats.prompt(sample, template="plain")


def test_unknown_templates_are_refused() -> None:
    for call in (formats.prompt, formats.chat):
        with pytest.raises(TaskError, match="ornate"):
            call(SAMPLES[0], template="ornate")


def test_golden_wordings() -> None:
    [grid] = avrgym.samples(["grid_navigation/rung2#train:0:0"])
    assert [formats.prompt(grid, "image", False, template) for template in TEMPLATES] == [
        "Collect every object and end on the destination; enter no obstacle. Answer only.",
        "All objects, then the destination; no obstacle. No steps.",
        "Visit each object and end on the destination without entering an obstacle. "
        "State the answer alone.",
        "Pick up every object and end on the destination, but step on no obstacle. "
        "Just the answer.",
    ]

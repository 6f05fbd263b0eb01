"""What stages train on, over random specs: nothing held out, groups of one modality."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avrgym
from avrgym import TaskError, mixtures
from sources import is_held_out

pytest.importorskip("pydantic")

from avrgym.train.curricula import Levels, MixtureRows
from avrgym.train.curricula.occasion import Occasion

LEVELS = [f"{task}/{level}" for task in avrgym.TASKS for level in avrgym.levels(task)]
FORMATS = ["image", "text", "image_via_text", "image-direct", "text-direct"]
WEIGHTS = st.one_of(
    st.sampled_from([0.3, 1.0, 1 / 3, 1e-9, 1e9, 2.0]), st.floats(1e-12, 1e12, allow_nan=False)
)


def check(drawn: list[avrgym.Prompt], held_out: int, together: int) -> None:
    contents = avrgym.contents([prompt.address for prompt in drawn])
    assert not any(is_held_out(content, held_out) for content in contents)
    for at in range(0, len(drawn), together):
        assert len({prompt.format.pictured for prompt in drawn[at : at + together]}) == 1


@settings(max_examples=25, deadline=None)
@given(
    levels=st.dictionaries(st.sampled_from(LEVELS), WEIGHTS, min_size=1, max_size=len(LEVELS)),
    formats=st.dictionaries(st.sampled_from(FORMATS), WEIGHTS, min_size=1),
    together=st.sampled_from([1, 3, 16]),
    held_out=st.sampled_from([2, 4, 7]),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_levels_with_any_weights_are_drawn_and_nothing_held_out(
    levels: dict[str, float], formats: dict[str, float], together: int, held_out: int, seed: int
) -> None:
    plan = Levels(levels=levels, formats=formats, template="any")
    made = plan.made(Occasion(seed=seed, held_out=held_out, rows=96, together=together))
    check(made.draw(96), held_out, together)


def test_weights_that_are_all_next_to_nothing_are_even() -> None:
    plan = Levels(levels={LEVELS[0]: 1e-9, LEVELS[1]: 1e-9})
    drawn = plan.made(Occasion(rows=8)).draw(8)
    assert sum(prompt.address.startswith(LEVELS[0]) for prompt in drawn) == 4


@pytest.mark.parametrize("name", mixtures.NAMES)
@pytest.mark.parametrize("together", [1, 16])
def test_mixtures_have_nothing_held_out_and_fit_the_sizes_that_their_error_names(
    name: str, together: int
) -> None:
    plan = MixtureRows(
        name=name,
        task="grid_navigation",
        examples=1_200,
        simple="rung0",
        hard="rung1",
        template="any",
        internalise=mixtures.Internalise(),
    )
    for phase in plan.phases() or (plan.name,):
        stage = plan.of_phase(phase)
        occasion = Occasion(rows=96, together=together)
        try:
            stage.rows(occasion)
        except TaskError as wrong:
            assert "prompts times steps_per_generation, 16" in str(wrong)
            [size] = re.findall(r"size = (\d+)", str(wrong))
            if name == "align-mix+":  # whose other phase fits
                stage = replace(stage, align_examples=int(size))
            else:
                stage = replace(stage, examples=int(size))
            assert stage.rows(occasion) > 0
        check(stage.made(occasion).draw(96), 4, together)

"""What tests draw addresses from."""

from hypothesis import strategies as st

import avrgym
from avrgym import Source
from avrgym.core.held_out import splits

EVERY_LEVEL = [(task, level) for task in avrgym.TASKS for level in avrgym.levels(task)]
U64 = st.integers(0, 2**64 - 1)


def is_held_out(content: str, held_out: int) -> bool:
    """Whether a content is kept for evaluation."""
    return splits([content], held_out) != ["train"]


@st.composite
def every_source(draw: st.DrawFn) -> Source:
    task, level = draw(st.sampled_from(EVERY_LEVEL))
    return Source(task, level, split=draw(st.sampled_from(avrgym.SPLITS)), seed=draw(U64))

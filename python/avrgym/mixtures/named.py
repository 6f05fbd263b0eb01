"""The mixtures of *Generalizing from SIMPLE to HARD Visual Reasoning*, by name."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil

from avrgym._core import TaskError
from avrgym.core import arguments
from avrgym.core.arguments import made, table, truth, whole
from avrgym.core.samples import levels
from avrgym.mixtures.parts import LARGEST, Internalise, Mixture, Part, Phase, check_runs
from avrgym.prompts.format import Format

# Of each phase its epochs, and the weights of its parts: (level, format). A phase has N / epochs
# rows, so that all of them show N training examples. A part that stands three times is seen thrice.
_PHASES: Mapping[str, tuple[str, tuple[tuple[str, str, int], ...]]] = {
    "text": ("2", (("simple", "text", 1),)),
    "image": ("2", (("simple", "image", 1),)),
    "image_via_text": ("3", (("simple", "image_via_text", 1),)),
    "image+text": ("3/2", (("simple", "text", 1), ("simple", "image", 1))),
    "mix": (
        "1",
        (("simple", "text", 1), ("simple", "image", 1), ("simple", "image_via_text", 1)),
    ),
    "mix+": (
        "1",
        (
            ("simple", "text", 1),
            ("simple", "image", 1),
            ("simple", "image_via_text", 1),
            ("hard", "text", 3),
        ),
    ),
    "image_via_text+": ("1", (("simple", "image_via_text", 1),) * 3 + (("hard", "text", 3),)),
    "align": ("1", (("simple", "text", 1), ("simple", "image_via_text", 1))),
}
_MIXTURES: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in _PHASES},
    "align-mix+": ("align", "mix+"),
}

#: The names that :func:`named` knows.
NAMES: tuple[str, ...] = tuple(_MIXTURES)


def named(
    name: str,
    task: str,
    size: int,
    seed: int = 0,
    *,
    align_size: int | None = None,
    simple: str = "simple",
    hard: str = "hard",
    rationale: bool = True,
    params: Mapping[str, object] | None = None,
    template: str = "plain",
    internalise: Internalise | None = None,
    batch: int = 1,
) -> Mixture:
    """One of the paper's mixtures, for one task.

    Args:
        name: One of ``NAMES``.
        task: One of ``avrgym.TASKS``.
        size: N, the training examples that are seen in a phase; its rows are N / epochs. With
            ``internalise`` they are N, each seen once, so that rationales shrink over all of them
            where rows are written too.
        seed: Of instances and order.
        align_size: N of phase ``align`` of ``align-mix+``; as large as ``size`` if None.
        simple: The level that stands for SIMPLE.
        hard: The level that stands for HARD.
        rationale: Whether worked steps come before the answers.
        params: Overrides of both levels' parameters.
        template: See :class:`Mixture`.
        internalise: See :class:`Mixture`.
        batch: See :class:`Phase`.

    Raises:
        TaskError: An argument names nothing, a part of a phase would have no rows, or ``batch``
            does not fit the rows with and without a picture; the message names sizes that do.
    """
    name = arguments.named("mixture", name, NAMES)
    size = whole("size", size, 1, LARGEST)
    align = size if align_size is None else whole("align_size", align_size, 1, LARGEST)
    overrides = table("params", params)
    truth("rationale", rationale)
    if internalise is not None:
        made("internalise", internalise, Internalise)
    known = levels(task)
    given = {"simple": simple, "hard": hard}
    stand = {key: arguments.named("level", level, known) for key, level in given.items()}
    phases = []
    for phase in _MIXTURES[name]:
        epochs, parted = _PHASES[phase]
        seen = align if phase == "align" else size
        passes = Fraction(1) if internalise else Fraction(epochs)
        parts = tuple(
            Part(task, stand[level], Format(shown, rationale), weight, dict(overrides))
            for level, shown, weight in parted
        )
        least = _least(parts, passes)
        if seen < least:
            raise TaskError(
                f'size {seen} leaves a format of phase "{phase}" without rows; give {least} or more'
            )
        rows = int(seen / passes)
        # In the caller's count of examples; a phase would name rows.
        check_runs(phase, parts, rows, batch, passes)
        phases.append(Phase(phase, rows, parts, float(passes), batch=batch))
    return Mixture(name, tuple(phases), seed, template, internalise)


def _least(parts: tuple[Part, ...], passes: Fraction) -> int:
    """The fewest examples that give each part a row."""
    rows = len(parts)
    while not all(Phase("", rows, parts).counts()):
        rows += 1
    return ceil(rows * passes)

"""A mixture, by name, by file or inline: what ``avrgym generate`` writes, as a stream."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from avrgym._core import TaskError
from avrgym.mixtures import Format, Internalise, Mixture, Phase, build, load, named
from avrgym.train.curricula.occasion import Occasion
from avrgym.train.curricula.planned import Planned


@dataclass(frozen=True, slots=True)
class MixtureRows:
    """The rows of a mixture in its own order.

    Attributes:
        kind: Names this kind in a run's file.
        name: One of ``avrgym.mixtures.NAMES``, the paper's.
        file: A mixture's TOML or YAML file, instead.
        inline: What such a file has, as a table, instead.
        phase: One phase of several; if left out they follow each other, each as a stage.
        task: Of a mixture by name, as all that follows up to ``rationale``.
        examples: N, the training examples that a phase shows.
        align_examples: N of phase ``align`` of ``align-mix+``; as ``examples`` if left out.
        simple: The level that stands for SIMPLE.
        hard: The level that stands for HARD.
        rationale: Whether worked steps come before the answers.
        params: Overrides of all levels' parameters.
        template: How prompts are worded; a file's own if left out.
        internalise: How rationales shrink over a phase; a file's own if left out.
        seed: Of instances and order; a file's own if left out, and by name the run's and stage's.
    """

    kind: Literal["mixture"] = "mixture"
    name: str = ""
    file: str = ""
    inline: Mapping[str, Any] | None = None
    phase: str = ""
    task: str = ""
    examples: int = 0
    align_examples: int | None = None
    simple: str = "simple"
    hard: str = "hard"
    rationale: bool = True
    params: Mapping[str, Any] = field(default_factory=dict)
    template: str | None = None
    internalise: Internalise | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        given = [bool(self.name), bool(self.file), self.inline is not None]
        if sum(given) != 1:
            raise TaskError("a mixture is one of name, file and inline; give just one of them")
        if self.name and not (self.task and self.examples > 0):
            raise TaskError(f'mixture "{self.name}" needs a task and examples, 1 or more')
        mixture = self._mixture(0, 1)
        if self.phase:
            mixture.phase(self.phase)

    def rows(self, occasion: Occasion) -> int:
        """As many as a trainer sees of the phase."""
        return self._phase(self._of(occasion)).rows

    def adapts(self) -> bool:
        """It goes by its order alone."""
        return False

    def asks(self, occasion: Occasion) -> list[tuple[str, Format]]:
        """All that it may ask: what addresses begin with, and the format."""
        return self.made(occasion).asks()

    def phases(self) -> tuple[str, ...]:
        """Those that follow each other as stages of their own."""
        names = tuple(phase.name for phase in self._mixture(0, 1).phases)
        return names if len(names) > 1 and not self.phase else ()

    def of_phase(self, name: str) -> "MixtureRows":
        """The rows of one phase."""
        return replace(self, phase=name)

    def made(self, occasion: Occasion) -> Planned:
        """The curriculum itself."""
        mixture = self._of(occasion)
        phase, budget = self._phase(mixture).name, occasion.rows
        return Planned(mixture, phase, occasion.held_out, fresh=False, budget=budget)

    def _of(self, occasion: Occasion) -> Mixture:
        """The mixture in the run's wording, in runs of one modality where the stage needs them.

        Raises:
            TaskError: It has other numbers of rows with and without a picture; sizes that fit.
        """
        try:
            return self._in_runs(occasion)
        except TaskError as wrong:
            if occasion.together == 1:
                raise
            sizes = "examples (of align: align_examples)" if self.name else "its phase's size"
            raise TaskError(
                f"{wrong}; here size is the curriculum's {sizes}, and batch the stage's prompts "
                f"times steps_per_generation, {occasion.together}"
            ) from None

    def _in_runs(self, occasion: Occasion) -> Mixture:
        mixture = self._mixture(occasion.seed * 256 + occasion.place, occasion.together)
        phases = []
        for phase in mixture.phases:
            parts = tuple(
                replace(part, params={**occasion.wording, **part.params, **self.params})
                for part in phase.parts
            )
            batch = phase.batch
            if occasion.together > 1 and phase.mixes and batch % occasion.together:
                batch = occasion.together
            phases.append(replace(phase, parts=parts, batch=batch))
        return replace(mixture, phases=tuple(phases))

    def _phase(self, mixture: Mixture) -> Phase:
        return mixture.phase(self.phase) if self.phase else mixture.phases[0]

    def _mixture(self, seed: int, together: int) -> Mixture:
        if self.name:
            return named(
                self.name,
                self.task,
                self.examples,
                seed if self.seed is None else self.seed,
                align_size=self.align_examples,
                simple=self.simple,
                hard=self.hard,
                rationale=self.rationale,
                params=self.params,
                template=self.template or "plain",
                internalise=self.internalise,
                batch=together,
            )
        mixture = load(self.file) if self.file else build(self.inline, "inline")
        return replace(
            mixture,
            seed=mixture.seed if self.seed is None else self.seed,
            template=self.template or mixture.template,
            internalise=self.internalise or mixture.internalise,
        )

"""The model that a run begins with; one made from nothing has the words of what it will meet."""

from collections.abc import Iterator

from avrgym.models.fresh import fresh
from avrgym.models.load import Loaded, begin
from avrgym.models.spec import Transformers
from avrgym.prompts.prompt import Prompt
from avrgym.train.spec import Run

READ = 2_000  # prompts whose words make the vocabulary


def begun(run: Run) -> Loaded:
    """The model and its processor.

    Raises:
        TaskError: It cannot be made or loaded so.
    """
    if isinstance(run.model, Transformers) or not run.stages:
        return begin(run.model, picture=run.picture, seed=run.seed)
    measured = list(_measured(run))
    return fresh(list(_read(run)), run.picture, run.model, measured=measured, seed=run.seed)


def _read(run: Run) -> Iterator[Prompt]:
    """Prompts of all stages, evenly; no address twice."""
    stages = run.planned()
    plans = [
        (run.occasion(i, stage), plan) for i, stage in enumerate(stages) for plan in stage.plans
    ]
    known = set[str]()
    for occasion, plan in plans:
        for prompt in plan.made(occasion).draw(-(-READ // len(plans))):
            if prompt.address not in known:
                known.add(prompt.address)
                yield prompt


def _measured(run: Run) -> Iterator[Prompt]:
    """Prompts of the levels that are measured: a model that lacks a word cannot say it."""
    levels = run.evaluation.settings(run.wording)
    for level in levels:
        for index in range(-(-READ // len(levels))):
            yield Prompt(f"{level}#train:0:{index}")

"""A compiled gym for algorithmic visual reasoning: generated, drawn and judged step by step.

Files depend only on what stands before them in this order, which a test holds them to:

_core → samples → verdicts → templates → views · rewards → mixtures → datasets · envs · evaluate
→ stream → record → curves → report → data/* → train/* → cli/*
"""

from avrgym import envs, mixtures, rewards, views
from avrgym._core import TaskError
from avrgym.datasets import Dataset, create_dataset
from avrgym.samples import (
    SPLITS,
    TASKS,
    THEMES,
    RationaleStep,
    Sample,
    Source,
    contents,
    levels,
    parameters,
    render,
    samples,
)
from avrgym.templates import TEMPLATES
from avrgym.verdicts import (
    FORMS,
    OUTCOMES,
    REASONS,
    SKILLS,
    STATES,
    Step,
    Verdict,
    Verdicts,
    verify,
)
from avrgym.views import VIEWS

__all__ = [
    "FORMS",
    "OUTCOMES",
    "REASONS",
    "SKILLS",
    "SPLITS",
    "STATES",
    "TASKS",
    "TEMPLATES",
    "THEMES",
    "VIEWS",
    "Dataset",
    "RationaleStep",
    "Sample",
    "Source",
    "Step",
    "TaskError",
    "Verdict",
    "Verdicts",
    "contents",
    "create_dataset",
    "envs",
    "levels",
    "mixtures",
    "parameters",
    "render",
    "rewards",
    "samples",
    "verify",
    "views",
]

envs.register()

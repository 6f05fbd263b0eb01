"""A compiled gym for algorithmic visual reasoning: generated, drawn and judged step by step.

Files depend only on what stands before them in this order, which a test holds them to:

_core → arguments → held_out → samples → verdicts · pixels → templates → views · rewards
→ mixtures → datasets · envs · evaluate → stream → record → gallery → curves → report → data/*
→ train/* → cli/*
"""

from avrgym import envs, mixtures, rewards, views
from avrgym._core import CoreError, TaskError
from avrgym.datasets import Dataset, create_dataset
from avrgym.pixels import Layout, Patches, Pixels, pixels
from avrgym.samples import (
    FORMATS,
    SPLITS,
    TASKS,
    THEMES,
    RationaleStep,
    Sample,
    Source,
    contents,
    encode,
    legible_size,
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
    "FORMATS",
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
    "CoreError",
    "Dataset",
    "Layout",
    "Patches",
    "Pixels",
    "RationaleStep",
    "Sample",
    "Source",
    "Step",
    "TaskError",
    "Verdict",
    "Verdicts",
    "contents",
    "create_dataset",
    "encode",
    "envs",
    "legible_size",
    "levels",
    "mixtures",
    "parameters",
    "pixels",
    "render",
    "rewards",
    "samples",
    "verify",
    "views",
]

envs.register()

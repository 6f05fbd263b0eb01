"""A compiled gym for algorithmic visual reasoning: generated, drawn and judged step by step.

Rooms depend only on what stands before them in this order, which a test holds them to:

_core → core → config → prompts → rewards → mixtures → dialogues → stream · envs · adapters → files
→ jobs → data → runs → models → evaluate → analyses → prm → search → report → serve → train → cli
"""

from importlib.metadata import PackageNotFoundError, version

from avrgym import envs, mixtures, prompts, rewards
from avrgym._core import CoreError, TaskError
from avrgym.adapters.reasoning_gym import Dataset, create_dataset
from avrgym.core import held_out
from avrgym.core.address import Address
from avrgym.core.facts import RationaleStep
from avrgym.core.pictures import ENCODINGS, THEMES, Picture, encode, legible_size, render
from avrgym.core.samples import (
    SPLITS,
    TASKS,
    Sample,
    Source,
    contents,
    levels,
    parameters,
    samples,
)
from avrgym.core.verdicts import (
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
from avrgym.prompts import formats, templates
from avrgym.prompts.format import FORMATS, Format
from avrgym.prompts.layout import Layout, Patches
from avrgym.prompts.pixels import Pixels, pixels
from avrgym.prompts.prompt import Prompt
from avrgym.prompts.templates import TEMPLATES

__all__ = [
    "ENCODINGS",
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
    "Address",
    "CoreError",
    "Dataset",
    "Format",
    "Layout",
    "Patches",
    "Picture",
    "Pixels",
    "Prompt",
    "RationaleStep",
    "Sample",
    "Source",
    "Step",
    "TaskError",
    "Verdict",
    "Verdicts",
    "__version__",
    "contents",
    "create_dataset",
    "encode",
    "envs",
    "formats",
    "held_out",
    "legible_size",
    "levels",
    "mixtures",
    "parameters",
    "pixels",
    "prompts",
    "render",
    "rewards",
    "samples",
    "templates",
    "verify",
]

try:
    __version__ = version("avrgym")
except PackageNotFoundError:  # a checkout on the path, nothing installed
    __version__ = "0+checkout"

envs.register()

"""Keeps the libraries from talking over a run."""

import logging
import warnings

from avrgym.core.extras import needs

with needs("train"):
    from transformers.utils import logging as transformers_logging


def quieten() -> None:
    """Silences what libraries say on every run."""
    warnings.filterwarnings("ignore", module=r"(transformers|trl|torch|accelerate|peft)\.")
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    for name in ("trl", "accelerate", "datasets"):
        logging.getLogger(name).setLevel(logging.ERROR)

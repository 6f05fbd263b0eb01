"""Training: a run from its file to its report, through TRL."""

import os

# Read when the libraries are imported: no ping on every trainer, no warning on every fork.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from pathlib import Path

#: Where shipped runs are.
CONFIGS = Path(__file__).with_name("configs")

"""The command ``avrgym``: one file a group of verbs. Heavy imports wait inside their verb."""

from avrgym.cli.main import main
from avrgym.cli.train import CONFIGS

__all__ = ["CONFIGS", "main"]

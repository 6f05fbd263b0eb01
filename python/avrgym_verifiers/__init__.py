"""The name by which the command line of verifiers finds the tasks: ``eval avrgym-verifiers``.

It imports top-level modules only; all is in :mod:`avrgym.adapters.verifiers`.
"""

from avrgym.adapters.verifiers import AvrgymTaskset

__all__ = ["AvrgymTaskset"]

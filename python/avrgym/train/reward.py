"""Rewards of a run's file: names of the registry, or functions that TRL can call."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from avrgym._core import TaskError
from avrgym.core.arguments import nearest, quoted
from avrgym.rewards import POLICIES, Policy


def resolved(name: str) -> Policy | Callable[..., Any]:
    """A policy of :data:`avrgym.rewards.POLICIES`, or what ``package.module:function`` names.

    Raises:
        TaskError: There is none.
    """
    if name in POLICIES:
        return POLICIES[name]
    module, colon, function = name.partition(":")
    if not colon:
        known = ", ".join(POLICIES)
        near = nearest(name, POLICIES)
        raise TaskError(
            f'rewards: unknown reward "{name}"{near}; known: {known}, or package.module:function'
        )
    try:
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as wrong:
        raise TaskError(f"rewards: {quoted(name)} names no function: {wrong}") from None
    if not callable(found):
        raise TaskError(f"rewards: {quoted(name)} is no function")
    made: Callable[..., Any] = found
    return made

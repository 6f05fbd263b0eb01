"""Infos of vector environments: a column a key, a mask beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def put(
    infos: dict[str, Any],
    key: str,
    values: Sequence[Any] | NDArray[Any] | Mapping[str, Any],
    mask: NDArray[np.bool_],
) -> None:
    """Adds a column as Gymnasium's ``VectorEnv._add_info`` would, for many environments at once.

    Args:
        infos: Written in place: ``key`` and ``_key``.
        key: The column's name.
        values: One value for each environment of the mask, in order; or columns of a nested info.
        mask: Whom the values belong to, bool (n,).
    """
    whose = infos.setdefault(f"_{key}", np.zeros(len(mask), np.bool_))
    whose |= mask
    if isinstance(values, Mapping):
        nested = infos.setdefault(key, {})
        for name, column in values.items():
            put(nested, name, column, mask)
        return
    kind = _kind(values)
    if key not in infos:
        infos[key] = np.full(len(mask), None if kind is object else 0, kind)
    column = infos[key]
    if kind is object:
        for place, value in zip(np.flatnonzero(mask), values, strict=True):
            column[place] = value
    else:
        column[mask] = values


def _kind(values: Sequence[Any] | NDArray[Any]) -> Any:
    """The dtype of a column: numbers and truths as themselves, all else as objects."""
    if isinstance(values, np.ndarray):
        return values.dtype
    first = values[0] if len(values) else None
    return type(first) if isinstance(first, bool | int | float) else object

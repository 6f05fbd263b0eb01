"""A range of a level's parameters, cut into bands that take turns as levels do."""

import re
from collections.abc import Mapping

from avrgym._core import TaskError
from avrgym.core.arguments import quoted

_RANGE = re.compile(r"(\d+)-(\d+)")


def cut(ranges: Mapping[str, str], bands: int) -> list[dict[str, str]]:
    """Parameters of each band, the lowest first; one of none if there are no ranges.

    Args:
        ranges: By parameter, of whole numbers, such as ``{"cells": "1-16"}``.
        bands: How many, as nearly equal as whole numbers are, the first ones the smaller.

    Raises:
        TaskError: One is no range, or has fewer numbers than there are bands.
    """
    found: list[dict[str, str]] = [{} for _ in range(bands if ranges else 1)]
    for name, text in ranges.items():
        range_ = _RANGE.fullmatch(text)
        first, last = (int(end) for end in range_.groups()) if range_ else (1, 0)
        if first > last:
            raise TaskError(
                f'widen.{name} is {quoted(text)}; give a range of whole numbers, such as "1-16"'
            )
        size = last - first + 1
        if size < bands:
            raise TaskError(
                f"widen.{name} = {text} has {size} numbers, too few for {bands} bands; give "
                f"bands = {size} or fewer"
            )
        for at, band in enumerate(found):
            begin, end = (first + size * place // bands for place in (at, at + 1))
            band[name] = f"{begin}-{end - 1}"
    return found

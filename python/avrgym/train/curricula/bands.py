"""Ranges of a level's parameters, cut into bands that take turns as levels do."""

import re
from collections.abc import Mapping

from avrgym._core import TaskError
from avrgym.core.arguments import quoted

_RANGE = re.compile(r"(\d+)-(\d+)")


def cut(ranges: Mapping[str, str], bands: int) -> list[dict[str, str]]:
    """Parameters of each band, the lowest first; one of none if there are no ranges.

    Several ranges go up together. One that has fewer numbers than there are bands rests on each
    number for as many of them, as nearly as whole numbers are: tables of 4 to 6 rows in six bands
    are of 4, 4, 5, 5, 6 and 6.

    Args:
        ranges: By parameter, of whole numbers, such as ``{"rows": "4-6", "cells": "1-36"}``.
        bands: How many, as nearly equal as whole numbers are, the first ones the smaller.

    Raises:
        TaskError: One is no range, or all have fewer numbers than there are bands.
    """
    ends = {name: _ends(name, text) for name, text in ranges.items()}
    sizes = {name: last - first + 1 for name, (first, last) in ends.items()}
    # Two bands are alike only where every range rests.
    if ends and (most := max(sizes.values())) < bands:
        widest = max(sizes, key=sizes.__getitem__)
        raise TaskError(
            f"widen.{widest} = {ranges[widest]} has {most} numbers, too few for {bands} bands; "
            f"give bands = {most} or fewer"
        )
    return [
        {name: _band(*ends[name], place, bands) for name in ends}
        for place in range(bands if ends else 1)
    ]


def _ends(name: str, text: str) -> tuple[int, int]:
    range_ = _RANGE.fullmatch(text)
    first, last = (int(end) for end in range_.groups()) if range_ else (1, 0)
    if first > last:
        raise TaskError(
            f'widen.{name} is {quoted(text)}; give a range of whole numbers, such as "1-16"'
        )
    return first, last


def _band(first: int, last: int, place: int, bands: int) -> str:
    begin, end = (first + (last - first + 1) * at // bands for at in (place, place + 1))
    return f"{begin}-{max(begin, end - 1)}"

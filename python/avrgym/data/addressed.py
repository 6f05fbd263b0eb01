"""Datasets of addresses: these instances and no others."""

from collections.abc import Iterable

from avrgym._core import TaskError
from avrgym.core.address import Address
from avrgym.data import ranges
from avrgym.data.exclusions import first_excluded
from avrgym.mixtures import Mixture, Part, Phase
from avrgym.prompts.format import Format


def mixture(name: str, format: Format, exclude: Iterable[str] = ()) -> Mixture:
    """The instances of a range of addresses in one format, in their order.

    Args:
        name: Such as ``grid_navigation/hard#test:0:0-999``.
        format: What is shown and asked for.
        exclude: What must not occur; see :func:`avrgym.data.exclusions.excluded`.

    Raises:
        TaskError: It is no such range, or has an excluded content: another instance would have to
            take its place.
    """
    head, first, stop = ranges.span(name)
    if found := first_excluded(head, range(first, stop), exclude):
        address, forbids = found
        raise TaskError(
            f"{address} has a content that --exclude {forbids} forbids; "
            "exclude less, or give other addresses"
        )
    of = Address.parse(f"{head}{first}")
    params = dict(of.params)
    # What is said stays said, also where it is the level's own: a layout may ask otherwise.
    said = dict(Address.parse(f"{name.rpartition(':')[0]}:0").params)
    params |= {key: said[key] for key in ("style",) if key in said}
    part = Part(of.task, of.level, format, params=params, seed=of.seed, split=of.split, first=first)
    rows = Phase(of.split, stop - first, (part,), shuffle=False)
    return Mixture(f"{of.task}-{of.level}", (rows,))

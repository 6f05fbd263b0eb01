"""What was said several times, and is scored once."""

from collections.abc import Hashable, Iterable


def distinct(keys: Iterable[Hashable]) -> tuple[list[int], list[int]]:
    """Which are the first of their kind, and which of these each one equals.

    Args:
        keys: n of them.

    Returns:
        The places of the k first ones, in order, and for each of the n a number below k.
    """
    firsts, numbers, codes = list[int](), dict[Hashable, int](), list[int]()
    for place, key in enumerate(keys):
        if key not in numbers:
            numbers[key] = len(firsts)
            firsts.append(place)
        codes.append(numbers[key])
    return firsts, codes

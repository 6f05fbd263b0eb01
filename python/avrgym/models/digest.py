"""A name for the weights that a model has."""

from hashlib import blake2b
from typing import Any


def digest(model: Any) -> str:
    """Hexadecimal, the same for the same weights, whatever holds them; after any step another.

    Args:
        model: Of ``torch``; each of its parameters is summed in double precision.
    """
    sums = [float(each.detach().double().sum()) for each in model.parameters()]
    return blake2b(repr(sums).encode(), digest_size=8).hexdigest()

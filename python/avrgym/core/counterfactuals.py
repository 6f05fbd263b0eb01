"""The same problem with one fact of what is seen changed, so that the right answer changes.

``changed=n`` in an address names the n-th counterfactual of the problem that stands there without
it: question, size and look stay, a digit on the path is another, an obstacle bars the way (one
more, or one that stood elsewhere; where neither can, the destination moves), or the right option
changes places with another. So a reply that goes by anything but what is seen is wrong on one of
the two.
"""

from collections.abc import Iterable
from dataclasses import replace

from avrgym.core.address import Address
from avrgym.core.held_out import splits
from avrgym.core.samples import contents

#: The parameter of addresses that says which; 0, which is not written, is the problem itself.
CHANGED: str = "changed"

#: Counterfactuals that are looked at for one whose content may be trained on.
TRIES: int = 16


def counterfactuals(addresses: Iterable[str], held_out: int | None = None) -> list[str | None]:
    """The address of a counterfactual of each sample, in order.

    Args:
        addresses: Samples, none of them a counterfactual.
        held_out: One content in so many is kept for evaluation; where a counterfactual's content
            belongs to another split than its sample's address, the next is taken. None to take the
            first.

    Returns:
        Addresses with ``changed``; None where none of ``TRIES`` belongs to the split.

    Raises:
        TaskError: An address is malformed, or ``held_out`` is out of range.
    """
    asked = [Address.parse(address) for address in addresses]
    found: list[str | None] = [None] * len(asked)
    left = list(range(len(asked)))
    for number in range(1, TRIES + 1):
        if not left:
            break
        tried = [numbered(asked[at], number) for at in left]
        belongs = (
            [True] * len(left)
            if held_out is None
            else [
                split == asked[at].split
                for split, at in zip(splits(contents(tried), held_out), left, strict=True)
            ]
        )
        for at, address, fits in zip(left, tried, belongs, strict=True):
            found[at] = address if fits else None
        left = [at for at, fits in zip(left, belongs, strict=True) if not fits]
    return found


def numbered(address: Address, number: int) -> str:
    """The address of the n-th counterfactual of a sample, whatever its content."""
    params = {**dict(address.params), CHANGED: str(number)}
    return str(replace(address, params=tuple(sorted(params.items()))))

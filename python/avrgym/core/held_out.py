"""Contents kept for evaluation: the one rule that sources, environments and training go by.

Splits share no random stream, but small levels repeat themselves: what is reported on may have been
trained on. So one content in ``held_out`` is kept for evaluation by its own hash, whatever split,
seed or level it turns up in, half of them for ``val`` and half for ``test``; no list of hashes has
to travel. Where a sample's content belongs to another split, another sample stands in for it: at
index i the first of the samples i, i + SPAN, i + 2 · SPAN, … whose content belongs. So each index
has a sample of its own, found without the others.
"""

from collections.abc import Iterable

from avrgym import _core
from avrgym.core.address import Addresses, spelled
from avrgym.core.arguments import strings, whole

#: Indices are below it where contents are held out.
SPAN: int = 2**40

#: The rarest that held-out contents may be.
RAREST: int = 2**16


def one_in(held_out: object) -> int | None:
    """The argument ``held_out`` as it is used.

    Raises:
        TaskError: It is neither None nor an integer from 2 to ``RAREST``.
    """
    return None if held_out is None else whole("held_out", held_out, 2, RAREST)


def splits(contents: Iterable[str], held_out: int) -> list[str]:
    """The split that each content (32 hexadecimal digits) belongs to.

    Raises:
        TaskError: A content is none, or ``held_out`` is out of range.
    """
    return _core.split_of(strings("contents", contents), whole("held_out", held_out, 2, RAREST))


def admitted(addresses: Addresses, held_out: int) -> list[str]:
    """The addresses of the samples that stand at addresses, in order.

    Raises:
        TaskError: An address is malformed or its index is ``SPAN`` or more, or the level shows
            hardly anything that belongs to the split.
    """
    return _core.admitted(spelled(addresses), whole("held_out", held_out, 2, RAREST))

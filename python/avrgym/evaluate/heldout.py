"""Which samples are evaluated: those of one split whose contents training never shows."""

import avrgym
from avrgym.core.held_out import splits

_TRIES = 40  # samples looked at for each one asked for
_CHUNK = 256  # samples that cross the boundary to the core at a time


def evaluation_addresses(
    setting: str, *, items: int, held_out: int, split: str = "test", seed: int = 0
) -> list[str]:
    """Up to ``items`` addresses of one split with distinct, held-out contents.

    Small levels repeat themselves, so the held-out contents themselves are dealt to the two splits
    by :mod:`avrgym.held_out`: what was looked at on ``val`` is never in ``test``. A level with few
    contents gives fewer: the search ends after 40 tries for each item asked for.

    Args:
        setting: ``task/level``, with ``?key=value`` behind it where it is overridden.
        items: How many, 1 or more.
        held_out: One content in so many is kept for evaluation, 2 to 65,536.
        split: ``val`` or ``test``.
        seed: Of the samples.

    Raises:
        TaskError: The setting or the split names nothing, or ``held_out`` is out of range.
    """
    found: dict[str, str] = {}
    for start in range(0, _TRIES * items, _CHUNK):
        addresses = [f"{setting}#{split}:{seed}:{start + i}" for i in range(_CHUNK)]
        contents = avrgym.contents(addresses)
        for address, content, own in zip(
            addresses, contents, splits(contents, held_out), strict=True
        ):
            if own == split:
                found.setdefault(content, address)
        if len(found) >= items:
            break
    return list(found.values())[:items]

"""Whether one of several replies is right."""

import numpy as np

from avrgym.analyses.interval import Estimate
from avrgym.analyses.passes import passes
from avrgym.analyses.table import Key, Table
from avrgym.report.cells import percent, sentences
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name
from avrgym.report.section import Analysis, Head, Section, Sheet


def _ask(inquiry: Inquiry) -> Section | None:
    sampled = inquiry.gathered.table.where(decoding="sampled")
    draws = _draws(sampled)
    if not draws:
        return None
    most = max(draws.values())
    ks = sorted({most, *(2**power for power in range(most.bit_length()))})
    found = {k: _passes(sampled, draws, k, "format") for k in ks}
    levels = {k: _passes(sampled, draws, k, "level", "format") for k in (1, most)}
    rows = tuple(
        (who, format_name(format), *(found[k].get((who, format)) for k in ks))
        for who, format in found[1]
    )
    each = tuple(
        (
            who,
            inquiry.level(level),
            format_name(format),
            one,
            levels[most].get((who, level, format)),
        )
        for (who, level, format), one in levels[1].items()
    )
    about = Head("subject"), Head("format")
    of = inquiry.focus
    best = max((k for k in ks if of in found[k]), default=1)
    said = (
        f"one of {best} replies is right {percent(found[best][of])} of the time, "
        f"a single one {percent(found[1][of])} ({inquiry.focused})"
        if best > 1
        else "several replies were drawn to each prompt"
    )
    return Section(
        sentences([said]),
        (
            Sheet("All levels", (*about, *(Head(f"pass@{k}", "share") for k in ks)), rows),
            Sheet(
                "By level",
                (about[0], Head("level"), about[1], *(Head(f"pass@{k}", "share") for k in levels)),
                each,
                folded=True,
            ),
        ),
        note="Pass@k, unbiased (Chen et al. 2021): the mean over items, of sampled replies.",
    )


def _passes(sampled: Table, draws: dict[int, int], k: int, *by: str) -> dict[Key, Estimate]:
    """Of the subjects that have so many replies to each item."""
    who = [code for code, count in draws.items() if count >= k]
    return passes(sampled.only(np.isin(sampled[WHO].codes, who)), k, WHO, *by)


def _draws(sampled: Table) -> dict[int, int]:
    """The least number of replies to an item, of subjects (by code) with several to each."""
    found: dict[int, int] = {}
    for (_,), mine in sampled.groups(WHO):
        least = int(np.bincount(mine.by("address", "format")[0]).min())
        if least > 1:
            found[int(mine[WHO].codes[0])] = least
    return found


PASSES = Analysis("passes", "One of several", "several sampled replies to each prompt", _ask)

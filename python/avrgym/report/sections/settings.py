"""What was asked for: the settings of each run and evaluation, side by side."""

from collections.abc import Iterator, Mapping
from typing import Any

from avrgym.report.inquiry import Inquiry
from avrgym.report.section import Analysis, Head, Section, Sheet


def _ask(inquiry: Inquiry) -> Section:
    sources = inquiry.gathered.sources
    held = [dict(_flat(source.settings)) for source in sources]
    keys = list(dict.fromkeys(key for each in held for key in each))
    differ = [key for key in keys if len({each.get(key) for each in held}) > 1]
    alike = [key for key in keys if key not in differ]
    heads = Head("key"), *(Head(source.name) for source in sources)
    sheets = []
    if differ:
        rows = tuple((key, *(each.get(key) for each in held)) for key in differ)
        sheets.append(Sheet("What differs", heads, rows))
    if alike:
        same = Head("value") if len(sources) > 1 else Head(sources[0].name)
        rows = tuple((key, held[0][key]) for key in alike)
        sheets.append(
            Sheet(
                "All settings" if not differ else "What is alike",
                (heads[0], same),
                rows,
                folded=True,
            )
        )
    many = len(sources) > 1
    words = f"{len(differ)} of {len(keys)} settings differ." if many else f"{len(keys)} settings."
    return Section(words, tuple(sheets))


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Settings by dotted keys, places of lists by their number; lists of plain values in one."""
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _flat(each, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for place, each in enumerate(value):
            yield from _flat(each, f"{key}.{place}")
    elif isinstance(value, list):
        yield key, ", ".join(map(str, value)) or "\u2013"
    else:
        yield key, "\u2013" if value in (None, {}) else str(value)


SETTINGS = Analysis("settings", "Settings", "settings", _ask, rows=False)

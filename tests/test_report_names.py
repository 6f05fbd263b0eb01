"""Names as figures have them."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from avrgym.report.names import broken

PART = st.text("abz09=-_", min_size=1, max_size=12)


@given(st.lists(PART, min_size=1, max_size=6), st.integers(8, 40))
def test_a_name_breaks_where_its_parts_end_and_is_kept_whole(parts: list[str], width: int) -> None:
    name = f"{parts[0]}?{'&'.join(parts[1:])}" if len(parts) > 1 else parts[0]
    lines = broken(name, width).split("\n")
    assert "".join(lines) == name
    assert all(line[-1] in "?&" for line in lines[:-1])
    assert all(len(line) <= width or not any(mark in line[:-1] for mark in "?&") for line in lines)
    assert all(
        len(one + other) > width
        for one, other in itertools.pairwise(lines)
        if "&" not in other[:-1]
    )

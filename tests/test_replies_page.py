"""What docs/replies.md says of replies is so: its tables and its block are run."""

import re
from pathlib import Path

import pytest

import avrgym

PAGE = (Path(__file__).parent.parent / "docs" / "replies.md").read_text("utf-8")
ROW = re.compile(r"^\| `(.+)` \| (correct|wrong|ambiguous|unparsed) \| (\w*) ?\|$")


def rows() -> list[tuple[str, str, str, str]]:
    """Address, reply, outcome and form of each row; the address is the last one named."""
    found, address = [], ""
    for line in PAGE.splitlines():
        if row := ROW.match(line):
            reply = row[1].replace("⏎", "\n").replace("\\|", "|")
            found.append((address, reply, row[2], row[3]))
        elif named := re.search(r"`(\w+/\w+(?:\?[\w=]+)?#train:\d+:\d+)`", line):
            address = named[1]
    return found


@pytest.mark.parametrize(("address", "reply", "outcome", "form"), rows())
def test_a_reply_fares_as_the_page_says(address: str, reply: str, outcome: str, form: str) -> None:
    verdict = avrgym.verify([address], [reply])[0]
    assert (verdict.outcome, verdict.form or "") == (outcome, form)
    strict = avrgym.verify([address], [reply], strict=True)[0]
    marked = form in avrgym.rewards.MARKED
    assert strict.parsed == (marked and verdict.parsed)


def test_the_tables_are_all_read() -> None:
    assert len(rows()) == sum(line.startswith("| `") for line in PAGE.splitlines()) - 3
    assert {form for _, _, _, form in rows()} == {*avrgym.FORMS, ""}

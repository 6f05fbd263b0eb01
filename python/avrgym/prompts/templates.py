"""Prompt templates: the same question in other words, sentence by sentence.

``templates.toml`` beside this file has all wordings. ``plain`` is the core's own; ``any`` takes one
of all templates for each sample, chosen by its address, so that it is the same in every process.
"""

import re
import tomllib
from functools import cache
from hashlib import blake2b
from pathlib import Path

from avrgym.core.arguments import named

#: Every wording, the core's own first.
TEMPLATES: tuple[str, ...] = ("plain", "brief", "formal", "friendly")

_NAME = re.compile(r"\{(\w+)\}")


def chosen(template: str, address: str) -> str:
    """The template that words a sample: the one that is named, or for ``any`` the address's own.

    Args:
        template: One of ``TEMPLATES``, or ``any``.
        address: A canonical address.

    Raises:
        TaskError: No such template.
    """
    if isinstance(template, str) and template == "any":
        digest = blake2b(address.encode(), digest_size=8, person=b"template").digest()
        return TEMPLATES[int.from_bytes(digest, "little") % len(TEMPLATES)]
    return named("template", template, (*TEMPLATES, "any"))


def reworded(words: str, template: str) -> str:
    """A prompt in a template's words; sentences that are in no template stay as they are.

    Args:
        words: A question with its instruction, as :func:`avrgym.formats.prompt` puts it.
        template: One of ``TEMPLATES``.
    """
    if template == "plain":
        return words
    pattern, wordings = _table()

    def other(found: re.Match[str]) -> str:
        number = found.lastgroup or ""
        names = {
            key.removeprefix(f"{number}_"): name
            for key, name in found.groupdict().items()
            if key.startswith(f"{number}_")
        }
        return wordings[number][template].format_map(names)

    return pattern.sub(other, words)


def sentences() -> list[dict[str, str]]:
    """All sentences that have several wordings: the words by template."""
    return [dict(wording) for wording in _table()[1].values()]


@cache
def _table() -> tuple[re.Pattern[str], dict[str, dict[str, str]]]:
    """One pattern that finds all sentences, each in a group, and their wordings by group."""
    text = Path(__file__).with_suffix(".toml").read_text("utf-8")
    wordings = {f"s{i}": wording for i, wording in enumerate(tomllib.loads(text)["sentences"])}
    patterns = [
        f"(?P<{number}>{_pattern(wording['plain'], number)})"
        for number, wording in wordings.items()
    ]
    # Longer sentences first: a shorter one may be the beginning of another.
    patterns.sort(key=len, reverse=True)
    return re.compile("|".join(patterns)), wordings


def _pattern(plain: str, number: str) -> str:
    pieces = _NAME.split(plain)
    return "".join(
        f"(?P<{number}_{piece}>[^\\n.,:]+?)" if i % 2 else re.escape(piece)
        for i, piece in enumerate(pieces)
    )

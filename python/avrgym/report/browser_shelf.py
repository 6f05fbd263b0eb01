"""The items of the failure browser in the order of the page, and all that is told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from avrgym.analyses.failures import KINDS, kinds
from avrgym.core import facts
from avrgym.core.address import Address, task_of
from avrgym.core.samples import samples
from avrgym.core.verdicts import REASONS, SKILLS
from avrgym.evaluate.subjects import SUBJECTS
from avrgym.prompts.format import Format
from avrgym.prompts.formats import Chat
from avrgym.prompts.prompt import Prompt, chats
from avrgym.report.browser_chosen import RIGHT, Chosen, first_errors
from avrgym.report.browser_drawn import View
from avrgym.report.browser_packed import Block, Replies, Turns
from avrgym.report.gathered import Gathered
from avrgym.report.names import format_name

#: Items that are unpacked together.
BLOCK = 200

# What tells items of one address apart.
_ASKED = ("format", "decoding", "draw", "template", "size", "theme")


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Chosen items in the order of levels and addresses.

    Attributes:
        gathered: What the page is about.
        chosen: The items, in the order of preference.
        items: The rows of each in the order of the page, one a subject.
    """

    gathered: Gathered
    chosen: Chosen
    items: list[list[int]]

    @classmethod
    def of(cls, gathered: Gathered, chosen: Chosen) -> "Shelf":
        """Lays chosen items out."""
        table = gathered.table
        ends = np.searchsorted(chosen.item, np.arange(len(chosen) + 1)).tolist()
        told = [table[name].codes for name in _ASKED if name in table.columns]
        address, level = table["address"], table["level"].codes
        parsed = {code: Address.parse(address.values[code]) for code in {*address.codes.tolist()}}

        def rank(rows: Sequence[int]) -> tuple[Any, ...]:
            at = parsed[int(address.codes[rows[0]])]
            where = int(level[rows[0]]), at.split, at.seed, at.index, str(at)
            return *where, *(int(codes[rows[0]]) for codes in told)

        rows = chosen.rows.tolist()
        items = [rows[a:b] for a, b in pairwise(ends)]
        return cls(gathered, chosen, sorted(items, key=rank))

    @property
    def subject(self) -> int:
        """Who is shown first, as a code of ``who``: the last that failed, a model if one did."""
        table = self.gathered.table
        who, rows = table["who"], self.chosen.rows
        failed = {*who.codes[rows][kinds(table)[rows] != RIGHT].tolist()}
        policies = [each.source.settings.get("policy") for each in self.gathered.subjects]
        models = {
            who.values.index(each.label)
            for each, policy in zip(self.gathered.subjects, policies, strict=True)
            if each.source.is_run or policy not in SUBJECTS
        }
        return max(failed & models or failed or models or {len(who.values) - 1})

    def value(self, name: str, row: int) -> Any:
        """What a row says; None where rows have no such name."""
        if name not in self.gathered.table.columns:
            return None
        column = self.gathered.table[name]
        return column.values[column.codes[row]]

    def views(self) -> dict[int, View]:
        """What each row's subject was shown, or would have been if its format had a picture."""
        usual = {each.label: each.source.picture for each in self.gathered.subjects}
        found: dict[int, View] = {}
        for row in (row for rows in self.items for row in rows):
            picture = usual[self.value("who", row)]
            size = self.value("size", row) or (picture.height, picture.width)
            theme = self.value("theme", row) or picture.theme
            found[row] = View(self.value("address", row), (size[0], size[1]), theme)
        return found

    def blocks(self, replies: Replies) -> list[str]:
        """Samples, prompts and replies, packed, :data:`BLOCK` items each."""
        return [
            self._block(self.items[start : start + BLOCK], replies)
            for start in range(0, len(self.items), BLOCK)
        ]

    def _block(self, items: Sequence[list[int]], replies: Replies) -> str:
        known = samples(self.value("address", rows[0]) for rows in items)
        prompts = [self._prompt(row) for rows in items for row in rows]
        turns = iter([_turns(chat) for chat in chats(prompts)])
        block = Block()
        for sample, rows in zip(known, items, strict=True):
            told = sample.question, sample.twin, sample.answer
            said = [(next(turns), replies.parts(row)) for row in rows]
            block.add(sample.address, told, said)
        return block.packed()

    def _prompt(self, row: int) -> Prompt:
        format = Format.parse(self.value("format", row))
        return Prompt(self.value("address", row), format, self.value("template", row) or "plain")

    def index(
        self, replies: Replies, views: Mapping[int, View], places: Mapping[View, int]
    ) -> dict[str, Any]:
        """What lists and filters go by: names, and columns of codes into them.

        Args:
            replies: Those of the items.
            views: See :meth:`views`.
            places: Where pictures are that are in the page.
        """
        firsts = [rows[0] for rows in self.items]
        rows = [row for rows in self.items for row in rows]
        addresses = list(dict.fromkeys(self.value("address", row) for row in firsts))
        at = {address: place for place, address in enumerate(addresses)}
        tasks = list(dict.fromkeys(map(task_of, addresses)))
        features = facts.features(addresses)
        lengths = [
            int(features[facts.length(task_of(address))][place])
            for place, address in enumerate(addresses)
        ]
        looks = list(dict.fromkeys(_look(view) for view in views.values()))
        table = self.gathered.table
        skill, reason = (each[rows].tolist() for each in first_errors(table))
        items: dict[str, list[Any]] = {
            "address": [at[self.value("address", row)] for row in firsts],
            "level": self._codes("level", firsts),
            "format": self._codes("format", firsts),
            "decoding": self._codes("decoding", firsts),
            "draw": [self.value("draw", row) for row in firsts],
            "replies": [len(rows) for rows in self.items],
        }
        told: dict[str, list[Any]] = {
            "subject": self._codes("who", rows),
            "kind": kinds(table)[rows].tolist(),
            "skill": skill,
            "reason": reason,
            "tokens": [self.value("tokens", row) for row in rows],
            "finish": [self.value("finish", row) for row in rows],
            "template": [self.value("template", row) or "plain" for row in rows],
            "look": [looks.index(_look(views[row])) for row in rows],
            "picture": [places.get(views[row], -1) for row in rows],
        }
        return {
            "subjects": list(table["who"].values),
            "first": self.subject,
            "levels": list(table["level"].values),
            "tasks": tasks,
            "lengths": [
                [facts.length(task).replace("_", " "), facts.has_one_answer(task)] for task in tasks
            ],
            "formats": [_format(name) for name in table["format"].values],
            "decodings": list(table["decoding"].values),
            "kinds": list(KINDS),
            "skills": [name.replace("_", " ") for name in SKILLS],
            "reasons": [name.replace("_", " ") for name in REASONS],
            "looks": looks,
            "styles": [[look.state, look.note, look.complaints] for look in replies.looks],
            "block": BLOCK,
            "addresses": addresses,
            "length": lengths,
            "items": items,
            "replies": told,
        }

    def _codes(self, name: str, rows: Sequence[int]) -> list[int]:
        codes: list[int] = self.gathered.table[name].codes[np.array(rows, np.int64)].tolist()
        return codes


def _format(name: str) -> tuple[str, str, bool, bool]:
    """A format's name, in words, whether it shows a picture, and whether the twin is asked for."""
    format = Format.parse(name)
    return name, format_name(name), format.pictured, format.transcribes


def _look(view: View) -> str:
    return f"{view.size[1]} x {view.size[0]}, {view.theme}"


def _turns(chat: Chat) -> Turns:
    """A prompt's turns in words."""
    return tuple(
        (
            turn["role"],
            "".join(part.get("text", "") for part in turn["content"]),
            any(part["type"] == "image" for part in turn["content"]),
        )
        for turn in chat.prompt
    )

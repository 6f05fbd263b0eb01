"""One board of the core, walked by calls: what adapters of several turns stand on."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym import _core
from avrgym.core.address import setting_of
from avrgym.core.arguments import made, named, whole
from avrgym.core.pictures import Picture

#: What a model is told: words, or blocks ``{"type": "text", "text": …}`` and
#: ``{"type": "image", "image": …}`` with a picture of Pillow.
Told: TypeAlias = str | list[dict[str, Any]]

#: What a board, or a problem, may be shown as.
SHOWN: tuple[str, ...] = ("image", "text")

#: The first actions by number, on every board; on tables those after them say 0 to 9.
MOVES: tuple[str, ...] = ("up", "down", "left", "right")

_WHERE = ("distance", "left")


class Walk:
    """One board of the core: where it stands, and how it is shown."""

    def __init__(self, picture: Picture | None, format: str, max_moves: int | None) -> None:
        self._picture, self._format = given(picture), named("format", format, SHOWN)
        most = None if max_moves is None else whole("max_moves", max_moves, 1, 2**32 - 1)
        self._most, self._boards = most, dict[str, _core.Boards]()
        self._at, self._as, self._moves, self._hits = "", format, 0, 0
        self.over, self.first, self.distance, self.left = True, -1, -1, 0

    def begin(self, address: str, format: object) -> Told:
        """Goes to an address, and shows it."""
        shown = shown_as(format, self._format)
        setting = setting_of(address)
        if shown == "image":
            self._picture.check([address])
        board = self._boards.get(setting) or _core.Boards(setting, 1, [0.0] * 5, self._most)
        board.place([0], [address], [1])
        facts = np.zeros((1, len(board.facts)), np.int64)
        board.reset(np.ones(1, np.bool_), self._symbols(board), facts)
        # Boards of a setting are made once: batches come back to it.
        self._boards[setting], self._at, self._as = board, address, shown
        self._moves, self._hits, self.over = 0, 0, False
        self.distance, self.left = (int(facts[0, board.facts.index(n)]) for n in _WHERE)
        self.first = self.distance
        return self.shown()

    def act(self, action: int) -> str:
        """Takes an action; the name of why it was refused, or nothing."""
        board = self._board
        ends, facts = np.zeros((2, 1), np.bool_), np.zeros((2, 1, len(board.facts)), np.int64)
        unused = np.zeros((1, 1, 1, 1), np.uint8)
        seen = self._symbols(board)
        board.step(np.array([action]), "Disabled", seen, unused, np.zeros(1), *ends, *facts)
        told = dict(zip(board.facts, facts[0, 0].tolist(), strict=True))
        self.distance, self.left = (told[name] for name in _WHERE)
        self.over = bool(ends.any())
        self._moves += 1
        why = next((name for name in ("hit", "misread", "edge") if told.get(name)), "")
        self._hits += why in ("hit", "edge")
        return why

    def shown(self) -> Told:
        """The board as it stands."""
        if self._as == "text":
            return self._board.text(0)
        drawn = np.empty((self._picture.height, self._picture.width, 3), np.uint8)
        self._board.draw(0, drawn, self._picture.theme)
        return pictured(drawn)

    @property
    def share(self) -> float:
        """Of the way from where it began, what is behind: 0 to 1."""
        return max(0.0, 1.0 - self.distance / self.first) if self.first > 0 else 0.0

    @property
    def facts(self) -> dict[str, Any]:
        """What boards of both kinds know alike."""
        return {
            "address": self._at,
            "distance": self.distance,
            "first": self.first,
            "left": self.left,
            "moves": self._moves,
            "hits": self._hits,
        }

    @property
    def _board(self) -> _core.Boards:
        return self._boards[setting_of(self._at)]

    @staticmethod
    def _symbols(board: _core.Boards) -> NDArray[np.uint8]:
        return np.zeros((1, *board.shape), np.uint8)


def given(picture: Picture | None) -> Picture:
    """How to draw; 448 pixels in theme ``paper`` if not given."""
    return Picture() if picture is None else made("picture", picture, Picture)


def shown_as(given: object, usual: str) -> str:
    """What a row's format shows."""
    if isinstance(given, str):
        return named("format", given.removesuffix("-direct"), SHOWN)
    return usual if given is None else named("format", given, SHOWN)


def pictured(drawn: NDArray[np.uint8]) -> list[dict[str, Any]]:
    """A picture as a block of a message."""
    from PIL import Image

    return [{"type": "image", "image": Image.fromarray(drawn)}]

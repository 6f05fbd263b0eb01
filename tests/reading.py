"""The rules of table boards written a second time, and a reader who sees symbols alone."""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym import Source
from avrgym.envs.board import ZERO

Cell = tuple[int, int]
PLAIN, PATH, START, END, READ = range(5)
CURSOR = 128
STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))


def symbols(observation: NDArray[np.uint8]) -> tuple[dict[Cell, tuple[int, int]], Cell]:
    """Digit and ground of each cell, and where the cursor is."""
    [cursor] = [(int(row), int(column)) for row, column in np.argwhere(observation >= CURSOR)]
    codes = {
        (int(row), int(column)): int(observation[row, column]) % CURSOR - 1
        for row, column in np.argwhere(observation % CURSOR > 0)
    }
    return {cell: (code % 10, code // 10) for cell, code in codes.items()}, cursor


def due(observation: NDArray[np.uint8], task: str) -> tuple[Cell, int]:
    """The cell that is due and its digit: the start, or what follows the cells read."""
    cells, _ = symbols(observation)
    columns = 1 + max(column for _, column in cells)

    def follow(a: Cell, b: Cell) -> bool:
        if task == "table_readout":
            return abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1
        return abs((a[0] - b[0]) * columns + a[1] - b[1]) == 1

    of = {ground: [at for at, (_, own) in cells.items() if own == ground] for ground in range(5)}
    unread = of[PATH] + of[END]
    [found] = of[START] or [at for at in unread if any(follow(at, read) for read in of[READ])]
    return found, cells[found][0]


def reader(observation: NDArray[np.uint8], task: str) -> int:
    """The action of somebody who reads what is to be read next."""
    (row, column), digit = due(observation, task)
    _, (own_row, own_column) = symbols(observation)
    if row != own_row:
        return 0 if row < own_row else 1
    if column != own_column:
        return 2 if column < own_column else 3
    return ZERO + digit


class Reference:
    """One reading. The way on is found by search over all states, not by a formula."""

    def __init__(self, source: Source, index: int, shape: tuple[int, int]) -> None:
        marked = Source(
            source.task,
            source.level,
            seed=source.seed,
            params={"ends": "marked", "twin": "markdown", "names": "letters"},
        )
        lines = marked[index].twin.splitlines()[2:]
        rows = [line.strip("|").split("|")[1:] for line in lines]
        self.words = {
            (row, column): word.split()
            for row, line in enumerate(rows)
            for column, word in enumerate(line)
        }
        self.shape = shape
        self.path = self._ordered(source.task)
        self.cursor = self.path[0]
        self.read = 0
        self.moves = 0
        self.ways = self._ways()
        self.most = max(self.ways.values())

    def _ordered(self, task: str) -> list[Cell]:
        on = sorted(cell for cell, word in self.words.items() if len(word) > 1)
        by = {mark: [cell for cell in on if self.words[cell][1] == mark] for mark in "SE"}
        [start] = by["S"]
        if task != "table_readout":
            return on if on[0] == start else on[::-1]
        path = [start]
        while len(path) < len(on):
            row, column = path[-1]
            near = [(row + down, column + right) for down, right in STEPS]
            [following] = [cell for cell in near if cell in on and cell not in path]
            path.append(following)
        return path

    def digit(self, cell: Cell) -> int:
        return int(self.words[cell][0])

    def _ways(self) -> dict[tuple[Cell, int], int]:
        """Actions to the end from every state, by a flood backwards from the last reading."""
        ways = {(self.path[-1], len(self.path)): 0}
        states = deque(ways)
        while states:
            cell, read = state = states.popleft()
            before = []
            if read < len(self.path):
                before = [((cell[0] - down, cell[1] - right), read) for down, right in STEPS]
            if read and self.path[read - 1] == cell:
                before.append((cell, read - 1))
            for other in before:
                if other[0] in self.words and other not in ways:
                    ways[other] = ways[state] + 1
                    states.append(other)
        return ways

    def distance(self) -> int:
        return self.ways[self.cursor, self.read]

    def observation(self) -> NDArray[np.uint8]:
        seen = np.zeros(self.shape, np.uint8)
        for cell in self.words:
            ground = PLAIN
            if cell in self.path:
                ground = START if cell == self.path[0] else PATH
                ground = END if cell == self.path[-1] and ground == PATH else ground
                ground = READ if self.path.index(cell) < self.read else ground
            seen[cell] = 1 + self.digit(cell) + 10 * ground
        seen[self.cursor] += CURSOR
        return seen

    def mask(self) -> list[int]:
        """Moves that stay on the table, and digits on a cell of the path that is not read."""
        row, column = self.cursor
        moves = [(row + down, column + right) in self.words for down, right in STEPS]
        unread = self.cursor in self.path[self.read :]
        return [int(may) for may in moves + [unread] * 10]

    def step(self, action: int, max_moves: int | None = None) -> tuple[float, dict[str, Any]]:
        """The gain in closeness, and what is known afterwards."""
        before = self.distance()
        self.moves += 1
        info = {"edge": False, "misread": False}
        if action < ZERO:
            down, right = STEPS[action]
            there = (self.cursor[0] + down, self.cursor[1] + right)
            info["edge"] = there not in self.words
            self.cursor = self.cursor if info["edge"] else there
        elif self.path[self.read] == self.cursor and self.digit(self.cursor) == action - ZERO:
            self.read += 1
        else:
            info["misread"] = True
        left = len(self.path) - self.read
        over = info["misread"] or left == 0
        truncated = not over and self.moves >= (max_moves or 2 * self.most)
        told = {"distance": self.distance(), "left": left, "success": left == 0}
        gain = (before - self.distance()) / self.most
        return gain, {**info, **told, "terminated": over, "truncated": truncated}

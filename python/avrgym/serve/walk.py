"""A board walked again from its beginning, so that a walk is a few letters of an address line."""

import io
from dataclasses import dataclass

import numpy as np

from avrgym._core import TaskError
from avrgym.core.address import Address
from avrgym.core.arguments import quoted
from avrgym.core.pictures import Picture
from avrgym.envs.board import MOVES, ZERO, BoardEnv

#: Letters of actions: a move by its first, and the digits that a table's cursor says.
LETTERS: dict[str, int] = {name[0]: at for at, name in enumerate(MOVES)} | {
    str(digit): ZERO + digit for digit in range(10)
}

#: Of a walk; longer ones are refused before they are walked.
LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Walked:
    """Where a walk has come to.

    Attributes:
        moves: The letters of its actions.
        distance: Actions of the shortest way on, -1 for none.
        left: Objects to collect or cells to read yet.
        over: Whether no action may follow.
        success: Whether it came to its end.
        said: The last action, in words.
        text: The board as text.
        digits: Whether digits are actions, as they are on tables.
    """

    moves: str
    distance: int
    left: int
    over: bool
    success: bool
    said: str
    text: str
    digits: bool


def walk(address: str, moves: str) -> Walked:
    """Walks a sample's board.

    Args:
        address: Of a task with boards.
        moves: Letters of ``LETTERS``.

    Raises:
        TaskError: The task has no boards, a letter is no action there, or it follows the end.
    """
    env = _board(address, Picture(insist=True), "ansi")
    told, over, last = _walked(env, address, moves)
    success = told["distance"] == 0 and over
    return Walked(
        moves,
        told["distance"],
        told["left"],
        over,
        success,
        _said(last, told, over, success),
        str(env.render()),
        env.boards.actions > ZERO,
    )


def frame(address: str, moves: str, picture: Picture) -> bytes:
    """The board after a walk, as a PNG file.

    Raises:
        TaskError: As :func:`walk`; or the picture could not be read.
    """
    from PIL import Image

    env = _board(address, picture, "rgb_array")
    _walked(env, address, moves)
    drawn = env.render()
    assert isinstance(drawn, np.ndarray)
    out = io.BytesIO()
    Image.fromarray(drawn).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _board(address: str, picture: Picture, mode: str) -> BoardEnv:
    at = Address.parse(address)
    return BoardEnv(
        at.task,
        at.level,
        split=at.split,
        params=dict(at.params),
        size=(picture.height, picture.width),
        theme=picture.theme,
        insist=picture.insist,
        render_mode=mode,
    )


def _walked(env: BoardEnv, address: str, moves: str) -> tuple[dict[str, int], bool, str]:
    """What is known at the end, whether it is one, and the last letter."""
    if len(moves) > LONGEST:
        raise TaskError(f"{len(moves)} moves are too many; give at most {LONGEST}")
    at = Address.parse(address)
    _, told = env.reset(seed=at.seed, options={"index": at.index})
    over, letter = False, ""
    for letter in moves:
        action = LETTERS.get(letter, env.boards.actions)
        if action >= env.boards.actions:
            known = "".join(each for each, at in LETTERS.items() if at < env.boards.actions)
            raise TaskError(f"{quoted(letter)} is no action on this board; known: {known}")
        if over:
            raise TaskError(f"the walk is over before {quoted(letter)}; take it back")
        _, _, terminated, truncated, told = env.step(action)
        over = terminated or truncated
    return told, over, letter


def _said(letter: str, told: dict[str, int], over: bool, success: bool) -> str:
    left, far = told["left"], told["distance"]
    if success:
        return "done: everything was collected or read"
    if told.get("misread"):
        return f"{letter} was misread: the walk is over"
    if over:
        return "out of moves: the walk is over"
    refused = ""
    if told.get("hit"):
        refused = "an obstacle is there; "
    elif told.get("edge"):
        refused = "the board ends there; "
    ahead = "no way leads on" if far < 0 else f"{far} to go"
    return f"{refused}{left} left, {ahead}"

"""The Rust core. Samples are named by address, batches keep their order, calls release the GIL.

Shapes: ``n`` addresses, ``h`` by ``w`` pixels to a picture, ``s`` steps over all replies.
"""

from collections.abc import Sequence
from typing import Final, final, overload

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BOARD_TASKS",
    "ENCODINGS",
    "FORMS",
    "OUTCOMES",
    "REASONS",
    "SECTIONS",
    "SKILLS",
    "SPLITS",
    "STATES",
    "TASKS",
    "THEMES",
    "Boards",
    "CoreError",
    "TaskError",
    "about",
    "admitted",
    "answers",
    "canonical",
    "check_legible",
    "components",
    "contents",
    "encode",
    "faults",
    "features",
    "legible_side",
    "length",
    "levels",
    "lookup_rate",
    "meanings",
    "parameters",
    "partial",
    "picture",
    "pixels",
    "render",
    "sections",
    "shortcut_bounds",
    "shortcuts",
    "split_of",
    "step_counts",
    "steps",
    "unique",
    "verify",
    "words",
]

BOARD_TASKS: Final[list[str]]
TASKS: Final[list[str]]
THEMES: Final[list[str]]
SECTIONS: Final[list[str]]
SPLITS: Final[list[str]]
OUTCOMES: Final[list[str]]
ENCODINGS: Final[list[str]]
FORMS: Final[list[str]]
SKILLS: Final[list[str]]
STATES: Final[list[str]]
REASONS: Final[list[str]]

class CoreError(RuntimeError):
    """A bug of the core, whatever was asked for. The message repeats what failed."""

class TaskError(ValueError):
    """What was asked for does not exist or does not fit; the message says which, and the remedy."""

def levels(task: str) -> list[str]:
    """The names of a task's levels: the paper's, then the ladder.

    Raises:
        TaskError: No such task.
    """

def parameters(task: str, level: str) -> list[tuple[str, str]]:
    """The parameters of a level by name, as an address writes them.

    Raises:
        TaskError: No such task or level.
    """

def components(task: str) -> list[str]:
    """The names of the components of a task's verdicts, in order.

    Raises:
        TaskError: No such task.
    """

def about(task: str) -> str:
    """One sentence about a task.

    Raises:
        TaskError: No such task.
    """

def length(task: str) -> str:
    """The feature, a whole number, that says how long a task's sample is.

    Raises:
        TaskError: No such task.
    """

def partial(task: str) -> str:
    """The component of a task's verdicts, 0 to 1, that is partial credit.

    Raises:
        TaskError: No such task.
    """

def faults(task: str) -> list[str]:
    """The components that are above 0 where an answer did what is forbidden on the way.

    Raises:
        TaskError: No such task.
    """

def unique(task: str) -> bool:
    """Whether a task's canonical answer is the only right one.

    Raises:
        TaskError: No such task.
    """

def picture(task: str) -> tuple[int, int]:
    """Height and width in pixels at which people look at a task's pictures.

    Raises:
        TaskError: No such task.
    """

def meanings(
    task: str,
) -> tuple[list[tuple[str, str, str, bool]], list[tuple[str, str]], list[tuple[str, str]]]:
    """What a task's names mean: parameters, features, shortcuts, each sorted by name.

    Of a parameter its name, what it means, what it may be, and whether it changes words or looks
    alone.

    Raises:
        TaskError: No such task.
    """

def shortcut_bounds(task: str, level: str) -> list[tuple[str, float]]:
    """The largest share of instances on which each shortcut may succeed, 0 to 1.

    Raises:
        TaskError: No such task or level.
    """

def legible_side(level: str, theme: str) -> int:
    """The side of a level's smallest legible picture, pixels; see :func:`avrgym.legible_size`.

    Raises:
        TaskError: The level or the theme names nothing.
    """

def check_legible(addresses: Sequence[str], size: tuple[int, ...], theme: str) -> None:
    """Complains of pictures too small to be read.

    Args:
        addresses: Addresses, or what they begin with; what names no level is passed over.
        size: Height and width in pixels.
        theme: One of :data:`THEMES`.

    Raises:
        TaskError: Such a picture of some level could not be read, the theme is unknown, or the size
            is out of range.
    """

def canonical(addresses: Sequence[str]) -> list[str]:
    """The one spelling of each address: keys sorted, nothing that the level says anyway.

    Raises:
        TaskError: An address is malformed or names nothing.
    """

def words(addresses: Sequence[str]) -> list[tuple[str, str, str, str, str, str]]:
    """What samples say: canonical address, question, twin, rationale, answer, content hash.

    Args:
        addresses: Samples to write out, length n.

    Returns:
        n lists of six strings; the hash has 32 hexadecimal digits.

    Raises:
        TaskError: An address is malformed or names nothing.
    """

def contents(addresses: Sequence[str]) -> list[str]:
    """The content hashes alone, 32 hexadecimal digits each.

    Raises:
        TaskError: An address is malformed or names nothing.
    """

def split_of(contents: Sequence[str], held_out: int) -> list[str]:
    """The split that each content belongs to where one in ``held_out`` is kept for evaluation.

    Args:
        contents: 32 hexadecimal digits each.
        held_out: 2 to 65,536.

    Raises:
        TaskError: A content is none, or ``held_out`` is out of range.
        OverflowError: ``held_out`` is no unsigned integer of 32 bits.
    """

def admitted(addresses: Sequence[str], held_out: int) -> list[str]:
    """The addresses of the samples that stand at addresses where contents are held out.

    At index i stands the first of the samples i, i + 2**40, i + 2 * 2**40, … whose content belongs
    to its split.

    Args:
        addresses: Their indices are below 2**40.
        held_out: 2 to 65,536.

    Raises:
        TaskError: An address is malformed or names nothing, its index or ``held_out`` is out of
            range, or the level shows hardly anything that belongs to the split.
        OverflowError: ``held_out`` is no unsigned integer of 32 bits.
    """

def steps(
    addresses: Sequence[str],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """The steps of samples' own rationales.

    Returns:
        Step offsets (n + 1,), and for all steps first byte, one past the last byte and skill (s,).

    Raises:
        TaskError: An address is malformed or names nothing.
    """

def features(addresses: Sequence[str]) -> list[tuple[str, NDArray[np.float64]]]:
    """The numbers that make samples hard: a column a name, float64 (n,), NaN where there is none.

    Raises:
        TaskError: An address is malformed or names nothing.
    """

def shortcuts(addresses: Sequence[str]) -> list[tuple[str, NDArray[np.float64]]]:
    """The chance, 0 to 1, of each policy without the skill: columns as those of :func:`features`.

    Raises:
        TaskError: An address is malformed or names nothing.
    """

def lookup_rate(level: str, learned: int, tried: int) -> float:
    """How often a table of answers is right that was learned without what must be seen.

    For all that a problem shows but that (a grid's size, start, destination and objects, say, but
    not its obstacles), it gives the answer that was right most often among the first ``learned``
    problems of split ``train``, seed 0.

    Args:
        level: ``task/level[?key=value&...]``.
        learned: Problems to learn from, 1 or more.
        tried: Problems of split ``test``, seed 0, to try it on, 1 or more.

    Returns:
        The share of right answers, 0 to 1.

    Raises:
        TaskError: The level names nothing, or there is nothing to learn or to try.
    """

def step_counts(addresses: Sequence[str]) -> NDArray[np.int64]:
    """How many steps each sample's own rationale has, int64 (n,).

    Raises:
        TaskError: An address is malformed or names nothing.
    """

def render(addresses: Sequence[str], out: NDArray[np.uint8], theme: str) -> None:
    """Draws samples into memory the caller owns.

    Args:
        addresses: Samples to draw, length n.
        out: Written in place: uint8, C-contiguous, shape (n, h, w, 3), RGB, rows top to bottom,
            h and w from 64 to 4096.
        theme: One of :data:`THEMES`.

    Raises:
        TaskError: An address names nothing, the theme is unknown, or ``out`` has another shape.
        TypeError: ``out`` is read-only, not C-contiguous, or of another dtype or rank.
    """

def encode(
    addresses: Sequence[str], size: tuple[int, int], theme: str, encoding: str, quality: int
) -> list[bytes]:
    """Draws samples and encodes their pictures.

    Args:
        addresses: Samples to draw, length n.
        size: Height and width in pixels, each from 64 to 4096.
        theme: One of :data:`THEMES`.
        encoding: One of :data:`ENCODINGS`.
        quality: Of a JPEG, 1 to 100.

    Returns:
        n files, the same bytes on every platform and number of threads.

    Raises:
        TaskError: An address names nothing, or an argument is unknown or out of range.
    """

@overload
def pixels(
    addresses: Sequence[str],
    size: tuple[int, int],
    theme: str,
    tables: NDArray[np.float32],
    patches: tuple[int, int, int] | None,
    out: NDArray[np.float32],
) -> None:
    """Draws samples and writes what stands for their bytes in the order of a model.

    Args:
        addresses: Samples to draw, length n.
        size: Height and width in pixels, each from 64 to 4096.
        theme: One of :data:`THEMES`.
        tables: For each channel, red first, what becomes of each byte, (3, 256): float32, or uint16
            for the bits of any 16-bit float.
        patches: Pixels to a patch's side, patches to a merged block's side, frames; planes if None.
        out: Written in place: as ``tables``, flat, n * 3 * h * w numbers, or as many times frames.

    Raises:
        TaskError: An address names nothing, blocks do not tile the picture, or ``out`` or
            ``tables`` has another shape.
        TypeError: An array is not C-contiguous, or of another dtype or rank, or ``out`` read-only.
    """

@overload
def pixels(
    addresses: Sequence[str],
    size: tuple[int, int],
    theme: str,
    tables: NDArray[np.uint16],
    patches: tuple[int, int, int] | None,
    out: NDArray[np.uint16],
) -> None: ...
def sections(replies: Sequence[str | bytes]) -> list[list[tuple[int, bool, int, int]]]:
    """The tags of sections that are said aloud, in order.

    Args:
        replies: Any words or bytes, length n.

    Returns:
        Of each reply and tag: a place among ``SECTIONS``, whether it closes, its first byte, and
        one past its last byte.
    """

def verify(
    addresses: Sequence[str], replies: Sequence[str | bytes], strict: bool = False
) -> tuple[
    NDArray[np.uint8],
    NDArray[np.uint8],
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.uint8],
    NDArray[np.uint8],
    NDArray[np.uint8],
    NDArray[np.bool_],
    NDArray[np.bool_],
]:
    """Judges replies, each address resolved once however often it occurs.

    Args:
        addresses: The samples asked about, length n.
        replies: What was said of each, length n.
        strict: Whether marked answers alone count.

    Returns:
        outcome (n,), form (n,; 255 for none), components (n, 8; NaN where one does not apply),
        index of the first wrong step (n,; -1 for none), step offsets (n + 1,), and for all steps
        first byte, one past the last byte, skill, state, reason, whether it stands in a thought and
        whether it says again what was said (s,).

    Raises:
        TaskError: The lengths differ, or an address names nothing.
        TypeError: A reply is neither ``str`` nor ``bytes``.
    """

def answers(addresses: Sequence[str], replies: Sequence[str | bytes]) -> NDArray[np.uint64]:
    """What replies answer, uint64 (n,): of one problem the same number for the same answer.

    0 where no one answer can be read.

    Raises:
        TaskError: The lengths differ, or an address names nothing.
        TypeError: A reply is neither ``str`` nor ``bytes``.
    """

@final
class Boards:
    """n boards that step together, each through samples of its own.

    A board is a grid and a walker, or a table and a cursor. Actions: 0 up, 1 down, 2 left, 3 right;
    a move off the board or into an obstacle is refused. On tables also 4 to 13: the digit 0 to 9
    stands under the cursor; if it is not the digit of the first cell not read yet, the walk is over
    without success. A walk succeeds on the destination with all objects collected, or with the
    whole path read. Closeness is 1 - actions of the shortest way on / the most there can be: from
    the farthest cell with everything to collect or to read.
    Symbolic observations have one byte a cell: 0 off the board, and 128 more under the walker or
    the cursor. Grids: 1 blank, 2 the start, 3 the destination, 4 + s symbol s; what is collected is
    gone. Tables: 1 + digit + 10 * ground; 0 plain, 1 path, 2 its start, 3 its end, 4 read.

    Boards can be copied and pickled as they stand. A pickle is for the build that made it: another
    refuses it with a TaskError.
    """

    def __new__(
        cls,
        setting: str,
        count: int,
        weights: Sequence[float],
        max_moves: int | None = None,
        picture: tuple[int, int, str] | None = None,
        held_out: int | None = None,
        cap: int | None = None,
        room: tuple[int, int] | None = None,
    ) -> Boards:
        """Boards that show symbols, or pictures of (height, width, theme).

        Args:
            setting: ``task/level[?key=value&…]``; its largest board sets the observations' shape.
            count: How many boards, n, 1 to 2**20.
            weights: What counts: gain in closeness, success, an object collected or a cell read,
                an action refused, each step; finite.
            max_moves: Actions after which a walk is cut short; if not given two a cell on a grid,
                on a table twice the longest way that there can be.
            picture: What pictures are like; symbols are shown if not given.
            held_out: One content in so many is held out, as in :func:`admitted`.
            cap: Actions after which a walk is cut short at the latest, whatever ``max_moves``.
            room: Rows and columns, 0 to 255 each, that symbolic observations have at least.

        Raises:
            TaskError: The setting has no boards, no such picture can be drawn, or a number is out
                of range.
            ValueError: There are not five weights.
        """

    def __copy__(self) -> Boards: ...
    def __deepcopy__(self, _memo: object) -> Boards: ...
    def __reduce__(self) -> tuple[object, tuple[object, ...], tuple[object, ...]]: ...
    def __setstate__(self, state: tuple[object, ...]) -> None: ...
    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape of one observation: height, width, bytes a cell or pixel."""

    @property
    def actions(self) -> int:
        """How many actions there are."""

    @property
    def facts(self) -> list[str]:
        """The names of the facts that resets and steps write, in order.

        ``index`` that the sample stands at, ``distance`` (actions of the shortest way on, -1 for
        none), ``left`` (objects to collect or cells to read yet), and whether the last action was
        refused: ``hit`` (grids: an obstacle) or ``misread`` (tables), ``edge`` (the board ends);
        ``allowed``, the actions that may be right next by what the board shows, bit a for action a:
        moves that are not refused, and all digits on a cell of the path that is not read yet; all
        actions where there are none.
        """

    def place(self, seats: Sequence[int], addresses: Sequence[str], strides: Sequence[int]) -> None:
        """Sets where boards go with their next reset, and how far with each after it.

        All of them, or none if one cannot go there.

        Raises:
            IndexError: No such board.
            TaskError: The lengths differ, or an address names no board, one of another kind, one
                that observations do not hold, or where all contents belong to other splits.
        """

    def addresses(self, seats: Sequence[int] | None = None) -> list[str]:
        """The addresses of the samples on the boards, of all or of some.

        Raises:
            IndexError: No such board.
        """

    def text(self, seat: int) -> str:
        """A board as text, ``W`` for the walker, brackets for the cursor; empty before a reset.

        Raises:
            IndexError: No such board.
        """

    def draw(self, seat: int, out: NDArray[np.uint8], theme: str) -> None:
        """Draws a board into uint8 (height, width, 3); nothing before its first reset.

        Raises:
            IndexError: No such board.
            TaskError: The theme is unknown, or ``out`` has another shape.
            TypeError: ``out`` is read-only, not C-contiguous, or of another dtype or rank.
        """

    def reset(
        self,
        mask: NDArray[np.bool_],
        observations: NDArray[np.uint8],
        facts: NDArray[np.int64],
    ) -> None:
        """Begins the walks of the boards in ``mask``.

        Args:
            mask: Which boards, bool (n,).
            observations: Written in place, uint8 (n, height, width, bytes); they must come back
                as they were.
            facts: Written in place, int64 (n, 6); :attr:`facts` names the columns.

        Raises:
            TaskError: An array has another shape, or contents are held out and a board was never
                placed.
            TypeError: An array is read-only, not C-contiguous, or of another dtype or rank.
        """

    def step(
        self,
        actions: NDArray[np.int64],
        mode: str,
        observations: NDArray[np.uint8],
        finals: NDArray[np.uint8],
        rewards: NDArray[np.float64],
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
        facts: NDArray[np.int64],
        final_facts: NDArray[np.int64],
    ) -> None:
        """Takes an action on every board.

        Args:
            actions: One a board, int64 (n,).
            mode: ``NextStep``, ``SameStep`` or ``Disabled``: when a finished walk begins anew.
            observations: As in :meth:`reset`; only what changed is written.
            finals: Of the same shape, in ``SameStep`` what was seen last of the walks that ended;
                uint8 (n, 1, 1, 1) and untouched in other modes.
            rewards: float64 (n,), what happened by the weights.
            terminated: bool (n,), whose walk succeeded, or ended with a misreading.
            truncated: bool (n,), whose actions are used up.
            facts: int64 (n, 6), after the step.
            final_facts: int64 (n, 6), before a reset by the same step, else the same.

        Raises:
            TaskError: An action or a mode is unknown, an array has another shape, or a board was
                never reset.
            TypeError: An array is read-only, not C-contiguous, or of another dtype or rank.
        """

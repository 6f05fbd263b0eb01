"""Exact step credit: from the verifier's byte spans to one advantage per token.

The verifier says of each step of a reply where it begins and ends, in bytes, and whether it is
right. Tokens are runs of bytes, so every token's step is known. All tokens begin with the reply's
advantage A, and what cannot have earned it is taken back:

* **A wrong step is never praised**: its tokens get ``min(A, 0)``, also a token in which a right
  step ends.
* **What follows an error says nothing**: after the first wrong *derived* step (a move, a
  conclusion) every token gets 0. *Readings* (`locate`, `read`, `avoid`, `transcribe`) stand or fall
  by themselves, so a wrong one ends nothing: the moves after it are judged on their own.
* **A right step keeps A, also when A is negative**: a move may be valid and yet lead nowhere.

Over three seeds of Grid Navigation it did neither better nor worse than A for every token
(``docs/results/grid_navigation_credit.md``); on one seed, forms that gave right steps before the
error ``max(A, 0)`` did worse than both.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase
from transformers.convert_slow_tokenizer import bytes_to_unicode

import avrgym

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Codes = NDArray[np.uint8]

OK, WRONG = (avrgym.STATES.index(state) for state in ("ok", "wrong"))
READINGS = tuple(avrgym.SKILLS.index(skill) for skill in ("locate", "read", "avoid", "transcribe"))
# A byte of its own in a vocabulary of SentencePiece.
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
IS_READING = np.isin(np.arange(len(avrgym.SKILLS)), READINGS)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The judged steps of n replies, as columns.

    Attributes:
        offsets: int64 (n + 1,); reply i has the steps ``offsets[i]:offsets[i + 1]``, in order.
        start: int64 (s,), first byte in the reply.
        end: int64 (s,), one past the last byte.
        state: uint8 (s,), codes into ``avrgym.STATES``.
        skill: uint8 (s,), codes into ``avrgym.SKILLS``.
    """

    offsets: Ints
    start: Ints
    end: Ints
    state: Codes
    skill: Codes

    @classmethod
    def of(cls, verdicts: avrgym.Verdicts) -> "Steps":
        """The steps of a batch's verdicts."""
        return cls(
            verdicts.step_offsets,
            verdicts.step_start,
            verdicts.step_end,
            verdicts.step_state,
            verdicts.step_skill,
        )


class ByteTable:
    """The bytes of each token of a vocabulary; special tokens have none.

    Two kinds of vocabulary are spelled out: byte-level ones, and those of SentencePiece, in which
    ``▁`` is a space and ``<0x0A>`` a byte. A reply of the latter may begin with a space that
    decoding leaves out; the verifier does not mind, and all places count it.

    Attributes:
        lengths: int32, shape (vocabulary,), bytes per token.
    """

    __slots__ = ("_spelling", "lengths")

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        """Reads the vocabulary once.

        Raises:
            ValueError: The vocabulary is of neither kind.
        """
        byte_of = {character: byte for byte, character in bytes_to_unicode().items()}
        pieces = "<0x0A>" in tokenizer.get_vocab()
        special = set(tokenizer.all_special_ids)
        added = tokenizer.added_tokens_decoder
        self._spelling: list[bytes] = []
        for index in range(len(tokenizer)):
            token: Any = tokenizer.convert_ids_to_tokens(index)
            if index in special or token is None:
                self._spelling.append(b"")
            elif pieces and (raw := _BYTE.fullmatch(token)):
                self._spelling.append(bytes.fromhex(raw[1]))
            elif index in added:
                self._spelling.append(added[index].content.encode())
            elif pieces:
                self._spelling.append(token.replace("▁", " ").encode())
            else:
                try:
                    self._spelling.append(bytes(byte_of[character] for character in token))
                except KeyError as missing:
                    raise ValueError(
                        "replies are judged by the bytes of their tokens; a tokenizer must be "
                        f"byte-level or of SentencePiece, and token {token!r} is neither"
                    ) from missing
        self.lengths = np.array([len(spelling) for spelling in self._spelling], np.int32)

    def text(self, ids: Sequence[int]) -> bytes:
        """The exact bytes of a run of tokens, also where a character is cut in two."""
        return b"".join(self._spelling[index] for index in ids)


def deal(
    advantages: Floats,
    token_bytes: NDArray[np.int32],
    token_counts: Ints,
    steps: Steps,
) -> Floats:
    """One advantage per token.

    Args:
        advantages: float32 (n,), one per reply.
        token_bytes: int32 (n, t), bytes of each token; padded on the right.
        token_counts: int64 (n,), tokens of each reply.
        steps: The judged steps of the replies.

    Returns:
        float32 (n, t); 0 on padding.
    """
    dealt = np.zeros(token_bytes.shape, np.float32)
    wrong = steps.state == WRONG
    ends_it = wrong & ~IS_READING[steps.skill]
    columns = (steps.offsets, steps.start, steps.end, wrong, ends_it)
    _deal(advantages, token_bytes, token_counts, *columns, dealt)
    return dealt


# Compiled at the first call, then read from disk. A plain loop, to be read and changed.
@numba.njit(cache=True, nogil=True)
def _deal(
    advantages: Floats,
    token_bytes: NDArray[np.int32],
    token_counts: Ints,
    offsets: Ints,
    start: Ints,
    end: Ints,
    wrong: NDArray[np.bool_],
    ends_it: NDArray[np.bool_],
    dealt: Floats,
) -> None:
    for row in range(len(advantages)):
        advantage = advantages[row]
        step, last = offsets[row], offsets[row + 1]
        after = 0  # bytes up to the token's end
        for column in range(token_counts[row]):
            before, after = after, after + token_bytes[row, column]
            over = False  # a derived step that was wrong is behind
            while step < last and end[step] <= before:
                over |= ends_it[step]
                step += 1
            if over:
                break
            # A token may end one step and begin the next.
            at_fault, touched = False, step
            while touched < last and start[touched] < after:
                at_fault |= wrong[touched]
                touched += 1
            dealt[row, column] = min(advantage, np.float32(0)) if at_fault else advantage


def deal_slowly(
    advantages: Floats,
    token_bytes: NDArray[np.int32],
    token_counts: Ints,
    steps: Steps,
) -> Floats:
    """What :func:`deal` must equal, step by step in plain Python; tests hold the two together."""
    dealt = np.zeros(token_bytes.shape, np.float32)
    for row, advantage in enumerate(advantages.tolist()):
        mine = range(*steps.offsets[row : row + 2].tolist())
        wrong = [at for at in mine if steps.state[at] == WRONG]
        fatal = [at for at in wrong if not IS_READING[steps.skill[at]]]
        horizon = steps.end[fatal[0]] if fatal else np.inf
        sizes = token_bytes[row, : token_counts[row]]
        ends = np.cumsum(sizes, dtype=np.int64)
        for column, (before, after) in enumerate(zip(ends - sizes, ends, strict=True)):
            touched = [at for at in mine if steps.start[at] < after and steps.end[at] > before]
            if before >= horizon:
                dealt[row, column] = 0
            elif set(touched) & set(wrong):
                dealt[row, column] = min(advantage, 0)
            else:
                dealt[row, column] = advantage
    return dealt

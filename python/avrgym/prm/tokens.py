"""Replies as tokens: which token ends which step, byte for byte."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.models.completion import Completion
from avrgym.models.tokens import ByteTable

_STRANGE = "\ufffd"  # stands for a byte that a vocabulary cannot say


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """A reply's tokens.

    Attributes:
        ids: int64 (t,), with the one that ended the reply.
        ends: int64 (t,), one past the last byte of each in the reply; tokens without bytes end
            where the one before does.
    """

    ids: NDArray[np.int64]
    ends: NDArray[np.int64]

    def at(self, ends: NDArray[np.int64]) -> NDArray[np.int64]:
        """The token that each step's last byte is in, int64 (s,), of steps that end at ``ends``."""
        return np.searchsorted(self.ends, ends).astype(np.int64)


class Speller:
    """Spells replies in the tokens of one vocabulary."""

    def __init__(self, tokenizer: Any) -> None:
        """Reads the vocabulary once.

        Raises:
            TaskError: It is of a kind that cannot be spelled.
        """
        self._tokenizer, self.table = tokenizer, ByteTable(tokenizer)
        spelled = ((self.table.text([i]), i) for i in range(len(tokenizer)))
        self._bytes = {raw: i for raw, i in spelled if len(raw) == 1}

    def tokens(self, said: Completion) -> Tokens:
        """A reply's own tokens where they are known; else what its bytes are encoded as.

        Bytes that are no UTF-8 are spelled one by one, so that nothing moves. A reply that was not
        cut ends with the vocabulary's end.

        Raises:
            TaskError: The tokens known are not those of the reply, or encoding loses bytes.
        """
        if said.ids:
            ids = np.array(said.ids, np.int64)
            if ids.min() < 0 or ids.max() >= len(self.table.lengths):
                raise TaskError(
                    f"a reply has token {int(ids.max())}, and the judge knows "
                    f"{len(self.table.lengths)}; score it without ids, or with the model's own"
                )
            if (spelled := self.table.text(said.ids)) != said.reply:
                raise TaskError(
                    f"the tokens of a reply say {spelled[:40]!r}, and its bytes "
                    f"{said.reply[:40]!r}; score it without ids, or with the model's own"
                )
            return Tokens(ids, np.cumsum(self.table.lengths[ids], dtype=np.int64))
        found, widths = self._encoded(said.reply)
        if said.finish == "stop":
            found, widths = [*found, self._tokenizer.eos_token_id], [*widths, 0]
        return Tokens(np.array(found, np.int64), np.cumsum(widths, dtype=np.int64))

    def _encoded(self, raw: bytes) -> tuple[list[int], list[int]]:
        """Tokens of any bytes, and how many bytes each stands for."""
        ids, widths = list[int](), list[int]()
        while raw:
            text, strange = _readable(raw)
            own = self._words(text)
            ids, widths = [*ids, *own[0]], [*widths, *own[1]]
            raw = raw[len(text.encode()) :]
            for byte in raw[:strange]:
                one = self._bytes.get(bytes([byte]))
                stand = [one] if one is not None else self._words(_STRANGE)[0]
                ids, widths = [*ids, *stand], [*widths, *(0 for _ in stand[1:]), 1]
            raw = raw[strange:]
        return ids, widths

    def _words(self, text: str) -> tuple[list[int], list[int]]:
        ids: list[int] = self._tokenizer.encode(
            text, add_special_tokens=False, split_special_tokens=True
        )
        widths: list[int] = self.table.lengths[ids].tolist() if ids else []
        spelled = self.table.text(ids)
        if spelled == b" " + text.encode():  # a space that decoding leaves out
            at = next(at for at, width in enumerate(widths) if width)
            widths[at] -= 1
        elif spelled != text.encode():
            raise TaskError(
                f"encoded, {text[:40]!r} is {spelled[:40]!r}: this vocabulary does not say it; "
                "score replies by their ids"
            )
        return ids, widths


def _readable(raw: bytes) -> tuple[str, int]:
    """The UTF-8 that bytes begin with, and how many strange ones follow."""
    try:
        return raw.decode(), 0
    except UnicodeDecodeError as wrong:
        return raw[: wrong.start].decode(), wrong.end - wrong.start

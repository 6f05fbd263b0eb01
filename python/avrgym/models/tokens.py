"""The bytes of tokens: what a reply says, exactly, and where in it each token stands."""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any

import numpy as np

from avrgym._core import TaskError
from avrgym.core.extras import needs

with needs("train"):
    from transformers import PreTrainedTokenizerBase
    from transformers.convert_slow_tokenizer import bytes_to_unicode

# A byte of its own in a vocabulary of SentencePiece.
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_BYTE_OF = {character: byte for byte, character in bytes_to_unicode().items()}


class ByteTable:
    """The bytes of each token of a vocabulary; special tokens have none.

    Three kinds of vocabulary are spelled out: byte-level ones; those of SentencePiece, in which
    ``▁`` is a space and ``<0x0A>`` a byte; and others by what decoding makes of a token behind
    another one. A reply of the latter two may begin with a space that decoding leaves out; the
    verifier does not mind, and all places count it.

    Whether a vocabulary is spelled rightly :meth:`check` says, of texts that replies are like.

    Attributes:
        lengths: int32, shape (vocabulary,), bytes per token.
    """

    __slots__ = ("_spelling", "_tokenizer", "lengths")

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        """Reads the vocabulary once.

        Raises:
            TaskError: What a token adds to a text depends on more than that it stands behind
                another one.
        """
        special = set(tokenizer.all_special_ids)
        added = tokenizer.added_tokens_decoder
        vocabulary: list[Any] = [tokenizer.convert_ids_to_tokens(i) for i in range(len(tokenizer))]
        plain = {
            index: token
            for index, token in enumerate(vocabulary)
            if token is not None and index not in special and index not in added
        }
        spelled = _bytes(plain) or _pieces(plain) or _decoded(tokenizer, plain)
        spelled |= {i: kept.content.encode() for i, kept in added.items() if i not in special}
        self._spelling = [spelled.get(index, b"") for index in range(len(vocabulary))]
        self._tokenizer = tokenizer
        self.lengths = np.array([len(spelling) for spelling in self._spelling], np.int32)

    def text(self, ids: Sequence[int]) -> bytes:
        """The exact bytes of a run of tokens, also where a character is cut in two."""
        return b"".join(self._spelling[index] for index in ids)

    def check(self, texts: Iterable[str]) -> None:
        """Complains of a tokenizer that does not say texts as they are.

        Args:
            texts: What right replies are like.

        Raises:
            TaskError: It names the first text that comes out otherwise.
        """
        for text in texts:
            ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False)
            said, right = self.text(ids), text.encode()
            if said not in (right, b" " + right):
                said = said.removeprefix(b" ")
                same = takewhile(lambda pair: pair[0] == pair[1], zip(said, right, strict=False))
                at = sum(1 for _ in same)
                raise TaskError(
                    f"{type(self._tokenizer).__name__} says {said[at : at + 20]!r} where "
                    f"{right[at : at + 20]!r} was meant, so its tokens do not tell which bytes of "
                    'a reply they are; give credit = { kind = "outcome" } or another model'
                )


def _bytes(plain: dict[int, str]) -> dict[int, bytes] | None:
    """The spelling of a byte-level vocabulary, if it is one: a character stands for a byte."""
    if "Ġ" not in plain.values():  # the space
        return None
    try:
        return {i: bytes(_BYTE_OF[letter] for letter in token) for i, token in plain.items()}
    except KeyError:
        return None


def _pieces(plain: dict[int, str]) -> dict[int, bytes] | None:
    """The spelling of a vocabulary of SentencePiece, if it is one: it has bytes to fall back on."""
    if "<0x0A>" not in plain.values():
        return None
    return {
        i: bytes.fromhex(raw[1])
        if (raw := _BYTE.fullmatch(token))
        else token.replace("▁", " ").encode()
        for i, token in plain.items()
    }


def _decoded(tokenizer: PreTrainedTokenizerBase, plain: dict[int, str]) -> dict[int, bytes]:
    """The spelling of any other vocabulary: what a token adds behind another one."""
    before = next((i for i, token in plain.items() if token.isalnum()), None)
    if before is None:
        raise TaskError(f"{type(tokenizer).__name__} has no token that is a word; it is not known")
    lead: Any = tokenizer.decode([before], clean_up_tokenization_spaces=False)
    spelled = {}
    for index, token in plain.items():
        both: Any = tokenizer.decode([before, index], clean_up_tokenization_spaces=False)
        if not both.startswith(lead) or "\ufffd" in both:
            raise TaskError(
                "replies are judged by the bytes of their tokens, and decoding does not tell those "
                f"of token {token!r}; a tokenizer must be byte-level, of SentencePiece, or decode "
                "token by token"
            )
        spelled[index] = both[len(lead) :].encode()
    return spelled

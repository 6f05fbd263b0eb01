"""The bytes of tokens: what a reply says, exactly, and where in it each token stands."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase
from transformers.convert_slow_tokenizer import bytes_to_unicode

# A byte of its own in a vocabulary of SentencePiece.
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


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

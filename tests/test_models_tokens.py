"""The bytes of tokens of other vocabularies than byte-level ones, told or refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym

pytest.importorskip("torch", reason="needs the train extra: pip install avrgym[train]")

from tokenizers import Tokenizer, decoders, normalizers
from tokenizers.models import Unigram, WordLevel, WordPiece
from tokenizers.pre_tokenizers import Metaspace, Whitespace
from transformers import PreTrainedTokenizerFast

from avrgym.models.tokens import ByteTable

[SAMPLE] = avrgym.samples(["grid_navigation/rung2#test:0:1"])
WORDS = sorted(set(SAMPLE.rationale.replace("\n", " ").replace(",", " ,").split()))


def fast(made: Tokenizer) -> PreTrainedTokenizerFast:
    loaded: Any = PreTrainedTokenizerFast
    return loaded(tokenizer_object=made, unk_token="<unk>")  # type: ignore[no-any-return]


def pieces(raw: list[tuple[str, float]], *words: str) -> PreTrainedTokenizerFast:
    """A vocabulary as SentencePiece has them, with bytes for what it lacks or without."""
    scored = [(word, -float(at)) for at, word in enumerate(words, 1)]
    model = Unigram([("<unk>", 0.0), *raw, *scored], unk_id=0, byte_fallback=bool(raw))
    made = Tokenizer(model)
    made.pre_tokenizer = Metaspace()
    made.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    return fast(made)


FALLEN_BACK = pieces(
    [(f"<0x{byte:02X}>", -30.0) for byte in range(256)], "▁At", "▁up", "▁", "n", "A", ":"
)
LETTERS = sorted(set(SAMPLE.rationale) - {" "})
WITHOUT = pieces([], *(f"▁{word}" for word in WORDS), "▁", *LETTERS)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁"), min_size=1))
def test_pieces_are_the_bytes_of_any_text(text: str) -> None:
    ids = FALLEN_BACK.encode(text, add_special_tokens=False, split_special_tokens=True)
    spelled = ByteTable(FALLEN_BACK).text(ids)
    assert spelled in (text.encode(), b" " + text.encode())


@pytest.mark.parametrize("made", [FALLEN_BACK, WITHOUT], ids=["bytes", "no bytes"])
def test_pieces_say_rationales(made: PreTrainedTokenizerFast) -> None:
    table = ByteTable(made)
    table.check([SAMPLE.rationale])
    ids = made.encode(SAMPLE.rationale, add_special_tokens=False)
    assert table.lengths[ids].sum() == len(table.text(ids))
    assert table.text(ids).decode() == f" {SAMPLE.rationale}"
    assert made.decode(ids) == SAMPLE.rationale


def test_a_vocabulary_that_decodes_token_by_token_is_spelled_so() -> None:
    made = Tokenizer(WordPiece({"<unk>": 0, "up": 1, "##per": 2, "left": 3}, unk_token="<unk>"))
    made.pre_tokenizer = Whitespace()
    made.decoder = decoders.WordPiece(cleanup=False)
    table = ByteTable(fast(made))
    table.check(["upper left"])
    assert table.text([1, 2, 3]) == b" upper left"
    with pytest.raises(avrgym.TaskError, match=r"b' left' where b'\\nleft' was meant.*outcome"):
        table.check(["up left", "up\nleft"])


def test_a_tokenizer_that_changes_texts_is_refused_by_what_it_changes() -> None:
    made = Tokenizer(WordLevel({"<unk>": 0, "up": 1, "left": 2}, unk_token="<unk>"))
    made.pre_tokenizer = Whitespace()
    made.normalizer = normalizers.Lowercase()
    with pytest.raises(avrgym.TaskError, match="b'Up left' was meant"):
        ByteTable(fast(made)).check(["Up left"])


def test_a_decoder_that_reads_tokens_together_is_refused() -> None:
    made = Tokenizer(WordLevel({"<unk>": 0, "up": 1, "é": 2}, unk_token="<unk>"))
    made.decoder = decoders.Sequence([decoders.Fuse(), decoders.Replace("upé", "down")])
    with pytest.raises(avrgym.TaskError, match=r"token 'é'.*byte-level, of SentencePiece"):
        ByteTable(fast(made))

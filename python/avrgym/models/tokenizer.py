"""A lossless byte-level tokenizer that keeps a task's own units whole: `` right``, `` & dot``.

A unit is a word together with the separator before it, so that one move, one cell or one table
value is one token. Whatever is no unit falls back to its bytes, so any text survives
``decode(encode(text))``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from avrgym.core.extras import needs
from avrgym.models.dialects import LLAVA, Dialect

with needs("train"):
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

# A word with at most one separator before it; the separators are those of the core's texts.
WORD = r"(?:\n| & |, | )?[^\s,&]+"


def units(texts: Sequence[str], *, least: int = 2, phrases: Iterable[str] = ()) -> list[str]:
    """Words with their separators that occur at least ``least`` times, most frequent first.

    Args:
        texts: What the model will read and write.
        least: Rarer words stay bytes.
        phrases: Sentences to keep whole; their words are not counted.
    """
    pattern = re.compile(_pattern(phrases))
    counts = Counter(match for text in texts for match in pattern.findall(text))
    return [unit for unit, count in counts.most_common() if count >= least]


def constant(asked: Iterable[str]) -> list[str]:
    """Questions that every sample is asked: they carry nothing, so one token is enough for each.

    Args:
        asked: What users' turns say beside pictures.

    Returns:
        The distinct ones, sorted; none where there are more than four.
    """
    distinct = sorted(set(asked))
    return distinct if len(distinct) <= 4 else []


def build(
    texts: Sequence[str],
    *,
    phrases: Sequence[str] = (),
    further: Sequence[str] = (),
    dialect: Dialect = LLAVA,
) -> PreTrainedTokenizerFast:
    """A tokenizer whose vocabulary is 256 bytes, the units of ``texts``, and special tokens.

    Args:
        texts: Samples of everything the model reads and writes.
        phrases: Constant sentences that become one token each.
        further: Of what else it will meet; units that the others lack come behind theirs, so that
            without new ones the vocabulary is the same.
        dialect: Of the model's family: special tokens and chat template.
    """
    spell = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    kept = [*phrases, *units(texts, phrases=phrases), *units(further, phrases=phrases)]
    spelled = [spell.pre_tokenize_str(unit)[0][0] for unit in kept]
    # Special tokens stay out of it: text that spells one is text, and falls back to its bytes.
    words = dict.fromkeys([*alphabet, *spelled])
    # `ignore_merges` takes a piece that is in the vocabulary as it is: units need no merge table.
    bpe = models.BPE(vocab={word: i for i, word in enumerate(words)}, merges=[], ignore_merges=True)
    tokenizer = Tokenizer(bpe)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(_pattern(phrases)), behavior="isolated"), spell]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(dialect.special))
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=dialect.end,
        pad_token=dialect.pad,
        padding_side="left",
        chat_template=dialect.template,
        clean_up_tokenization_spaces=False,
        **_named(dialect),
    )
    if dialect.calls:
        made.response_template = dialect.response
    return made


def _named(dialect: Dialect) -> dict[str, Any]:
    """Special tokens besides the two that every tokenizer has; attributes where they have names."""
    if dialect.named:
        return {"extra_special_tokens": dict(dialect.named)}
    others = [token for token in dialect.special if token not in (dialect.pad, dialect.end)]
    return {"additional_special_tokens": others}


def _pattern(phrases: Iterable[str]) -> str:
    longest_first = sorted(phrases, key=len, reverse=True)
    return "|".join([*(re.escape(phrase) for phrase in longest_first), WORD])

"""A lossless byte-level tokenizer that keeps a task's own units whole: `` right``, `` & dot``.

A unit is a word together with the separator before it, so that one move, one cell or one table
value is one token. Whatever is no unit falls back to its bytes, so any text survives
``decode(encode(text))``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

IMAGE, PAD, END = "<image>", "<|pad|>", "<|end|>"
USER, ASSISTANT = "<|user|>", "<|assistant|>"
SPECIAL = (PAD, END, IMAGE, USER, ASSISTANT)

# A word with at most one separator before it; the separators are those of the core's texts.
WORD = r"(?:\n| & |, | )?[^\s,&]+"

# Accepts content as text and as a list of blocks, as processors hand over both.
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' }}"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for block in message['content'] %}"
    "{% if block['type'] == 'image' %}<image>{% else %}{{ block['text'] }}{% endif %}"
    "{% endfor %}{% endif %}"
    "{% if message['role'] == 'assistant' %}{{ '" + END + "' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '" + ASSISTANT + "' }}{% endif %}"
)


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


def build(texts: Sequence[str], *, phrases: Sequence[str] = ()) -> PreTrainedTokenizerFast:
    """A tokenizer whose vocabulary is 256 bytes, the units of ``texts``, and five special tokens.

    Args:
        texts: Samples of everything the model reads and writes.
        phrases: Constant sentences that become one token each.
    """
    spell = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    kept = [*phrases, *units(texts, phrases=phrases)]
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
    tokenizer.add_special_tokens(list(SPECIAL))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[IMAGE, USER, ASSISTANT],
        padding_side="left",
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def _pattern(phrases: Iterable[str]) -> str:
    longest_first = sorted(phrases, key=len, reverse=True)
    return "|".join([*(re.escape(phrase) for phrase in longest_first), WORD])

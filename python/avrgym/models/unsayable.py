"""Tokens that no reply can have."""

import re
from typing import Any

# What configs call the tokens that stand for pictures.
PICTURE = re.compile(r"(image|video|boi|eoi|vision\w*)_token_(id|index)")


def unsayable(model: Any, processor: Any) -> list[int]:
    """The tokens that no reply can have.

    Returns:
        Ids, sorted: of tokens that stand for pictures, which would have a model look for one that
        is not there, and of rows of a padded vocabulary, which nobody can spell.
    """
    known = len(processor.tokenizer)
    named = model.config.to_dict().items()
    pictures = {i for name, i in named if isinstance(i, int) and PICTURE.fullmatch(name)}
    beyond = range(known, model.config.get_text_config().vocab_size)
    return sorted({*(index for index in pictures if index >= 0), *beyond})

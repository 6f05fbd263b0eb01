"""The alphabets and lengths of the text that environments exchange."""

import string

from gymnasium import spaces

#: Printable ASCII and line feeds: all that questions and twins are written in.
PROMPT_CHARSET: str = string.digits + string.ascii_letters + string.punctuation + " \n"

#: What replies are sampled from. It bounds the space, not the judge: ``step`` takes any ``str``.
REPLY_CHARSET: str = PROMPT_CHARSET + "\t←↑→↓"

#: The longest prompt and the longest sampled reply, characters.
LONGEST: int = 16_384


def prompt_space() -> spaces.Text:
    """The space of prompts."""
    return spaces.Text(LONGEST, min_length=1, charset=PROMPT_CHARSET)


def reply_space() -> spaces.Text:
    """The space of replies; the empty one is among them."""
    return spaces.Text(LONGEST, min_length=0, charset=REPLY_CHARSET)

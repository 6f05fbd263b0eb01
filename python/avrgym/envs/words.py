"""The alphabets and lengths of the text that environments exchange."""

import string
from typing import Any, NoReturn

from gymnasium import spaces
from gymnasium.error import CustomSpaceError
from gymnasium.vector.utils import create_shared_memory

#: Printable ASCII and line feeds: all that questions and twins are written in.
PROMPT_CHARSET: str = string.digits + string.ascii_letters + string.punctuation + " \n"

#: What replies are sampled from. It bounds the space, not the judge: ``step`` takes any ``str``.
REPLY_CHARSET: str = PROMPT_CHARSET + "\t←↑→↓"

#: The longest prompt and the longest sampled reply, characters.
LONGEST: int = 16_384


class Prompt(spaces.Text):
    """The space of prompts: text that cannot be shared between processes by memory.

    ``AsyncVectorEnv(shared_memory=True)`` reads text once, before any is there, and shows zeros for
    ever (Gymnasium 1.1 to 1.4 at least). It is refused instead, with the remedy.
    """


@create_shared_memory.register(Prompt)
def _refused(space: Prompt, n: int = 1, ctx: Any = None) -> NoReturn:
    raise CustomSpaceError(
        "prompts do not arrive through shared memory; give AsyncVectorEnv shared_memory=False, or "
        'take the native vector environment: gymnasium.make_vec(..., "vector_entry_point")'
    )


def prompt_space() -> Prompt:
    """The space of prompts."""
    return Prompt(LONGEST, min_length=1, charset=PROMPT_CHARSET)


def reply_space() -> spaces.Text:
    """The space of replies; the empty one is among them."""
    return spaces.Text(LONGEST, min_length=0, charset=REPLY_CHARSET)

"""The subject that knows: what the format owes, word for word."""

from collections.abc import Sequence

from avrgym.evaluate.subjects.subject import Luck
from avrgym.prompts.prompt import Prompt, chats


def oracle(prompts: Sequence[Prompt], luck: Luck) -> list[str]:
    """The rationale itself, or the bare answer or the twin where that is asked for: all right."""
    return [str(chat.completion[0]["content"]) for chat in chats(prompts)]

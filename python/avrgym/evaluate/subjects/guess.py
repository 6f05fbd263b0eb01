"""The subject that guesses: any answer of the level is as likely as any other."""

from collections.abc import Sequence

from avrgym.evaluate.subjects.subject import Luck, known
from avrgym.prompts.prompt import Prompt


def guess(prompts: Sequence[Prompt], luck: Luck) -> list[str]:
    """An answer drawn evenly from the different ones that samples of split ``train`` have."""
    return [luck(prompt).choice(sorted(known(prompt))) for prompt in prompts]

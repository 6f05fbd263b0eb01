"""The subject that always says the same: what is right most often."""

from collections.abc import Sequence

from avrgym.evaluate.subjects.subject import Luck, known
from avrgym.prompts.prompt import Prompt


def majority(prompts: Sequence[Prompt], luck: Luck) -> list[str]:
    """The commonest answer of the level's split ``train``."""
    return [known(prompt).most_common(1)[0][0] for prompt in prompts]

"""The subject without the skill: right as often as the best shortcut of the level.

It is blind to the skill and need not be so to the picture: what a shortcut sees and what it lacks,
:func:`avrgym.core.facts.meanings` says.

The core knows the chance that each shortcut succeeds on a sample, not what it would say. So this
subject is right with the chance of the one that does best in training, and else says an answer of
another sample that is wrong here.
"""

from collections.abc import Sequence
from functools import lru_cache

from avrgym.core import facts
from avrgym.core.address import setting_of
from avrgym.core.samples import samples
from avrgym.core.verdicts import verify
from avrgym.evaluate.subjects.subject import Luck, bare, known, training
from avrgym.prompts.prompt import Prompt

_TRIES = 16  # answers that are looked at for one that is wrong


def blind(prompts: Sequence[Prompt], luck: Luck) -> list[str]:
    """Right with the chance of the level's best shortcut; a transcript is the commonest one."""
    asked = [prompt.address for prompt in prompts]
    chances = facts.shortcuts(asked)
    return [
        known(prompt).most_common(1)[0][0]
        if prompt.format.transcribes
        else bare(sample, prompt.format)
        if luck(prompt).random() < chances[best(setting_of(prompt.address))][place]
        else _wrong(prompt, luck)
        for place, (prompt, sample) in enumerate(zip(prompts, samples(asked), strict=True))
    ]


@lru_cache(maxsize=128)
def best(setting: str) -> str:
    """The shortcut that succeeds most often on the level's split ``train``."""
    rates = {name: float(column.mean()) for name, column in _own(setting).items()}
    return max(rates, key=lambda name: rates[name])


def _own(setting: str) -> facts.Columns:
    return facts.shortcuts(training(setting))


def _wrong(prompt: Prompt, luck: Luck) -> str:
    drawn = luck(prompt)
    answers = sorted(known(prompt))
    said = drawn.sample(answers, min(len(answers), _TRIES))
    judged = verify([prompt.address] * len(said), said)
    wrong = [each for each, right in zip(said, judged.correct, strict=True) if not right]
    return wrong[0] if wrong else "Answer: none"

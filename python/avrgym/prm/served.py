"""(f) A judge behind a server: a turn for each step, and how likely ``+`` is in answer to it."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from avrgym._core import TaskError
from avrgym.core.pictures import Picture
from avrgym.models.completion import Completion
from avrgym.models.endpoint import Endpoint, Talk
from avrgym.prm.scorer import Scores
from avrgym.prm.spans import Spans, spans
from avrgym.prompts.messages import openai as messages
from avrgym.prompts.prompt import Prompt

GOOD, BAD = "+", "-"


class Served:
    """A judge of steps that a server of the chat API answers for.

    As VisualPRM (Wang et al. 2025, arXiv 2503.10291) has it: the first turn has the question, its
    picture and the first step, every other one a step, and each is answered ``+`` or ``-``. Steps
    before the one that is asked about are taken to be answered ``+``, so steps do not wait for each
    other. A step's score is the probability of ``+`` among the two. It says nothing of replies.

    Attributes:
        endpoint: Where it is asked.
        picture: How it is shown pictures.
    """

    #: Nobody says how many the server's model has.
    weights: ClassVar[None] = None

    def __init__(self, endpoint: Endpoint, picture: Picture | None = None) -> None:
        """Asks nothing yet.

        Args:
            endpoint: Where it is asked.
            picture: How it is shown pictures; by default as an evaluation shows them to a server.
        """
        self.endpoint, self.picture = endpoint, picture or Picture()

    def scores(self, prompts: Sequence[Prompt], replies: Sequence[Completion]) -> Scores:
        """See :class:`avrgym.prm.scorer.Scorer`; servers take text, and no tokens.

        Raises:
            TaskError: The server fails, tells no log-probabilities, or takes neither word to be
                among the likeliest.
        """
        said = [each.reply for each in replies]
        found = spans(prompts, said)
        score = np.full(len(found.ends), np.nan, np.float32)
        for place, told in self.endpoint.beliefs(self._talks(prompts, said, found)):
            score[place] = self._good(told)
        outcome = np.full(len(said), np.nan, np.float32)
        return Scores(found.offsets, found.ends, score, outcome, found.bare)

    def _talks(self, prompts: Sequence[Prompt], said: Sequence[bytes], of: Spans) -> Iterator[Talk]:
        for prompt, reply, begin, end in zip(
            prompts, said, of.offsets, of.offsets[1:], strict=False
        ):
            turns: list[dict[str, Any]] = self._asked(prompt) if begin < end else []
            before = 0
            for place in range(begin, end):
                step = reply[before : (before := int(of.ends[place]))].strip(b"\n")
                words = step.decode("utf-8", "replace")
                turns = (
                    [*turns[:-1], _with(turns[-1], words)]
                    if place == begin
                    else [
                        *turns,
                        {"role": "assistant", "content": GOOD},
                        {"role": "user", "content": words},
                    ]
                )
                yield Talk(place, turns, f"a step of a reply to {prompt.address}")

    def _asked(self, prompt: Prompt) -> list[dict[str, Any]]:
        picture = self.picture
        return messages(
            prompt.address,
            prompt.format.name,
            size=picture.size,
            theme=picture.theme,
            template=prompt.template,
            insist=picture.insist,
        )

    def _good(self, told: dict[str, float]) -> float:
        """The probability of ``+`` among both words."""
        if GOOD not in told and BAD not in told:
            likely = ", ".join(repr(each) for each in sorted(told, key=told.__getitem__)[:-4:-1])
            raise TaskError(
                f"{self.endpoint.model} at {self.endpoint.url} answers a step with {likely} rather "
                f"than {GOOD} or {BAD}; give a judge that was trained on these, such as one on "
                "avrgym generate --for prm --form visualprm"
            )
        # A word that is not told of is at most as likely as the least likely that is, and as what
        # is left.
        unsaid = min(min(told.values()), max(0.0, 1 - sum(told.values())))
        good, bad = told.get(GOOD, unsaid), told.get(BAD, unsaid)
        return good / (good + bad)


def _with(turn: dict[str, Any], step: str) -> dict[str, Any]:
    """The question's turn, with the first step behind it."""
    asked = turn["content"]
    if isinstance(asked, str):
        return {**turn, "content": f"{asked}\n\n{step}"}
    return {**turn, "content": [*asked, {"type": "text", "text": step}]}

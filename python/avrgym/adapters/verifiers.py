"""A taskset for verifiers, with pictures and points for steps.

Its command line finds it as ``avrgym-verifiers``::

    validate avrgym-verifiers -n 20 --runtime.type subprocess
    eval avrgym-verifiers -n 100 -m MODEL --env.taskset.levels grid_navigation/rung0..rung3
        --env.taskset.task.rewards.steps.weight 0.5

The rewards are those of :mod:`avrgym.rewards` by their names: ``correctness`` weighs 1, the others
0 until the settings say otherwise.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

from avrgym._core import TaskError
from avrgym.core.address import Address
from avrgym.core.extras import remedy
from avrgym.core.ladder import expand
from avrgym.core.samples import Source, samples
from avrgym.core.verdicts import STATES, verify
from avrgym.prompts.formats import target
from avrgym.prompts.messages import openai
from avrgym.rewards import score

try:
    import verifiers.v1 as vf
except ImportError as missing:
    raise TaskError(f"verifiers is not installed ({missing}); {remedy('verifiers')}") from None


class AvrgymConfig(vf.TasksetConfig):
    """Which problems there are, under ``--env.taskset``."""

    levels: str = "grid_navigation/simple,table_readout/simple"
    """Levels, such as table_readout/rung0..rung3, a comma between several: one problem of each in
    turn, without end. They are asked in style full unless they say otherwise."""
    split: str = "test"
    """train, val or test."""
    seed: int = 0
    """Which problems of these."""
    format: str = "image"
    """What is shown and asked: image, text, image_via_text, image_to_text or structured; with
    -direct behind it the answer alone."""
    size: int = 448
    """Pixels to a picture's side."""
    theme: str = "paper"
    """What pictures look like: paper, varied or compact."""
    template: str = "plain"
    """How prompts are worded."""
    held_out: int | None = None
    """One content in so many is kept for evaluation, as in avrgym.Source."""


class AvrgymData(vf.TaskData):
    """One problem; its address is all that it is judged by."""

    address: str
    format: str = "image"


class AvrgymTask(vf.Task[AvrgymData, vf.State, vf.TaskConfig]):
    """One problem, judged by what its address stands for."""

    @property
    def key(self) -> str:
        """The address and the format, which do not change with pictures or words."""
        return f"{self.data.address} {self.data.format}"

    async def validate(self, runtime: Any) -> bool:
        """Whether the reply that is owed earns all points."""
        [sample] = samples([self.data.address])
        return self.points("correctness", target(sample, self.data.format)) == 1

    def points(self, reward: str, said: str) -> float:
        """What a reply earns, by what its format asks for."""
        verdicts = verify([self.data.address], [said])
        return float(score(verdicts, reward, formats=self.data.format)[0])

    @vf.reward(weight=1.0)
    async def correctness(self, trace: Any) -> float:
        """1 for a right answer."""
        return self.points("correctness", trace.last_reply)

    @vf.reward(weight=0.0)
    async def steps(self, trace: Any) -> float:
        """Points for right steps before the first that is not, and for the answer."""
        return self.points("steps", trace.last_reply)

    @vf.reward(weight=0.0)
    async def progress(self, trace: Any) -> float:
        """Points for how near a wrong answer came."""
        return self.points("progress", trace.last_reply)

    @vf.reward(weight=0.0)
    async def format(self, trace: Any) -> float:
        """Points for an answer that is marked as asked."""
        return self.points("format", trace.last_reply)

    @vf.metric
    async def verdict(self, trace: Any) -> dict[str, float]:
        """Counts of the verdict; all of it, step by step, goes to ``trace.info["verdict"]``."""
        verdict = verify([self.data.address], [trace.last_reply])[0]
        trace.info["verdict"] = {
            "outcome": verdict.outcome,
            "first_error": verdict.first_error,
            "steps": [
                {"start": each.start, "end": each.end, "state": each.state, "claim": each.claim}
                for each in verdict.steps
            ],
        }
        right = sum(each.state == STATES[0] for each in verdict.steps)
        return {
            "parsed": float(verdict.parsed),
            "steps_right": float(right),
            "steps_made": float(len(verdict.steps)),
        }


class AvrgymTaskset(vf.Taskset[AvrgymTask, AvrgymConfig]):
    """Problems of levels without end, each level's turn after the other's."""

    INFINITE = True

    def load(self) -> Iterator[AvrgymTask]:
        """The problems.

        Raises:
            TaskError: A setting names nothing, or pictures of this size could not be read.
        """
        config = self.config
        sources = [
            Source(at.task, at.level, config.split, config.seed, dict(at.params), config.held_out)
            for setting in expand(config.levels.split(","), {"style": "full"})
            for at in [Address.parse(f"{setting}#train:0:0")]
        ]
        for index in count():
            source = sources[index % len(sources)]
            sample = source[index // len(sources)]
            prompt = openai(
                sample,
                config.format,
                size=config.size,
                theme=config.theme,
                template=config.template,
            )
            yield AvrgymTask(
                AvrgymData(
                    idx=index,
                    name=sample.address,
                    prompt=[vf.UserMessage.model_validate(turn) for turn in prompt],
                    address=sample.address,
                    format=config.format,
                ),
                config.task,
            )

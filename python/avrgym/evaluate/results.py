"""One line for each reply of an evaluation: what was asked, what was said, how it was judged."""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol, TypeAlias

import avrgym
from avrgym import rewards
from avrgym.core.address import setting_of
from avrgym.core.generator import generator
from avrgym.prompts.prompt import Prompt

#: What tells one reply of a run from another: stage, address, format, decoding, draw.
Key: TypeAlias = tuple[str, str, str, str, int]


class Completion(Protocol):
    """What a policy says to a prompt.

    Attributes:
        reply: Its bytes.
        ids: Its tokens.
        finish: ``stop`` where it ended itself, ``length`` where there was no room for more.
    """

    @property
    def reply(self) -> bytes: ...  # noqa: D102  said above
    @property
    def ids(self) -> Sequence[int]: ...  # noqa: D102
    @property
    def finish(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Result:
    """One reply with its verdict, as ``results.jsonl`` holds it. It is judged once, when made.

    Attributes:
        stage: After which the model was asked; ``start`` is before the first.
        split: Of the sample.
        level: The sample's setting, ``task/level``, with ``?key=value`` where it is overridden.
        format: What was shown, a name of :class:`avrgym.prompts.format.Format`.
        address: The canonical address of the sample.
        decoding: ``greedy`` or ``sampled``.
        draw: Which of several replies to the prompt, from 0.
        reply: What was said; bytes that are no UTF-8 stand as U+FFFD.
        raw: The exact bytes in base64, where they are no UTF-8; else None.
        finish: ``stop`` where the reply ended itself, ``length`` where it was cut.
        tokens: How many it has.
        correct: Whether it is what the format asks for: a right final answer, or the twin.
        parsed: Whether one final answer could be read.
        form: How the answer was marked; None without one.
        outcome: One of ``avrgym.OUTCOMES``.
        components: Facts of the task by name; None where one does not apply.
        steps: Those found, as (first byte, one past the last, skill, state, reason).
        generator: Digest of the core that drew and judged, see
            :func:`avrgym.core.generator.generator`.
    """

    stage: str
    split: str
    level: str
    format: str
    address: str
    decoding: str
    draw: int
    reply: str
    raw: str | None
    finish: str
    tokens: int
    correct: bool
    parsed: bool
    form: str | None
    outcome: str
    components: Mapping[str, float | None]
    steps: tuple[tuple[int, int, str, str, str], ...]
    generator: str

    @property
    def key(self) -> Key:
        """Tells it from all others of its run."""
        return self.stage, self.address, self.format, self.decoding, self.draw

    def row(self) -> dict[str, Any]:
        """The values of the line by name; all of them have a place in JSON."""
        return asdict(self) | {"steps": [list(step) for step in self.steps]}

    def line(self) -> str:
        """The line, without its end."""
        return json.dumps(self.row(), ensure_ascii=False)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Result":
        """The result of a row.

        Raises:
            KeyError: The row lacks one of the names.
        """
        held = {each.name: row[each.name] for each in fields(cls)}
        return cls(**held | {"steps": tuple(tuple(step) for step in held["steps"])})

    @classmethod
    def read(cls, line: str) -> "Result":
        """The result of a line."""
        return cls.of(json.loads(line))


def key(row: Mapping[str, Any]) -> Key:
    """:attr:`Result.key` of a row."""
    return row["stage"], row["address"], row["format"], row["decoding"], row["draw"]


def said(row: Mapping[str, Any]) -> bytes:
    """The exact bytes of a row's reply, which its steps count."""
    exact: str | None = row["raw"]
    text: str = row["reply"]
    return text.encode() if exact is None else base64.b64decode(exact)


def judged(
    prompts: Sequence[Prompt],
    completions: Sequence[Completion],
    *,
    stage: str,
    decoding: str,
    draw: int = 0,
) -> list[Result]:
    """Replies with the verdicts on them, all judged in one call.

    Args:
        prompts: What was asked, n of them.
        completions: What was said, n of them.
        stage: After which.
        decoding: How it was drawn.
        draw: Which of several replies.

    Raises:
        TaskError: An address names nothing, or the lengths differ.
    """
    verdicts = avrgym.verify(
        [prompt.address for prompt in prompts], [completion.reply for completion in completions]
    )
    right = rewards.right(verdicts, [prompt.format.name for prompt in prompts]).tolist()
    copied = [prompt.format.transcribes for prompt in prompts]
    made = generator()
    return [
        Result(
            stage=stage,
            split=avrgym.Address.parse(prompt.address).split,
            level=setting_of(prompt.address),
            format=prompt.format.name,
            address=prompt.address,
            decoding=decoding,
            draw=draw,
            reply=completion.reply.decode("utf-8", "replace"),
            raw=_raw(completion.reply),
            finish=completion.finish,
            tokens=len(completion.ids),
            correct=right[i],
            parsed=verdict.parsed or copied[i],
            form=verdict.form,
            outcome=("correct" if right[i] else "wrong") if copied[i] else verdict.outcome,
            components=_facts(verdict.components),
            steps=tuple((s.start, s.end, s.skill, s.state, s.reason) for s in verdict.steps),
            generator=made,
        )
        for i, (prompt, completion, verdict) in enumerate(
            zip(prompts, completions, verdicts, strict=True)
        )
    ]


def _raw(reply: bytes) -> str | None:
    try:
        reply.decode()
    except UnicodeDecodeError:
        return base64.b64encode(reply).decode()
    return None


def _facts(components: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(v) else v for name, v in components.items()}

"""One line for each reply of an evaluation: what was asked, what was said, how it was judged."""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Protocol, TypeAlias

import avrgym
from avrgym import rewards
from avrgym.core.address import setting_of
from avrgym.core.generator import generator
from avrgym.core.pictures import Picture
from avrgym.models.completion import drawn_at
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

#: What tells one reply of a run or an evaluation from another: stage, address, format, decoding,
#: draw, template, height and width, theme, temperature, top_p. Height and theme are None where no
#: picture was shown, and what nobody knows is.
Key: TypeAlias = tuple[
    *tuple[str, str, str, str, int, str],
    *tuple[tuple[int, int] | None, str | None],
    *tuple[float | None, float | None],
]


class Completion(Protocol):
    """What a policy says to a prompt.

    Attributes:
        reply: Its bytes.
        tokens: How many they are, None where that is not known.
        finish: ``stop`` where it ended itself, ``length`` where there was no room for more.
        seconds: What it took, None where nobody looked at a clock.
        logprob: Sum of its tokens' log-probabilities, None where that is not known.
        ids: Its tokens, none where they are not known.
    """

    @property
    def reply(self) -> bytes: ...  # noqa: D102  said above
    @property
    def tokens(self) -> int | None: ...  # noqa: D102
    @property
    def finish(self) -> str: ...  # noqa: D102
    @property
    def seconds(self) -> float | None: ...  # noqa: D102
    @property
    def logprob(self) -> float | None: ...  # noqa: D102
    @property
    def ids(self) -> Sequence[int]: ...  # noqa: D102


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
        tokens: How many it has, None where that is not known.
        correct: Whether it is what the format asks for: a right final answer, or the twin.
        parsed: Whether one final answer could be read.
        form: How the answer was marked; None without one.
        outcome: One of ``avrgym.OUTCOMES``.
        components: Facts of the task by name; None where one does not apply.
        steps: Those found, as (first byte, one past the last, skill, state, reason, whether it
            stands in a thought).
        generator: Digest of the core that drew and judged, see
            :func:`avrgym.core.generator.generator`.
        policy: What was asked, by name; of a run the run's name.
        template: How the prompt was worded.
        size: Height and width of the picture in pixels, None where none was shown, or nobody knows.
        theme: How it was drawn, None likewise.
        seed: Of the evaluation: of its samples and of what was drawn.
        seconds: What the reply took, of a batch its share; None where that is not known.
        temperature: At which it was drawn, 0 where it is greedy; None where that is not known.
        top_p: From which share of the likeliest tokens, 1 where it is greedy; None likewise.
        logprob: Sum of the log-probabilities of its tokens, 0 or less, to the model at temperature
            1; None where that is not known.
        ids: The tokens, with the one that ended the reply; none where they are not known. What
            scores tokens needs these: the words read again are other tokens now and then.
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
    tokens: int | None
    correct: bool
    parsed: bool
    form: str | None
    outcome: str
    components: Mapping[str, float | None]
    steps: tuple[tuple[int, int, str, str, str, bool], ...]
    generator: str
    policy: str = ""
    template: str = "plain"
    size: tuple[int, int] | None = None
    theme: str | None = None
    seed: int = 0
    seconds: float | None = None
    temperature: float | None = None
    top_p: float | None = None
    logprob: float | None = None
    ids: tuple[int, ...] = ()

    @property
    def key(self) -> Key:
        """Tells it from all others of its run or evaluation."""
        asked = (self.stage, self.address, self.format, self.decoding, self.draw)
        return *asked, self.template, self.size, self.theme, self.temperature, self.top_p

    def row(self) -> dict[str, Any]:
        """The values of the line by name; all of them have a place in JSON."""
        size = None if self.size is None else list(self.size)
        steps = [list(step) for step in self.steps]
        return asdict(self) | {"steps": steps, "size": size, "ids": list(self.ids)}

    def line(self) -> str:
        """The line, without its end."""
        return json.dumps(self.row(), ensure_ascii=False)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Result":
        """The result of a row; what older ones do not say has its default.

        Of steps they do not say what is thought, which is taken as said aloud.

        Raises:
            KeyError: The row lacks one of the names that all have.
        """
        held = {
            each.name: row[each.name]
            for each in fields(cls)
            if each.default is MISSING or each.name in row
        }
        steps = tuple((*step, False)[:6] for step in held["steps"])
        held["temperature"], held["top_p"] = _heat(row)
        held |= {"steps": steps, "size": _sides(row.get("size")), "ids": tuple(row.get("ids", ()))}
        return cls(**held)

    @classmethod
    def read(cls, line: str) -> "Result":
        """The result of a line."""
        return cls.of(json.loads(line))


def key(row: Mapping[str, Any]) -> Key:
    """:attr:`Result.key` of a row."""
    asked = (row["stage"], row["address"], row["format"], row["decoding"], row["draw"])
    drawn = _sides(row.get("size")), row.get("theme")
    return *asked, row.get("template", "plain"), *drawn, *_heat(row)


def asked(
    prompt: Prompt,
    picture: Picture | None,
    *,
    stage: str,
    decoding: str,
    draw: int,
    temperature: float | None,
    top_p: float | None,
) -> Key:
    """:attr:`Result.key` of what a prompt, drawn so, is answered with."""
    said = (stage, prompt.address, prompt.format.name, decoding, draw)
    return *said, prompt.template, *_shown(prompt, picture), temperature, top_p


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
    picture: Picture | None = None,
    policy: str = "",
    seed: int = 0,
    temperature: float | None = None,
    top_p: float | None = None,
) -> list[Result]:
    """Replies with the verdicts on them, all judged in one call.

    Args:
        prompts: What was asked, n of them.
        completions: What was said, n of them.
        stage: After which.
        decoding: How it was drawn.
        draw: Which of several replies.
        picture: How those were drawn that show one; None where that is not known.
        policy: What was asked, by name.
        seed: Of the evaluation.
        temperature: At which they were drawn, 0 for greedy ones; None where that is not known.
        top_p: From which share of the likeliest tokens, 1 for greedy ones; None likewise.

    Raises:
        TaskError: An address names nothing, or the lengths differ.
    """
    facts = verdicts(
        [prompt.address for prompt in prompts],
        [completion.reply for completion in completions],
        [prompt.format for prompt in prompts],
    )
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
            tokens=completion.tokens,
            policy=policy,
            template=prompt.template,
            size=_shown(prompt, picture)[0],
            theme=_shown(prompt, picture)[1],
            seed=seed,
            seconds=completion.seconds,
            temperature=temperature,
            top_p=top_p,
            logprob=completion.logprob,
            ids=tuple(completion.ids),
            **verdict,
        )
        for prompt, completion, verdict in zip(prompts, completions, facts, strict=True)
    ]


def verdicts(
    addresses: Sequence[str], replies: Sequence[bytes], formats: Sequence[Format]
) -> list[dict[str, Any]]:
    """What of results a judge says, by name, all judged in one call.

    Raises:
        TaskError: An address names nothing, or the lengths differ.
    """
    found = avrgym.verify(addresses, replies)
    right = rewards.right(found, [format.name for format in formats]).tolist()
    copied = [format.transcribes for format in formats]
    made = generator()
    return [
        {
            "correct": right[i],
            "parsed": verdict.parsed or copied[i],
            "form": verdict.form,
            "outcome": ("correct" if right[i] else "wrong") if copied[i] else verdict.outcome,
            "components": _facts(verdict.components),
            "steps": tuple(
                (s.start, s.end, s.skill, s.state, s.reason, s.thought) for s in verdict.steps
            ),
            "generator": made,
        }
        for i, verdict in enumerate(found)
    ]


def _shown(prompt: Prompt, picture: Picture | None) -> tuple[tuple[int, int] | None, str | None]:
    """Size and theme of the picture, where one was shown."""
    if picture is None or not prompt.format.pictured:
        return None, None
    return (picture.height, picture.width), picture.theme


def _heat(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Temperature and top_p of a row; older ones do not say them, and were drawn from all at 1."""
    usual = drawn_at(row["decoding"], 1.0, 1.0)
    return row.get("temperature", usual[0]), row.get("top_p", usual[1])


def _sides(size: Sequence[int] | None) -> tuple[int, int] | None:
    return None if size is None else (size[0], size[1])


def _raw(reply: bytes) -> str | None:
    try:
        reply.decode()
    except UnicodeDecodeError:
        return base64.b64encode(reply).decode()
    return None


def _facts(components: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(v) else v for name, v in components.items()}

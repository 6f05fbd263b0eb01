"""A resources server for NeMo Gym: rows of layout nemo-gym, judged by their addresses.

``uvicorn --factory avrgym.adapters.nemo_gym:app --port 8001`` serves what NeMo Gym's agents and its
clients ask of one: ``POST /seed_session`` before a rollout and ``POST /verify`` behind it. No state
is kept, so any number of workers serve alike.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from avrgym._core import TaskError
from avrgym.core.samples import contents
from avrgym.core.verdicts import STATES, Verdict, verify
from avrgym.prompts.format import Format
from avrgym.rewards import right, score, weights

if TYPE_CHECKING:
    from fastapi import FastAPI

_OK = STATES[0]


def app(reward: str | Mapping[str, float] = "correctness") -> "FastAPI":
    """The server.

    ``/verify`` takes a row as ``avrgym generate --layout nemo-gym`` writes it, with ``response``, a
    response object of OpenAI's Responses API, beside it. It gives the same back with ``reward`` and
    the verdict: ``outcome``, ``correct``, ``parsed``, ``steps_right``, ``steps_made`` and
    ``first_error`` (-1 for none). A body that is no such row, or whose address names nothing, is
    answered with status 422 and what is wrong.

    Args:
        reward: A name of ``avrgym.rewards.REWARDS``, or weights by name; they pay for what
            the format of a row asks for.

    Raises:
        TaskError: There is no such reward, or fastapi is not installed.
    """
    weights(reward)
    try:
        from fastapi import FastAPI, HTTPException
        from pydantic import BaseModel, ConfigDict
    except ImportError:
        raise TaskError("fastapi is not installed; pip install fastapi uvicorn") from None

    class Response(BaseModel):
        """Of a response object what is judged: its output."""

        model_config = ConfigDict(extra="allow")
        output: list[dict[str, Any]]

    class Row(BaseModel):
        """What both calls have: the request, and where the problem comes from."""

        model_config = ConfigDict(extra="allow")
        responses_create_params: dict[str, Any]
        address: str
        format: str = "image"

    class Rollout(Row):
        """A row and what the model said."""

        response: Response

    made = FastAPI(title="avrgym")

    @made.post("/seed_session")
    def seed_session(row: Row) -> dict[str, Any]:
        try:
            Format.parse(row.format)
            contents([row.address])
        except TaskError as wrong:
            raise HTTPException(422, str(wrong)) from None
        return {}

    @made.post("/verify")
    def verify_rollout(rollout: Rollout) -> dict[str, Any]:
        try:
            said = reply(rollout.response.output)
            facts = judged(rollout.address, rollout.format, said, reward)
        except TaskError as wrong:
            raise HTTPException(422, str(wrong)) from None
        return {**rollout.model_dump(), **facts}

    return made


def reply(output: list[dict[str, Any]]) -> str:
    """The text of the last message of a response's output; empty if it has none.

    Raises:
        TaskError: A message has not the form of one.
    """
    messages = [item for item in output if item.get("type", "message") == "message"]
    if not messages:
        return ""
    content = messages[-1].get("content")
    if isinstance(content, str):
        return content
    try:
        parts = [part for part in content or [] if part["type"] == "output_text"]
        return "".join(str(part["text"]) for part in parts)
    except (KeyError, TypeError):
        raise TaskError(
            "a message of response.output has no content of output_text; "
            "give a response object of the Responses API"
        ) from None


def judged(
    address: str, format: str, said: str, reward: str | Mapping[str, float] = "correctness"
) -> dict[str, Any]:
    """Points for a reply and what happened in it.

    Raises:
        TaskError: The address or the format names nothing, or there is no such reward.
    """
    copies = Format.parse(format).transcribes
    verdicts = verify([address], [said])
    verdict: Verdict = verdicts[0]
    return {
        "reward": float(score(verdicts, reward, formats=format)[0]),
        "outcome": verdict.outcome,
        "correct": bool(right(verdicts, format)[0]),
        "parsed": copies or verdict.parsed,
        "steps_right": sum(step.state == _OK for step in verdict.steps),
        "steps_made": len(verdict.steps),
        "first_error": -1 if verdict.first_error is None else verdict.first_error,
    }

"""Messages for servers of models are what training shows, and what OpenAI's own types take."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
import pytest

import avrgym
from avrgym import Format, Picture, Prompt, TaskError, prompts
from avrgym.prompts.prompt import rows

Image = pytest.importorskip("PIL.Image")
FORMATS = [f"{name}{direct}" for name in avrgym.FORMATS for direct in ("", "-direct")]
ADDRESSES = [f"{task}/rung0?style=full#test:0:3" for task in avrgym.TASKS]


def shown(url: str) -> Any:
    head, _, body = url.partition(",")
    assert head in ("data:image/png;base64", "data:image/jpeg;base64")
    return np.asarray(Image.open(BytesIO(base64.b64decode(body))).convert("RGB"))


@pytest.mark.parametrize("format", FORMATS)
def test_messages_are_what_training_shows(format: str) -> None:
    options: dict[str, Any] = {"size": (256, 320), "theme": "compact", "insist": True}
    asked = [Prompt(address, Format.parse(format), "friendly") for address in ADDRESSES]
    due = rows(asked, Picture((256, 320), "compact", True))
    made = prompts.openai(
        avrgym.samples(ADDRESSES), format, template="friendly", answered=True, **options
    )
    for row, (user, assistant) in zip(due, made, strict=True):
        assert user["role"] == "user" and assistant == row["completion"][0]
        *pictures, words = user["content"]
        assert words == row["prompt"][0]["content"][-1]
        assert len(pictures) == len(row["images"])
        for picture, drawn in zip(pictures, row["images"], strict=True):
            assert picture["type"] == "image_url"
            assert np.array_equal(shown(picture["image_url"]["url"]), drawn)
    alone = prompts.openai(ADDRESSES[0], format, template="friendly", **options)
    assert alone == made[0][:1]


def test_openais_own_types_take_them() -> None:
    chat = pytest.importorskip("openai.types.chat", reason="needs the dev extra")
    pydantic = pytest.importorskip("pydantic")
    adapter = pydantic.TypeAdapter(
        list[chat.ChatCompletionMessageParam]  # type: ignore[name-defined]
    )
    for format in FORMATS:
        for turns in prompts.openai(ADDRESSES, format, encoding="jpeg", answered=True):
            [user, assistant] = adapter.validate_python(turns)
            assert (user["role"], assistant["role"]) == ("user", "assistant")
            kinds = [part["type"] for part in user["content"]]
            assert kinds == (["text"] if format.startswith("text") else ["image_url", "text"])


def test_what_names_nothing_is_refused() -> None:
    refused: list[dict[str, Any]] = [
        {"format": "imag"},
        {"theme": "x"},
        {"template": "x"},
        {"size": 7},
    ]
    for wrong in refused:
        with pytest.raises(TaskError):
            prompts.openai(ADDRESSES[0], **wrong)
    with pytest.raises(TaskError, match="no address"):
        prompts.openai("grid")
    assert prompts.openai([]) == []

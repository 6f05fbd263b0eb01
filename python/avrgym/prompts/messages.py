"""Samples as messages of the chat API that most servers of models speak: pictures as data URIs."""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any, overload

from avrgym.core.pictures import Encoding, Size, encode
from avrgym.core.samples import Sample, samples
from avrgym.prompts.format import Format
from avrgym.prompts.formats import Message, prompt, target


@overload
def openai(
    asked: Sample | str,
    format: str = "image",
    *,
    size: Size = 448,
    theme: str = "paper",
    template: str = "plain",
    encoding: Encoding = "png",
    insist: bool = False,
    answered: bool = False,
) -> list[Any]: ...
@overload
def openai(
    asked: Iterable[Sample | str],
    format: str = "image",
    *,
    size: Size = 448,
    theme: str = "paper",
    template: str = "plain",
    encoding: Encoding = "png",
    insist: bool = False,
    answered: bool = False,
) -> list[list[Any]]: ...
def openai(
    asked: Sample | str | Iterable[Sample | str],
    format: str = "image",
    *,
    size: Size = 448,
    theme: str = "paper",
    template: str = "plain",
    encoding: Encoding = "png",
    insist: bool = False,
    answered: bool = False,
) -> list[Any]:
    """What OpenAI's chat completions, and the servers that speak like it, take as ``messages``.

    The picture and the words are those that training shows for the same format, size, theme and
    template. Levels of the ladder are worded for models that learn the form of a reply from
    examples; a model that was never trained here is told it by ``params={"style": "full"}``.

    Args:
        asked: A sample or its address; or several, whose pictures are drawn in one batch.
        format: One of ``avrgym.FORMATS``; with ``-direct`` behind it the answer alone is asked for.
        size: Pixels to a side, or (height, width).
        theme: ``paper``, ``varied`` or ``compact``.
        template: One of ``avrgym.TEMPLATES``, or ``any``.
        encoding: Of the picture: ``png`` or ``jpeg``.
        insist: Whether to draw pictures too small to be read; see ``avrgym.legible_size``.
        answered: Whether the reply that is owed follows, as the assistant's turn.

    Returns:
        The messages of one sample; of several a list of them.

    Raises:
        TaskError: One of them names nothing, or a picture could not be read.
    """
    if isinstance(asked, Sample | str):
        return _all([asked], format, size, theme, template, encoding, insist, answered)[0]
    return _all(list(asked), format, size, theme, template, encoding, insist, answered)


def data_uri(picture: bytes) -> str:
    """An encoded picture as a URI that holds it."""
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{b64encode(picture).decode()}"


def _all(
    asked: list[Sample | str],
    name: str,
    size: Size,
    theme: str,
    template: str,
    encoding: Encoding,
    insist: bool,
    answered: bool,
) -> list[list[Message]]:
    format = Format.parse(name)
    drawn = iter(samples(each for each in asked if isinstance(each, str)))
    known = [each if isinstance(each, Sample) else next(drawn) for each in asked]
    shown = [each.address for each in known] if format.pictured else []
    pictures = iter(encode(shown, size, theme, encoding, insist=insist))
    made = []
    for sample in known:
        content: list[Message] = [
            {"type": "text", "text": prompt(sample, format.shown, format.rationale, template)}
        ]
        if format.pictured:
            picture = {"url": data_uri(next(pictures))}
            content.insert(0, {"type": "image_url", "image_url": picture})
        turns: list[Message] = [{"role": "user", "content": content}]
        if answered:
            owed = target(sample, format.shown, format.rationale)
            turns.append({"role": "assistant", "content": owed})
        made.append(turns)
    return made

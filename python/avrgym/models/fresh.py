"""A small model made from nothing for the prompts that it will meet, in one call."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.core.samples import samples
from avrgym.models.dialects import TOLD, spoken
from avrgym.models.load import Loaded, begin
from avrgym.models.spec import Tiny
from avrgym.models.tokenizer import constant
from avrgym.prompts import formats
from avrgym.prompts.prompt import Prompt, chats

with needs("train"):
    from transformers.utils.chat_template_utils import get_json_schema

SEEN = 200  # pictures whose patches make the patch embedding,
PIXELS = 200 * 168 * 168  # and of large ones as many as have so many pixels together


def fresh(
    prompts: Sequence[Prompt],
    picture: Picture,
    spec: Tiny | None = None,
    *,
    texts: Sequence[str] = (),
    measured: Sequence[Prompt] = (),
    tools: Sequence[Callable[..., Any]] = (),
    seed: int = 0,
) -> Loaded:
    """A model with random weights, whose vocabulary is the words of prompts and their replies.

    Args:
        prompts: Such as it will be trained on, some hundred; the words of other formats of the same
            samples are among its words too.
        picture: How everything is drawn.
        spec: Family and sizes; LLaVA of 0.3 million weights if not given.
        texts: What else it will read or write; words that occur twice are words of its own.
        measured: Prompts of levels that it is not trained on; of these it has the words alone.
        tools: Bound methods that it may call, for families that do. What is told of one is a
            single token, and so is every call of it whose arguments can be listed.
        seed: Of the weights.

    Raises:
        TaskError: An address names nothing, or the family does not see such pictures whole.
    """
    asked, words = _words(prompts)
    _, further = _words(measured)
    shown = [prompt.address for prompt in prompts if prompt.format.pictured]
    seen = min(SEEN, max(1, PIXELS // (picture.height * picture.width)))
    return begin(
        spec or Tiny(),
        picture=picture,
        texts=[*words, *texts, *(TOLD * 2 if tools else ())],
        phrases=[*constant(asked), *schemas(tools), *calls(tools)],
        further=further,
        pictures=picture.draw(shown[:seen]),
        seed=seed,
    )


def _words(prompts: Sequence[Prompt]) -> tuple[list[str], list[str]]:
    """What is asked beside pictures, and all texts of some prompts."""
    drawn = samples(prompt.address for prompt in prompts)
    said = chats(prompts)
    asked = [formats.prompt(sample, "image") for sample in drawn]
    # Whatever the formats of training, an evaluation may show the twin.
    twins = [formats.prompt(sample, "text") for sample in drawn]
    replies = [str(chat.completion[0]["content"]) for chat in said]
    return asked, [*twins, *replies, *asked, *map(_turn, said)]


def schemas(tools: Sequence[Callable[..., Any]]) -> list[str]:
    """What chat templates tell a model of tools: one text each, a line that begins with its end."""
    # A word takes the separator before it along, so the phrase must have it.
    return ["\n" + json.dumps(get_json_schema(tool), ensure_ascii=False) for tool in tools]


def calls(tools: Sequence[Callable[..., Any]]) -> list[str]:
    """Every call of tools, as a model says it; of those alone whose arguments can be listed."""
    return list(_calls(tools))


def unspoken(loaded: Loaded, texts: Sequence[str]) -> list[int]:
    """The tokens that a model must be kept from so that it says nothing but some texts.

    Args:
        loaded: What is to speak, as ``suppress_tokens`` of its generation keep it from tokens.
        texts: Those of :func:`calls`, say; what ends a reply may be said too.

    Returns:
        Ids, sorted.
    """
    tokenizer = loaded.processor.tokenizer
    spoken = {tokenizer.eos_token_id, *(i for text in texts for i in tokenizer.encode(text))}
    return [index for index in range(len(tokenizer)) if index not in spoken]


def _calls(tools: Sequence[Callable[..., Any]]) -> Iterator[str]:
    for tool in tools:
        told = get_json_schema(tool)["function"]
        wanted = told["parameters"]["properties"]
        values = [given.get("enum", ()) for given in wanted.values()]
        for chosen in product(*values):
            yield spoken(told["name"], dict(zip(wanted, chosen, strict=True)))


def _turn(chat: formats.Chat) -> str:
    return "".join(block.get("text", "") for block in chat.prompt[0]["content"])

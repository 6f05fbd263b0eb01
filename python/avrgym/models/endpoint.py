"""Replies of a model behind a server that speaks OpenAI's chat API, whoever wrote the server.

Servers differ in what they do of it, and some say nothing of what they leave out: ``transformers
serve`` gives one choice where four are asked for, and no log-probabilities, both with status 200.
So choices are counted and what is missing is asked for again, and what a server can is found out
once.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from itertools import chain
from math import fsum, isfinite
from time import perf_counter
from typing import Any, TypeAlias

from avrgym._core import TaskError
from avrgym.core.arguments import whole
from avrgym.core.extras import needs
from avrgym.models.completion import Completion, Question, drawn_at
from avrgym.prompts.messages import openai as messages

with needs("endpoint"):
    from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAI, OpenAIError

_PATIENCE = 600.0  # seconds for one reply; long rationales of large models take minutes
_KEY = "OPENAI_API_KEY"
_SAID = 500  # letters of a server's error, which may be a page

#: Of a reply: to which question, which of its draws, what was said.
Came: TypeAlias = tuple[Question, int, Completion]


class Endpoint:
    """A model behind a server, asked many things at once.

    Attributes:
        url: Of the API, such as ``http://localhost:8000/v1``.
        model: As the server calls it.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        in_flight: int = 16,
        retries: int = 5,
        patience: float = _PATIENCE,
    ) -> None:
        """Asks nothing yet.

        Args:
            url: Of the API.
            model: As the server calls it.
            in_flight: Requests that are under way together, 1 to 4,096.
            retries: How often a request is made again, later and later, that met a busy or broken
                server or a limit of rates, 0 to 100; of what it says of when to come again notice
                is taken.
            patience: Seconds to wait for a reply.

        Raises:
            TaskError: A number is out of its range.
        """
        self.url, self.model, self.patience = url, model, patience
        self.in_flight = whole("in_flight", in_flight, 1, 4096)
        self.retries = whole("retries", retries, 0, 100)
        self._several: bool | None = None
        self._logprobs: bool | None = None
        self._limit = "max_tokens"
        self._requests = self._retried = self._asked_again = 0

    def told(self) -> dict[str, Any]:
        """What was found out about the server, and how it was to deal with; plain values."""
        return {
            "url": self.url,
            "choices": self._several,
            "logprobs": self._logprobs,
            "requests": self._requests,
            "retries": self._retried,
            "asked_again": self._asked_again,
        }

    def replies(
        self, questions: Iterable[Question], /, *, max_reply: int, seed: int = 0
    ) -> Iterator[Came]:
        """Replies as they come, in any order; questions are taken as there is room for them.

        Args:
            questions: What to ask.
            max_reply: Tokens of a reply.
            seed: Of the sampling, where the server heeds one.

        Raises:
            TaskError: A request failed, after its retries; replies that came before were given.
        """
        flow = self._flow(questions, max_reply, seed)

        async def step() -> Came | None:
            return await anext(flow, None)

        # Between two replies nothing runs: what comes meanwhile waits in the sockets. When this
        # ends, by whatever, what is under way is called off.
        with asyncio.Runner() as runner:
            while (came := runner.run(step())) is not None:
                yield came

    async def _flow(
        self, questions: Iterable[Question], max_reply: int, seed: int
    ) -> AsyncIterator[Came]:
        left = iter(questions)
        first = next(left, None)
        if first is None:
            return
        under_way = set[asyncio.Task[list[Came]]]()
        async with self._client() as client:
            await self._look(client, first, seed)
            waiting = chain([first], left)
            try:
                while True:
                    while len(under_way) < self.in_flight and (one := next(waiting, None)):
                        answer = self._answer(client, one, max_reply, seed)
                        under_way.add(asyncio.create_task(answer))
                    if not under_way:
                        return
                    done, under_way = await asyncio.wait(
                        under_way, return_when=asyncio.FIRST_COMPLETED
                    )
                    wrong = [error for task in done if (error := task.exception())]
                    for task in done:
                        if task.exception() is None:
                            for came in task.result():
                                yield came
                    if wrong:
                        raise wrong[0]
            finally:
                for task in under_way:
                    task.cancel()
                await asyncio.gather(*under_way, return_exceptions=True)

    def _client(self) -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=self.url,
            api_key=os.environ.get(_KEY) or "none",
            max_retries=self.retries,
            timeout=self.patience,
        )

    async def _look(self, client: AsyncOpenAI, question: Question, seed: int) -> None:
        """Finds out what the server can, by one short reply; what is wrong is said later."""
        if self._several is not None:
            return
        self._several = False
        once = client.with_options(max_retries=0)
        try:
            sampled = replace(question, decoding="sampled")
            found = await self._made(once, sampled, 1, seed, 0, 2, logprobs=True)
        except APIStatusError as wrong:
            if "max_completion_tokens" in str(wrong):  # newer models want their room said so
                self._limit = "max_completion_tokens"
        except OpenAIError:
            return
        else:
            self._several = len(found.choices) == 2
            self._logprobs = any(getattr(each, "logprobs", None) for each in found.choices)

    async def _answer(
        self, client: AsyncOpenAI, question: Question, max_reply: int, seed: int
    ) -> list[Came]:
        left = list(question.draws)
        came: list[Came] = []
        while left:
            count = len(left) if self._several else 1
            began = perf_counter()
            try:
                asked = (question, max_reply, seed, left[0], count)
                found = await self._made(client, *asked, **self._wanted())
            except OpenAIError as wrong:
                self._retried += self.retries if _is_tried_again(wrong) else 0
                raise self._failed(question, wrong) from None
            choices = (found.choices or [])[:count]
            if not choices:
                raise TaskError(f"{self.url} gave no reply to {_of(question)}, and no error")
            if len(choices) < count:  # and nothing was said of it
                self._several = False
                self._asked_again += count - len(choices)
            took = (perf_counter() - began) / len(choices)
            tokens = found.usage.completion_tokens if found.usage and len(choices) == 1 else None
            for choice in choices:
                words = (choice.message.content or "").encode("utf-8", "surrogatepass")
                finish: Any = "length" if choice.finish_reason == "length" else "stop"
                told, logprob = _told(choice)
                said = Completion(
                    words, (), finish, took, tokens if told is None else told, logprob
                )
                came.append((question, left.pop(0), said))
        return came

    def _wanted(self) -> dict[str, Any]:
        """What is asked for besides, of a server that was found to give it."""
        return {"logprobs": True} if self._logprobs else {}

    async def _made(
        self,
        client: AsyncOpenAI,
        question: Question,
        max_reply: int,
        seed: int,
        draw: int,
        count: int,
        **more: Any,
    ) -> Any:
        """One request, and what the server makes of it."""
        turns = _turns(question)
        heat, top_p = drawn_at(question.decoding, question.temperature, question.top_p)
        how: dict[str, Any] = {"temperature": heat, "top_p": top_p}
        if question.decoding == "sampled":
            how["seed"] = _seed(seed, draw, question)
        if count > 1:
            how["n"] = count
        self._requests += 1
        create: Any = client.chat.completions.with_raw_response.create
        how |= {"model": self.model, "messages": turns, self._limit: max_reply}
        raw = await create(**how, **more)
        self._retried += raw.retries_taken
        return raw.parse()

    def _failed(self, question: Question, wrong: OpenAIError) -> TaskError:
        tried = f" after {self.retries} retries" if _is_tried_again(wrong) and self.retries else ""
        return TaskError(
            f"{self.url} failed{tried} at {_of(question)}: {_words(wrong)}; what was said before "
            "is kept, the same command goes on from there"
        )


def _turns(question: Question) -> list[dict[str, Any]]:
    """What is said to the model."""
    if question.words is not None:
        return [{"role": "user", "content": question.words}]
    prompt, picture = question.prompt, question.picture
    return messages(
        prompt.address,
        prompt.format.name,
        size=picture.size,
        theme=picture.theme,
        template=prompt.template,
        insist=picture.insist,
    )


def serves(url: str) -> str:
    """The one model of a server.

    Raises:
        TaskError: It does not say, or has several.
    """
    key = os.environ.get(_KEY) or "none"
    try:
        with OpenAI(base_url=url, api_key=key, max_retries=1, timeout=30) as client:
            known = [each.id for each in client.models.list()]
    except OpenAIError as wrong:
        raise TaskError(f"{url}: {_words(wrong)}; look whether it runs, or give --model") from None
    if len(known) != 1:
        said = ", ".join(known) if known else "none that it tells of"
        raise TaskError(f"{url} serves {said}; name one with --model")
    return known[0]


def _told(choice: Any) -> tuple[int | None, float | None]:
    """How many tokens of a choice have log-probabilities, and their sum; None where none have."""
    content = getattr(getattr(choice, "logprobs", None), "content", None)
    if not content:
        return None, None
    total = fsum(each.logprob for each in content)
    return (len(content), total) if isfinite(total) else (None, None)


def _is_tried_again(wrong: OpenAIError) -> bool:
    """Whether the client makes such a request again."""
    if isinstance(wrong, APIStatusError):
        return wrong.status_code in (408, 409, 429) or wrong.status_code >= 500
    return isinstance(wrong, APIConnectionError)


def _words(wrong: OpenAIError) -> str:
    """An error in a line."""
    said: object = wrong
    if isinstance(wrong, APIStatusError):
        body = wrong.body if isinstance(wrong.body, dict) else {}
        said = f"status {wrong.status_code}, {body.get('message') or wrong}"
    elif isinstance(wrong, APIConnectionError) and wrong.__cause__:
        said = f"{wrong} ({wrong.__cause__})"
    return " ".join(str(said).split())[:_SAID]


def _of(question: Question) -> str:
    return f"{question.prompt.address} ({question.prompt.format.name})"


def _seed(seed: int, draw: int, question: Question) -> int:
    said = repr((seed, draw, question.prompt)).encode()
    return int.from_bytes(blake2b(said, digest_size=4).digest(), "big") >> 1

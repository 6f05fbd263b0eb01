"""Replies of a model behind a server that speaks OpenAI's chat API, whoever wrote the server.

Servers differ in what they do of it, and some say nothing of what they leave out: ``transformers
serve`` gives one choice where four are asked for, and no log-probabilities, both with status 200.
So choices are counted and what is missing is asked for again, and what a server can is found out
once.
"""

import asyncio
import os
from collections.abc import (
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import chain
from time import perf_counter
from typing import Any, TypeAlias, TypeVar

from avrgym._core import TaskError
from avrgym.core.arguments import whole
from avrgym.core.extras import needs
from avrgym.models import answered
from avrgym.models.completion import Completion, Question, drawn_at
from avrgym.prompts.messages import openai as messages

with needs("endpoint"):
    from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAI, OpenAIError

_PATIENCE = 600.0  # seconds for one reply; long rationales of large models take minutes
_KEY = "OPENAI_API_KEY"
_SAID = 500  # letters of a server's error, which may be a page

#: Of a reply: to which question, which of its draws, what was said.
Came: TypeAlias = tuple[Question, int, Completion]
_TOP = 20  # tokens that are told of at one place: the most that servers give
_Asked = TypeVar("_Asked")
_Said = TypeVar("_Said")


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said so far, by both sides, and a number to know it by.

    Attributes:
        place: The number.
        turns: Messages of the chat API; the last one is the user's.
        about: What it is about, for errors.
    """

    place: int
    turns: Sequence[Mapping[str, Any]]
    about: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A reply that has begun, and a number to know it by.

    Attributes:
        place: The number; beginnings of one call that are equal go on differently by it.
        question: What was asked; how it is drawn is heeded, and which draws are wanted is not.
        said: So far, whole lines.
        room: Tokens that are left for the reply.
    """

    place: int
    question: Question
    said: bytes
    room: int


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
        self._looked = self._continues = False
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

        async def look(client: AsyncOpenAI, question: Question) -> None:
            await self._look(client, question, seed)

        async def answer(client: AsyncOpenAI, question: Question) -> list[Came]:
            return await self._answer(client, question, max_reply, seed)

        return _driven(self._flow(questions, look, answer))

    def beliefs(self, talks: Iterable[Talk], /) -> Iterator[tuple[int, dict[str, float]]]:
        """How likely the first tokens of what the model says next are to it.

        Args:
            talks: What was said so far, each time.

        Yields:
            Each talk's number, in any order, and the probabilities, 0 to 1, at temperature 1, of
            the likeliest tokens, which are text without the space around it.

        Raises:
            TaskError: A request failed, after its retries, or the server told no log-probabilities.
        """

        async def look(client: AsyncOpenAI, talk: Talk) -> None:
            if self._looked:
                return
            self._looked = True
            try:
                await self._first(client.with_options(max_retries=0), talk)
            except APIStatusError as wrong:
                if "max_completion_tokens" in str(wrong):
                    self._limit = "max_completion_tokens"
            except OpenAIError:
                return  # said when it is asked again

        async def answer(client: AsyncOpenAI, talk: Talk) -> list[tuple[int, dict[str, float]]]:
            try:
                told = answered.beliefs(await self._first(client, talk))
            except OpenAIError as wrong:
                self._retried += self.retries if _is_tried_again(wrong) else 0
                raise self._failed(talk.about, wrong) from None
            if not told:
                raise TaskError(
                    f"{self.url} told no log-probabilities of {self.model}, and steps are judged "
                    "by them; serve it by what does, such as vLLM"
                )
            return [(talk.place, told)]

        return _driven(self._flow(talks, look, answer))

    def steps(self, begun: Iterable[Begun], /, *, seed: int) -> Iterator[tuple[int, Completion]]:
        """What the model says next behind each beginning, to the end of a line or of the reply.

        Asked as vLLM has it: the beginning is the assistant's turn, which is not ended but gone on
        with. Whether the server does so is found out once.

        Args:
            begun: The beginnings.
            seed: Of the sampling, where the server heeds one.

        Yields:
            Each number, in any order, and the line alone, whose ``finish`` is ``pause`` where the
            reply goes on.

        Raises:
            TaskError: A request failed, after its retries, or the server does not go on with what
                was said.
        """

        async def look(client: AsyncOpenAI, one: Begun) -> None:
            if not self._continues:
                await self._try(client, one)
                self._continues = True

        async def answer(client: AsyncOpenAI, one: Begun) -> list[tuple[int, Completion]]:
            return [(one.place, await self._step(client, one, seed))]

        return _driven(self._flow(begun, look, answer))

    async def _try(self, client: AsyncOpenAI, one: Begun) -> None:
        """Has the server go on with the half of what it says itself, as surely as it can."""
        surely = replace(one, question=replace(one.question, decoding="greedy"), said=b"")
        try:
            made = await self._made(client, surely.question, one.room, 0, 0, 1)
        except OpenAIError as wrong:
            raise self._failed(_of(one.question), wrong) from None
        whole = answered.words(made)
        cut = whole.find(b"\n") + 1 or len(whole.decode()[: len(whole.decode()) // 2].encode())
        begin, rest = whole[:cut], whole[cut:]
        if not begin.strip():
            return
        line = await self._step(client, replace(surely, said=begin), 0)
        again = line.reply.strip().startswith(begin.strip())
        if (again and not rest.strip().startswith(begin.strip())) or b"\n" in line.reply[:-1]:
            raise TaskError(
                f"{self.url} does not go on with a reply that has begun, line by line: behind "
                f"{begin.decode()[:60]!r} it says {line.reply.decode()[:60]!r}; serve the model by "
                "vLLM, or search among whole replies (majority, best_of_n, weighted_vote)"
            )

    async def _step(self, client: AsyncOpenAI, one: Begun, seed: int) -> Completion:
        if one.room <= 0:
            return Completion(b"", finish="length", counted=0)
        question, began = one.question, perf_counter()
        turns, body = _turns(question), {"include_stop_str_in_output": True}
        if one.said:
            turns = [*turns, {"role": "assistant", "content": one.said.decode("utf-8", "replace")}]
            body |= {"continue_final_message": True, "add_generation_prompt": False}
        heat, top_p = drawn_at(question.decoding, question.temperature, question.top_p)
        how: dict[str, Any] = {"temperature": heat, "top_p": top_p, self._limit: one.room}
        how |= {"seed": _seed(seed, one.place, question), "stop": ["\n"], "extra_body": body}
        try:
            made = await self._posted(client, turns, **how)
        except OpenAIError as wrong:
            self._retried += self.retries if _is_tried_again(wrong) else 0
            raise self._failed(_of(question), wrong) from None
        words = answered.words(made)
        finish: Any = "pause" if words.endswith(b"\n") else "stop"
        if finish == "stop" and made.choices and made.choices[0].finish_reason == "length":
            finish = "length"
        tokens = made.usage.completion_tokens if made.usage else None
        return Completion(words, (), finish, perf_counter() - began, tokens)

    async def _flow(
        self,
        questions: Iterable[_Asked],
        look: Callable[[AsyncOpenAI, _Asked], Coroutine[Any, Any, None]],
        answer: Callable[[AsyncOpenAI, _Asked], Coroutine[Any, Any, list[_Said]]],
    ) -> AsyncIterator[_Said]:
        left = iter(questions)
        first = next(left, None)
        if first is None:
            return
        under_way = set[asyncio.Task[list[_Said]]]()
        async with self._client() as client:
            await look(client, first)
            waiting = chain([first], left)
            try:
                while True:
                    while len(under_way) < self.in_flight and (one := next(waiting, None)):
                        under_way.add(asyncio.create_task(answer(client, one)))
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
                raise self._failed(_of(question), wrong, _KEPT) from None
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
                told, logprob = answered.likelihood(choice)
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
        heat, top_p = drawn_at(question.decoding, question.temperature, question.top_p)
        how: dict[str, Any] = {"temperature": heat, "top_p": top_p, self._limit: max_reply}
        if question.decoding == "sampled":
            how["seed"] = _seed(seed, draw, question)
        if count > 1:
            how["n"] = count
        return await self._posted(client, _turns(question), **how, **more)

    async def _first(self, client: AsyncOpenAI, talk: Talk) -> Any:
        """One token more, and what else it might have been."""
        # Log-probabilities of a server that scales them by temperature are those of 1 then.
        how = {"temperature": 1.0, "logprobs": True, "top_logprobs": _TOP, self._limit: 1}
        return await self._posted(client, talk.turns, **how)

    async def _posted(self, client: AsyncOpenAI, turns: Any, **how: Any) -> Any:
        self._requests += 1
        create: Any = client.chat.completions.with_raw_response.create
        raw = await create(model=self.model, messages=turns, **how)
        self._retried += raw.retries_taken
        return raw.parse()

    def _failed(self, about: str, wrong: OpenAIError, then: str = "") -> TaskError:
        tried = f" after {self.retries} retries" if _is_tried_again(wrong) and self.retries else ""
        return TaskError(f"{self.url} failed{tried} at {about}: {_words(wrong)}{then}")


_KEPT = "; what was said before is kept, the same command goes on from there"


def _driven(flow: AsyncIterator[_Said]) -> Iterator[_Said]:
    """What comes, as it comes."""

    async def step() -> list[_Said]:
        async for came in flow:
            return [came]
        return []

    # Between two replies nothing runs: what comes meanwhile waits in the sockets. When this
    # ends, by whatever, what is under way is called off.
    with asyncio.Runner() as runner:
        while came := runner.run(step()):
            yield came[0]


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

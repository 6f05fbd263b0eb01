"""The model behind the page: one question at a time, away from the event loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from avrgym.core.pictures import Picture
from avrgym.prompts.format import Format

T = TypeVar("T")


class Said(Protocol):
    """A reply; :class:`avrgym.models.completion.Completion` is one."""

    @property
    def reply(self) -> bytes: ...  # noqa: D102
    @property
    def ids(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def finish(self) -> str: ...  # noqa: D102
    @property
    def seconds(self) -> float | None: ...  # noqa: D102


class Asked(Protocol):
    """Who is asked; :class:`avrgym.models.play.Player` is one."""

    @property
    def folder(self) -> Any: ...  # noqa: D102
    @property
    def picture(self) -> Picture: ...  # noqa: D102
    def ask(  # noqa: D102
        self, address: str, *, format: Format, decoding: Any, seed: int
    ) -> Said: ...


class BusyError(Exception):
    """Another question is being answered."""


class Desk:
    """Hands questions to a model.

    Attributes:
        model: Who is asked.
    """

    def __init__(self, model: Asked) -> None:
        """Nobody asks yet."""
        self.model = model
        self._taken = threading.Lock()

    async def ask(self, address: str, format: Format, decoding: str, seed: int) -> Said:
        """What the model says.

        Raises:
            BusyError: It is at another question.
            TaskError: The address names nothing, or its picture could not be read.
        """
        if not self._taken.acquire(blocking=False):
            raise BusyError("the model answers another question; ask again when it has")

        def work() -> Said:
            try:
                return self.model.ask(address, format=format, decoding=decoding, seed=seed)
            finally:  # also where nobody waits for the answer any more
                self._taken.release()

        return await _aside(work)


async def _aside(work: Callable[[], T]) -> T:
    """Does work in a thread that the end of the process need not wait for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(give: Callable[[Any], None], value: Any) -> None:
        if not done.done():
            give(value)

    def run() -> None:
        try:
            give, value = done.set_result, work()
        except Exception as wrong:
            give, value = done.set_exception, wrong  # type: ignore[assignment]
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, give, value)

    threading.Thread(target=run, name="model", daemon=True).start()
    return await done

"""An address as a value: which sample of which level, split and seed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self, TypeAlias

from avrgym._core import TaskError
from avrgym.core.arguments import quoted

_FORM = re.compile(
    r"(?P<task>[^/?#]+)/(?P<level>[^?#]+)(?:\?(?P<params>[^#]+))?"
    r"#(?P<split>[^:#]+):(?P<seed>\d+):(?P<index>\d+)"
)


@dataclass(frozen=True, slots=True)
class Address:
    """What names a sample; everything else about it is a function of this.

    ``str()`` writes it down. Only the core knows whether there is such a task, level, parameter or
    split, and which of equal addresses is the canonical one.

    Attributes:
        task: The task's name.
        level: The level's name.
        params: Overrides of the level's parameters, (name, value) in order.
        split: ``train``, ``val`` or ``test``.
        seed: Which dataset.
        index: Which sample of it.
    """

    task: str
    level: str
    params: tuple[tuple[str, str], ...]
    split: str
    seed: int
    index: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads an address.

        Raises:
            TaskError: It has not the form of one.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise TaskError(
                f"{quoted(text)} is no address; "
                "one has the form task/level?key=value#split:seed:index"
            )
        pairs = (found["params"] or "").split("&") if found["params"] else []
        params = tuple((key, value) for key, _, value in (pair.partition("=") for pair in pairs))
        seed, index = int(found["seed"]), int(found["index"])
        return cls(found["task"], found["level"], params, found["split"], seed, index)

    def __str__(self) -> str:
        return f"{self.setting}#{self.split}:{self.seed}:{self.index}"

    @property
    def setting(self) -> str:
        """What all samples like it share: ``task/level``, and what is overridden behind ``?``."""
        overrides = "&".join(f"{key}={value}" for key, value in self.params)
        return f"{self.task}/{self.level}" + (f"?{overrides}" if overrides else "")

    @property
    def name(self) -> str:
        """``task/level``, whatever is overridden."""
        return f"{self.task}/{self.level}"


#: Addresses as callers may give them: several, or one.
Addresses: TypeAlias = Iterable[str | Address] | str | Address


def spelled(given: "Addresses", what: str = "addresses") -> list[str]:
    """Addresses as the core takes them; a single one, as text or as a value, stands for itself.

    Args:
        given: Text or :class:`Address` each.
        what: What an error calls them.

    Raises:
        TaskError: It is no collection of these.
    """
    if isinstance(given, str | Address):
        return [str(given)]
    if isinstance(given, bytes) or not isinstance(given, Iterable):
        raise TaskError(f"{what} is {quoted(given)}; give addresses, as text each")
    held: list[str] = []
    for each in given:
        if not isinstance(each, str | Address):
            behind = "; its .address is one" if hasattr(each, "address") else ""
            raise TaskError(f"{what} has {quoted(each)} in it, no address{behind}")
        held.append(str(each))
    return held


def task_of(address: str) -> str:
    """The task of an address, or of what one begins with, without reading the rest."""
    return address.partition("/")[0]


def setting_of(address: str) -> str:
    """What all samples like it share, see :attr:`Address.setting`, without reading the rest."""
    return address.partition("#")[0]


def name_of(address: str) -> str:
    """``task/level`` of an address, whatever is overridden."""
    return setting_of(address).partition("?")[0]

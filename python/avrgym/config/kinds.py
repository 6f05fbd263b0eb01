"""Marks of annotations: how a file says a value that is no plain one."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Kinds:
    """Marks a value that is one of a registry's classes, which its key ``kind`` tells apart.

    ``Annotated[Stage, Kinds("avrgym.train.stages:STAGES")]``: the registry is looked up each time a
    file is read, so that a class is known as soon as it stands there.

    Attributes:
        registry: The module and the name of a tuple in it, of dataclasses whose first field is
            ``kind: Literal["sft"] = "sft"``.
    """

    registry: str

    def classes(self) -> dict[str, type]:
        """The registry's classes by their kinds."""
        module, _, name = self.registry.partition(":")
        return {kind(each): each for each in getattr(import_module(module), name)}

    def __get_pydantic_core_schema__(
        self, _source: object, handler: "GetCoreSchemaHandler"
    ) -> "CoreSchema":
        from pydantic_core import core_schema

        choices = {name: handler.generate_schema(each) for name, each in self.classes().items()}
        return core_schema.tagged_union_schema(choices, "kind")


@dataclass(frozen=True, slots=True)
class Word:
    """Marks a value that files say in a word, e.g. ``Annotated[Format, Word(Format.parse, str)]``.

    Attributes:
        parse: The value of a word; raises TaskError where there is none.
        written: The word of a value; :attr:`parse` reads it back.
    """

    parse: Callable[[str], Any]
    written: Callable[[Any], str]

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: "GetCoreSchemaHandler"
    ) -> "CoreSchema":
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.parse, core_schema.str_schema())


def kind(registered: type) -> str:
    """What files call a class of a registry."""
    first = fields(registered)[0]
    if first.name != "kind" or not isinstance(first.default, str):
        raise TypeError(f'{registered.__name__} must begin with kind: Literal["x"] = "x"')
    return first.default

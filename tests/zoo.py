"""Settings of every shape that the reader knows, and any number of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Protocol

from hypothesis import strategies as some

from avrgym import TaskError
from avrgym.config import Kinds, Word


class Animal(Protocol):
    """What the registry below has."""

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Shade:
    """A value that files say in a word."""

    grey: int

    @staticmethod
    def parse(name: str) -> "Shade":
        if not name.isdecimal():
            raise TaskError(f'no shade "{name}"; give a number')
        return Shade(int(name))

    def __str__(self) -> str:
        return str(self.grey)


@dataclass(frozen=True, slots=True)
class Cat:
    kind: Literal["cat"] = "cat"
    name: str = "tom"
    lives: int = 9
    shade: Annotated[Shade, Word(Shade.parse, str)] = Shade(0)

    def __post_init__(self) -> None:
        if self.lives < 0:
            raise TaskError(f"{self.lives} lives are too few; give 0 or more")


@dataclass(frozen=True, slots=True)
class Dog:
    kind: Literal["dog"] = "dog"
    friends: tuple[Annotated[Animal, Kinds(f"{__name__}:ANIMALS")], ...] = ()
    barks: bool = True


ANIMALS: tuple[type, ...] = (Cat, Dog)


@dataclass(frozen=True, slots=True)
class Size:
    pixels: tuple[int, int] | int = 448
    theme: Literal["paper", "compact"] = "paper"


@dataclass(frozen=True, slots=True)
class Zoo:
    name: str
    share: float = 1.0
    most: int | None = None
    size: Size = field(default_factory=Size)
    wide: Size | None = None
    names: tuple[str, ...] = ()
    choice: str | tuple[str, ...] | Mapping[str, float] = "all"
    weights: Mapping[str, float] = field(default_factory=dict)
    passed: Mapping[str, Any] = field(default_factory=dict)
    animals: tuple[Annotated[Animal, Kinds(f"{__name__}:ANIMALS")], ...] = ()
    shades: Mapping[Literal["a", "b"], Annotated[Shade, Word(Shade.parse, str)]] = field(
        default_factory=dict
    )


FULL = """
name = "zoo"
share = 1
size = { pixels = [112, 96], theme = "compact" }
names = ["a", "b"]
choice = { a = 1, b = 0.5 }
weights = { "my.module:function" = 2 }
passed = { optim = "adamw", betas = [0.9, 1], deep = { er = true } }
shades = { a = "7" }
[[animals]]
kind = "cat"
lives = 3
shade = "12"
[[animals]]
kind = "dog"
friends = [{ kind = "cat" }, { kind = "dog", barks = false }]
"""

ZOO = Zoo(
    "zoo",
    1.0,
    None,
    Size((112, 96), "compact"),
    None,
    ("a", "b"),
    {"a": 1.0, "b": 0.5},
    {"my.module:function": 2.0},
    {"optim": "adamw", "betas": [0.9, 1], "deep": {"er": True}},
    (Cat(lives=3, shade=Shade(12)), Dog(friends=(Cat(), Dog(barks=False)))),
    {"a": Shade(7)},
)


WORDS = some.text(max_size=5)
NUMBERS = some.floats(allow_nan=False, allow_infinity=False)
PLAIN = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**200), 2**200) | NUMBERS | WORDS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)
SHADES = some.builds(Shade, some.integers(0, 255))
CATS = some.builds(Cat, name=WORDS, lives=some.integers(0), shade=SHADES)
DOGS = some.builds(Dog, friends=some.lists(CATS, max_size=2).map(tuple), barks=some.booleans())
BEASTS = (
    CATS
    | DOGS
    | some.builds(Dog, friends=some.lists(DOGS, max_size=2).map(tuple), barks=some.booleans())
)
SIZES = some.builds(
    Size,
    pixels=some.integers() | some.tuples(some.integers(), some.integers()),
    theme=some.sampled_from(["paper", "compact"]),
)
ZOOS = some.builds(
    Zoo,
    name=WORDS,
    share=NUMBERS,
    most=some.none() | some.integers(),
    size=SIZES,
    wide=some.none() | SIZES,
    names=some.lists(WORDS, max_size=3).map(tuple),
    choice=WORDS
    | some.lists(WORDS, max_size=3).map(tuple)
    | some.dictionaries(WORDS, NUMBERS, max_size=3),
    weights=some.dictionaries(WORDS, NUMBERS, max_size=3),
    passed=some.dictionaries(WORDS, PLAIN, max_size=3),
    animals=some.lists(BEASTS, max_size=3).map(tuple),
    shades=some.dictionaries(some.sampled_from(["a", "b"]), SHADES),
)

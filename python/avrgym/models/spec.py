"""What a run's model is: made from nothing, or one that somebody trained before."""

from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias

from avrgym._core import TaskError
from avrgym.models.shape import PRESETS, Patches, Shape, Whitened

Family: TypeAlias = Literal["llava", "qwen2_5_vl", "qwen3_vl", "smolvlm", "gemma3"]
Preset: TypeAlias = Literal["tiny", "small"]
Part: TypeAlias = Literal["vision", "projector", "language"]
Dtype: TypeAlias = Literal["float32", "bfloat16", "float16"]

FAMILIES: tuple[Family, ...] = ("llava", "qwen2_5_vl", "qwen3_vl", "smolvlm", "gemma3")
PARTS: tuple[Part, ...] = ("vision", "projector", "language")
LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
ONLY_LLAVA = ("patches", "whiten_over", "positions")


@dataclass(frozen=True, slots=True)
class Tiny:
    """A model made from nothing, with a vocabulary of its own.

    Attributes:
        kind: Names this kind in a run's file.
        family: The class, as users of that family train it; only ``llava`` was made to learn, the
            others are stand-ins with which a run can be tried before the real model is at hand.
        preset: Where the sizes come from that are not given.
        patch: See :class:`Shape`, as for all that follow.
        hidden: Divisible by twice ``heads``, of Qwen's families by four times.
        layers: 1 or more.
        vision_layers: 1 or more.
        heads: 1 or more.
        patches: ``llava`` only.
        whiten_over: ``llava`` only.
        positions: ``llava`` only; 0 or more.
        frozen: Parts that training leaves as they are.

    Raises:
        TaskError: A size cannot be, or the family has no such setting.
    """

    kind: Literal["tiny"] = "tiny"
    family: Family = "llava"
    preset: Preset = "tiny"
    patch: int | None = None
    hidden: int | None = None
    layers: int | None = None
    vision_layers: int | None = None
    heads: int | None = None
    patches: Patches | None = None
    whiten_over: Whitened | None = None
    positions: float | None = None
    frozen: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        _known("family", self.family, FAMILIES)
        _known("preset", self.preset, tuple(PRESETS))
        _parts(self.frozen)
        for name in ONLY_LLAVA:
            if self.family != "llava" and getattr(self, name) is not None:
                raise TaskError(f'{name} is for family "llava", not "{self.family}"; leave it out')
        shape = self.shape
        for name in ("patch", "hidden", "layers", "vision_layers", "heads"):
            if getattr(shape, name) < 1:
                raise TaskError(f"{name} {getattr(shape, name)} is less than 1")
        # Positions turn pairs of directions of a head; Qwen's towers turn two sets of them.
        unit = shape.heads * (4 if self.family.startswith("qwen") else 2)
        if shape.hidden % unit:
            raise TaskError(
                f"hidden {shape.hidden} is not divisible by {unit}, {unit // shape.heads} for each "
                f"of heads {shape.heads}; give {unit * max(1, round(shape.hidden / unit))}"
            )
        if shape.positions < 0:
            raise TaskError(f"positions {shape.positions} is a length; give 0 or more")

    @property
    def shape(self) -> Shape:
        """The preset's sizes with those that were given."""
        preset = PRESETS[self.preset]
        given = {part.name: getattr(self, part.name) for part in fields(Shape)}
        return Shape(
            **{
                name: getattr(preset, name) if value is None else value
                for name, value in given.items()
            }
        )


@dataclass(frozen=True, slots=True)
class Lora:
    """Low-rank additions that are trained in a model's stead, through peft.

    Attributes:
        rank: Of each addition.
        alpha: What scales it, over ``rank``; twice the rank if not given.
        dropout: 0 to 1, on what goes into it.
        targets: Endings of the names of the linear layers that get one.
        parts: Where these are looked for. The vision tower is left as it is by default: pictures
            are drawn at sizes that it reads without resizing.

    Raises:
        TaskError: One of them is out of its range.
    """

    rank: int = 16
    alpha: float | None = None
    dropout: float = 0.0
    targets: tuple[str, ...] = LINEAR
    parts: tuple[Part, ...] = ("language",)

    def __post_init__(self) -> None:
        if self.rank < 1:
            raise TaskError(f"lora.rank {self.rank} is less than 1; leave lora out for none")
        if not 0 <= self.dropout < 1:
            raise TaskError(f"lora.dropout {self.dropout} is no share; give 0 to 1")
        if not self.targets or not self.parts:
            raise TaskError("lora.targets and lora.parts must name something")
        _parts(self.parts)

    @property
    def scale(self) -> float:
        """``alpha``, or what stands for it."""
        return 2 * self.rank if self.alpha is None else self.alpha


@dataclass(frozen=True, slots=True)
class Transformers:
    """A model that ``from_pretrained`` loads.

    Attributes:
        kind: Names this kind in a run's file.
        path: A folder, or a name on the hub.
        revision: Of the hub's repository.
        dtype: Of the weights. ``float32`` with ``trl = { bf16 = true }`` is mixed precision;
            ``bfloat16`` keeps one copy, which is what an adapter is trained on.
        lora: Train an adapter instead of the weights.
        quantize: Weights in 4 or 8 bits by bitsandbytes; needs ``lora``, which is then QLoRA.
        frozen: Parts that training leaves as they are.
        attention: How ``transformers`` computes attention: ``sdpa``, ``eager``,
            ``flash_attention_2``, …; its own choice if not given.
        processor: Settings of the processor other than the saved ones, such as
            ``{ do_image_splitting = false }``.

    Raises:
        TaskError: One of them cannot be.
    """

    kind: Literal["transformers"] = "transformers"
    path: str = ""
    revision: str | None = None
    dtype: Dtype = "bfloat16"
    lora: Lora | None = None
    quantize: Literal["none", "4bit", "8bit"] = "none"
    frozen: tuple[Part, ...] = ()
    attention: str | None = None
    processor: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.path:
            raise TaskError("path is empty; give a folder or a name that from_pretrained takes")
        _parts(self.frozen)
        if self.quantize != "none" and self.lora is None:
            raise TaskError(
                f'quantize "{self.quantize}" holds weights that cannot be trained; give lora too'
            )
        if self.lora is not None and (both := set(self.lora.parts) & set(self.frozen)):
            raise TaskError(f"frozen and lora.parts both name {sorted(both)}; say one")


Model: TypeAlias = Tiny | Transformers

# A model of another kind is one class and one line.
MODELS = (Tiny, Transformers)


def _known(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise TaskError(f'{name} "{value}" is not known; known: {", ".join(known)}')


def _parts(given: tuple[str, ...]) -> None:
    for part in given:
        _known("part", part, PARTS)

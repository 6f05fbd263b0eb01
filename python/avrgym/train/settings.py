"""What a run is: frozen values, read from TOML."""

import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from avrgym.core.pictures import check_legible

Modality = Literal["image", "text"]
Decoding = Literal["greedy", "sampled"]


@dataclass(frozen=True, slots=True)
class Tiny:
    """Shape of a model made from nothing."""

    height: int = 112
    """Pixels; what is left over below or right of whole patches is not seen."""
    width: int = 112
    """Pixels; what is left over below or right of whole patches is not seen."""
    patch: int = 28
    """Pixels to a patch's side. With the theme ``compact`` one cell is one patch."""
    hidden: int = 64
    layers: int = 2
    vision_layers: int = 1
    heads: int = 2
    patches: Literal["learned", "fixed"] = "learned"
    """Whether training moves the patch embedding. It must not where few pixels are white: one step
    of Adam on all weights of a dark patch moves its embedding further than the embeddings spread,
    and what whitening made legible is lost."""
    whiten_over: Literal["distinct", "all"] = "distinct"
    """Patches that decide the whitening. Over distinct ones, a glyph on another background is
    another axis; over all, in their natural frequency, its axis stays nearly the same."""
    positions: float = 1.0
    """Length of a position's vector. A whitened patch has the length ``hidden ** 0.5``."""

    @property
    def rows(self) -> int:
        """Patches from top to bottom."""
        return self.height // self.patch

    @property
    def columns(self) -> int:
        """Patches from left to right."""
        return self.width // self.patch


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A model somebody trained before, loaded by name or folder."""

    path: str = ""
    """Empty: make a tiny one."""
    lora_rank: int = 0
    """0 trains all weights."""
    bf16: bool = False


@dataclass(frozen=True, slots=True)
class Pictures:
    """How the core draws for this run."""

    theme: str = "compact"
    height: int = 112
    """Pixels."""
    width: int = 112
    """Pixels."""
    insist: bool = False
    """Draw pictures too small to be read; see avrgym.legible_size."""


@dataclass(frozen=True, slots=True)
class Sft:
    """Imitation of the worked rationale."""

    levels: tuple[str, ...] = ()
    steps: int = 0
    batch: int = 32
    text_share: float = 0.5
    """Share of rows that show the twin instead of the picture."""
    learning_rate: float = 2e-3
    warmup_steps: int = 20
    beta2: float = 0.98
    schedule: str = "cosine"
    probe_every: int = 50
    """Steps between quick accuracy checks, shown and drawn as a curve."""
    at_once: int = 0
    """Rows that go through the model together; 0: the whole batch."""


@dataclass(frozen=True, slots=True)
class Grpo:
    """Reinforcement on the verifier's judgement."""

    levels: tuple[str, ...] = ()
    steps: int = 0
    prompts: int = 16
    """Distinct samples in a step."""
    replies: int = 8
    """Replies drawn to each sample."""
    steps_per_generation: int = 1
    """Optimiser steps for which replies are drawn together. A round of drawing takes about as long
    for many replies as for few; those that wait come from a model a few steps older, which the
    ratio in the loss accounts for."""
    learning_rate: float = 4e-4
    warmup_steps: int = 0
    beta2: float = 0.98
    temperature: float = 1.0
    max_reply: int = 64
    """Tokens."""
    credit: Literal["step", "outcome"] = "step"
    text_every: int = 4
    """Every so many batches is all text; 0 never."""
    loss: str = "dapo"
    reward: str = "progress"
    """One of ``avrgym.rewards``."""
    probe_every: int = 50
    at_once: int = 0
    """Replies that go through the model together; 0: all of a step."""


@dataclass(frozen=True, slots=True)
class Dpo:
    """Preference of a right reply over a wrong one to the same sample."""

    levels: tuple[str, ...] = ()
    samples: int = 512
    replies: int = 8
    steps: int = 30
    batch: int = 32
    learning_rate: float = 3e-5
    """2e-4 took 5 to 25 points off every rung of a reinforced model."""
    beta2: float = 0.98
    beta: float = 0.1
    """Of DPO: how far the model may move from where it began."""
    text_share: float = 0.25
    """Share of samples that show the twin instead of the picture."""
    probe_every: int = 10
    at_once: int = 0
    """Pairs that go through the model together; 0: the whole batch."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is measured before, between and after the stages."""

    levels: tuple[str, ...] = ()
    items: int = 256
    """Samples per level, all of different content."""
    modalities: tuple[Modality, ...] = ("image", "text")
    decodings: tuple[Decoding, ...] = ("greedy", "sampled")
    max_reply: int = 64
    """Tokens."""
    batch: int = 256
    split: Literal["val", "test"] = "test"
    """Choose settings on ``val``; figures come from ``test``. Probes in training show ``val``."""
    seed: int = 0
    """Of the samples that are evaluated."""
    held_out: int = 4
    """One content in so many is kept from training and used for evaluation."""


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run: evaluate, imitate, evaluate, reinforce, evaluate, report."""

    name: str = "quickstart"
    task: str = "grid_navigation"
    seed: int = 0
    threads: int = 1
    """Of torch. Tiny models lose time by a second one."""
    tiny: Tiny = field(default_factory=Tiny)
    pretrained: Pretrained = field(default_factory=Pretrained)
    pictures: Pictures = field(default_factory=Pictures)
    sft: Sft = field(default_factory=Sft)
    grpo: Grpo = field(default_factory=Grpo)
    dpo: Dpo = field(default_factory=Dpo)
    evaluation: Evaluation = field(default_factory=Evaluation)

    def __post_init__(self) -> None:
        stages = (self.sft, self.grpo, self.dpo, self.evaluation)
        shown = {f"{self.task}/{level}" for stage in stages for level in stage.levels}
        if not self.pictures.insist:
            size = (self.pictures.height, self.pictures.width)
            check_legible(sorted(shown), size, self.pictures.theme)


def load(path: Path) -> Run:
    """Reads a run from TOML.

    Raises:
        ValueError: A key is unknown or has the wrong type.
    """
    run: Run = _build(Run, tomllib.loads(path.read_text("utf-8")), str(path))
    return run


def _build(kind: Any, values: Any, where: str) -> Any:
    """A value of type ``kind`` from what TOML gave."""
    if is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(values, dict):
            raise ValueError(f"{where}: expected a table, got {values!r}")
        hints, known = get_type_hints(kind), {f.name for f in fields(kind)}
        if unknown := set(values) - known:
            raise ValueError(f"{where}: unknown keys {sorted(unknown)}; known: {sorted(known)}")
        return kind(
            **{key: _build(hints[key], value, f"{where}: {key}") for key, value in values.items()}
        )
    if get_origin(kind) is tuple:
        if not isinstance(values, list):
            raise ValueError(f"{where}: expected a list, got {values!r}")
        return tuple(_build(get_args(kind)[0], value, where) for value in values)
    if get_origin(kind) is Literal:
        if values not in get_args(kind):
            raise ValueError(f"{where}: {values!r} is none of {get_args(kind)}")
        return values
    if kind is float and type(values) is int:
        return float(values)
    if not isinstance(kind, UnionType) and type(values) is not kind:
        raise ValueError(f"{where}: expected {kind.__name__}, got {values!r}")
    return values

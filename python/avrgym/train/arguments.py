"""Settings of TRL's trainers: what a stage says itself, and what its ``trl`` passes through."""

import re
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, TypeVar, get_type_hints

from avrgym._core import TaskError
from avrgym.core.arguments import quoted
from avrgym.train import services

T = TypeVar("T")

# What the house decides of every trainer unless a run's file says otherwise.
DEFAULTS: dict[str, Any] = {
    "lr_scheduler_type": "cosine",
    "logging_steps": 10,
    "report_to": "none",
    "disable_tqdm": True,
    "log_level": "error",
}

# What follows from the run's file elsewhere, and where.
ELSEWHERE: dict[str, str] = {
    "output_dir": "it is in the run's folder",
    "max_steps": "say steps of the stage",
    "num_train_epochs": "say steps of the stage, or epochs of the mixture's phase",
    "per_device_train_batch_size": "say at_once of the stage",
    "gradient_accumulation_steps": "say batch and at_once of the stage",
    "train_batch_size": "say batch of the stage",
    "save_strategy": "say checkpoint_every of the stage",
    "save_steps": "say checkpoint_every of the stage",
    "seed": "say seed of the run",
    "data_seed": "say seed of the run",
    "resume_from_checkpoint": "a run goes on by itself",
    "eval_strategy": "say probe_every of the stage, and evaluation of the run",
    "do_eval": "say probe_every of the stage, and evaluation of the run",
    "model_init_kwargs": "say it of the run's model",
    "shuffle_dataset": "order is the curriculum's",
    "train_sampling_strategy": "order is the curriculum's",
}

# Settings under which a process has a piece of the weights; a judge is whole in each.
CUT_UP = dict.fromkeys(("fsdp", "fsdp_config", "deepspeed"), "a judge is whole in every process")

# What trainers choose by a word, and look at only when the first step is made.
_WORDS = (
    "loss_type",
    "importance_sampling_level",
    "scale_rewards",
    "multi_objective_aggregation",
    "f_divergence_type",
)


def check(kind: type, given: Mapping[str, Any], own: Mapping[str, str]) -> None:
    """Looks at what is passed through to a trainer.

    Args:
        kind: TRL's config class.
        given: Settings by their names there.
        own: Further settings that the stage says itself: name, and what to say instead.

    Raises:
        TaskError: One is unknown, is said elsewhere, or has a value of another type, or a word that
            TRL's documentation of the setting does not name.
    """
    known = {each.name for each in fields(kind) if each.init}
    for name, value in renamed(kind, given).items():
        if instead := {**ELSEWHERE, **own}.get(name):
            raise TaskError(f"trl.{name} is not passed through: {instead}")
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "see its documentation"
            raise TaskError(f"trl.{name}: {kind.__name__} has no such setting; {hint}")
        _check_type(kind, name, value)
        if name in _WORDS:
            _check_word(kind, name, value)
        if name == "report_to":
            services.asked(value)


def made(kind: type[T], settings: Mapping[str, Any]) -> T:
    """A trainer's settings.

    Raises:
        TaskError: TRL refuses them; its words.
    """
    try:
        return kind(**renamed(kind, settings))
    except (TypeError, ValueError, RuntimeError, ImportError) as wrong:
        raise TaskError(f"trl: {kind.__name__} refuses: {' '.join(str(wrong).split())}") from None


def renamed(kind: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by the names that TRL's class has for them, whichever a version calls them by."""
    known = {each.name for each in fields(kind)}
    old, new = "gradient_checkpointing", "activation_checkpointing"
    turned = {new: old, f"{new}_kwargs": f"{old}_kwargs"}
    if new in known:
        turned = {one: other for other, one in turned.items()}
    return {turned.get(name, name): value for name, value in given.items()}


def batches(batch: int, at_once: int, processes: int) -> dict[str, int]:
    """How rows of an optimiser step are dealt to processes and to turns.

    Args:
        batch: Rows of a step, over all processes.
        at_once: Rows that go through the model together in one process; 0: as many as there are.
        processes: How many share them.

    Raises:
        TaskError: They do not divide.
    """
    if batch % processes:
        raise TaskError(f"batch {batch} is not divisible by {processes} processes; change either")
    each = batch // processes
    turn = at_once or each
    if each % turn:
        fits = next(size for size in range(min(turn, each), 0, -1) if each % size == 0)
        raise TaskError(
            f"at_once {at_once} does not divide the {each} rows that a process has of a step; "
            f"give {fits}"
        )
    return {"per_device_train_batch_size": turn, "gradient_accumulation_steps": each // turn}


def _check_type(kind: type, name: str, value: Any) -> None:
    from pydantic import PydanticSchemaGenerationError, TypeAdapter, ValidationError

    try:
        hint = get_type_hints(kind)[name]
        if name in ("fsdp", "scale_rewards"):  # may be true, whatever the annotation says
            hint = hint | bool
        adapter: Any = TypeAdapter(hint)
    except (NameError, TypeError, KeyError, PydanticSchemaGenerationError):
        return  # a type that only TRL can look at
    try:
        adapter.validate_python(value)
    except ValidationError as wrong:
        said = wrong.errors(include_url=False)[0]["msg"]
        raise TaskError(f"trl.{name} is {quoted(value)}: {said[:1].lower()}{said[1:]}") from None


def _check_word(kind: type, name: str, value: Any) -> None:
    [told] = (each.metadata.get("help", "") for each in fields(kind) if each.name == name)
    own = re.search(
        rf"^ *{name} \(.*?(?=^ *\w+ \(`|\Z)", kind.__doc__ or "", re.DOTALL | re.MULTILINE
    )
    others = {"str", "bool", "list", "None", *(each.name for each in fields(kind))}
    quoted_words = re.findall(r"[`'\"](\w+)[`'\"]", f"{told} {own[0] if own else ''}")
    known = [word for word in dict.fromkeys(quoted_words) if word.islower() and word not in others]
    for word in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
        if known and word not in known:
            near = get_close_matches(str(word), known, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise TaskError(
                f"trl.{name} is {quoted(word)}{hint}; {kind.__name__} names {', '.join(known)}"
            )

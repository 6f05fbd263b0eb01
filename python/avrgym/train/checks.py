"""What is looked at before anything is trained: one error, with file, key and remedy."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.evaluate.run import items
from avrgym.models import ends, fits
from avrgym.models.load import Loaded
from avrgym.models.policy import encoded
from avrgym.models.spec import Tiny, Transformers
from avrgym.models.tokens import ByteTable
from avrgym.prm.scorers import SCORERS
from avrgym.prompts.format import Format
from avrgym.prompts.formats import style
from avrgym.prompts.prompt import Prompt, chats
from avrgym.train import services
from avrgym.train.credit import hidden
from avrgym.train.spec import Run
from avrgym.train.stages import Prm
from avrgym.train.stages.stage import Stage

with needs("train"):
    import torch

CUT = 32  # pictures of each level that are looked at beyond the last whole patch
# Kinds that learn from tokens as the model drew them, its end among them, by no template.
_AS_DRAWN = ("grpo", "prm")
MEASURED = 256  # prompts of each stage and level whose replies are measured


@contextmanager
def told(file: str) -> Iterator[None]:
    """Puts a run's file before what is wrong with it."""
    try:
        yield
    except TaskError as wrong:
        raise TaskError(f"{file}: {wrong}" if file else str(wrong)) from None


def common(run: Run) -> dict[str, Any]:
    """Settings of trainers that follow from the run's model."""
    real = isinstance(run.model, Transformers)
    half = isinstance(run.model, Transformers) and run.model.dtype == "bfloat16"
    return {
        "seed": run.seed,
        "bf16": half,
        # Of a model made from nothing, computing twice costs more than memory.
        "gradient_checkpointing": real,
        "use_cpu": not torch.accelerator.is_available(),
    }


def settings(run: Run, processes: int = 1) -> None:
    """Looks at all that needs no weights.

    Raises:
        TaskError: Something is wrong; it names the place and the remedy.
    """
    fits.check(run.model, run.picture)
    stages = run.planned()
    made_here = isinstance(run.model, Tiny)
    trained: dict[str, str] = {}
    for place, stage in enumerate(stages):
        where = f"stages[{place}] ({stage.name})"
        try:
            stage.check(common(run), processes)
            if isinstance(stage, Prm) and stage.start == "random" and not made_here:
                raise TaskError(
                    'start "random" is for models made from nothing; give "policy" for one that '
                    "somebody trained"
                )
            _judge(stage, stages[:place])
            _online(run, stage)
            occasion = run.occasion(place, stage)
            asked = [each for plan in stage.plans for each in plan.asks(occasion)]
            run.picture.check([setting for setting, format in asked if format.pictured])
            levels = getattr(getattr(stage, "credit", None), "hidden", ())
            hidden.check(levels, [setting for setting, _ in asked])
            if isinstance(stage, Prm) and stage.blind and not any(f.pictured for _, f in asked):
                raise TaskError(
                    "blind = true hides pictures, and no format of its curriculum shows any; give "
                    "formats = { image = 1 }, or leave blind out"
                )
        except TaskError as wrong:
            raise TaskError(f"{where}: {wrong}") from None
        trained |= dict.fromkeys((setting for setting, _ in asked), where)
    try:
        suite = run.evaluation.settings(run.wording)
        if any(Format.parse(name).pictured for name in run.evaluation.formats):
            for picture in run.evaluation.pictures(run.picture):
                picture.check(suite)
        items(run.evaluation, suite, run.held_out)
    except TaskError as wrong:
        raise TaskError(f"evaluation: {wrong}") from None
    _seen_whole(run, [*trained, *suite])
    if not run.mixed_styles:
        _one_wording({**trained, **dict.fromkeys(suite, "evaluation")})


def _judge(stage: Stage, before: Sequence[Stage]) -> None:
    """Looks whether there will be the judge of steps that a stage's credit goes by."""
    credit = getattr(stage, "credit", None)
    if not getattr(credit, "SCORED", False):
        return
    word: str = credit.judge  # type: ignore[union-attr]
    own = [each.name for each in before if isinstance(each, Prm)]
    if word not in (*own, *SCORERS) and not Path(word).exists():
        known = ", ".join((*own, *SCORERS))
        raise TaskError(
            f'credit.judge "{word}" is no stage "prm" before this one, and no folder; give '
            f"{known}, or the folder of a judge"
        )


def _online(run: Run, stage: Stage) -> None:
    """Looks whether a judge that learns beside the policy, and has its dtype, can."""
    if not getattr(getattr(stage, "credit", None), "LEARNS", False):
        return
    if not isinstance(run.model, Transformers) or run.model.lora is not None:
        return
    if run.model.dtype != "float32":
        raise TaskError(
            f'credit trains a judge in the dtype of the model, and "{run.model.dtype}" rounds '
            'small steps away; give lora, whose weights are float32, or dtype = "float32" with '
            "trl = { bf16 = true }"
        )


def installed(run: Run) -> None:
    """Looks whether there is what stages ask for; a run can be planned where there is not.

    Raises:
        TaskError: Something has to be installed.
    """
    for place, stage in enumerate(run.planned()):
        where, settings = f"stages[{place}] ({stage.name})", stage.settings(common(run), 1)
        if settings.get("use_vllm") and find_spec("vllm") is None:
            raise TaskError(
                f"{where}: trl.use_vllm: vllm is not installed; "
                "pip install -c constraints-vllm.txt 'avrgym[train,vllm]', or leave it out"
            )
        for service in services.asked(settings.get("report_to", "none")):
            if package := services.lacking(service):
                raise TaskError(
                    f"{where}: trl.report_to: {service} is not installed; "
                    f"pip install {package}, or leave it out"
                )


def _seen_whole(run: Run, settings: Sequence[str]) -> None:
    """Refuses pictures of which patches leave out something that tells them apart."""
    if not isinstance(run.model, Tiny):
        return  # the processor was asked
    patch, height, width = run.model.shape.patch, run.picture.height, run.picture.width
    tall, wide = height - height % patch, width - width % patch
    if (tall, wide) == (height, width):
        return
    for setting in dict.fromkeys(settings):
        drawn = run.picture.draw(f"{setting}#train:{run.seed}:{index}" for index in range(CUT))
        below, right = drawn[:, tall:], drawn[:, :, wide:]
        if np.any(below != below[:1]) or np.any(right != right[:1]):
            near = [max(1, round(side / patch)) * patch for side in (height, width)]
            raise TaskError(
                f"picture: patches of {patch} see {tall} x {wide} of {height} x {width} pixels, "
                f"and pictures of {setting} differ beyond; give size = {near}, or model a patch "
                "that divides both sides"
            )


def _one_wording(settings: Mapping[str, str]) -> None:
    """Refuses styles that differ: what is learned in one is not what is asked for in the other."""
    found: dict[str, tuple[str, str]] = {}
    for setting, where in settings.items():
        found.setdefault(style(f"{setting}#train:0:0"), (setting, where))
    if len(found) > 1:
        said = " and ".join(
            f'"{name}" ({where} has {setting})' for name, (setting, where) in sorted(found.items())
        )
        raise TaskError(
            f"rationales are worded in two styles: {said}; say one for all of the run, "
            'wording = { style = "terse" } or "full", or that you mean it, mixed_styles = true'
        )


def ended(run: Run, processor: Any) -> None:
    """Looks whether replies that stages are given end as the model's replies do.

    Raises:
        TaskError: A chat template puts no end there; it names the stage and the remedy.
    """
    for place, stage in enumerate(run.planned()):
        if isinstance(run.model, Transformers) and stage.kind not in _AS_DRAWN:
            with told(f"stages[{place}] ({stage.name})"):
                ends.taught(processor, run.model)


def with_processor(run: Run, processor: Any) -> None:
    """Looks at what depends on the model's processor: its tokens, and the room for replies.

    Raises:
        TaskError: Something is wrong; it names the place and the remedy.
    """
    tokenizer = processor.tokenizer
    try:
        ByteTable(tokenizer)
    except ValueError as wrong:
        raise TaskError(f"model: {wrong}") from None
    for place, stage in enumerate(run.planned()):
        if stage.room:
            with_room = stage.curriculum.made(run.occasion(place, stage)).sample(MEASURED)
            _check_room(f"stages[{place}] ({stage.name})", stage.room, tokenizer, with_room)
    suite = run.evaluation.settings(run.wording)
    asked = [
        Prompt(f"{setting}#train:{run.seed}:{index}", Format.parse(name))
        for setting in suite
        for name in run.evaluation.formats
        for index in range(MEASURED)
    ]
    _check_room("evaluation", run.evaluation.max_reply, tokenizer, asked)


def positions(run: Run, loaded: Loaded) -> None:
    """Looks whether a model has as many positions as replies take.

    Args:
        run: What is to be done.
        loaded: The model, which may be empty, and its processor.

    Raises:
        TaskError: It has fewer, so that the last ones would be at places it knows nothing of; or
            replies are to have gaps, and it counts positions in several directions.
    """
    most = fits.positions(loaded.model)
    stages = [(f"stages[{i}] ({s.name})", i, s) for i, s in enumerate(run.planned())]
    rooms = [(where, stage.room) for where, _, stage in stages]
    for where, room in [*rooms, ("evaluation", run.evaluation.max_reply)]:
        if most is not None and room >= most:
            raise TaskError(
                f"{where}: max_reply = {room} is too many for a model of {most} positions, which "
                "hold the prompt too; give less"
            )
    for where, place, stage in stages:
        if not (gaps := stage.gaps):
            continue
        if (axes := fits.axes(loaded.model)) > 1:
            raise TaskError(
                f"{where}: positions.gaps = {gaps} is for models that count in one direction, "
                f"and {loaded.model.config.model_type} counts positions in {axes}; "
                "leave positions out, or take a model of another family, such as llava"
            )
        occasion = run.occasion(place, stage)
        drawn = [prompt for plan in stage.plans for prompt in plan.made(occasion).sample(MEASURED)]
        prompt = max(tokens(loaded, drawn[:: MEASURED // CUT], run.picture))
        reply = max(lengths(loaded.processor.tokenizer, drawn))
        if most is not None and prompt + reply + gaps > most:
            fit = max(0, most - prompt - reply)
            raise TaskError(
                f"{where}: positions.gaps = {gaps} is too many for a model of {most} positions, "
                f"with prompts of {prompt} tokens and replies of {reply}; give {fit} or less"
            )


def tokens(loaded: Loaded, prompts: Sequence[Prompt], picture: Picture) -> list[int]:
    """Tokens of prompts as the model takes them, pictures included; those that show one first."""
    found: list[int] = []
    for pictured in (True, False):
        if mine := [prompt for prompt in prompts if prompt.format.pictured == pictured]:
            found += encoded(loaded, mine, picture)["attention_mask"].sum(1).tolist()
    return found


def _check_room(where: str, room: int, tokenizer: Any, prompts: Sequence[Prompt]) -> None:
    if not prompts:
        return
    longest, prompt = max(
        zip(lengths(tokenizer, prompts), prompts, strict=True), key=lambda pair: pair[0]
    )
    if longest > room:
        raise TaskError(
            f"{where}: max_reply = {room} cuts whole rationales, which take up to {longest} tokens "
            f"({prompt.format.name} of {prompt.address}); give max_reply = {longest} or more"
        )


def lengths(tokenizer: Any, prompts: Sequence[Prompt]) -> list[int]:
    """Tokens of the reply that each prompt is to be given, its end included."""
    said = [chat.completion[0]["content"] for chat in chats(prompts)]
    return [1 + len(ids) for ids in tokenizer(said, add_special_tokens=False)["input_ids"]]

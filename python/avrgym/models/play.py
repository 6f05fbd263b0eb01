"""A saved model, asked one question."""

from pathlib import Path
from typing import Annotated, Any, get_args

from transformers import AutoConfig

from avrgym._core import TaskError
from avrgym.config import Kinds, build
from avrgym.core.pictures import Picture
from avrgym.models.load import Loaded, restore
from avrgym.models.policy import Completion, Decoding, replies
from avrgym.models.spec import Dtype, Model, Transformers
from avrgym.prompts.format import Format
from avrgym.prompts.formats import style
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import Record

LONG, SHORT = 1024, 160  # tokens for a reply in full and in terse style
_IMAGE = Format()
_MODEL: Any = Annotated[Model, Kinds("avrgym.models.spec:MODELS")]


def play(
    folder: Path,
    address: str,
    *,
    format: Format = _IMAGE,
    decoding: Decoding = "greedy",
    seed: int = 0,
) -> Completion:
    """What a model says to an address.

    Args:
        folder: What ``from_pretrained`` reads, or the adapter of a run. Pictures are drawn as its
            run drew them, else in theme ``compact`` at the size of its image processor.
        address: What to ask.
        format: What is shown and asked for.
        decoding: The most likely reply, or one that is drawn.
        seed: Of the drawing.

    Raises:
        TaskError: The address names nothing, or the model cannot be loaded.
    """
    run = Record(folder.parent.parent)
    if (run.folder / "run.json").exists():
        settings = run.settings()
        loaded = restore(build(_MODEL, settings["model"], "run.json: model"), folder)
        picture = build(Picture, settings["picture"], "run.json: picture")
    else:
        kept = str(AutoConfig.from_pretrained(folder).dtype).removeprefix("torch.")
        dtype: Any = kept if kept in get_args(Dtype) else "float32"
        loaded = restore(Transformers(path=str(folder), dtype=dtype), folder)
        picture = _seen(loaded)
    [said] = replies(
        loaded,
        [Prompt(address, format)],
        picture,
        decoding=decoding,
        max_reply=SHORT if style(address) == "terse" else LONG,
        batch=1,
        seed=seed,
    )
    return said


def latest(run: Path) -> Path:
    """The model of a run as the last stage that was finished left it.

    Raises:
        TaskError: There is none.
    """
    record = Record(run)
    if not (stages := record.stages()):
        raise TaskError(f"{run} has no model; train one first, or name a model's folder")
    return record.model(stages[-1])


def _seen(loaded: Loaded) -> Picture:
    size = getattr(loaded.processor.image_processor, "size", {})
    return Picture((size.get("height", 448), size.get("width", 448)), "compact")

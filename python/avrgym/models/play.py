"""A saved model, asked one question at a time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

from avrgym._core import TaskError
from avrgym.config import Kinds, build
from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.models.completion import Completion, Decoding
from avrgym.models.load import Loaded, restore
from avrgym.models.policy import replies
from avrgym.models.spec import Dtype, Model, Transformers
from avrgym.prompts.format import Format
from avrgym.prompts.formats import style
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import Record

with needs("train"):
    from safetensors import SafetensorError
    from transformers import AutoConfig

LONG, SHORT = 1024, 160  # tokens for a reply in full and in terse style
_IMAGE = Format()
_MODEL: Any = Annotated[Model, Kinds("avrgym.models.spec:MODELS")]


@dataclass(frozen=True, slots=True, eq=False)
class Player:
    """A saved model, asked one question at a time.

    Attributes:
        folder: Where it was found.
        loaded: The model and its processor.
        picture: How it is shown pictures: as its run drew them, else in theme ``compact`` at the
            size of its image processor.
    """

    folder: Path
    loaded: Loaded
    picture: Picture

    def ask(
        self,
        address: str,
        *,
        format: Format = _IMAGE,
        decoding: Decoding = "greedy",
        seed: int = 0,
    ) -> Completion:
        """What the model says to an address.

        Args:
            address: What to ask.
            format: What is shown and asked for.
            decoding: The most likely reply, or one that is drawn.
            seed: Of the drawing.

        Raises:
            TaskError: The address names nothing, or its picture could not be read.
        """
        [said] = replies(
            self.loaded,
            [Prompt(address, format)],
            self.picture,
            decoding=decoding,
            max_reply=SHORT if style(address) == "terse" else LONG,
            batch=1,
            seed=seed,
        )
        return said


def take(folder: Path) -> Player:
    """The model of a folder, ready to be asked.

    Args:
        folder: Of a run, whose last finished stage is taken; or what ``from_pretrained`` reads; or
            the adapter of a run.

    Raises:
        TaskError: There is no such folder, it holds no model, or it cannot be loaded.
    """
    if not folder.is_dir():
        raise TaskError(f"{folder} is no folder; name one of a run or of a model")
    place = latest(folder) if (folder / "run.json").exists() else folder
    if not any((place / name).is_file() for name in ("config.json", "adapter_config.json")):
        raise TaskError(
            f"{place} holds no model (config.json is missing); name the folder of a run or of a "
            "model, or train one first"
        )
    try:
        return _taken(place)
    except (OSError, SafetensorError) as wrong:  # what the libraries say of files that they miss
        said = " ".join(str(wrong).split())
        raise TaskError(f"{place} cannot be loaded: {said}") from None


def _taken(folder: Path) -> Player:
    run = Record(folder.parent.parent)
    if (run.folder / "run.json").exists():
        settings = run.settings()
        loaded = restore(build(_MODEL, settings["model"], "run.json: model"), folder)
        picture = build(Picture, settings["picture"], "run.json: picture")
        return Player(folder, loaded, picture)
    kept = str(AutoConfig.from_pretrained(folder).dtype).removeprefix("torch.")
    dtype: Any = kept if kept in get_args(Dtype) else "float32"
    loaded = restore(Transformers(path=str(folder), dtype=dtype), folder)
    return Player(folder, loaded, _seen(loaded))


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

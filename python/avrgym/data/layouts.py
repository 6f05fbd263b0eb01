"""Columns as trainers and harnesses expect them, each layout a pure function of a row.

A picture is its encoded bytes here; containers put it where their kind of file keeps pictures.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from avrgym._core import TaskError
from avrgym.core.arguments import named
from avrgym.core.samples import parameters
from avrgym.data.rows import Row
from avrgym.data.scores import origin
from avrgym.data.settings import Container, Settings, Writing
from avrgym.mixtures import Part
from avrgym.prompts.messages import data_uri

#: A column's type, as the library ``datasets`` writes it in JSON.
Feature: TypeAlias = Any
Cells: TypeAlias = dict[str, Any]

STRING: Feature = {"dtype": "string", "_type": "Value"}
INTEGER: Feature = {"dtype": "int64", "_type": "Value"}
# With a mode, since a PNG of few colors has a palette and would come out as its indices.
PICTURE: Feature = {"mode": "RGB", "_type": "Image"}
MESSAGES: Feature = [{"role": STRING, "content": STRING}]
TURNS: Feature = [{"from": STRING, "value": STRING}]

#: What every layout ends with: where a row comes from, which is enough to check it.
ORIGIN: Mapping[str, Feature] = {"address": STRING, "content": STRING, "format": STRING}


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns for one kind of consumer.

    Attributes:
        purpose: Who reads it.
        features: The columns' types, in order; ``ORIGIN`` comes last.
        cells: A row's values, by column.
        containers: The kinds of files it makes sense in, the usual one first.
        whole: Whether a phase is one file, as evaluation harnesses want it.
        asks: In which style, where levels are asked otherwise unless the mixture says so: models
            that were never trained here are to be told the rules and the form of a reply.
    """

    purpose: str
    features: Mapping[str, Feature]
    cells: Callable[[Row], Cells]
    containers: tuple[Container, ...] = ("parquet", "jsonl", "webdataset")
    whole: bool = False
    asks: str | None = None

    @property
    def columns(self) -> dict[str, Feature]:
        """All columns."""
        return {**self.features, **ORIGIN}

    def lay(self, row: Row) -> Cells:
        """All cells of a row."""
        return {
            **self.cells(row),
            "address": row.sample.address,
            "content": row.sample.content,
            "format": row.format,
        }


def get(name: str) -> Layout:
    """A layout by name.

    Raises:
        TaskError: There is none.
    """
    return LAYOUTS[named("layout", name, LAYOUTS)]


def of(writing: Writing) -> Layout:
    """The layout that rows are written in, as its trainer wants it.

    Raises:
        TaskError: There is none.
    """
    if writing.trainer is not None:
        return _TRAINERS[writing.trainer]
    return get(writing.layout)


def settled(settings: Settings) -> Settings:
    """Settings with the container and the way with duplicates that ``auto`` stands for.

    Raises:
        TaskError: The layout is unknown, or not made for the container.
    """
    writing = settings.writing
    layout = of(writing)
    if writing.duplicates == "auto":
        writing = replace(writing, duplicates="drop")
    if writing.container == "auto":
        writing = replace(writing, container=layout.containers[0])
    if writing.container not in layout.containers:
        raise TaskError(
            f"layout {writing.layout} is not made for {writing.container}; "
            f"give one of {', '.join(layout.containers)}"
        )
    return replace(settings, writing=writing)


def worded(settings: Settings) -> Settings:
    """Settings with the style that the layout asks in, on every part that names none.

    Addresses carry it, so that what is judged is what was asked; contents stay the same.

    Raises:
        TaskError: The layout is unknown.
    """
    asks, mixture = of(settings.writing).asks, settings.mixture
    if asks is None:
        return settings

    def asked(part: Part) -> Part:
        own = parameters(part.task, part.level).get("style", asks)
        if own == asks or "style" in part.params:
            return part
        return replace(part, params={**part.params, "style": asks})

    phases = tuple(replace(phase, parts=tuple(map(asked, phase.parts))) for phase in mixture.phases)
    return replace(settings, mixture=replace(mixture, phases=phases))


def _pictures(row: Row) -> list[bytes]:
    return [] if row.picture is None else [row.picture]


def _tagged(row: Row) -> str:
    """The prompt with ``<image>`` where the picture goes."""
    return row.prompt if row.picture is None else f"<image>{row.prompt}"


def _trl(row: Row) -> Cells:
    # Strings, not blocks: TRL puts the picture before them, and Arrow would add empty keys.
    return {
        "prompt": [{"role": "user", "content": row.prompt}],
        "completion": [{"role": "assistant", "content": row.completion}],
        "images": _pictures(row),
        "answer": row.answer,
    }


def _trl_sft(row: Row) -> Cells:
    return {key: value for key, value in _trl(row).items() if key != "answer"}


def _trl_grpo(row: Row) -> Cells:
    return {key: value for key, value in _trl(row).items() if key != "completion"}


def _verl(row: Row) -> Cells:
    task, level, split = row.place
    return {
        "data_source": f"avrgym/{task}",
        "prompt": [{"role": "user", "content": _tagged(row)}],
        "images": _pictures(row),
        "ability": task,
        "reward_model": {"style": "rule", "ground_truth": row.answer},
        "extra_info": {
            "split": split,
            "index": row.index,
            "address": row.sample.address,
            "format": row.format,
            "level": level,
            "answer": row.answer,
        },
    }


def _easyr1(row: Row) -> Cells:
    return {
        "problem": _tagged(row),
        "answer": row.answer,
        "ground_truth": origin(row.sample.address, row.format),
        "images": _pictures(row),
    }


def _llava(row: Row) -> Cells:
    said = f"<image>\n{row.prompt}" if row.picture is not None else row.prompt
    return {
        "id": row.name,
        "image": row.picture,
        "conversations": [
            {"from": "human", "value": said},
            {"from": "gpt", "value": row.completion},
        ],
    }


def _sharegpt(row: Row) -> Cells:
    return {
        "messages": [
            {"role": "user", "content": _tagged(row)},
            {"role": "assistant", "content": row.completion},
        ],
        "images": _pictures(row),
    }


def _plain(row: Row) -> Cells:
    task, level, split = row.place
    sample = row.sample
    return {
        "id": row.name,
        "task": task,
        "level": level,
        "split": split,
        "prompt": row.prompt,
        "completion": row.completion,
        "images": _pictures(row),
        "question": sample.question,
        "twin": sample.twin,
        "rationale": sample.rationale,
        "answer": sample.answer,
    }


def _vlmevalkit(row: Row) -> Cells:
    task, level, split = row.place
    [picture] = _pictures(row)
    return {
        "index": row.index,
        "image": b64encode(picture).decode(),
        "question": row.prompt,
        "answer": row.answer,
        "category": task,
        "l2-category": level,
        "split": split,
    }


def _lmms_eval(row: Row) -> Cells:
    task, level, split = row.place
    return {
        "question_id": row.name,
        "images": _pictures(row),
        "question": row.prompt,
        "answer": row.answer,
        "task": task,
        "level": level,
        "split": split,
    }


def _nemo_gym(row: Row) -> Cells:
    words = {"type": "input_text", "text": row.prompt}
    shown = [
        {"type": "input_image", "image_url": data_uri(picture), "detail": "auto"}
        for picture in _pictures(row)
    ]
    return {
        "responses_create_params": {"input": [{"role": "user", "content": [*shown, words]}]},
        "expected_answer": row.answer,
    }


# Layout trl for one trainer. GRPO samples its own completions; what rewards judge by is ORIGIN's.
_TRAINERS: Mapping[str, Layout] = {
    "sft": Layout(
        "TRL's SFT trainer",
        {"prompt": MESSAGES, "completion": MESSAGES, "images": [PICTURE]},
        _trl_sft,
    ),
    "grpo": Layout(
        "TRL's GRPO trainer",
        {"prompt": MESSAGES, "images": [PICTURE], "answer": STRING},
        _trl_grpo,
    ),
}

LAYOUTS: Mapping[str, Layout] = {
    "trl": Layout(
        "TRL's SFT and GRPO trainers",
        {"prompt": MESSAGES, "completion": MESSAGES, "images": [PICTURE], "answer": STRING},
        _trl,
    ),
    "verl": Layout(
        "verl",
        {
            "data_source": STRING,
            "prompt": MESSAGES,
            "images": [PICTURE],
            "ability": STRING,
            "reward_model": {"style": STRING, "ground_truth": STRING},
            "extra_info": {
                "split": STRING,
                "index": INTEGER,
                "address": STRING,
                "format": STRING,
                "level": STRING,
                "answer": STRING,
            },
        },
        _verl,
        asks="full",
    ),
    "easyr1": Layout(
        "EasyR1",
        {**dict.fromkeys(("problem", "answer", "ground_truth"), STRING), "images": [PICTURE]},
        _easyr1,
    ),
    "llava": Layout("LLaVA", {"id": STRING, "image": PICTURE, "conversations": TURNS}, _llava),
    "sharegpt": Layout(
        "LLaMA-Factory and ms-swift", {"messages": MESSAGES, "images": [PICTURE]}, _sharegpt
    ),
    "plain": Layout(
        "people: every field apart",
        {
            **dict.fromkeys(("id", "task", "level", "split", "prompt", "completion"), STRING),
            "images": [PICTURE],
            **dict.fromkeys(("question", "twin", "rationale", "answer"), STRING),
        },
        _plain,
    ),
    "vlmevalkit": Layout(
        "VLMEvalKit, one TSV a phase",
        {
            "index": INTEGER,
            **dict.fromkeys(
                ("image", "question", "answer", "category", "l2-category", "split"), STRING
            ),
        },
        _vlmevalkit,
        ("tsv",),
        whole=True,
        asks="full",
    ),
    "lmms-eval": Layout(
        "lmms-eval, a task folder",
        {
            "question_id": STRING,
            "images": [PICTURE],
            **dict.fromkeys(("question", "answer", "task", "level", "split"), STRING),
        },
        _lmms_eval,
        ("parquet",),
        whole=True,
        asks="full",
    ),
    "nemo-gym": Layout(
        "NeMo Gym, one JSONL a phase",
        {
            "responses_create_params": {
                "input": [
                    {
                        "role": STRING,
                        "content": [dict.fromkeys(("type", "image_url", "detail", "text"), STRING)],
                    }
                ]
            },
            "expected_answer": STRING,
        },
        _nemo_gym,
        ("jsonl",),
        whole=True,
        asks="full",
    ),
}

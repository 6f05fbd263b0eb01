"""The model of a run of one task: what is asked of :mod:`avrgym.models` in the run's own words."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import avrgym
from avrgym.core.pictures import Picture
from avrgym.models import load, policy, tokenizer
from avrgym.models.spec import Dtype, Lora, Model, Tiny, Transformers
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt
from avrgym.train.settings import Decoding, Modality, Pictures, Run
from avrgym.train.stream import Diet, training_addresses, words

Pair: TypeAlias = tuple[Any, Any]

READ = 2_000  # samples whose words make the vocabulary
SEEN = 200  # pictures whose patches make the patch embedding


def spec(run: Run) -> Model:
    """What the model is."""
    if run.pretrained.path:
        rank = run.pretrained.lora_rank
        dtype: Dtype = "bfloat16" if run.pretrained.bf16 else "float32"
        return Transformers(
            path=run.pretrained.path, dtype=dtype, lora=Lora(rank=rank) if rank else None
        )
    shape = run.tiny
    return Tiny(
        patch=shape.patch,
        hidden=shape.hidden,
        layers=shape.layers,
        vision_layers=shape.vision_layers,
        heads=shape.heads,
        patches=shape.patches,
        whiten_over=shape.whiten_over,
        positions=shape.positions,
    )


def begin(run: Run) -> Pair:
    """The model that a run starts from, and its processor."""
    drawn = picture(run.pictures)
    if run.pretrained.path:
        begun = load.begin(spec(run), picture=drawn)
        return begun.model, begun.processor
    levels = tuple(dict.fromkeys(run.sft.levels + run.grpo.levels))
    fresh = training_addresses(Diet(run.task, levels, run.seed, run.evaluation.held_out, stream=0))
    addresses = [next(fresh) for _ in range(READ)]
    samples = avrgym.samples(addresses)
    asked = [words(sample, "image") for sample in samples]
    read = [words(sample, "text") for sample in samples] + [sample.rationale for sample in samples]
    begun = load.begin(
        spec(run),
        picture=drawn,
        texts=read + asked,
        phrases=tokenizer.constant(asked),
        pictures=drawn.draw(addresses[:SEEN]),
        seed=run.seed,
    )
    return begun.model, begun.processor


def restore(run: Run, folder: Path) -> Pair:
    """What :func:`save` wrote, ready to train on."""
    again = load.restore(spec(run), folder)
    return again.model, again.processor


def save(pair: Pair, folder: Path) -> None:
    """Writes model and processor as ``from_pretrained`` reads them, and servers too."""
    load.save(load.Loaded(*pair), folder)


def replies(
    model: Any,
    processor: Any,
    addresses: Sequence[str],
    *,
    modality: Modality,
    decoding: Decoding,
    pictures: Pictures,
    max_reply: int,
    batch: int,
    seed: int = 0,
) -> list[bytes]:
    """What the model says to each address, in order; see :func:`avrgym.models.policy.replies`."""
    said = policy.replies(
        load.Loaded(model, processor),
        [Prompt(address, Format(modality)) for address in addresses],
        picture(pictures),
        decoding=decoding,
        max_reply=max_reply,
        batch=batch,
        seed=seed,
    )
    return [completion.reply for completion in said]


def picture(pictures: Pictures) -> Picture:
    """How the core draws for a run."""
    size = (pictures.height, pictures.width)
    theme: Any = pictures.theme
    return Picture(size, theme, pictures.insist)

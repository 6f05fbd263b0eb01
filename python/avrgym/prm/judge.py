"""A judge: a vision-language model with a head, that scores steps, is trained, saved and loaded."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from avrgym import config
from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.models.completion import Completion
from avrgym.models.load import Loaded, restore
from avrgym.models.load import save as save_model
from avrgym.models.spec import Model
from avrgym.prm.batch import Part, Row, lay
from avrgym.prm.data import Labelled
from avrgym.prm.heads import Head
from avrgym.prm.heads.head import Seen, Spoken
from avrgym.prm.scorer import Scores
from avrgym.prm.spans import spans
from avrgym.prm.tokens import Speller
from avrgym.prompts.prompt import Prompt

with needs("train"):
    import torch
    from safetensors.torch import load_file, save_file
    from torch import nn

SETTINGS, LAYER, OWN, REFERENCE = "judge.json", "head.safetensors", "model", "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a judge's folder says of it.

    Attributes:
        head: How it says what it thinks.
        model: What its model began with: of an adapter, what that is an adapter of.
        picture: How pictures were drawn that it learned from.
        blind: Whether they were white instead, and are where it scores: it goes by text alone.
    """

    head: Annotated[Head, config.Kinds("avrgym.prm.heads:HEADS")]
    model: Annotated[Model, config.Kinds("avrgym.models.spec:MODELS")]
    picture: Picture
    blind: bool = False


class Judge(nn.Module):
    """Scores steps by what a model makes of them; see :class:`avrgym.prm.scorer.Scorer`."""

    def __init__(
        self,
        settings: Settings,
        loaded: Loaded,
        reference: Loaded | None = None,
        *,
        at_once: int = 64,
    ) -> None:
        """A judge whose layer, where its head has one, begins at 0.

        Args:
            settings: What it is.
            loaded: Its model, which becomes its own, and processor.
            reference: What a head that compares compares it with; never trained.
            at_once: Replies that go through the model together where it scores.

        Raises:
            TaskError: The vocabulary lacks what the head needs, or a reference is lacking.
        """
        super().__init__()
        if settings.head.compares != (reference is not None):
            raise TaskError(
                f'head "{settings.head.kind}" '
                + ("compares two models; give the reference" if reference is None else "takes one")
            )
        self.settings, self.loaded, self.at_once = settings, loaded, at_once
        self.model, self.speller = loaded.model, Speller(loaded.processor.tokenizer)
        self.marks = settings.head.spelled(loaded.processor.tokenizer)
        self.linear: nn.Linear | None = None
        if settings.head.width:
            size = loaded.model.config.get_text_config().hidden_size
            size += settings.head.beside
            self.linear = nn.Linear(size, settings.head.width, device=loaded.model.device)
            nn.init.zeros_(self.linear.weight)
            nn.init.zeros_(self.linear.bias)
        # No child of the module: it is not trained, and processes need not agree on it.
        self._reference = None if reference is None else (reference,)
        if reference is not None:
            reference.model.eval()

    @property
    def device(self) -> torch.device:
        """Where it is."""
        found: torch.device = self.model.device
        return found

    @property
    def weights(self) -> int:
        """Of the model, and of what it is compared with."""
        beside = () if self._reference is None else (self._reference[0].model,)
        held = (part for model in (self.model, *beside) for part in model.parameters())
        return sum(int(part.numel()) for part in held)

    def gradient_checkpointing_enable(self, **how: Any) -> None:
        """Of its model, as trainers ask for it."""
        self.model.gradient_checkpointing_enable(**how)

    def laid(self, rows: Sequence[Labelled]) -> list[Part]:
        """Labelled rows as :meth:`forward` takes them.

        Raises:
            TaskError: An address names nothing, or tokens are not those of the reply.
        """
        return lay(
            self.loaded,
            self.settings.picture,
            [
                Row(
                    prompt=each.prompt,
                    tokens=self.speller.tokens(each.completion),
                    ends=np.array(each.ends, np.int64),
                    labels=np.array(each.labels, np.float32),
                    right=np.nan if each.right is None else float(each.right),
                )
                for each in rows
            ],
            self.marks.behind,
            blank=self.settings.blind,
        )

    def forward(self, parts: Sequence[Part]) -> dict[str, torch.Tensor]:
        """The loss: of parts the mean, each as heavy as it has rows."""
        rows = [len(part["last"]) for part in parts]
        losses = [self.settings.head.loss(self.seen(part)) for part in parts]
        whole = sum(loss * count for loss, count in zip(losses, rows, strict=True))
        return {"loss": torch.as_tensor(whole / sum(rows))}

    @torch.no_grad()
    def scores(self, prompts: Sequence[Prompt], replies: Sequence[Completion]) -> Scores:
        """See :class:`avrgym.prm.scorer.Scorer`."""
        found = spans(prompts, [each.reply for each in replies])
        cuts = found.offsets
        score = np.full(len(found.ends), np.nan, np.float32)
        outcome = np.full(len(prompts), np.nan, np.float32)
        was_training = self.training
        self.eval()
        try:
            for start in range(0, len(prompts), self.at_once):
                rows = [
                    Row(
                        prompt=prompts[at],
                        tokens=self.speller.tokens(replies[at]),
                        ends=found.ends[cuts[at] : cuts[at + 1]],
                        labels=np.full(cuts[at + 1] - cuts[at], np.nan, np.float32),
                        right=np.nan,
                    )
                    for at in range(start, min(start + self.at_once, len(prompts)))
                ]
                blank = self.settings.blind
                mark = self.marks.behind
                for part in lay(self.loaded, self.settings.picture, rows, mark, blank=blank):
                    said = self.settings.head.logits(self.seen(part))
                    if said.steps is not None:
                        score[cuts[start] + part["steps"].numpy()] = _shares(said.steps)
                    if said.replies is not None:
                        outcome[start + part["places"].numpy()] = _shares(said.replies)
        finally:
            self.train(was_training)
        return Scores(found.offsets, found.ends, score, outcome, found.bare)

    def seen(self, part: Part) -> Seen:
        """All that its head goes by, on its own device."""
        inputs = {name: value.to(self.device) for name, value in part["inputs"].items()}
        others: Any = {k: v.to(self.device) for k, v in part.items() if isinstance(v, torch.Tensor)}
        there: Any = {**others, "inputs": inputs}
        own = _spoken(self.model, there)
        if self._reference is None:
            return Seen(there, own, None, self.linear, self.marks)
        with torch.no_grad():
            other = _spoken(self._reference[0].model, there)
        return Seen(there, own, other, self.linear, self.marks)

    def save_pretrained(self, folder: str | Path) -> None:
        """Writes all that :func:`from_pretrained` needs; of an adapter no more than itself."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        save_model(self.loaded, folder / OWN)
        if self.linear is not None:
            held = {name: value.detach().cpu() for name, value in self.linear.state_dict().items()}
            save_file(held, folder / LAYER)
        if self._reference is not None:
            save_model(self._reference[0], folder / REFERENCE)
        told = json.dumps(config.table(self.settings), indent=2, ensure_ascii=False)
        (folder / SETTINGS).write_text(told + "\n", "utf-8")


def from_pretrained(folder: str | Path, *, at_once: int = 64) -> Judge:
    """A judge that was saved, to score or to be trained on.

    Raises:
        TaskError: The folder holds none.
    """
    folder = Path(folder)
    if not (folder / SETTINGS).is_file():
        raise TaskError(f"{folder} holds no judge ({SETTINGS} is missing); give a judge's folder")
    settings = config.read(Settings, folder / SETTINGS)
    other = restore(settings.model, folder / REFERENCE) if settings.head.compares else None
    judge = Judge(settings, restore(settings.model, folder / OWN), other, at_once=at_once)
    if judge.linear is not None:
        judge.linear.load_state_dict(load_file(folder / LAYER))
    return judge


def _spoken(model: Any, part: Part) -> Spoken:
    """Last hidden states, without the logits that most tokens' would be made in vain."""
    plain = model.get_base_model() if hasattr(model, "get_base_model") else model
    inputs: dict[str, Any] = {
        name: value.to(model.dtype) if value.is_floating_point() else value
        for name, value in part["inputs"].items()
    }
    states = plain.base_model(**inputs, use_cache=False).last_hidden_state
    return Spoken(states, plain.get_output_embeddings())


def _shares(logits: torch.Tensor) -> np.ndarray:
    said: np.ndarray = logits.float().sigmoid().cpu().numpy()
    return said

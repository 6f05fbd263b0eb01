"""How large a model is, and about what memory its training takes, without its weights."""

from dataclasses import dataclass
from typing import Any

from avrgym.core.extras import needs
from avrgym.models.parts import freeze
from avrgym.models.pretrained import adapted
from avrgym.models.spec import Model, Transformers

with needs("train"):
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText

_BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "4bit": 0.55, "8bit": 1.1}


@dataclass(frozen=True, slots=True)
class Outline:
    """The sizes that memory follows from.

    Attributes:
        weights: How many there are.
        trained: How many of them training moves.
        each: Bytes of a weight that is not trained.
        hidden: Width of the decoder.
        layers: Of the decoder.
        heads: Of the decoder.
        cached: Numbers that a token leaves in the cache of one layer.
        vocabulary: Of the decoder.
    """

    weights: int
    trained: int
    each: float
    hidden: int
    layers: int
    heads: int
    cached: int
    vocabulary: int

    def memory(self, *, rows: int, tokens: int, drawn: int, half: bool, checkpointing: bool) -> int:
        """Bytes of a process that trains with AdamW, within a factor of two or so.

        Weights, gradients and two moments; activations of ``s b h (34 + 5 a s / h)`` bytes a layer
        in half precision (Korthikanti et al. 2022, equation 2), of which checkpointing keeps the
        layers' inputs and one layer; logits in full; and the cache of replies that are drawn.

        Args:
            rows: That go through the model together.
            tokens: Of a row, prompt and reply.
            drawn: Replies that are drawn together; 0 for none.
            half: Whether it is computed in half precision.
            checkpointing: Whether activations are computed twice instead of kept.
        """
        wide = 1.0 if half else 2.0
        own = self.weights * self.each + self.trained * (self.each + 8.0)
        layer = tokens * rows * self.hidden * (34 + 5 * self.heads * tokens / self.hidden) * wide
        kept = tokens * rows * self.hidden * 2 * wide * self.layers + layer
        activations = kept if checkpointing else layer * self.layers
        logits = 3 * 4.0 * rows * tokens * self.vocabulary
        cache = drawn * tokens * self.cached * self.layers * 2 * wide
        return round(own + max(activations + logits, cache))


def outlined(spec: Model, model: Any) -> Outline:
    """The outline of a model.

    Args:
        spec: What it is.
        model: The model itself, or an :func:`empty` one.
    """
    each = 4.0
    if isinstance(spec, Transformers):
        each = _BYTES[spec.dtype if spec.quantize == "none" else spec.quantize]
    text = model.config.get_text_config()
    weights = list(model.parameters())
    heads = text.num_attention_heads
    width = getattr(text, "head_dim", None) or text.hidden_size // heads
    return Outline(
        weights=sum(weight.numel() for weight in weights),
        trained=sum(weight.numel() for weight in weights if weight.requires_grad),
        each=each,
        hidden=text.hidden_size,
        layers=text.num_hidden_layers,
        heads=heads,
        cached=2 * width * (getattr(text, "num_key_value_heads", None) or heads),
        vocabulary=text.vocab_size,
    )


def empty(spec: Transformers) -> Any:
    """A pretrained model without memory for weights, frozen and adapted as it will be."""
    settings: Any = AutoConfig.from_pretrained(spec.path, revision=spec.revision)
    factory: Any = AutoModelForImageTextToText
    with torch.device("meta"):
        made = adapted(spec, factory.from_config(settings))
    freeze(made, spec.frozen)
    return made

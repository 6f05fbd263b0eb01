"""What a run may say of its model, and what it is told where that cannot be."""

from collections.abc import Callable
from typing import Any

import pytest

from avrgym import TaskError
from avrgym.models.shape import PRESETS
from avrgym.models.spec import Lora
from avrgym.models.spec import Tiny as _Tiny
from avrgym.models.spec import Transformers as _Transformers

Tiny: Any = _Tiny  # files may say what the types do not allow
Transformers: Any = _Transformers


def test_what_is_given_goes_before_the_preset() -> None:
    assert Tiny().shape == PRESETS["tiny"]
    small = Tiny(preset="small", layers=3, positions=6.0).shape
    assert (small.layers, small.positions) == (3, 6.0)
    assert small.hidden == PRESETS["small"].hidden
    assert Lora(rank=4).scale == 8 and Lora(rank=4, alpha=3).scale == 3


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Tiny(family="qwen9"), 'family "qwen9" is not known; known: llava, qwen2_5_vl'),
        (lambda: Tiny(preset="huge"), 'preset "huge" .* known: tiny, small'),
        (lambda: Tiny(family="gemma3", positions=2.0), "positions is for family"),
        (lambda: Tiny(family="qwen3_vl", patches="fixed"), "patches is for family"),
        (lambda: Tiny(heads=3), "hidden 64 is not divisible by 6, 2 for .* give 66"),
        (lambda: Tiny(family="qwen3_vl", hidden=20), "divisible by 8, 4 for each of heads 2; give"),
        (lambda: Tiny(layers=0), "layers 0 is less than 1"),
        (lambda: Tiny(positions=-1.0), "positions -1.0 is a length"),
        (lambda: Tiny(frozen=("eyes",)), 'part "eyes" .* known: vision, projector, language'),
        (lambda: Transformers(), "path is empty"),
        (lambda: Transformers(path="x", quantize="4bit"), "cannot be trained; give lora too"),
        (lambda: Transformers(path="x", lora=Lora(), frozen=("language",)), "both name"),
        (lambda: Lora(rank=0), "rank 0 is less than 1; leave lora out for none"),
        (lambda: Lora(dropout=1.0), "dropout 1.0 is no share"),
        (lambda: Lora(targets=()), "must name something"),
    ],
)
def test_mistakes_are_told(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(TaskError, match=said):
        make()

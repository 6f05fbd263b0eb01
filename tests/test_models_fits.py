"""A processor that would change pictures is found out, whatever its class and settings."""

from types import SimpleNamespace
from typing import Any

import pytest

from avrgym import TaskError

pytest.importorskip("torch", reason="needs the train extra: pip install avrgym[train]")

from transformers import (
    Gemma3ImageProcessorPil,
    Idefics3ImageProcessorPil,
    LlavaNextImageProcessorPil,
    Qwen2VLImageProcessorPil,
    SiglipImageProcessorPil,
)

from avrgym.core.pictures import Picture
from avrgym.models.fits import check, fits
from avrgym.models.spec import Tiny

EDGE = {"longest_edge": 512}
WHOLE = {"do_image_splitting": False, "size": EDGE, "max_image_size": EDGE}
SQUARE = {"height": 896, "width": 896}


@pytest.mark.parametrize(
    ("kind", "settings", "size", "said"),
    [
        (Qwen2VLImageProcessorPil, {}, 448, None),
        (Qwen2VLImageProcessorPil, {}, (448, 476), None),
        (Qwen2VLImageProcessorPil, {}, 450, "give size = [448, 448] or [476, 476]"),
        (Qwen2VLImageProcessorPil, {"patch_size": 8, "do_resize": False}, 112, None),
        (SiglipImageProcessorPil, {}, 448, "give size = [224, 224]"),
        (SiglipImageProcessorPil, {"do_resize": False}, 448, None),
        (Gemma3ImageProcessorPil, {"size": SQUARE}, 448, "size = [896, 896]"),
        (Gemma3ImageProcessorPil, {"size": SQUARE}, 896, None),
        (Idefics3ImageProcessorPil, {"max_image_size": EDGE}, 512, "size = [512, 512] and the mo"),
        (Idefics3ImageProcessorPil, WHOLE, 448, "give size = [512, 512]"),
        (Idefics3ImageProcessorPil, WHOLE, 512, None),
        (LlavaNextImageProcessorPil, {}, 336, "leaves none as they are"),
    ],
    ids=str,
)
def test_what_a_processor_would_do_is_said_with_the_remedy(
    kind: Any, settings: dict[str, Any], size: int | tuple[int, int], said: str | None
) -> None:
    try:
        image = kind(**settings)
    except ImportError as error:  # older versions of some want torchvision
        pytest.skip(str(error).strip().partition(" but")[0])
    found = fits(SimpleNamespace(image_processor=image), Picture(size))
    assert found is None if said is None else said in (found or "")


@pytest.mark.parametrize(
    ("spec", "size", "said"),
    [
        (Tiny(), (112, 120), None),  # what is left over is not seen
        (Tiny(), (112, 168), "sees squares; .* 4 x 6 patches of 28"),
        (Tiny(family="qwen3_vl"), (112, 168), None),
        (Tiny(family="qwen3_vl"), 120, "not whole patches of 28; give 112 x 112"),
        (Tiny(family="gemma3", patch=7), 112, "patch 7 is odd"),
        (Tiny(family="smolvlm"), (112, 168), "sees squares"),
    ],
    ids=str,
)
def test_a_model_from_nothing_is_made_for_the_size(
    spec: Tiny, size: int | tuple[int, int], said: str | None
) -> None:
    if said is None:
        check(spec, Picture(size))
    else:
        with pytest.raises(TaskError, match=said):
            check(spec, Picture(size))

"""Whether a model's processor would resize, pad or cut pictures of a size: it must not."""

from typing import Any

import numpy as np

from avrgym._core import TaskError
from avrgym.core.pictures import Picture
from avrgym.models.spec import Model, Tiny
from avrgym.prompts.fitting import fitting
from avrgym.prompts.layout import Layout


def check(spec: Model, picture: Picture) -> None:
    """Complains of pictures that the model would not see as they are drawn, before it is loaded.

    Raises:
        TaskError: It says what would become of them, and what to give.
    """
    if isinstance(spec, Tiny):
        from avrgym.models.families import FAMILIES

        FAMILIES[spec.family].check(spec.shape, picture.height, picture.width)
        return
    from avrgym.models.pretrained import processor

    if said := fits(processor(spec), picture):
        raise TaskError(f"picture: {said}")


def fits(processor: Any, picture: Picture) -> str | None:
    """What a model's processor would do to pictures, if anything.

    It is tried out on noise, in which every change shows: settings say the same thing in as many
    ways as there are classes.

    Args:
        processor: Of ``transformers``, with an ``image_processor``.
        picture: How the run draws.

    Returns:
        One sentence with the remedy; None where pictures stay as they are.
    """
    image = processor.image_processor
    height, width = picture.height, picture.width
    made = _tried(image, height, width)
    if _same(image, made, height, width):
        return None
    said = f"{type(image).__name__} would change pictures of {height} x {width} pixels"
    sizes = [size for size in _near(image, made, height, width) if _leaves(image, *size)]
    if sizes:
        return f"{said}; give size = {' or '.join(str(list(size)) for size in sizes)}"
    if getattr(image, "do_image_splitting", False):
        side = image.max_image_size["longest_edge"]
        return (
            f"{said}: it enlarges them and cuts them into pieces; give size = [{side}, {side}] and "
            "the model processor = { do_image_splitting = false, "
            f"size = {{ longest_edge = {side} }} }}"
        )
    return f"{said}, and leaves none as they are near that size; give the model other settings"


def _leaves(image: Any, height: int, width: int) -> bool:
    return _same(image, _tried(image, height, width), height, width)


def _noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def _tried(image: Any, height: int, width: int) -> np.ndarray:
    made = image([_noise(height, width)], return_tensors="pt")["pixel_values"]
    values: np.ndarray = made.numpy()
    return values


def _same(image: Any, made: np.ndarray, height: int, width: int) -> bool:
    """Whether noise came out pixel by pixel, whatever the order in which patches hold it."""
    noise = _noise(height, width)
    count, left = divmod(made.size, noise.size)
    if left or not count or (made.ndim > 2 and made.shape[-2:] != (height, width)):
        return False
    values = noise * (image.rescale_factor if image.do_rescale else 1.0)
    if image.do_normalize:
        values = (values - np.array(image.image_mean)) / np.array(image.image_std)
    right = np.repeat(np.sort(values, axis=None), count)
    return bool(np.allclose(np.sort(made, axis=None), right, atol=1e-4))


def _near(image: Any, made: np.ndarray, height: int, width: int) -> list[tuple[int, int]]:
    """Sizes that may be left alone: those that the settings name, or what the noise became."""
    try:
        return fitting(Layout.from_processor(image), height, width)
    except TaskError:
        return [(made.shape[-2], made.shape[-1])] if made.ndim > 2 else []


def positions(model: Any) -> int | None:
    """How many tokens a model has places for, prompt and reply together; None if it says none."""
    most: int | None = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return most


def axes(model: Any) -> int:
    """In how many directions a model counts positions: 3 for Qwen-VL and its kin, else 1."""
    text = model.config.get_text_config()
    said = [getattr(text, name, None) for name in ("rope_parameters", "rope_scaling")]
    sections = [each["mrope_section"] for each in said if each and "mrope_section" in each]
    return len(sections[0]) if sections else 1

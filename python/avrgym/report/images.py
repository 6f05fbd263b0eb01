"""Pictures within a page."""

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

from avrgym.core.extras import needs
from avrgym.core.pictures import Picture

with needs("train"):
    from PIL import Image

SHOWN_PIXELS = 224  # of a picture's longer side


def url(image: Image.Image) -> str:
    """A picture as a data URL, without loss."""
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=True, method=2)
    return f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode()}"


def shown(addresses: Sequence[str], picture: Mapping[str, Any]) -> list[str]:
    """Pictures as data URLs, a whole number of times larger than the model saw them.

    Args:
        addresses: What to draw.
        picture: The run's, as its settings have it.
    """
    held = dict(picture)
    size = held.pop("size", None)
    seen = (
        Picture(**held)
        if size is None
        else Picture(tuple(size) if isinstance(size, list) else size, **held)
    )
    times = max(1, SHOWN_PIXELS // max(seen.height, seen.width))
    large = Picture((seen.height * times, seen.width * times), seen.theme, seen.insist)
    return [url(Image.fromarray(image)) for image in large.draw(addresses)]

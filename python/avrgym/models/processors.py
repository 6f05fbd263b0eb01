"""What the image processor of a model does, by its family or from its folder."""

from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.core.extras import remedy
from avrgym.prompts.fitting import FAMILIES
from avrgym.prompts.layout import Layout


def layout(name: str) -> Layout:
    """What a processor does, by a model's family, or from a folder as ``save_pretrained`` writes.

    Raises:
        TaskError: It is neither, or the folder's processor is not known.
    """
    if name.lower() in FAMILIES:
        return FAMILIES[name.lower()]()
    if not any(Path(name).glob("*processor_config.json")):
        raise TaskError(
            f'no processor "{name}"; give one of {", ".join(FAMILIES)}, '
            "or a folder with a preprocessor_config.json"
        )
    try:
        from transformers import AutoImageProcessor
    except ImportError:
        raise TaskError(
            f"the folder of a processor needs transformers; {remedy('train')}"
        ) from None
    factory: Any = AutoImageProcessor
    return Layout.from_processor(factory.from_pretrained(name, local_files_only=True))

"""How large a saved model is, without loading it."""

from math import prod
from pathlib import Path

from avrgym.core.extras import needs

with needs("train"):
    from safetensors import safe_open


def weights(folder: Path) -> int | None:
    """Weights of the model in a folder, read off the heads of its files.

    Args:
        folder: As ``save_pretrained`` writes it.

    Returns:
        Their number; None where files do not say it: of an adapter, whose model is elsewhere, of
        weights that are packed (quantised), and where there are none.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files or (folder / "adapter_config.json").exists():
        return None
    total = 0
    for file in files:
        with safe_open(file, framework="np") as held:
            slices = [held.get_slice(name) for name in held.keys()]
            if any(each.get_dtype() not in ("F64", "F32", "F16", "BF16") for each in slices):
                return None
            total += sum(prod(each.get_shape()) for each in slices)
    return total

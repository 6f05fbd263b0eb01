"""A patch embedding that sees from the start: the principal axes of real patches."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from avrgym.core.extras import needs

with needs("train"):
    import torch
    from torch.nn import functional as F

MOST = 32_768  # patches that are looked at: more of them say nothing new, and take minutes


@torch.no_grad()
def whiten(
    made: Any,
    prepare: Any,
    images: NDArray[np.uint8],
    *,
    over: Literal["distinct", "all"] = "distinct",
) -> None:
    """Sets the patch embedding to the principal axes of real patches, each scaled to unit variance.

    Args:
        made: A LLaVA model, changed in place.
        prepare: Turns pictures into the model's pixel values.
        images: Training pictures, uint8, shape (n, h, w, 3).
        over: Whether each distinct patch counts once, or each patch as often as it occurs.
    """
    ridge = 1e-3  # relative to the largest variance: axes below it are noise
    pixels = prepare.image_processor(list(images), return_tensors="pt")["pixel_values"]
    conv = made.model.vision_tower.embeddings.patch_embedding
    side = conv.kernel_size[0]
    patches = (
        F.unfold(pixels, side, stride=side).transpose(1, 2).reshape(-1, conv.weight[0].numel())
    )
    if len(patches) > MOST:
        chosen = torch.randperm(len(patches), generator=torch.Generator().manual_seed(0))[:MOST]
        patches = patches[chosen]
    # Distinct patches count once each: most of a board is white, and would drown the glyphs.
    patches, counts = torch.unique(patches, dim=0, return_counts=True)
    patches = patches.double()
    mean = patches.mean(0)
    centred = patches - mean
    if over == "all":  # rows weighted by how often they occur: the same axes for far less work
        share = (counts / counts.double().mean())[:, None]
        mean = (share * patches).mean(0)
        centred = share.sqrt() * (patches - mean)
    variance, axes = _axes(centred)
    kept = min(conv.out_channels, int((variance > ridge * variance[0]).sum()))
    basis = (axes[:, :kept] / (variance[:kept] + ridge * variance[0]).sqrt()).T
    mix = torch.linalg.qr(torch.randn(conv.out_channels, kept, dtype=torch.double))[0]
    basis = mix * (conv.out_channels / kept) ** 0.5 @ basis
    conv.weight.copy_(basis.to(conv.weight.dtype).view_as(conv.weight))
    conv.bias.copy_((-basis @ mean).to(conv.bias.dtype))


def _axes(centred: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Variances of the principal axes, largest first, and the axes as columns."""
    rows, columns = centred.shape
    if rows > 2 * columns:  # of many rows the products of columns say the same for less work
        variance, axes = torch.linalg.eigh(centred.T @ centred / rows)
        return variance.flip(0).clamp(min=0), axes.flip(1)
    _, deviation, axes = torch.linalg.svd(centred, full_matrices=False)
    return deviation**2 / rows, axes.T


@torch.no_grad()
def place(made: Any, rows: int, columns: int, length: float) -> None:
    """Starts the position table as row vector + column vector: what lines up need not be found.

    Args:
        made: A LLaVA model, changed in place.
        rows: Patches from top to bottom.
        columns: Patches from left to right.
        length: Of a position's vector, on average.
    """
    table = made.model.vision_tower.embeddings.position_embedding.weight
    hidden = table.shape[1]
    std = length * (2 * hidden) ** -0.5
    row = torch.randn(rows, 1, hidden) * std
    column = torch.randn(1, columns, hidden) * std
    table.copy_((row + column).reshape(table.shape))


def hold_patches(made: Any) -> None:
    """Keeps the patch embedding of a LLaVA model as it is through all training that follows."""
    made.model.vision_tower.embeddings.patch_embedding.requires_grad_(False)

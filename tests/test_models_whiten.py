"""A patch embedding made of real patches gives them all directions alike."""

import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install avrgym[train]")

import torch

from avrgym.core.pictures import Picture
from avrgym.models.load import begin
from avrgym.models.spec import Tiny

PICTURES = Picture(112, "varied", insist=True).draw(
    f"grid_navigation/rung1#train:0:{at}" for at in range(40)
)


@pytest.mark.parametrize("patch", [28, 7], ids=["few patches", "many patches"])
@torch.no_grad()
def test_whitened_patches_are_centred_and_of_one_length(patch: int) -> None:
    spec = Tiny(patch=patch, hidden=64)
    loaded = begin(spec, picture=Picture(112, "compact"), texts=["up"] * 2, pictures=PICTURES)
    shown = loaded.processor.image_processor(list(PICTURES), return_tensors="pt")["pixel_values"]
    conv = loaded.model.model.vision_tower.embeddings.patch_embedding
    seen = conv(shown).permute(0, 2, 3, 1).reshape(-1, 64).double()
    distinct = torch.unique(seen.round(decimals=4), dim=0)
    assert len(distinct) > 64
    assert distinct.mean(0).abs().max() < 0.01
    covariance = distinct.T @ distinct / len(distinct)
    # Axes that are noise count less than those kept, so the sum falls short of one for each.
    assert 0.8 * 64 < covariance.trace() <= 1.01 * 64
    assert (distinct.norm(dim=1) < 64).all()

"""Families of models that can be made from nothing; another one is one file and one line."""

from avrgym.models.families import gemma3, llava, qwen, smolvlm
from avrgym.models.families.family import Family, Request

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        llava.FAMILY,
        qwen.QWEN2_5_VL,
        qwen.QWEN3_VL,
        smolvlm.FAMILY,
        gemma3.FAMILY,
    )
}

__all__ = ["FAMILIES", "Family", "Request"]

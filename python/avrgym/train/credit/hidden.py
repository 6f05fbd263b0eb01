"""Levels whose answers are not shown to who is trained on them."""

from collections.abc import Sequence

from avrgym.core.address import setting_of
from avrgym.core.ladder import expand


def hides(levels: Sequence[str], setting: str) -> bool:
    """Whether answers of a level are not shown, whatever the wording it is asked in.

    Args:
        levels: Hidden ones, such as ``grid_navigation/rung2..rung3``.
        setting: The level asked about, with what is said of its wording behind ``?``.
    """
    return not {setting, setting.partition("?")[0]}.isdisjoint(expand(levels))


def shown(levels: Sequence[str], addresses: Sequence[str]) -> list[bool]:
    """Whether the answer of each address is shown."""
    return [not hides(levels, setting_of(address)) for address in addresses]

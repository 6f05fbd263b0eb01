"""Every environment's id: ``avrgym/<Task>[-Board]-v0`` with ``level=``, and one for each level.

Dialogues are of any level by ``level=`` alone: ``avrgym/<Task>-Dialogue-v0``.

``gymnasium.make("avrgym:avrgym/GridNavigation-Hard-v0")`` imports ``avrgym`` by the prefix before
the colon; after ``import avrgym`` the id alone does.
"""

import gymnasium as gym

from avrgym import _core
from avrgym.core.samples import TASKS, levels

#: The tasks that can be walked or read action by action.
BOARD_TASKS: tuple[str, ...] = tuple(_core.BOARD_TASKS)


def ids() -> dict[str, tuple[str, dict[str, str]]]:
    """What is registered: the kind of environment and its arguments, by id."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for task in TASKS:
        name = camel(task)
        found[f"avrgym/{name}-v0"] = ("reply", {"task": task})
        found[f"avrgym/{name}-Dialogue-v0"] = ("dialogue", {"task": task})
        for level in levels(task):
            found[f"avrgym/{name}-{camel(level)}-v0"] = ("reply", {"task": task, "level": level})
        if task in BOARD_TASKS:
            found[f"avrgym/{name}-Board-v0"] = ("board", {"task": task})
            for level in levels(task):
                arguments = {"task": task, "level": level}
                found[f"avrgym/{name}-Board-{camel(level)}-v0"] = ("board", arguments)
    return found


def register() -> None:
    """Registers every id that is not registered yet; importing ``avrgym`` calls it."""
    for name, (kind, kwargs) in ids().items():
        if name not in gym.registry:
            single, vector = _ENTRY_POINTS[kind]
            gym.register(name, entry_point=single, vector_entry_point=vector, kwargs=dict(kwargs))


def camel(name: str) -> str:
    """``grid_navigation`` as ``GridNavigation``."""
    return "".join(part.capitalize() for part in name.split("_"))


_ENTRY_POINTS = {
    "board": ("avrgym.envs.board:BoardEnv", "avrgym.envs.board_vector:BoardVectorEnv"),
    "dialogue": (
        "avrgym.envs.dialogue:DialogueEnv",
        "avrgym.envs.dialogue_vector:DialogueVectorEnv",
    ),
    "reply": ("avrgym.envs.reply:ReplyEnv", "avrgym.envs.reply_vector:ReplyVectorEnv"),
}

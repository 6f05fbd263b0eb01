"""Environments of every kind for the tests, actions for them, and what it means to be the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from avrgym.envs.board import BoardEnv
from avrgym.envs.board_vector import BoardVectorEnv
from avrgym.envs.dialogue import DialogueEnv
from avrgym.envs.dialogue_vector import DialogueVectorEnv
from avrgym.envs.reply import ReplyEnv
from avrgym.envs.reply_vector import ReplyVectorEnv

MODES = [mode.value for mode in AutoresetMode]
SHORT = {"max_moves": 7, "size": 64, "insist": True}


@dataclass(frozen=True)
class Kind:
    """A kind of environment and its arguments."""

    make: Callable[..., Any]
    kwargs: Mapping[str, Any]

    def __str__(self) -> str:
        told = (str(value) for value in self.kwargs.values() if isinstance(value, str))
        return "-".join([self.make.__name__, *told])


def _kinds() -> list[Kind]:
    found = []
    for task in ("grid_navigation", "table_readout", "consecutive_table_readout"):
        for observation in ("symbolic", "image"):
            board = {"task": task, "level": "rung1", "observation": observation, **SHORT}
            found.append(Kind(BoardEnv, board))
            found += [
                Kind(BoardVectorEnv, {"num_envs": 3, "autoreset_mode": mode, **board})
                for mode in MODES
            ]
    for format in ("image", "text"):
        reply = {
            "task": "grid_navigation",
            "level": "rung1",
            "format": format,
            "size": 64,
            "insist": True,
        }
        reply |= {"reveal_answer": True}
        found.append(Kind(ReplyEnv, reply))
        found += [
            Kind(ReplyVectorEnv, {"num_envs": 3, "autoreset_mode": mode, **reply}) for mode in MODES
        ]
    talk: dict[str, Any] = {"level": "rung1", "format": "text", "order": "shuffled"}
    talk |= {"task": "grid_navigation", "reveal_answer": True}
    found.append(Kind(DialogueEnv, talk))
    found += [
        Kind(DialogueVectorEnv, {"num_envs": 3, "autoreset_mode": mode, **talk}) for mode in MODES
    ]
    drawn: dict[str, Any] = {"levels": ["rung1", "rung2", "rung4"], **SHORT}
    drawn |= {"observation": "onehot", "window": (1, 2), "held_out": 3}
    found.append(Kind(BoardEnv, {"task": "table_readout", **drawn}))
    found += [
        Kind(
            BoardVectorEnv,
            {"num_envs": 3, "task": "table_readout", "autoreset_mode": mode, **drawn},
        )
        for mode in MODES
    ]
    return found


KINDS = _kinds()


class Player:
    """Plays an environment by a random stream of its own, and says what came back."""

    def __init__(self, env: Any, seed: int) -> None:
        self.env = env
        self.rng = np.random.default_rng(seed)
        self.over = True

    def play(self, seed: int | None = None) -> Any:
        """Resets if somebody has to, else steps."""
        vector = isinstance(self.env, VectorEnv)
        if self.over or seed is not None:
            self.over = False
            return self.env.reset(seed=seed)
        returned = self.env.step(self._actions() if vector else self._action())
        ended = np.asarray(returned[2]) | np.asarray(returned[3])
        if vector and self.env.metadata["autoreset_mode"] is not AutoresetMode.DISABLED:
            return returned
        self.over = bool(ended.any())
        return returned

    def _action(self) -> Any:
        if isinstance(self.env, ReplyEnv | ReplyVectorEnv | DialogueEnv | DialogueVectorEnv):
            said = ["Answer: up", "Answer: right, right", "ca to bb", ""]
            return said[self.rng.integers(4)]
        # Digits end readings; moves go on.
        space = getattr(self.env, "single_action_space", self.env.action_space)
        return int(self.rng.integers(4 if self.rng.random() < 0.9 else space.n))

    def _actions(self) -> Any:
        return [self._action() for _ in range(self.env.num_envs)]


def same(one: Any, other: Any) -> bool:
    """Whether two returned things are equal, down to dtypes."""
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray):
        if one.dtype == object:
            return one.shape == other.shape and all(map(same, one.flat, other.flat))
        return bool(one.dtype == other.dtype and np.array_equal(one, other))
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def arrays(returned: Any) -> list[Any]:
    """All arrays of a returned thing."""
    if isinstance(returned, Mapping):
        return [array for value in returned.values() for array in arrays(value)]
    if isinstance(returned, tuple | list):
        return [array for value in returned for array in arrays(value)]
    if isinstance(returned, np.ndarray):
        inner = arrays(list(returned.flat)) if returned.dtype == object else []
        return [returned, *inner]
    return []

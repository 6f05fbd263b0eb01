"""A native vector environment as stable-baselines3 and sb3-contrib take it.

``PPO("MlpPolicy", sb3.make("avrgym/TableReadout-Board-Rung0-v0", 64, observation="onehot"))``, and
``MaskablePPO`` alike: a step is one call into the core, whatever the number of boards.
"""

import time
from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import nearest, quoted
from avrgym.core.extras import remedy

try:
    from stable_baselines3.common.vec_env import VecEnv
except ImportError as missing:
    raise ImportError(f"stable-baselines3 is not installed; {remedy('rl')}") from missing

#: What ``env_method`` may be asked for: methods that tell one thing a board.
METHODS: tuple[str, ...] = ("action_mask", "action_masks", "addresses")


def make(name: str, num_envs: int, **kwargs: Any) -> "NativeVecEnv":
    """The boards of an id as stable-baselines3 takes them.

    Args:
        name: An id of ``avrgym.envs.ids()`` with ``-Board``.
        num_envs: How many, n.
        **kwargs: Of ``avrgym.envs.board_vector.BoardVectorEnv``; not ``autoreset_mode``.

    Raises:
        TaskError: An argument names nothing or is out of its range.
    """
    known = [each for each in gym.registry if each.startswith("avrgym/")]
    if not isinstance(name, str) or name.removeprefix("avrgym:") not in known:
        near = nearest(name, known)
        raise TaskError(f"name is {quoted(name)}{near}; give an id of avrgym.envs.ids()")
    mode = AutoresetMode.SAME_STEP
    return NativeVecEnv(
        gym.make_vec(name, num_envs, "vector_entry_point", autoreset_mode=mode, **kwargs)
    )


class NativeVecEnv(VecEnv):
    """n boards that step together.

    Infos of episodes that ended hold all that the environment tells (``is_success`` among it),
    ``terminal_observation``, ``TimeLimit.truncated`` and, as ``Monitor`` would have it,
    ``episode`` with its return ``r``, its length ``l`` and the seconds ``t``; those of the others
    are empty, which is what makes it fast. ``reset_infos`` and ``columns`` (as Gymnasium batches
    them, of the last step) hold the rest.
    """

    def __init__(self, fleet: VectorEnv[NDArray[Any], Any, NDArray[Any]]) -> None:
        """Wraps a vector environment.

        Args:
            fleet: One that resets in the same step.

        Raises:
            TaskError: It does not, or it takes replies in words.
        """
        if fleet.metadata.get("autoreset_mode") is not AutoresetMode.SAME_STEP:
            mode = quoted(fleet.metadata.get("autoreset_mode"))
            raise TaskError(f"autoreset_mode is {mode}; stable-baselines3 expects SameStep")
        if not isinstance(fleet.single_action_space, gym.spaces.Discrete):
            space = quoted(fleet.single_action_space)
            raise TaskError(f"actions are {space}; give an environment of boards")
        self.fleet = fleet
        self.columns: dict[str, Any] = {}
        self._actions: NDArray[Any] = np.zeros(fleet.num_envs, np.int64)
        self._returns = np.zeros(fleet.num_envs)
        self._lengths = np.zeros(fleet.num_envs, np.int64)
        self._began = time.time()
        super().__init__(fleet.num_envs, fleet.single_observation_space, fleet.single_action_space)

    def reset(self) -> NDArray[Any]:
        """Begins an episode everywhere; seeds of ``seed()`` and ``set_options`` count once."""
        seeds: Any = self._seeds if any(seed is not None for seed in self._seeds) else None
        options = self._options[0]
        if any(each != options for each in self._options):
            raise TaskError(f"options are {quoted(self._options)}; give the same to all")
        seen, self.columns = self.fleet.reset(seed=seeds, options=options or None)
        self._returns[:], self._lengths[:] = 0.0, 0
        self.reset_infos = self._rows(self.columns, np.arange(self.num_envs))
        self._reset_seeds()
        self._reset_options()
        return seen

    def step_async(self, actions: NDArray[Any]) -> None:
        """Keeps the actions for :meth:`step_wait`."""
        self._actions = actions

    def step_wait(self) -> tuple[NDArray[Any], NDArray[np.float32], NDArray[np.bool_], list[Any]]:
        """Takes them.

        Returns:
            Observations, rewards float32 (n,), whose episode ended bool (n,), an info each.
        """
        seen, rewards, terminated, truncated, self.columns = self.fleet.step(self._actions)
        over = terminated | truncated
        self._returns += rewards
        self._lengths += 1
        spent = round(time.time() - self._began, 6)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if over.any():
            seats = np.flatnonzero(over)
            ended = self._rows(self.columns["final_info"], seats)
            begun = self._rows(self.columns, seats)
            for seat, info, fresh in zip(seats.tolist(), ended, begun, strict=True):
                episode = {"r": float(self._returns[seat]), "l": int(self._lengths[seat])}
                info["terminal_observation"] = self.columns["final_obs"][seat]
                info["TimeLimit.truncated"] = bool(truncated[seat])
                info["episode"] = {**episode, "t": spent}
                infos[seat], self.reset_infos[seat] = info, fresh
        self._returns[over], self._lengths[over] = 0.0, 0
        return seen, rewards.astype(np.float32), over, infos

    def close(self) -> None:
        """Closes the boards."""
        self.fleet.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """An attribute of the vector environment, once for each of the boards asked for."""
        return [getattr(self.fleet, attr_name)] * len(self._seats(indices))

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Sets an attribute of the vector environment, which all boards share."""
        if len(self._seats(indices)) != self.num_envs:
            raise TaskError(f"indices={quoted(indices)}: boards share {attr_name}; set it for all")
        setattr(self.fleet, attr_name, value)

    def env_method(
        self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any
    ) -> list[Any]:
        """What a method of ``METHODS`` tells of each of the boards asked for.

        Raises:
            TaskError: There is no such method that tells one thing a board.
        """
        if method_name not in METHODS:
            known = ", ".join(METHODS)
            raise TaskError(f"unknown method {quoted(method_name)} of boards; known: {known}")
        told = getattr(self.fleet, method_name)(*method_args, **method_kwargs)
        return [told[seat] for seat in self._seats(indices)]

    def env_is_wrapped(
        self, wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]], indices: Any = None
    ) -> list[bool]:
        """Whether boards are wrapped: never. ``episode`` is there without a ``Monitor``."""
        return [False] * len(self._seats(indices))

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """A picture each; None without ``render_mode="rgb_array"``."""
        frames: Any = self.fleet.render() if self.fleet.render_mode == "rgb_array" else None
        return [None] * self.num_envs if frames is None else list(frames)

    def _seats(self, indices: Any) -> list[int]:
        return list(self._get_indices(indices))

    @staticmethod
    def _rows(columns: dict[str, Any], seats: NDArray[np.int64]) -> list[dict[str, Any]]:
        """Some boards' parts of the columns; numbers and truths as Python has them."""
        names = [
            name
            for name in columns
            if not (name.startswith("_") or name in ("final_obs", "final_info"))
        ]
        parts = [columns[name][seats] for name in names]
        values = [list(part) if part.ndim > 1 else part.tolist() for part in parts]
        return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]

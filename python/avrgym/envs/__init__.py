"""Gymnasium environments, registered when ``avrgym`` is imported.

Reply environments (``avrgym.envs.reply``): a picture and a question in, a reply in words out,
judged step by step. Board environments (``avrgym.envs.board``): a grid walked, or a table read,
action by action. Each has a native vector version, which ``gym.make_vec`` takes. Classes load when
first made.
"""

from avrgym.envs.registration import BOARD_TASKS, ids, register

__all__ = ["BOARD_TASKS", "ids", "register"]

"""What a run does with its model, one file a kind, registered in ``STAGES``.

A stage is a frozen dataclass that begins with its ``kind``. Trainers are imported when it learns.
"""

from avrgym.train.stages.dpo import Dpo
from avrgym.train.stages.grpo import Grpo
from avrgym.train.stages.prm import Prm
from avrgym.train.stages.rft import Rft
from avrgym.train.stages.sft import Sft
from avrgym.train.stages.sppo import Sppo
from avrgym.train.stages.stage import Stage

#: What a run's ``stages`` may be, by their ``kind``.
STAGES: tuple[type, ...] = (Sft, Grpo, Dpo, Rft, Sppo, Prm)

__all__ = ["STAGES", "Dpo", "Grpo", "Prm", "Rft", "Sft", "Sppo", "Stage"]

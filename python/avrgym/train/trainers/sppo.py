"""SPPO with soft labels, by TRL's loss for hard ones; see :func:`.compared.moved`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from avrgym.models.load import Loaded
from avrgym.train.desk import Desk
from avrgym.train.trainers.compared import Compared
from avrgym.train.trainers.dpo import SurvivingDpo, compare, config
from avrgym.train.trainers.heard import Drawn, Heard
from avrgym.train.trainers.rated import Rated, rated
from avrgym.train.trainers.scores import Scores

if TYPE_CHECKING:
    from avrgym.train.stages.sppo import Sppo


class SurvivingSppo(SurvivingDpo):
    """TRL's trainer, whose numbers of rewards are left out: they would be of what was moved."""

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Logs all others."""
        for name in [name for name in self._metrics["train"] if name.startswith("rewards/")]:
            del self._metrics["train"][name]
        super().log(logs, start_time)


def play(loaded: Loaded, desk: Desk, stage: "Sppo") -> None:
    """Trains the model in place.

    Raises:
        TaskError: To no prompt of a round one reply scored more than another.
    """
    scores = Scores(loaded, desk, config(desk, stage).per_device_train_batch_size)

    def pair_up(of: Heard) -> list[Rated]:
        return rated(of.prompts, of.said, stage.rewards, stage.sharpness, of.verdicts)

    def lack(found: Sequence[Drawn]) -> str:
        return (
            f"to none of {stage.samples:,} prompts one of {stage.replies} replies scored more "
            "than another; give other levels, or more samples or replies"
        )

    compare(loaded, desk, stage, Compared(desk, stage, scores, pair_up, lack), SurvivingSppo)

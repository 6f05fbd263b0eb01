"""reasoning-gym's own curriculum over the levels of every task, here with a perfect student.

Run it::

    python examples/reasoning_gym_curriculum.py --steps 6
"""

import argparse

from reasoning_gym.coaching.curriculum_config import (
    CurriculumAttributeConfig,
    CurriculumExperimentConfig,
)
from reasoning_gym.coaching.experiment import CurriculumExperiment

from avrgym.adapters.reasoning_gym import register


def main() -> None:
    """Answers, and climbs where enough answers were right."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--steps", type=int, default=6)
    steps = said.parse_args().steps

    names = register()
    start = {name: CurriculumAttributeConfig({"level": 0}) for name in names}
    climb = CurriculumExperiment("climb", CurriculumExperimentConfig(start), size=500, seed=0)
    for step in range(steps):
        for index in range(16 * step, 16 * (step + 1)):
            entry = climb.get_dataset_entry(index)
            # Your model here: entry["question"] has the whole problem in words.
            answer = entry["answer"]
            climb.score_answer_with_id(answer, entry["metadata"]["entry_id"])
        scores = climb.score_board.scores
        for name in names:
            if name in scores and sum(scores[name][-8:]) >= 7:
                climb.update_difficulty(name, "increment")
                climb.score_board.clear(name)
        at = {name: climb.composite.datasets[name].config.level for name in names}
        print(step, " ".join(f"{name.removeprefix('avrgym_')}={at[name]}" for name in names))


if __name__ == "__main__":
    main()

"""A board of OpenEnv, acted on by words: what each move earns, and whether the walk arrives.

Run it, in an environment with ``pip install openenv`` and apart from verifiers::

    python examples/openenv_board.py --steps 3

``avrgym.adapters.openenv.app("board")`` serves the same boards to OpenEnv's clients.
"""

import argparse

import avrgym
from avrgym.adapters.openenv import BoardAction, BoardEnvironment


def main() -> None:
    """Walks the first boards of a level, here along the shortest way."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--level", default="rung2")
    said.add_argument("--format", default="text", choices=["image", "text"])
    said.add_argument("--steps", type=int, default=3, help="how many boards")
    given = said.parse_args()

    arrived, env = 0, BoardEnvironment("grid_navigation", given.level, format=given.format)
    for index in range(given.steps):
        seen = env.reset(split="test", index=index)
        print(f"{env.state.address}\n{seen.board or seen.picture[:40]}")
        # Your model here: it is told seen.prompt and sees seen.board, or seen.picture.
        [sample] = avrgym.samples([env.state.address])
        earned = []
        for move in sample.answer.split(", "):
            seen = env.step(BoardAction(action=move))
            earned.append(f"{move} {seen.reward:.2f}{seen.refused and f' ({seen.refused})'}")
        arrived += seen.metadata["success"]
        print(f"  {', '.join(earned)}; success: {seen.metadata['success']}")
    print(f"{arrived} of {given.steps} arrived")


if __name__ == "__main__":
    main()

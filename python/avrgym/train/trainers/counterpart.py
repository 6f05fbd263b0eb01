"""Groups whose second half looks at a counterfactual, and pay that hangs on both pictures.

To be right on a problem and on one like it but for a fact that decides the answer is what contrast
sets measure (Gardner et al. 2020, arXiv 2004.02709, contrast consistency); here it is what is paid
for.
"""

from collections.abc import Sequence
from dataclasses import replace

from avrgym.core.counterfactuals import counterfactuals
from avrgym.core.extras import needs
from avrgym.prompts.prompt import Prompt

with needs("train"):
    import torch


def shown(
    drawn: Sequence[Prompt], places: Sequence[int], first: int, replies: int, held_out: int
) -> list[Prompt]:
    """What each reply of a process is drawn to.

    Args:
        drawn: The problem of each group.
        places: The group of each reply.
        first: The number of the process's first reply among all of the batch.
        replies: In a group, an even number; its second half looks at the counterfactual, if there
            is one whose content may be trained on.
        held_out: One content in so many is kept for evaluation.
    """
    others = [
        prompt if other is None else replace(prompt, address=other)
        for prompt, other in zip(
            drawn, counterfactuals([prompt.address for prompt in drawn], held_out), strict=True
        )
    ]
    return [
        (others if (first + at) % replies >= replies // 2 else drawn)[place]
        for at, place in enumerate(places)
    ]


def paid(points: torch.Tensor, right: torch.Tensor, share: float, replies: int) -> torch.Tensor:
    """What replies are paid of their points.

    The i-th reply of a group's first half and the i-th of its second are counterparts; a reply with
    ``points`` r whose counterpart is right (c = 1) or not (c = 0) is paid

        r (1 - share + share c)

    Since a group has one baseline, and a reply is right on its own picture with chance p and its
    counterpart with chance q, a right reply is ahead of it by (1 - p) q at share = 1: who is right
    on one picture by what holds on both is paid for the harder of the two.

    Args:
        points: Of whole groups, float (n, rewards); NaN where a reward has no say.
        right: Whether each reply is right on its own picture, bool (n,).
        share: That hangs on the counterpart, 0 to 1.
        replies: In a group.
    """
    halves = right.view(-1, 2, replies // 2)
    counterpart = halves.flip(1).reshape(-1, 1).to(points.dtype)
    return points * (1 - share + share * counterpart)

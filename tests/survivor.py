"""A run of some stages, over and over: as a whole, and killed after lines of its record.

python survivor.py FOLDER whole=[STAGE:STEP ...] adapter=[STAGE:STEP ...] rounds=[STAGE:STEP ...]
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import trained
from avrgym.models.load import save
from avrgym.models.spec import Lora, Transformers
from avrgym.prm.heads import Both
from avrgym.train import run as running
from avrgym.train.credit import ByPrime
from avrgym.train.curricula.glicko import Glicko
from avrgym.train.pairing import Pairing
from avrgym.train.positions import Positions
from avrgym.train.spec import Run
from avrgym.train.stages import Dpo, Sppo
from forked import dies, forked
from trained import DPO, EASY, GRPO, ONE, PRM, RFT, SFT, SPOKEN

# What is drawn must be the same: a greedy reply is so anyway if the weights are.
MEASURED = replace(trained.run().evaluation, formats=("image",), decodings=("sampled",))


def whole(folder: Path) -> Run:
    """Steps of two kinds, a checkpoint every other one; each drawing is refilled once, all wrong.

    So the second stage ends after 6 of its 12 steps, and its climb goes by what was left out too.
    """
    sft = replace(SFT, steps=7, checkpoint_every=2, positions=Positions(9))
    grpo = replace(
        GRPO,
        steps=12,
        checkpoint_every=2,
        steps_per_generation=2,
        refill=1,
        curriculum=replace(EASY, levels="rung0..rung2", climb=Glicko()),
    )
    return trained.run(sft, grpo, name="survivor", evaluation=MEASURED)


def adapter(folder: Path) -> Run:
    """An adapter in bfloat16, in stages that compare it with what they began with.

    In one of them a judge of the same kind learns beside it.
    """
    base = folder / "base"
    if not base.exists():
        save(trained.model(), base)
    prime = ByPrime(rate=1e-2)
    grpo = replace(GRPO, steps=4, checkpoint_every=2, credit=prime, trl={**GRPO.trl, "beta": 0.5})
    dpo = replace(DPO, steps=5, checkpoint_every=2)
    model = Transformers(path=str(base), lora=Lora(rank=4))
    given = trained.run(
        replace(SFT, steps=1), grpo, dpo, name="survivor", model=model, evaluation=MEASURED
    )
    for kind in ("whole", "killed"):  # an untrained model never answers right
        trained.pair_up(given, folder / kind)
    return given


def rounds(folder: Path) -> Run:
    """Two rounds of each kind that has them, with checkpoints where they begin and between."""
    rft = replace(RFT, checkpoint_every=2, positions=Positions(9))
    talk: dict[str, Any] = {"rounds": 2, "samples": 16, "replies": 6, "max_reply": 20, "batch": 4}
    often: dict[str, Any] = {"watch": 4, "curriculum": ONE, "checkpoint_every": 2, "probe_every": 0}
    dpo = Dpo(steps=6, pairs=Pairing(accuracy=(0.05, 0.95)), trl=RFT.trl, **talk, **often)
    paid = {"correctness": 1.0, "format": 0.5}
    sppo = Sppo(steps=6, rewards=paid, trl=RFT.trl, **talk, **often)
    unmeasured = replace(MEASURED, suite=())
    return trained.run(SPOKEN, rft, dpo, sppo, name="survivor", evaluation=unmeasured)


def judges(folder: Path) -> Run:
    """A judge beside a policy, measured between and at the end; and one that learns with it."""
    often_: dict[str, Any] = {"checkpoint_every": 2, "probe_every": 3}
    prm = replace(PRM, head=Both(), steps=6, twins=0.25, corrupted=0.25, **often_)
    often: dict[str, Any] = {"prompts": 4, "replies": 4, "curriculum": ONE, "checkpoint_every": 2}
    grpo = replace(GRPO, steps=4, credit=ByPrime(rate=1e-2), **often)
    return trained.run(SPOKEN, prm, grpo, name="survivor", evaluation=replace(MEASURED, suite=()))


def once(given: Run, folder: Path, death: str = "", count: int = 1) -> int:
    """Runs until it ends or dies after a step; the signal that ended it, or 0."""
    stage, _, step = death.partition(":")

    def died(_: Path, line: dict[str, Any]) -> bool:
        return line.get("event") == "log" and (line["stage"], str(line["step"])) == (stage, step)

    def work(rank: int) -> None:
        if death:
            dies(died)
        running.train(given, folder=folder)

    return forked(work, count)


if __name__ == "__main__":
    for asked in sys.argv[2:]:
        which, _, deaths = asked.partition("=")
        to = Path(sys.argv[1], which)
        kinds = {"whole": whole, "adapter": adapter, "rounds": rounds, "judges": judges}
        given = kinds[which](to)
        ends = [once(given, to / "whole")]
        ends += [once(given, to / "killed", death) for death in deaths.split()]
        ends.append(once(given, to / "killed"))
        if which == "judges":  # and by two processes from the beginning
            ends.append(once(given, to / "shared", count=2))
        print("ended", which, *ends)

"""The judge that learns beside a policy: begun, gone on with, and kept."""

from typing import Any

from avrgym.prm.heads import Implicit
from avrgym.prm.judge import Judge, Settings
from avrgym.prm.online import Online
from avrgym.train.agreement import agree
from avrgym.train.credit import ByPrime
from avrgym.train.desk import Desk

JUDGE = "judge"  # within a checkpoint


def begun(credit: ByPrime, desk: Desk, made: Any) -> Online:
    """The judge as the stage begins, which is the policy, or as the desk's checkpoint has it.

    Args:
        credit: What is paid by it.
        desk: The stage's.
        made: Of the policy's trainer, whose way with memory is the judge's too.
    """
    kept = desk.checkpoint / JUDGE if desk.checkpoint else None
    settings = Settings(head=Implicit(beta=credit.beta), model=desk.model, picture=desk.picture)
    judge = Judge(settings, desk.loads(kept or desk.origin), desk.loads(desk.origin))
    # Called one or the other, by versions of transformers.
    names = ("gradient_checkpointing", "activation_checkpointing")
    found = Online(
        judge,
        credit.rate,
        clip=credit.clip,
        at_once=made.per_device_train_batch_size,
        recompute=any(bool(getattr(made, name, False)) for name in names),
    )
    if kept is not None:
        found.restore(kept)
    return found


def keep(learner: Online, desk: Desk) -> None:
    """Puts the judge beside the run's models, to be measured and used as any other.

    Raises:
        RuntimeError: Processes have made judges that differ.
    """
    agree(learner.judge.model, desk.record, desk.processes, desk.name, "judge")
    desk.processes.wait()
    if desk.processes.first:
        desk.record.put_judge(desk.name, learner.judge.save_pretrained)
    desk.processes.wait()

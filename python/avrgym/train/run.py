"""One run from nothing to a report: evaluate, imitate, evaluate, reinforce, evaluate.

Stages follow each other by name. Each ends with a saved model and an evaluation, and is skipped
when an earlier call finished it.
"""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import torch

import avrgym
from avrgym.core.score import Score
from avrgym.evaluate.score import score
from avrgym.report.page import write_report
from avrgym.runs.record import Record
from avrgym.train.dpo import prefer
from avrgym.train.grpo import reinforce
from avrgym.train.models import Pair, begin, replies, restore, save
from avrgym.train.progress import Probe, Screen
from avrgym.train.quiet import quieten
from avrgym.train.settings import Decoding, Dpo, Grpo, Modality, Run, Sft
from avrgym.train.sft import imitate
from avrgym.train.stream import evaluation_addresses

PROBED = 64  # held-out samples per level and modality in a quick check
MEASURED = 256  # rationales per level that replies must have room for


def train(
    run: Run, *, folder: Path = Path("runs"), then: Sequence[str] = (), screen: Screen | None = None
) -> Record:
    """Does what is not done yet and writes the report.

    Args:
        run: What to do.
        folder: Holds the folder of this run.
        then: Stages after GRPO: ``dpo``.
        screen: Where progress shows; made when left out.

    Raises:
        ValueError: The run's folder holds a run with other settings, or replies have no room for
            what they are to say.
    """
    quieten()
    torch.set_num_threads(run.threads)
    record = Record(folder / run.name)
    if record.folder.exists():
        record.open(asdict(run))
    pair: Pair | None = None
    if not record.is_done("start"):
        pair = begin(run)
        check_room(pair, run)  # before there is a folder that other settings would not fit
    record.open(asdict(run))
    screen = screen or Screen(record)
    before = ""
    try:
        for stage in stages(run, then):
            if not record.is_done(stage):
                record.forget(stage)
                pair = pair or restore(run, record.model(before))
                if stage != "start":
                    learn(stage, pair, run, screen)
                record.put_model(stage, partial(save, pair))
                screen.finished(stage)
            if not record.is_done(job := f"evaluate {stage}"):
                record.forget(job)
                pair = pair or restore(run, record.model(stage))
                screen.say(f"evaluating on split {run.evaluation.split} ({stage})")
                measure(pair, run, record, stage)
                screen.finished(job)
            screen.evaluated(stage)
            before = stage
    finally:  # also on Ctrl-C: what is finished can be looked at
        write_report(record)
    screen.say(f"report: {record.report}   model: {record.model(before)}")
    return record


def check_room(pair: Pair, run: Run) -> None:
    """Looks whether a whole rationale fits into a reply, at every level and by the model's tokens.

    Raises:
        ValueError: One does not; it names the setting, the level and the room it takes.
    """
    tokenizer = pair[1].tokenizer
    asked = {"evaluation": (run.evaluation.max_reply, run.evaluation.levels)}
    if run.grpo.steps:
        asked["grpo"] = (run.grpo.max_reply, run.grpo.levels)
    for stage, (room, levels) in asked.items():
        longest = {level: _longest(tokenizer, run, level) for level in levels}
        for level, tokens in longest.items():
            if tokens > room:
                raise ValueError(
                    f"[{stage}] max_reply = {room} cuts rationales of {run.task}/{level}, which "
                    f"take up to {tokens} tokens; give max_reply = {max(longest.values())} or more"
                )


def _longest(tokenizer: Any, run: Run, level: str) -> int:
    """Tokens of a level's longest rationale of some, its end included."""
    source = avrgym.Source(run.task, level, seed=run.seed)
    said = [sample.rationale for sample in source.samples(range(MEASURED))]
    return 1 + max(map(len, tokenizer(said, add_special_tokens=False)["input_ids"]))


def stages(run: Run, then: Sequence[str] = ()) -> list[str]:
    """The stages of a run in order; one without steps is left out.

    Raises:
        ValueError: ``then`` names no stage.
    """
    if unknown := set(then) - {"dpo"}:
        raise ValueError(f"unknown stages {sorted(unknown)}; known: dpo")
    planned = {"sft": run.sft.steps, "grpo": run.grpo.steps}
    return ["start", *(stage for stage, steps in planned.items() if steps), *then]


def learn(stage: str, pair: Pair, run: Run, screen: Screen) -> None:
    """Trains a model in place by one stage."""
    plans: dict[str, Sft | Grpo | Dpo] = {"sft": run.sft, "grpo": run.grpo, "dpo": run.dpo}
    plan = plans[stage]
    screen.say(f"[bold]{stage}[/bold] on {', '.join(plan.levels)}: {plan.steps} steps")
    probe = Probe(stage, plan.probe_every, partial(check, pair, run), screen)
    with TemporaryDirectory() as scratch:  # trainers insist on a folder; nothing in it is kept
        if stage == "sft":
            imitate(pair, run, folder=Path(scratch), callbacks=[probe])
        elif stage == "grpo":
            reinforce(
                pair, run, folder=Path(scratch), callbacks=[probe], watch=screen.record.append
            )
        else:
            prefer(pair, run, folder=Path(scratch), callbacks=[probe])


def check(pair: Pair, run: Run) -> dict[tuple[str, str], Score]:
    """Greedy accuracy on a few held-out samples, by (modality, level)."""
    by_level = {
        level: held_out(run, level, split="val", items=PROBED) for level in run.evaluation.levels
    }
    everything = [address for addresses in by_level.values() for address in addresses]
    found: dict[tuple[str, str], Score] = {}
    for modality in run.evaluation.modalities:
        # All levels together: a batch costs little more than its longest reply.
        said = iter(_replies(pair, run, everything, modality, "greedy"))
        for level, addresses in by_level.items():
            found[modality, level] = score(addresses, [next(said) for _ in addresses])
    return found


def measure(pair: Pair, run: Run, record: Record, stage: str) -> None:
    """Evaluates on every level, modality and decoding; counts and replies go to the record."""
    for level in run.evaluation.levels:
        addresses = held_out(run, level, split=run.evaluation.split, items=run.evaluation.items)
        for modality in run.evaluation.modalities:
            for decoding in run.evaluation.decodings:
                said = _replies(pair, run, addresses, modality, decoding)
                verdicts = avrgym.verify(addresses, said)
                where = {"job": f"evaluate {stage}", "stage": stage, "level": level}
                how = {"modality": modality, "decoding": decoding}
                counts = {"right": int(verdicts.correct.sum()), "total": len(addresses)}
                record.append({"event": "evaluated", **where, **how, **counts})
                words = [reply.decode("utf-8", "replace") for reply in said]
                record.append(
                    {"event": "replies", **where, **how, "addresses": addresses, "replies": words},
                    to="replies.jsonl",
                )


def held_out(run: Run, level: str, *, split: Literal["val", "test"], items: int) -> list[str]:
    """The samples of a level that are evaluated, the same for every run of a task."""
    plan = run.evaluation
    return evaluation_addresses(
        run.task, level, items=items, held_out=plan.held_out, split=split, seed=plan.seed
    )


def _replies(
    pair: Pair, run: Run, addresses: Sequence[str], modality: Modality, decoding: Decoding
) -> list[bytes]:
    return replies(
        *pair,
        addresses,
        modality=modality,
        decoding=decoding,
        pictures=run.pictures,
        max_reply=run.evaluation.max_reply,
        batch=run.evaluation.batch,
        seed=run.seed,
    )

"""Every question of ``avrgym.analyses`` to about 100,000 rows: seconds of CPU time, and memory.

python benches/analyses.py [items of each level]
"""

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import avrgym
from avrgym.analyses import (
    accuracy,
    calibration,
    difficulty,
    failures,
    glicko,
    hazard,
    items,
    length,
    lltm,
    modality,
    paired,
    passes,
    responses,
    s2h,
    skills,
)
from avrgym.analyses.table import Table

STAGES, FORMATS, DRAWS = ("start", "sft"), ("text", "image", "image_via_text"), 4


def rows(each: int) -> list[dict[str, Any]]:
    """Replies by lot to real samples, about half of them right."""
    rng = np.random.default_rng(0)
    made = []
    for level in (f"{task}/{name}" for task in avrgym.TASKS for name in ("simple", "hard")):
        samples = avrgym.samples(f"{level}#test:0:{index}" for index in range(each))
        for sample in samples:
            own = [(step.start, step.end, step.skill, "ok", "") for step in sample.steps]
            for place in range(len(STAGES) * len(FORMATS) * DRAWS):
                stage, shown = STAGES[place % 2], FORMATS[place // 2 % 3]
                right = bool(rng.random() < 0.5)
                at = len(own) if right else int(rng.integers(len(own)))
                wrong = [(*step[:3], "wrong", "wrong_value") for step in own[at : at + 1]]
                made.append(
                    {
                        "stage": stage,
                        "split": "test",
                        "level": level,
                        "format": shown,
                        "address": sample.address,
                        "decoding": "sampled",
                        "draw": place // 6,
                        "reply": f"{sample.twin}\n{sample.rationale}",
                        "raw": None,
                        "finish": "stop",
                        "tokens": len(own),
                        "correct": right,
                        "parsed": True,
                        "form": "line",
                        "outcome": "correct" if right else "wrong",
                        "components": {},
                        "steps": own[:at] + wrong,
                        "generator": "0",
                        "confidence": round(float(rng.random()), 3),
                        "judge": right ^ bool(rng.random() < 0.1),
                    }
                )
    return made


def main() -> None:
    """Asks, and prints seconds."""
    made = rows(int(sys.argv[1]) if len(sys.argv) > 1 else 512)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    table = Table.of(made)
    print(f"{len(made)} rows with {len(table.steps.skill)} steps")
    print(f"{time.process_time() - began:7.2f} s  table")
    by = ("stage", "level", "format")
    start, sft = table.where(stage="start"), table.where(stage="sft")
    task = table.where(task=avrgym.TASKS[0])
    of = responses.responses(table)
    asked: dict[str, Callable[[], object]] = {
        "accuracy": lambda: accuracy.accuracy(made, *by),
        "shares": lambda: accuracy.shares(table, *by),
        "length": lambda: length.by_length(made),
        "passes": lambda: passes.passes(table, 4, *by),
        "failures": lambda: failures.failures(table, *by),
        "compare": lambda: paired.compare(sft, start, item=("address", "format")),
        "s2h": lambda: s2h.generalized(table, "task", "stage", "format"),
        "recovered": lambda: s2h.recovered(start, sft, start),
        "gap": lambda: modality.gap(table, "stage", "level"),
        "skill gap": lambda: modality.skill_gap(table, "stage", "level"),
        "transcriptions": lambda: modality.transcriptions(made),
        "parts": lambda: modality.parts(table, table.correct, "stage", "level"),
        "first errors": lambda: skills.first_errors(table, *by),
        "given right": lambda: skills.given_right(table, *by),
        "support": lambda: skills.support(table, *by),
        "hallucinations": lambda: skills.hallucinations(table, *by),
        "hazard": lambda: hazard.hazard(table, *by),
        "features": lambda: difficulty.by_feature(table, *by),
        "1PL": lambda: items.fit(of),
        "2PL": lambda: items.fit(of, slopes=True),
        "LLTM": lambda: lltm.lltm(task),
        "Glicko-2": lambda: glicko.rate(of),
        "calibration": lambda: calibration.calibration(table, *by),
        "agreement": lambda: calibration.agreement(table, *by),
    }
    for name, ask in asked.items():
        at = time.process_time()
        ask()
        print(f"{time.process_time() - at:7.2f} s  {name}", flush=True)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent, more = time.process_time() - began, (after - before) / 1024
    print(f"{spent:7.2f} s  in all; {more:.0f} MB beside the rows")


if __name__ == "__main__":
    main()

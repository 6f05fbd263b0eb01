"""Labels by continuations, and how they are held to the truth."""

import json
import math
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
import trained
from avrgym import Format, Picture, Prompt, TaskError
from avrgym.core.corruption import corrupted
from avrgym.evaluate import policies
from avrgym.evaluate.folder import Folder
from avrgym.evaluate.session import Session, conduct
from avrgym.evaluate.suite import Evaluation

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch

from avrgym.files import jsonl
from avrgym.models.completion import Completion
from avrgym.models.load import Loaded, save
from avrgym.prm.continuations import audit, continued, hard
from avrgym.prm.data import Labelled, of_completions
from commands import Command
from evaluated import rewritten

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

PICTURE = Picture(112, "compact")


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return trained.model()


@pytest.fixture(scope="module")
def rows() -> list[Labelled]:
    samples = avrgym.Source("grid_navigation", "rung0", split="val")[:3]
    said = [(each, each.rationale) for each in samples]
    said += [(each, each.rationale.replace("Answer: ", "Answer: up, ")) for each in samples]
    prompts = [Prompt(each.address, Format("text")) for each, _ in said]
    return of_completions(prompts, [Completion(reply.encode()) for _, reply in said])


def test_labels_are_shares_of_continuations(loaded: Loaded, rows: list[Labelled]) -> None:
    how = {"n": 4, "max_reply": 96, "batch": 32}
    made = continued(loaded, rows, PICTURE, **how)  # type: ignore[arg-type]
    again = continued(loaded, rows, PICTURE, **how)  # type: ignore[arg-type]
    assert made == again
    for row, old in zip(made.rows, rows, strict=True):
        assert len(row.labels) == len(old.labels)
        assert {4 * (label or 0) % 1 for label in row.labels} == {0}
        assert row.labels[-1] == float(bool(old.right))  # it is said to the end
        assert replace(row, labels=old.labels) == old
    # Both replies to a problem say the same up to the answer: those steps are gone on with once.
    begun = {(row.prompt, end, row.reply[:end]) for row in rows for end in row.ends[:-1]}
    assert made.calls == 4 * len(begun) and made.tokens > 0
    by = Counter((row.prompt, row.labels[:-1]) for row in made.rows)
    assert set(by.values()) == {2}
    assert all(set(row.labels) <= {0.0, 1.0} for row in hard(made.rows))


def test_who_is_stopped_goes_on_to_the_same_labels(
    loaded: Loaded, rows: list[Labelled], tmp_path: Path
) -> None:
    how: dict[str, Any] = {"n": 2, "max_reply": 96, "batch": 8}
    whole = continued(loaded, rows, PICTURE, **how)
    kept, heard = tmp_path / "kept.jsonl", list[tuple[int, int]]()

    def stop(done: int, of: int) -> None:
        if done >= 16:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        continued(loaded, rows, PICTURE, **how, kept=kept, hear=stop)
    with kept.open("a") as file:
        file.write('{"start": 8, "sha')  # as a kill leaves it
    again = continued(
        loaded, rows, PICTURE, **how, kept=kept, hear=lambda done, of: heard.append((done, of))
    )
    assert again == whole
    assert heard[0] == (16, whole.calls) and heard[-1] == (whole.calls, whole.calls)
    heard.clear()
    assert continued(loaded, rows, PICTURE, **how, kept=kept) == whole
    for other in ({"n": 4}, {"seed": 1}):
        with pytest.raises(TaskError, match=r"kept.jsonl was begun with other replies, settings "):
            continued(loaded, rows, PICTURE, **(how | other), kept=kept)
    trained_on = trained.model()
    with torch.no_grad():
        next(iter(trained_on.model.parameters())).view(-1)[0] += 1e-3
    with pytest.raises(TaskError, match="or weights; give those, or remove it"):
        continued(trained_on, rows, PICTURE, **how, kept=kept)


def test_a_step_before_a_certain_end_is_as_good_as_the_end(loaded: Loaded) -> None:
    """From behind the whole reply nothing but the end can come."""
    [sample] = avrgym.samples("grid_navigation/rung0#val:0:0")
    [row] = of_completions(
        [Prompt(sample.address, Format("text"))],
        [Completion(sample.rationale.encode(), finish="length")],
    )
    # No room is left behind any step but the first ones.
    made = continued(loaded, [row], PICTURE, n=2, max_reply=1)
    assert set(made.rows[0].labels) == {0.0, 1.0} and made.rows[0].labels[-1] == 1.0


LABELS = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, None]), min_size=2, max_size=2)


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=8))
def test_an_audit_counts(pairs: list[tuple[list[float | None], list[float | None]]]) -> None:
    prompt = Prompt("grid_navigation/rung0#val:0:0")
    both = [
        [
            Labelled(prompt, b"ab to ba", (2, 8), tuple(labels), skills=("locate", "move"))
            for labels in side
        ]
        for side in zip(*pairs, strict=True)
    ]
    found = audit(*both)
    for name, places in {"all": (0, 1), "seeing": (0,), "thinking": (1,)}.items():
        held = [
            (one, other < 0.5)
            for said, true in pairs
            for one, other in ((said[at], true[at]) for at in places)
            if one is not None and other is not None
        ]
        if not held:
            assert name not in found
            continue
        counts = Counter((label < 0.5, wrong) for label, wrong in held)
        hit, each = counts[True, True], found[name]
        assert each.steps == len(held)
        assert each.wrong == pytest.approx(np.mean([true for _, true in held]))
        named, wrong = hit + counts[True, False], hit + counts[False, True]
        assert each.precision.n == named and each.recall.n == wrong
        assert not named or each.precision.value == pytest.approx(hit / named)
        assert not wrong or each.recall.value == pytest.approx(hit / wrong)
        good, bad = ([label for label, is_bad in held if is_bad == of] for of in (False, True))
        beats = [(a > b) + (a == b) / 2 for a in good for b in bad]
        assert each.auc == pytest.approx(np.mean(beats) if beats else math.nan, nan_ok=True)
        above = [
            np.mean([is_bad for other, is_bad in held if other <= label]) for label in sorted(bad)
        ]
        assert each.average == pytest.approx(np.mean(above) if bad else math.nan, nan_ok=True)
        assert 0 <= each.ece <= 1


def test_labels_of_other_replies_are_refused(rows: list[Labelled]) -> None:
    with pytest.raises(TaskError, match="are not of the reply they are held to"):
        audit(rows[:1], rows[-1:])


def test_the_command_line_says_how_shares_rank(command: Command, tmp_path: Path) -> None:
    save(trained.model(), tmp_path / "model")
    evaluation = Evaluation(
        suite=("grid_navigation/rung0",),
        items=6,
        formats=("text",),
        decodings=("sampled",),
        split="val",
    )
    session = Session(policy="oracle", suite="rung0", evaluation=evaluation)
    conduct(session, policies.found("oracle"), Folder(tmp_path / "said"), lambda _: None)

    def spoiled(row: dict[str, Any]) -> list[dict[str, Any]]:
        [made] = corrupted(row["address"], kinds=["fact"])
        assert made
        return [row | {"reply": made.reply}]

    rewritten(tmp_path / "said", spoiled)
    how = ("--policy", tmp_path / "model", "--continuations", 2)
    for labels in ("soft", "hard"):
        to = ("--labels", labels, "--to", tmp_path / labels)
        code, said, wrong = command("generate", tmp_path / "said", "--for", "prm", *how, *to)
        assert code == 0, wrong
        told = json.loads((tmp_path / labels / "steps.json").read_text("utf-8"))["audit"]["all"]
        assert {"auc", "average", "ece"} <= told.keys()
        line = next(line for line in said.splitlines() if line.startswith("all: "))
        assert line.endswith(f"; by share their AUC is {told['auc']:.2f}") == (labels == "soft")


def test_killed_by_the_command_line_and_continued_is_as_never_killed(tmp_path: Path) -> None:
    """The lock, the table and what is kept until it is there."""
    save(trained.model(), tmp_path / "model")
    run = [sys.executable, "-m", "avrgym.cli"]
    evaluation = Evaluation(
        suite=("grid_navigation/rung0",),
        items=60,
        formats=("text",),
        decodings=("sampled",),
        split="val",
    )
    session = Session(policy="oracle", suite="rung0", evaluation=evaluation)
    conduct(session, policies.found("oracle"), Folder(tmp_path / "said"), lambda _: None)
    label = [*run, "generate", "said", "--for", "prm", "--policy", "model", "--continuations", "8"]
    kept = tmp_path / ".killed.unfinished" / "continuations.jsonl"
    with subprocess.Popen([*label, "--to", "killed"], cwd=tmp_path) as process:
        while process.poll() is None and sum(1 for _ in jsonl.read(kept)) < 3:
            pass
        taken = subprocess.run(
            [*label, "--to", "killed"], cwd=tmp_path, capture_output=True, text=True
        )
        process.kill()
    assert process.returncode == -signal.SIGKILL and not (tmp_path / "killed").exists()
    assert taken.returncode == 2 and "another process is labelling for killed" in taken.stderr
    for to in ("killed", "never"):
        subprocess.run([*label, "--to", to], cwd=tmp_path, check=True, capture_output=True)
    again = subprocess.run([*label, "--to", "never"], cwd=tmp_path, capture_output=True, text=True)
    assert again.returncode == 2 and "never is there; give a new folder" in again.stderr
    one, other = (
        {each.name: each.read_bytes() for each in (tmp_path / to).iterdir()}
        for to in ("killed", "never")
    )
    assert one == other
    assert {each.name for each in tmp_path.iterdir()} == {"model", "said", "killed", "never"}

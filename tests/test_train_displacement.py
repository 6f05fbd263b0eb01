"""CHES and displacement: the same whatever padding, by hand, and noted beside what is right."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
import trained
from avrgym import Prompt, TaskError, config
from avrgym.evaluate.heldout import evaluation_addresses
from avrgym.evaluate.suite import Evaluation
from trained import DPO, ONE, SPOKEN, TASK

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch

from avrgym.models.load import Loaded, restore
from avrgym.models.policy import replies
from avrgym.prompts.format import Format
from avrgym.train.pairing import Pairing
from avrgym.train.run import train
from avrgym.train.stages import Dpo
from avrgym.train.trainers.ches import ches, log_probabilities, looked_at
from avrgym.train.trainers.compared import Held
from avrgym.train.trainers.pairs import Contrast, contrasts, rows
from avrgym.train.trainers.unended import Unended

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]


def plain_ches(states: np.ndarray, begin: int, end: int) -> tuple[np.ndarray, int]:
    """The sum of states that predict tokens ``begin:end`` of one row, and how many there are."""
    total = np.zeros(states.shape[1])
    for token in range(begin, end):
        total += states[token - 1]
    return total, end - begin


@given(
    lengths=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5)), min_size=2, max_size=6),
    left=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_ches_is_that_of_a_plain_loop_on_either_side_of_padding(
    lengths: list[tuple[int, int]], left: bool, seed: int
) -> None:
    lengths = lengths[: len(lengths) // 2 * 2]
    rng, wide, size = np.random.default_rng(seed), 3, max(map(sum, lengths)) + 2
    hidden = rng.normal(size=(len(lengths), size, wide))  # padding is noise too
    scored = np.zeros((len(lengths), size), int)
    sums = []
    for row, (prompt, reply) in enumerate(lengths):
        first = size - prompt - reply if left else 0
        scored[row, first + prompt : first + prompt + reply] = 1
        sums.append(plain_ches(hidden[row], first + prompt, first + prompt + reply))
    found = ches(torch.from_numpy(hidden), torch.from_numpy(scored))
    half = len(lengths) // 2
    for at, ((own, n), (other, m)) in enumerate(zip(sums[:half], sums[half:], strict=True)):
        assert float(found[0][at]) == pytest.approx(own @ other - own @ own, rel=1e-3, abs=1e-3)
        normal = own @ other / (n * m) - own @ own / n**2
        assert float(found[1][at]) == pytest.approx(normal, rel=1e-3, abs=1e-3)


def pairs() -> list[Contrast]:
    """Of two lengths, so that a batch is padded; one with a picture, one cut."""
    asked = evaluation_addresses(f"{TASK}/rung0", items=3, held_out=4)
    return [
        Contrast(Prompt(asked[0]), b"Answer: up", b"Answer: left, down, down", cut=False),
        Contrast(Prompt(asked[1], Format("text")), b"Answer: left, up", b"ca to", cut=True),
        Contrast(Prompt(asked[2]), b"Answer: down, down, right, up", b"Answer: up", cut=False),
    ]


def by_hand(loaded: Loaded, pair: Contrast) -> tuple[list[float], float]:
    """Log-probabilities of both replies and the length-normalised CHES, a row at a time."""
    [row] = rows([pair], trained.run().picture)
    batch = Unended(loaded.processor)([row])
    said, sums = [], []
    loaded.model.eval()
    for at in (0, 1):
        there = batch["attention_mask"][at].bool()
        ids, scored = batch["input_ids"][at][there], batch["completion_mask"][at][there]
        more = {"pixel_values": batch["pixel_values"][at : at + 1]} if row["images"] else {}
        with torch.no_grad():
            out = loaded.model(
                input_ids=ids[None],
                attention_mask=torch.ones_like(ids[None]),
                output_hidden_states=True,
                **more,
            )
        places = scored.nonzero().flatten().tolist()
        chances = torch.log_softmax(out.logits[0].double(), -1)
        said.append(sum(float(chances[place - 1, ids[place]]) for place in places))
        states = out.hidden_states[-1][0].double().numpy()
        sums.append(plain_ches(states, places[0], places[-1] + 1))
    (own, n), (other, m) = sums
    return said, float(own @ other / (n * m) - own @ own / n**2)


def test_a_padded_batch_says_what_each_row_says_alone() -> None:
    """Of pictures and text, of replies that end and one that was cut."""
    loaded = trained.model()
    for part in (pairs()[::2], pairs()[1:2]):
        made = rows(part, trained.run().picture)
        batches = iter([Unended(loaded.processor)(made)])
        [(out, ids, scored)] = looked_at(loaded.model, batches, states=True)
        chances = log_probabilities(out.logits, ids, scored)
        high = ches(out.hidden_states[-1], scored)[1]
        for at, pair in enumerate(part):
            said, normal = by_hand(loaded, pair)
            assert chances[at :: len(part)].tolist() == pytest.approx(said, abs=1e-3)
            assert float(high[at]) == pytest.approx(normal, rel=1e-3, abs=1e-3)


def test_a_stage_notes_how_far_its_pairs_moved_and_whether_it_is_right(tmp_path: Path) -> None:
    run = trained.run(replace(DPO, watch=4, probe_every=1))
    run = replace(run, evaluation=Evaluation(suite=()))
    trained.pair_up(run, tmp_path)
    record = train(run, folder=tmp_path)
    noted = list(record.events("displacement"))
    assert [event["step"] for event in noted] == [0, 1, 2]
    assert noted[0]["chosen"] == noted[0]["rejected"] == noted[0]["chosen_fell"] == 0
    before, after = (restore(run.model, record.model(stage)) for stage in ("start", "dpo"))
    asked = evaluation_addresses(f"{TASK}/rung0", items=4, held_out=4)
    watched = [
        Contrast(Prompt(address, Format(shown)), b"Answer: up", b"ca", cut=True)
        for address, shown in zip(asked, ("image", "image", "text", "text"), strict=True)
    ]
    moved = np.array(
        [np.subtract(by_hand(after, pair)[0], by_hand(before, pair)[0]) for pair in watched]
    )
    assert [noted[-1]["chosen"], noted[-1]["rejected"]] == pytest.approx(
        moved.mean(0).tolist(), abs=1e-3
    )
    assert noted[-1]["chosen_fell"] == (moved[:, 0] < 0).mean()
    prompts = [pair.prompt for pair in watched]
    said = replies(after, prompts, run.picture, decoding="greedy", max_reply=40, batch=8)
    verdicts = avrgym.verify(asked, [each.reply for each in said])
    assert (noted[-1]["right"], noted[-1]["total"]) == (sum(v.correct for v in verdicts), 4)


def test_pairs_of_the_highest_ches_are_left_out(tmp_path: Path) -> None:
    """Of a model that speaks; what it is trained on is looked at where it is kept."""
    dpo = replace(DPO, samples=24, replies=8, curriculum=ONE, steps=1, watch=0, max_reply=20)
    dpo = replace(dpo, pairs=Pairing(accuracy=(0.1, 0.9)), drop_top_ches=0.4)
    run = trained.run(SPOKEN, dpo, evaluation=Evaluation(suite=()))
    record = train(run, folder=tmp_path)
    file = record.pairs("dpo") / "round-0.jsonl"
    kept = [Held.read(json.loads(line)).rated.pair for line in file.read_text().splitlines()]
    loaded = restore(run.model, record.model("spoken"))
    asked = dpo.curriculum.made(run.occasion(1, run.planned()[1])).draw(24)
    repeated = [prompt for prompt in asked for _ in range(8)]
    how: Any = {"decoding": "sampled", "max_reply": 20, "batch": dpo.draw}
    said = [each.reply for each in replies(loaded, repeated, run.picture, **how)]
    every = list(contrasts(repeated, said, dpo.pairs))
    assert len(every) > 4 and len(kept) == len(every) - int(0.4 * len(every))
    assert all(pair in every for pair in kept)
    left_out = [by_hand(loaded, pair)[1] for pair in every if pair not in kept]
    assert max(by_hand(loaded, pair)[1] for pair in kept) <= min(left_out) + 1e-4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"drop_top_ches": 1.0}, "drop_top_ches 1 leaves no pairs; give 0 to less than 1"),
        ({"watch": -1}, "watch=-1 is out of range"),
    ],
)
def test_a_wrong_setting_is_told_with_the_remedy(change: dict[str, Any], said: str) -> None:
    with pytest.raises(TaskError, match=said):
        config.build(Dpo, {**config.table(DPO), **change})

"""Judges of steps: where tokens are read, two steps of each head, saved, loaded, killed."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
import trained
from avrgym import Format, Picture, Prompt, TaskError, config
from avrgym.evaluate.suite import Evaluation
from avrgym.models.completion import Completion
from trained import ONE, PRM, SFT, SPOKEN, TASK

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch
from safetensors.torch import load_file

from avrgym.files import jsonl
from avrgym.models.load import Loaded
from avrgym.models.policy import replies
from avrgym.models.spec import Lora, Transformers
from avrgym.models.unsayable import unsayable
from avrgym.prm.batch import _marked
from avrgym.prm.data import Labelled, of_completions
from avrgym.prm.heads import HEADS, Both, Chat, Implicit, Outcome, Token
from avrgym.prm.heads.head import Head
from avrgym.prm.judge import Judge, Settings, from_pretrained
from avrgym.prm.measure import auc, measure
from avrgym.prm.spans import spans
from avrgym.prm.tokens import Speller, Tokens
from avrgym.report.stages import role
from avrgym.report.stages import stages as told_of
from avrgym.runs.record import Record
from avrgym.train import checks, plan
from avrgym.train.quiet import quieten
from avrgym.train.run import train
from avrgym.train.stages import Prm
from test_models_tokens import FALLEN_BACK

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours

PICTURE = Picture(112, "compact")
UNMEASURED = Evaluation(suite=())
PROMPTS = [
    Prompt(address, Format(shown))
    for shown in ("image", "text")
    for address in avrgym.Source(TASK, "rung0").addresses(range(3))
]
GOLD = [sample.rationale.encode() for sample in avrgym.samples([p.address for p in PROMPTS])]
LONG = next(name for name in avrgym.TEMPLATES if name != "plain")
HEAD_OF: dict[str, Head] = {
    **{"token": Token(), "dense": Token(dense=True), "chat": Chat(), "outcome": Outcome()},
    **{"both": Both(), "implicit": Implicit()},
    **{"hears_itself": Token(hears="own"), "hears_policy": Token(hears="policy")},
}
BLIND = "both"  # is trained on white pictures


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> None:
    """Tiny models lose time by a second thread."""
    quieten()
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return trained.model()


@pytest.fixture(scope="module")
def spellers(loaded: Loaded) -> list[Speller]:
    return [Speller(loaded.processor.tokenizer), Speller(_ended(FALLEN_BACK))]


def _ended(tokenizer: Any) -> Any:
    tokenizer.eos_token = "<unk>"
    return tokenizer


CUTS = st.lists(st.integers(0, 200), max_size=30)


@given(st.sampled_from(GOLD), CUTS, st.lists(st.integers(1, 200), max_size=9), st.integers(0, 1))
def test_a_step_is_read_at_the_token_that_has_its_last_byte(
    spellers: list[Speller], raw: bytes, cuts: list[int], ends: list[int], which: int
) -> None:
    """Tokens as no tokenizer would cut them, also within characters."""
    raw = raw.replace(b" to ", " to é…".encode())
    speller = spellers[which]
    bounds = sorted({0, len(raw), *(cut % len(raw) for cut in cuts)})
    pieces = [raw[a:b] for a, b in pairwise(bounds)]
    ids = [int(i) for piece in pieces for i in speller.tokens(Completion(piece)).ids[:-1]]
    if which:  # each piece would have a space of its own
        ids = [speller._bytes[bytes([byte])] for byte in raw]
    found = speller.tokens(Completion(raw, tuple(ids)))
    asked = np.array([1 + end % len(raw) for end in ends], np.int64)
    for end, at in zip(asked.tolist(), found.at(asked).tolist(), strict=True):
        before = len(speller.table.text(ids[:at]))
        assert before < end <= len(speller.table.text(ids[: at + 1]))


@given(st.binary(max_size=60), st.integers(0, 1))
def test_any_bytes_are_spelled_and_none_moves(
    spellers: list[Speller], raw: bytes, which: int
) -> None:
    speller = spellers[which]
    raw = raw.replace("▁".encode(), b"_")
    try:
        found = speller.tokens(Completion(raw))
    except TaskError as said:  # a vocabulary of pieces has its own idea of some characters
        assert which and "score replies by their ids" in str(said)
        return
    ids = found.ids[:-1].tolist()
    assert found.ends[-1] == len(raw) and np.all(np.diff(found.ends) >= 0)
    if which == 0:
        assert speller.table.text(ids) == raw
        assert found.ends[:-1].tolist() == np.cumsum(speller.table.lengths[ids]).tolist()


@given(st.lists(st.integers(1, 3), min_size=1, max_size=12), CUTS, st.integers(0, 2))
def test_marks_stand_behind_steps_and_nowhere_else(
    widths: list[int], ends: list[int], marks: int
) -> None:
    tokens = Tokens(np.arange(len(widths)), np.cumsum(widths))
    asked = np.array([1 + end % sum(widths) for end in ends], np.int64)
    mark = [-1] * marks
    ids, begin, read = _marked(tokens, asked, mark)
    at = tokens.at(asked)
    whole = [[i, *mark] if i in at else [i] for i in range(len(widths))]
    assert ids.tolist() == [i for each in whole for i in each]
    for step, place, first in zip(at.tolist(), read.tolist(), begin.tolist(), strict=True):
        assert ids[place - marks] == step and ids[place - marks + 1 : place + 1].tolist() == mark
        behind = [other for other in at if other < step]
        assert ids[first] == (max(behind) + 1 if behind else 0)


def judge(loaded: Loaded, head: Head, blind: bool = False, **how: Any) -> Judge:
    """A judge that says something: its layer is not 0."""
    settings = Settings(head=head, model=trained.run().model, picture=PICTURE, blind=blind)
    made = Judge(settings, loaded, trained.model() if head.compares else None, **how)
    if made.linear is not None:
        torch.manual_seed(0)
        torch.nn.init.normal_(made.linear.weight)
    return made


@pytest.mark.parametrize("name", HEAD_OF)
def test_scores_do_not_depend_on_the_neighbours_of_a_reply(loaded: Loaded, name: str) -> None:
    with torch.no_grad():
        for weight in loaded.model.get_output_embeddings().parameters():
            weight.mul_(1.01)  # so that there is something to compare
    asked = [replace(each, template=("plain", LONG)[at % 2]) for at, each in enumerate(PROMPTS)]
    assert len(set(checks.tokens(loaded, asked, PICTURE))) > 2
    cut = [Completion(GOLD[i][: 20 * (i + 1)] + b"\xff" * (i % 2)) for i in range(6)]
    alone, beside = (judge(loaded, HEAD_OF[name], at_once=n).scores(asked, cut) for n in (1, 6))
    np.testing.assert_allclose(alone.score, beside.score, atol=1e-5)
    np.testing.assert_allclose(alone.outcome, beside.outcome, atol=1e-5)
    steps, whole = HEAD_OF[name].judges
    assert np.isnan(alone.score).all() != steps and np.isnan(alone.outcome).all() != whole
    assert alone.ends.tolist() == spans(PROMPTS, [each.reply for each in cut]).ends.tolist()


def test_stored_tokens_are_scored_and_not_what_their_text_would_be(loaded: Loaded) -> None:
    made = judge(loaded, Token())
    speller = made.speller
    byte = [speller._bytes[bytes([each])] for each in GOLD[0]]
    own = tuple(speller.tokens(Completion(GOLD[0])).ids.tolist())
    said = [Completion(GOLD[0], ids) for ids in ((), own, tuple(byte))]
    plain, same, other = made.scores(PROMPTS[:1] * 3, said)
    assert plain.tolist() == same.tolist() != other.tolist()
    with pytest.raises(TaskError, match=r"tokens of a reply say .* score it without ids"):
        made.scores(PROMPTS[:1], [Completion(GOLD[1], own)])
    with pytest.raises(TaskError, match=r"token 99999, and the judge knows \d+"):
        made.scores(PROMPTS[:1], [Completion(GOLD[0], (99999,))])


@pytest.mark.parametrize("name", HEAD_OF)
def test_the_loss_is_that_of_the_labels_whatever_the_modality(loaded: Loaded, name: str) -> None:
    """A batch of both costs the mean of its rows, if all have as many steps."""
    made = judge(loaded, HEAD_OF[name])
    rows = [
        Labelled(prompt, gold, (8, 20), (1.0, 0.0), right=bool(at % 2))
        for at, (prompt, gold) in enumerate(zip(PROMPTS, GOLD, strict=True))
    ]
    mixed = float(made(made.laid(rows))["loss"])
    halves = [float(made(made.laid(part))["loss"]) for part in (rows[:3], rows[3:])]
    assert mixed == pytest.approx(sum(halves) / 2, rel=1e-4)
    if not HEAD_OF[name].judges[1]:  # what has no label costs nothing
        bare = replace(rows[0], ends=(), labels=())
        assert float(made(made.laid([bare]))["loss"]) == 0
    if name in ("token", "chat"):
        found = made.settings.head.logits(made.seen(made.laid(rows)[0])).steps
        assert found is not None
        chance = found.sigmoid()
        label = torch.tensor([1.0, 0.0] * 3)
        plain = -(label * chance.log() + (1 - label) * (1 - chance).log()).mean()
        assert float(plain) == pytest.approx(halves[0], rel=1e-4)


def test_a_blind_judge_goes_by_text_alone(loaded: Loaded, tmp_path: Path) -> None:
    """Other pictures of the same words change nothing, and what was saved stays blind."""
    addresses = avrgym.Source(TASK, "rung0").addresses(range(6))
    said = [Completion(b"ab to ba\nab down bb\nAnswer: down")] * len(addresses)
    prompts = [Prompt(address, Format("image")) for address in addresses]
    spread = {}
    for blind in (False, True):
        own = judge(loaded, Token(), blind=blind)
        own.save_pretrained(tmp_path / str(blind))
        again = from_pretrained(tmp_path / str(blind))
        # Each judged for itself: rows of one batch have the same words.
        scores = np.stack([again.scores([p], said[:1]).score for p in prompts])
        spread[blind] = float(np.nanmax(np.nanstd(scores, 0)))
        assert again.settings.blind == blind
    assert spread[True] < 1e-6 and spread[False] > 1e-4


def test_dense_labels_count_every_token_of_a_step(loaded: Loaded) -> None:
    made = judge(loaded, Token(dense=True))
    row = Labelled(PROMPTS[0], GOLD[0], (8, 20), (1.0, 0.0))
    [part] = made.laid([row])
    tokens = made.speller.tokens(row.completion)
    first, second = tokens.at(np.array([8, 20])).tolist()
    begin = int(part["last"][0]) + 1 - len(tokens.ids)
    seen = made.seen(part)
    at = torch.arange(begin, begin + second + 1)
    label = torch.tensor([1.0] * (first + 1) + [0.0] * (second - first))
    said = seen.read(torch.zeros_like(at), at)
    plain = torch.nn.functional.binary_cross_entropy_with_logits(said, label)
    assert float(made([part])["loss"]) == pytest.approx(float(plain), rel=1e-5)


@pytest.mark.parametrize("hears", ["own", "policy"])
def test_what_is_heard_is_how_likely_the_tokens_of_a_step_were(
    loaded: Loaded, hears: Literal["own", "policy"]
) -> None:
    """Each token's log-probability by the plain model, and of each step their mean and least."""
    made = judge(loaded, Token(hears=hears))
    assert made.linear is not None
    size = made.linear.in_features - 2
    [part] = made.laid([Labelled(PROMPTS[0], GOLD[0], (8, 20), (1.0, 0.0))])
    tokens = made.speller.tokens(Completion(GOLD[0]))
    first, second = tokens.at(np.array([8, 20])).tolist()
    begin = int(part["last"][0]) + 1 - len(tokens.ids)
    with torch.no_grad():
        held = made._reference
        spoken: Any = (loaded if held is None else held[0]).model
        told = spoken(**part["inputs"]).logits[0].log_softmax(-1)
    each = [float(told[begin + at - 1, int(i)]) for at, i in enumerate(tokens.ids)]
    steps = each[: first + 1], each[first + 1 : second + 1]
    plain = ([sum(step) / len(step) for step in steps], [min(step) for step in steps])
    for column, expected in enumerate(plain):
        with torch.no_grad():
            made.linear.weight.zero_()
            made.linear.weight[0, size + column] = 1.0
        said = made.settings.head.logits(made.seen(part)).steps
        assert said is not None
        assert said.tolist() == pytest.approx(expected, abs=1e-4)


def test_the_implicit_reward_of_a_reply_is_its_log_ratio(loaded: Loaded) -> None:
    """Against log-probabilities of the whole sequence, as the model itself has them."""
    made = judge(loaded, Implicit(beta=0.7))
    [part] = made.laid([Labelled(PROMPTS[0], GOLD[0], (8, 20), (1.0, 0.0))])
    assert made._reference is not None
    logs = []
    for model in (loaded.model, made._reference[0].model):
        with torch.no_grad():
            said = model(**part["inputs"]).logits[:, :-1].log_softmax(-1)
        each = said.gather(-1, part["inputs"]["input_ids"][:, 1:, None])[..., 0]
        logs.append((each * part["said"][:, 1:])[0])
    ratio = 0.7 * (logs[0] - logs[1])
    found = made.settings.head.logits(made.seen(part))
    assert found.steps is not None and found.replies is not None
    assert float(found.replies) == pytest.approx(float(ratio.sum()), abs=1e-4)
    for step in (0, 1):
        mine = slice(int(part["begin"][step]) - 1, int(part["at"][step]))
        assert float(found.steps[step]) == pytest.approx(float(ratio[mine].sum()), abs=1e-4)


def test_a_judge_reads_what_the_policy_said_as_the_policy_said_it(loaded: Loaded) -> None:
    """Log-probabilities told while replies were drawn, in batches padded on the other side."""
    asked = [replace(each, template=("plain", LONG)[at % 2]) for at, each in enumerate(PROMPTS)]
    said = replies(loaded, asked, PICTURE, decoding="sampled", max_reply=12, batch=3, seed=1)
    made = judge(loaded, Token())
    never = unsayable(loaded.model, loaded.processor)
    for part in made.laid(of_completions(asked, said)):
        own = made.seen(part).own
        row, at = part["said"].nonzero(as_tuple=True)
        logits = own.words(own.states[row, at - 1]).detach()
        logits[:, never] = -torch.inf
        ids = part["inputs"]["input_ids"][row, at]
        each = logits.log_softmax(-1).gather(1, ids[:, None])[:, 0]
        found = torch.zeros(len(part["last"])).index_add(0, row, each)
        known = [said[place].logprob for place in part["places"].tolist()]
        assert found.tolist() == pytest.approx(known, abs=1e-3)


def test_words_are_weighed_at_the_mark_behind_a_step(loaded: Loaded) -> None:
    made = judge(loaded, Chat())
    [part] = made.laid([Labelled(PROMPTS[0], GOLD[0], (8, 20), (1.0, 0.0))])
    with torch.no_grad():
        said = loaded.model(**part["inputs"]).logits[0].softmax(-1)
    ids, encode = part["inputs"]["input_ids"][0].tolist(), loaded.processor.tokenizer.encode
    [mark, good, bad] = [encode(word)[0] for word in ("?", "+", "-")]
    places = [at for at, index in enumerate(ids) if index == mark and part["said"][0, at]]
    found = made.scores(PROMPTS[:1], [Completion(GOLD[0][:20])]).score
    plain = said[places, good] / (said[places, good] + said[places, bad])
    np.testing.assert_allclose(found, plain.numpy(), rtol=1e-4)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A policy that speaks, a judge of each kind beside it, and a stage that goes on with it."""
    stages = [replace(PRM, name=name, head=head) for name, head in HEAD_OF.items()]
    stages[1] = replace(stages[1], start="random", balance=1.0)
    shown = replace(ONE, formats={"text-direct": 1, "image-direct": 1})
    stages = [
        replace(each, blind=True, curriculum=shown) if each.name == BLIND else each
        for each in stages
    ]
    idle = replace(SFT, curriculum=ONE, trl={"learning_rate": 0.0})
    run = trained.run(SPOKEN, *stages, idle, evaluation=UNMEASURED)
    return train(run, folder=tmp_path_factory.mktemp("prm"))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


@pytest.mark.parametrize("name", HEAD_OF)
def test_two_steps_of_each_head_are_saved_and_loaded(judged: Record, name: str) -> None:
    folder = judged.judge(name)
    rows = [Labelled.read(line) for line in jsonl.read(folder / "labelled.jsonl")]
    assert len(rows) == PRM.samples * PRM.replies
    asked, said = [row.prompt for row in rows], [row.completion for row in rows]
    assert rows == of_completions(asked, said)  # labels are the verifier's, tokens the policy's
    assert all(row.ids for row in rows) and {row.right for row in rows} == {True, False}
    made = from_pretrained(folder)
    before, now = weights(judged.model("spoken")), weights(folder / "model")
    assert any(not torch.equal(before[key], now[key]) for key in before)
    assert made.settings.blind == (name == BLIND)
    if HEAD_OF[name].compares:
        other = weights(folder / "reference")
        assert all(torch.equal(before[key], other[key]) for key in before)
    first = made.scores(asked, said)
    made.save_pretrained(folder.parent.parent / "again" / name)
    again = from_pretrained(folder.parent.parent / "again" / name).scores(asked, said)
    assert np.array_equal(first.score, again.score, equal_nan=True)
    assert np.array_equal(first.outcome, again.outcome, equal_nan=True)


def test_the_record_says_how_good_each_judge_is(judged: Record) -> None:
    told = {event["stage"]: event for event in judged.events("judged")}
    assert list(told) == list(HEAD_OF)
    for name, event in told.items():
        rows = [Labelled.read(line) for line in jsonl.read(judged.judge(name) / "labelled.jsonl")]
        held = rows[: 16 * PRM.replies]
        made = from_pretrained(judged.judge(name))
        asked = [row.prompt for row in held]
        said = made.scores(asked, [row.completion for row in held])
        truth = spans(asked, [row.reply for row in held])
        steps, whole = HEAD_OF[name].judges
        if steps:
            found = measure(said, truth)
            assert event["auc"] == pytest.approx(found.auc, abs=0.01)
            assert (event["steps"], event["replies"]) == (found.steps, len(held))
            assert set(event["skills"]) >= {"seeing", "thinking", "conclude"}
        if whole:
            assert event["outcome_auc"] == pytest.approx(auc(said.outcome, truth.right), abs=0.01)
        assert ("outcome_auc" in event, "auc" in event) == (whole, steps)
    counted = [event for event in judged.events("labelled") if event["stage"] == "token"]
    assert len(counted) == 1 and counted[0]["held_back"] == 16 * PRM.replies
    assert 0 < counted[0]["wrong"] < counted[0]["steps"]


def test_the_policy_goes_on_as_if_no_judge_had_been_trained(judged: Record) -> None:
    """The stage behind the judges learns at a rate of 0."""
    assert judged.stages() == ["start", "spoken", "sft"]
    own, before = (weights(judged.model(name)) for name in ("sft", "spoken"))
    assert all(torch.equal(own[key], before[key]) for key in before)


def test_an_adapter_in_half_precision_is_a_judge_too(judged: Record, tmp_path: Path) -> None:
    model = Transformers(path=str(judged.model("spoken")), lora=Lora(rank=4))
    stages = [replace(PRM, name=name, head=HEAD_OF[name]) for name in ("both", "implicit")]
    record = train(trained.run(*stages, model=model, evaluation=UNMEASURED), folder=tmp_path)
    level = f"{TASK}/rung0?answers=0&length=1"
    seen = role(level, "text-direct", told_of(record.events(), []))
    assert seen == "never seen"  # by the model, which judges leave as it is
    for name in ("both", "implicit"):
        folder = record.judge(name)
        assert (folder / "model" / "adapter_model.safetensors").exists()
        assert not (folder / "model" / "model.safetensors").exists()
        rows = [Labelled.read(line) for line in jsonl.read(folder / "labelled.jsonl")][:8]
        made = from_pretrained(folder)
        said = made.scores([r.prompt for r in rows], [r.completion for r in rows])
        assert np.isfinite(said.score).all() and np.isfinite(said.outcome).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"held_back": 0.0}, "held_back 0.0 leaves nothing to train or to measure on; give 0.1"),
        ({"balance": 2.0}, r"balance 2.0 is no share; give 0 \(chance\) to 1"),
        ({"temperature": 0.0}, "temperature 0.0 is not above 0"),
        ({"head": {"kind": "tokn"}}, r"unknown kind tokn \(did you mean token\?\)"),
        ({"head": {"kind": "implicit", "beta": 0.0}}, "beta 0.0 is not above 0; give 0.05"),
        ({"head": {"kind": "chat", "bad": "+"}}, "must be words, and the first two differ"),
        (
            {"head": {"kind": "token", "hears": "polcy"}},
            "expected one of none, own, policy",
        ),
        ({"head": {"kind": "token", "hears": "own", "dense": True}}, "leave one of them out"),
        ({"twins": 1.5}, "twins 1.5 is no share; give 0 to 1"),
        ({"twins": 0.6, "corrupted": 0.6}, "corrupted 0.6 and twins 0.6 are more than all"),
        ({"twins": 0.5, "head": {"kind": "outcome"}}, 'head "outcome" learns from whole replies'),
        ({"twins": 0.5, "head": {"kind": "implicit"}}, 'head "implicit" learns from whole replies'),
        (
            {"head": {"kind": "token", "hears": "policy"}, "start": "random"},
            'start "random" has nothing that head "token" could compare with; give "policy"',
        ),
        (
            {"head": {"kind": "implicit"}, "start": "random"},
            'start "random" has nothing that head "implicit" could compare with; give "policy"',
        ),
    ],
)
def test_a_wrong_setting_is_told_with_the_remedy(change: dict[str, Any], said: str) -> None:
    with pytest.raises(TaskError, match=said):
        config.build(Prm, {**config.table(PRM), **change})


def test_what_cannot_be_trained_is_told_before_anything_is(judged: Record, tmp_path: Path) -> None:
    model = Transformers(path=str(judged.model("spoken")))
    unseen = replace(PRM, blind=True, curriculum=replace(ONE, formats={"text": 1}))
    for stage, given_, said in (
        (replace(PRM, start="random"), {"model": model}, 'give "policy" for one that somebody'),
        (replace(PRM, trl={"fsdp": "full_shard"}), {}, "trl.fsdp is not passed through: a judge"),
        (replace(PRM, trl={"learning_rat": 1}), {}, "did you mean learning_rate"),
        (replace(PRM, batch=4, at_once=3), {}, "at_once 3 does not divide the 4 rows"),
        (unseen, {}, "blind = true hides pictures, and no format of its curriculum shows any"),
    ):
        run = trained.run(stage, **given_)
        with pytest.raises(TaskError, match=rf"stages\[0\] \(prm\): .*{said}"):
            train(run, folder=tmp_path)
        with pytest.raises(TaskError, match=said):
            plan.describe(run)
    assert not list(tmp_path.iterdir())
    with pytest.raises(TaskError, match="holds no judge"):
        from_pretrained(tmp_path)


def test_a_policy_that_says_no_steps_is_one_clear_error(tmp_path: Path) -> None:
    said = r"stage prm: 0 replies, 0 right; 0 steps, 0 wrong: nothing to tell apart; give other"
    with pytest.raises(TaskError, match=said):
        train(trained.run(PRM, evaluation=UNMEASURED), folder=tmp_path)


def test_words_that_begin_alike_are_told(loaded: Loaded) -> None:
    with pytest.raises(TaskError, match="begin with one token; give other words"):
        judge(loaded, Chat(good="++", bad="+-"))


def test_every_kind_of_head_is_tried_here() -> None:
    assert {type(head) for head in HEAD_OF.values()} == set(HEADS)
    assert checks._AS_DRAWN == ("grpo", "prm")

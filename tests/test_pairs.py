"""Pairs of replies: what the rule allows and nothing else, in training and on disk."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Picture, Prompt, TaskError
from avrgym.cli import main
from avrgym.prompts.format import Format
from avrgym.train.pairing import EVERY, Pairing
from avrgym.train.trainers.pairs import Contrast, contrasts, paired, shared

TASK = "grid_navigation"
PROMPTS = [
    Prompt(address, Format("text")) for address in avrgym.Source(TASK, "rung2").addresses(range(3))
]
SAMPLES = dict(zip(PROMPTS, avrgym.samples([each.address for each in PROMPTS]), strict=True))
TURNED = {b"up": b"down", b"down": b"up", b"left": b"right", b"right": b"left"}


def said(prompt: Prompt, wrong: int | None, ending: bytes = b"") -> bytes:
    """The worked reply, with one line's last move turned round; -1 leaves all but the answer."""
    lines = SAMPLES[prompt].rationale.encode().split(b"\n")
    if wrong is not None:
        moves = [at for at, line in enumerate(lines) if set(line.split()) & set(TURNED)][:-1]
        at = len(lines) - 1 if wrong < 0 else moves[wrong % len(moves)]
        words = lines[at].split(b" ")
        lines[at] = b" ".join(TURNED.get(word, word) for word in words) + (
            b", up, up, up, up" if at == len(lines) - 1 else b""
        )
        if wrong >= 0:
            lines[-1] += b", up, up, up, up"
    return b"\n".join(lines) + ending


REPLIES = st.lists(
    st.tuples(
        st.sampled_from(PROMPTS),
        st.one_of(st.none(), st.integers(-1, 3)),
        st.sampled_from([b"", b"\n", b"\n\n", b" " * 300]),
    ),
    max_size=30,
)
SHARES = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda pair: tuple(sorted(pair)))
RULES = st.builds(
    Pairing,
    accuracy=SHARES,
    most=st.integers(1, 4),
    cut=st.sampled_from(["first_error", "none"]),
    ratio=st.sampled_from([0.0, 1.0, 1.5]),
    words=st.sampled_from([0, 4, 12, 1_000]),
)


@given(REPLIES, RULES)
def test_every_pair_is_allowed(
    asked: list[tuple[Prompt, int | None, bytes]], rule: Pairing
) -> None:
    prompts, replies = [each[0] for each in asked], [said(*each) for each in asked]
    made = paired(prompts, replies, rule)
    verdicts = avrgym.verify([prompt.address for prompt in prompts], replies)
    correct = [verdict.correct for verdict in verdicts]
    right: Counter[Prompt] = Counter()
    total = Counter(prompts)
    for prompt, good in zip(prompts, correct, strict=True):
        right[prompt] += good
    assert (made.replies, made.right, made.prompts) == (len(replies), sum(correct), len(total))
    assert made.mixed == sum(0 < right[prompt] < total[prompt] for prompt in total)
    assert len(set(made.pairs)) == len(made.pairs)
    for prompt, count in Counter(pair.prompt for pair in made.pairs).items():
        assert count <= rule.most
        assert rule.accuracy[0] <= right[prompt] / total[prompt] <= rule.accuracy[1]
    for pair in made.pairs:
        own = [
            (reply, verdict)
            for asked_of, reply, verdict in zip(prompts, replies, verdicts, strict=True)
            if asked_of == pair.prompt
        ]
        assert pair.chosen != pair.rejected
        wholes = [
            (good, bad)
            for good, judged in own
            if judged.correct and good.startswith(pair.chosen)
            for bad, found in own
            if not found.correct and bad.startswith(pair.rejected)
        ]
        assert any(
            not rule.ratio or max(map(len, each)) <= rule.ratio * min(map(len, each))
            for each in wholes
        )
        assert pair.chosen_cut == all(good != pair.chosen for good, _ in wholes)
        if rule.words:
            assert all(len(each.split()) <= rule.words for each in (pair.chosen, pair.rejected))
        elif rule.cut == "none":
            assert not pair.cut and not pair.chosen_cut


@given(REPLIES)
def test_a_cut_reply_ends_behind_its_first_wrong_step_and_meets_its_nearest(
    asked: list[tuple[Prompt, int | None, bytes]],
) -> None:
    prompts, replies = [each[0] for each in asked], [said(*each) for each in asked]
    for pair in contrasts(prompts, replies):
        rejected, chosen = (
            avrgym.verify([pair.prompt.address], [each])[0] for each in (pair.rejected, pair.chosen)
        )
        assert chosen.correct and chosen.first_error is None
        if pair.cut:
            first = rejected.first_error
            assert first is not None and rejected.steps[first].end == len(pair.rejected)
        good = [said(*each) for each in asked if each[0] == pair.prompt and each[1] is None]
        assert shared(pair.chosen, pair.rejected) == max(
            shared(each, pair.rejected) for each in good
        )


def test_without_a_rule_every_wrong_reply_makes_a_pair() -> None:
    prompt = PROMPTS[0]
    replies = [said(prompt, None)] + [said(prompt, wrong) for wrong in (-1, 0, 1)]
    found = list(contrasts([prompt] * 4, replies))
    assert len(found) == len({pair.rejected for pair in found}) == 3
    assert found == paired([prompt] * 4, replies, EVERY).pairs
    assert not list(contrasts([prompt] * 3, replies[1:]))


@pytest.mark.parametrize(
    ("given_rule", "text"),
    [
        ({"accuracy": (0.9, 0.1)}, r"pairs.accuracy \[0.9, 0.1\] is no range of shares"),
        ({"accuracy": (0.0, 1.5)}, "no range of shares"),
        ({"most": 0}, "pairs.most=0 is out of range"),
        ({"ratio": 0.5}, "pairs.ratio 0.5 is below 1; give 1 or more, or 0 for any"),
        ({"words": -1}, "pairs.words=-1 is out of range"),
    ],
)
def test_a_rule_that_cannot_be_is_told(given_rule: dict[str, Any], text: str) -> None:
    with pytest.raises(TaskError, match=text):
        Pairing(**given_rule)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder with replies that it drew to learn from: of each prompt half are right."""
    pytest.importorskip("pyarrow", reason="needs the data extra")
    folder = tmp_path / "run"
    folder.mkdir()
    held = {"picture": {"size": [112, 140], "theme": "compact"}}
    (folder / "run.json").write_text(json.dumps(held))
    lines = [
        {
            **{"stage": stage, "address": prompt.address, "format": shown},
            "reply": said(prompt, wrong).decode(),
        }
        for stage in ("first", "last")
        for prompt in PROMPTS
        for shown in ("image", "text")
        for wrong in ((None, None, 0, 1) if stage == "last" else (None, -1))
    ]
    (folder / "rollouts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def written(words: list[str]) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(["generate", *words])
    return ended.value.code


def test_pairs_of_a_run_are_rows_of_trls_trainer(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of its last stage, in both formats, with the pictures that were shown."""
    datasets = pytest.importorskip("datasets", reason="needs the train extra")
    to = tmp_path / "pairs"
    assert written([str(run), "--for", "dpo", "--most", "1", "--to", str(to)]) == 0
    assert "6 pairs of 24 replies to 6 prompts, 6 of which had both" in capsys.readouterr().out
    rows = datasets.load_dataset("parquet", data_files=str(to / "*.parquet"), split="train")
    formats = Counter(row["format"] for row in rows)
    assert formats == {"image": 3, "text": 3}
    for row in rows:
        prompt = Prompt(row["address"], Format.parse(row["format"]))
        verdicts = [
            avrgym.verify([row["address"]], [row[name][0]["content"]])[0]
            for name in ("chosen", "rejected")
        ]
        assert verdicts[0].correct and verdicts[1].first_error is not None and row["cut"] == 1
        assert row["prompt"][0]["content"] == avrgym.formats.prompt(
            SAMPLES[Prompt(row["address"], Format("text"))], row["format"]
        )
        drawn = [picture.convert("RGB") for picture in row["images"]]
        assert [picture.size for picture in drawn] == (
            [(140, 112)] if prompt.format.pictured else []
        )
        for picture in drawn:
            [same] = Picture((112, 140), "compact").draw([row["address"]])
            assert picture.tobytes() == same.tobytes()
    facts = json.loads((to / "pairs.json").read_text())
    assert facts["pairs"] == 6 and facts["rule"]["most"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs", "run"]
    assert written([str(run), "--for", "dpo", "--to", str(to)]) == 2
    assert "is there; give a new folder with --to" in capsys.readouterr().err


def test_pairs_on_disk_are_those_of_the_replies(run: Path, tmp_path: Path) -> None:
    from avrgym.train.preferences import replied, write

    found = replied(run)
    made = write(tmp_path / "pairs", run, EVERY)
    assert made.pairs == list(contrasts(found.prompts, found.replies))
    assert all(isinstance(pair, Contrast) for pair in made.pairs)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["mix+", "--for", "dpo"], "mix+ is no folder that holds some; give that of avrgym train"),
        (["RUN", "--for", "dpo", "--size", "112"], "has no use for --size"),
        (["RUN", "--for", "dpo", "--task", TASK], f"has no use for --task {TASK}"),
        (["RUN", "--for", "dpo", "--accuracy", "0.9", "1"], "24 replies, 12 of them right, 6 had"),
        (["RUN", "--for", "dpo", "--ratio", "0.5"], "--ratio 0.5 is below 1"),
        (["mix+", "--task", TASK, "--examples", "48", "--most", "2"], "--most is of pairs"),
        (["EMPTY", "--for", "dpo"], "holds no replies (rollouts.jsonl of a run, results.jsonl"),
        (["TEST", "--for", "dpo"], "is of split test, on which nothing is trained; give a run"),
    ],
)
def test_what_makes_no_pairs_is_one_line_and_leaves_nothing(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], text: str
) -> None:
    for name in ("EMPTY", "TEST"):
        (tmp_path / name).mkdir()
    line = {"stage": "s", "address": f"{TASK}/rung0#test:0:0", "format": "text", "reply": "x"}
    (tmp_path / "TEST" / "results.jsonl").write_text(json.dumps({**line, "raw": None}) + "\n")
    places = {"RUN": str(run), "EMPTY": str(tmp_path / "EMPTY"), "TEST": str(tmp_path / "TEST")}
    asked = [places.get(word, word) for word in words]
    assert written([*asked, "--to", str(tmp_path / "pairs")]) == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1 and text in told
    assert not list(tmp_path.glob("*pairs*"))

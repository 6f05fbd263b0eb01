"""Files of replies as something that was asked, whoever wrote them."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow")

from avrgym import TaskError
from avrgym.evaluate import filed
from avrgym.evaluate.results import judged
from replied import ADDRESSES, KINDS, SAID, table, to_jsonl, verdicts


def outcomes(held: filed.Filed) -> list[str]:
    return [
        result.outcome
        for prompts, draw, said in held.batches(5)
        for result in judged(prompts, said, stage="", decoding=held.decoding, draw=draw)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_is_judged_as_verify_judges_it(kind: str, tmp_path: Path) -> None:
    rows, file = table(), tmp_path / f"replies.{kind}"
    KINDS[kind][0](rows, file)
    held = filed.read(file)
    assert [prompt.address for prompt in held.prompts] == ADDRESSES
    assert {prompt.format.name for prompt in held.prompts} == {"image"}
    assert outcomes(held) == verdicts(rows) and held.decoding == "greedy"
    made = held.evaluation()
    assert made.items == len(ADDRESSES) and len(made.settings()) == 4
    assert {prompt.format.name for prompt in filed.read(file, format="text").prompts} == {"text"}


def test_rollouts_of_nemo_gym_are_read(tmp_path: Path) -> None:
    def rollout(address: str) -> dict[str, Any]:
        words = {"type": "output_text", "text": SAID[address].rationale, "annotations": []}
        thought = {"type": "reasoning", "id": "r", "summary": []}
        message = {"type": "message", "role": "assistant", "content": [words]}
        return {
            "responses_create_params": {"input": [{"role": "user", "content": "?"}]},
            "response": {"object": "response", "output": [thought, message]},
            **{"reward": 1.0, "address": address, "format": "text"},
        }

    to_jsonl([rollout(address) for address in ADDRESSES], tmp_path / "rollouts.jsonl")
    held = filed.read(tmp_path / "rollouts.jsonl")
    assert outcomes(held) == ["correct"] * len(ADDRESSES)
    assert {prompt.format.name for prompt in held.prompts} == {"text"}


def test_several_replies_are_draws_and_exact_bytes_come_back(tmp_path: Path) -> None:
    address, other = ADDRESSES[:2]
    said = [b"Answer: \xff", b"Answer: 1"]
    rows: list[dict[str, Any]] = [
        {"address": address, "reply": ["a", "b", "c"]},
        {
            **{"address": other, "reply": said[0].decode("utf-8", "replace"), "tokens": 4},
            **{"raw": base64.b64encode(said[0]).decode(), "finish": "length"},
        },
        {"address": other, "reply": "Answer: 1", "raw": "no base64", "finish_reason": "stop"},
        {"address": address, "reply": "d"},
    ]
    to_jsonl(rows, tmp_path / "replies.jsonl")
    held = filed.read(tmp_path / "replies.jsonl")
    assert held.draws == (0, 1, 2, 0, 1, 3) and held.decoding == "sampled"
    assert [each.reply for each in held.said] == [b"a", b"b", b"c", *said, b"d"]
    assert [each.finish for each in held.said[3:5]] == ["length", "stop"]
    assert [each.tokens for each in held.said[3:5]] == [4, None]
    assert len(outcomes(held)) == 6 and held.evaluation().draws == 4


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"address": "nope", "reply": "x"}, "row 2: "),
        ({"address": 7, "reply": "x"}, "row 2: its address is 7"),
        ({"reply": "x"}, "row 2: its address is missing"),
        ({"address": ADDRESSES[0]}, "row 2: its reply is missing"),
        ({"address": ADDRESSES[0], "reply": True}, "row 2: a truth is no reply"),
        ({"address": ADDRESSES[0], "reply": "x", "format": "smell"}, "row 2: unknown format"),
    ],
)
def test_a_damaged_row_is_named(row: dict[str, Any], words: str, tmp_path: Path) -> None:
    good = {"address": ADDRESSES[0], "reply": "x", "format": "text"}
    file = tmp_path / "replies.jsonl"
    file.write_text(f"{json.dumps(good)}\n{json.dumps(row)}\n")
    with pytest.raises(TaskError) as refused:
        filed.read(file)
    assert words in str(refused.value) and "mend that row" in str(refused.value)


def test_without_a_column_of_addresses_it_is_said(tmp_path: Path) -> None:
    to_jsonl([{"reply": "x", "index": 1}], tmp_path / "replies.jsonl")
    with pytest.raises(TaskError, match="no column is called as addresses are"):
        filed.read(tmp_path / "replies.jsonl")


def numbered(folder: Path) -> tuple[Path, Path, list[dict[str, Any]]]:
    """Replies that say only the numbers of their problems, backwards, the problems, and all."""
    whole = [
        {**row, "format": ("text", "image")[at % 2]} for at, row in enumerate(table()[: len(SAID)])
    ]
    asked, file = folder / "asked.parquet", folder / "samples.jsonl"
    KINDS["parquet"][0]([{k: row[k] for k in ("address", "format")} for row in whole], asked)
    said = [{"doc_id": at, "filtered_resps": [row["prediction"]]} for at, row in enumerate(whole)]
    to_jsonl(said[::-1], file)
    return file, asked, whole[::-1]


def test_replies_that_number_their_problems_are_judged_as_if_they_named_them(
    tmp_path: Path,
) -> None:
    file, asked, whole = numbered(tmp_path)
    held = filed.read(file, asked=asked)
    assert outcomes(held) == verdicts(whole)
    assert [prompt.address for prompt in held.prompts] == [row["address"] for row in whole]
    assert [prompt.format.name for prompt in held.prompts] == [row["format"] for row in whole]
    with pytest.raises(TaskError, match=r"doc_id numbers with --asked"):
        filed.read(file)


@pytest.mark.parametrize("number", [-1, len(SAID), "x", None, float("inf")])
def test_a_number_of_no_problem_is_named(number: Any, tmp_path: Path) -> None:
    file, asked, _ = numbered(tmp_path)
    with file.open("a") as more:
        more.write(json.dumps({"doc_id": number, "filtered_resps": ["x"]}) + "\n")
    with pytest.raises(TaskError, match=rf"row {len(SAID) + 1}: its doc_id is .* mend that row"):
        filed.read(file, asked=asked)

"""What VLMEvalKit and lmms-eval write is judged as it is."""

import csv
from pathlib import Path
from types import SimpleNamespace

import pytest

from avrgym import TaskError
from avrgym.data import Outcomes, generate, verify_file
from avrgym.evaluate import filed
from avrgym.evaluate.results import judged as scored
from replied import counted, from_jsonl, pandas, to_jsonl
from written import mixture, settings


def asked(folder: Path, layout: str) -> Path:
    """What avrgym wrote for a harness."""
    generate(settings(mixture("image", 40), layout=layout), folder / "data")
    [file] = (path for path in (folder / "data").iterdir() if path.suffix in (".tsv", ".parquet"))
    return file


@pytest.mark.parametrize("kind", ["tsv", "xlsx", "csv"])
def test_what_vlmevalkit_writes(tmp_path: Path, kind: str) -> None:
    # Its inference keeps all columns but the picture, adds prediction, and dumps by pandas.
    frame = pandas.read_csv(asked(tmp_path, "vlmevalkit"), sep="\t")
    frame.pop("image")
    right = [at % 3 > 0 for at in range(len(frame))]
    frame["prediction"] = [
        f"Moves:\n\nAnswer: {answer}" if good else "Failed to obtain answer via API."
        for good, answer in zip(right, frame["answer"], strict=True)
    ]
    file = tmp_path / f"Model_avrgym.{kind}"
    if kind == "xlsx":
        pytest.importorskip("xlsxwriter", reason="tests/consumers.txt is not installed")
        frame.to_excel(file, index=False, engine="xlsxwriter")
    else:
        separator = "\t" if kind == "tsv" else ","
        frame.to_csv(file, sep=separator, index=False, encoding="utf-8", quoting=csv.QUOTE_ALL)
    judged = verify_file(file, tmp_path / f"judged.{kind}")
    assert judged.overall == Outcomes(correct=sum(right), unparsed=right.count(False))
    assert list(judged.formats) == ["image"] and list(judged.levels) == ["grid_navigation/simple"]
    if kind == "xlsx":
        made, before = map(pandas.read_excel, (tmp_path / "judged.xlsx", file))
    else:
        made, before = (
            pandas.read_csv(path, sep=separator) for path in (tmp_path / f"judged.{kind}", file)
        )
    assert (made.pop("verdict") == "correct").tolist() == right
    pandas.testing.assert_frame_equal(made, before)


@pytest.mark.parametrize("repeats", [1, 3])
def test_what_lmms_eval_itself_writes(
    tmp_path: Path, repeats: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    skipped = "lmms-eval is not installed with what its evaluator imports"
    tasks = pytest.importorskip("lmms_eval.tasks", reason=skipped)
    evaluator = pytest.importorskip("lmms_eval.evaluator", reason=skipped)
    tracker = pytest.importorskip("lmms_eval.loggers.evaluation_tracker", reason=skipped)
    problems = asked(tmp_path, "lmms-eval")
    monkeypatch.chdir(tmp_path / "data")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    [file] = (tmp_path / "data").glob("*.yaml")
    manager = tasks.TaskManager(include_path=str(tmp_path / "data"))
    task = tasks.get_task_dict([file.stem], manager)[file.stem]
    samples, due = [], []
    for number, doc in reversed(list(enumerate(task.test_docs()))):
        words = [f"Answer: {doc['answer']}" if (number + k) % 3 else "" for k in range(repeats)]
        due.append(["correct" if word else "unparsed" for word in words])
        requests = [
            SimpleNamespace(
                args=("context", {}, None, number, file.stem, "test"),
                resps=[word],
                filtered_resps={"none": word},
                raw_filtered_resps={},
                token_counts=[],
                doc=doc,
            )
            for word in words
        ]
        done = evaluator._process_document_results(
            (number, doc, requests),
            task=task,
            filter_key="none",
            reasoning_tags=None,
            log_samples=True,
        )
        samples.append(done.logged_sample)
    kept = [{**sample} for sample in samples]
    logged = tracker.EvaluationTracker(output_path=str(tmp_path / "logs"))
    logged.general_config_tracker.model_name_sanitized = "model"
    logged.date_id = "now"
    logged.save_results_samples(file.stem, samples)
    [written] = (tmp_path / "logs").rglob("*_samples_*.jsonl")
    with pytest.raises(TaskError, match="--asked"):
        verify_file(written)
    judged = verify_file(written, tmp_path / "judged.jsonl", asked=problems)
    flat = [word for words in due for word in words]
    assert judged.overall == counted(flat) and judged.problems == len(due)
    assert [row["verdict"] for row in from_jsonl(tmp_path / "judged.jsonl")] == [
        words if repeats > 1 else words[0] for words in due
    ]
    held = filed.read(written, asked=problems)
    ours = [
        result.correct
        for prompts, draw, said in held.batches(8)
        for result in scored(prompts, said, stage="", decoding=held.decoding, draw=draw)
    ]
    assert ours == [word == "correct" for word in flat]
    if repeats == 1:  # of several, its task judges the first
        assert ours == [sample["correct"] == 1 for sample in kept]
    # Versions that keep the row beside the replies need nothing else.
    whole = [{k: v for k, v in s.items() if k in ("doc", "resps", "filtered_resps")} for s in kept]
    for row in whole:
        row["doc"] = {key: value for key, value in row["doc"].items() if key != "images"}
    to_jsonl(whole, tmp_path / "whole.jsonl")
    again = verify_file(tmp_path / "whole.jsonl")
    assert (again.address, again.reply) == ("doc.address", "filtered_resps")
    assert again.overall == judged.overall and list(again.formats) == ["image"]

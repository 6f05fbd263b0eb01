"""Files that a consumer wants beside the data, by layout."""

import json
import re
from importlib.resources import files
from pathlib import Path

from avrgym.data.settings import Settings
from avrgym.files.storage import write_text

#: The files of these two layouts beside the data.
LMMS_EVAL_CODE = "utils.py"
LLAMA_FACTORY_INFO = "dataset_info.json"


def beside(settings: Settings, shard_files: dict[str, list[str]]) -> dict[str, str]:
    """Texts of the files beside the data, by path within the folder.

    Args:
        settings: The dataset's.
        shard_files: Of each phase the files, in order.
    """
    if settings.writing.layout == "lmms-eval":
        return _lmms_eval(settings, shard_files)
    if settings.writing.layout == "sharegpt" and settings.writing.container == "jsonl":
        return {LLAMA_FACTORY_INFO: _llama_factory(shard_files)}
    return {}


def write(
    settings: Settings, folder: Path, shard_files: dict[str, list[str]], within: Path
) -> None:
    """Writes them."""
    for path, text in beside(settings, shard_files).items():
        write_text(folder / path, text, within)


def task_name(settings: Settings, phase: str) -> str:
    """How lmms-eval calls a phase."""
    # A file has this name, and no disk takes a long one.
    return re.sub("[^A-Za-z0-9]", "_", f"avrgym_{settings.mixture.name[:100]}_{phase}")


def _lmms_eval(settings: Settings, shard_files: dict[str, list[str]]) -> dict[str, str]:
    code = files("avrgym.data").joinpath("lmms_eval_task.py").read_text("utf-8")
    texts = {LMMS_EVAL_CODE: code}
    for phase, names in shard_files.items():
        name = task_name(settings, phase)
        texts[f"{name}.yaml"] = f"""\
# Run in this folder: python -m lmms_eval --include_path . --tasks {name} --model …
task: {name}
dataset_path: parquet
dataset_kwargs:
  data_files:
    test: {json.dumps(names[0])}
test_split: test
output_type: generate_until
doc_to_visual: !function utils.doc_to_visual
doc_to_text: !function utils.doc_to_text
doc_to_messages: !function utils.doc_to_messages
doc_to_target: answer
process_results: !function utils.process_results
generation_kwargs:
  max_new_tokens: 4096
  temperature: 0
  do_sample: false
metric_list:
  - metric: correct
    aggregation: mean
    higher_is_better: true
  - metric: parsed
    aggregation: mean
    higher_is_better: true
metadata:
  - version: 0.0
"""
    return texts


def _llama_factory(shard_files: dict[str, list[str]]) -> str:
    tags = {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
    }
    # A folder's files are read together, and a phase has a folder.
    entries = {
        phase: {
            "file_name": names[0].rpartition("/")[0] if len(names) > 1 else names[0],
            "formatting": "sharegpt",
            "columns": {"messages": "messages", "images": "images"},
            "tags": tags,
        }
        for phase, names in shard_files.items()
    }
    return json.dumps(entries, indent=1) + "\n"

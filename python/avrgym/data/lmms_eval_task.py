"""What lmms-eval calls of this task: pictures and words of a row, and the verdict on a reply."""

from typing import Any

import avrgym


def doc_to_visual(doc: dict[str, Any]) -> list[Any]:
    """The row's pictures."""
    return [picture.convert("RGB") for picture in doc["images"]]


def doc_to_text(doc: dict[str, Any], lmms_eval_specific_kwargs: Any = None) -> str:
    """The row's words."""
    return str(doc["question"])


def doc_to_messages(
    doc: dict[str, Any], lmms_eval_specific_kwargs: Any = None
) -> list[dict[str, Any]]:
    """Both as one turn of a chat."""
    shown = [{"type": "image", "url": picture} for picture in doc_to_visual(doc)]
    return [{"role": "user", "content": [*shown, {"type": "text", "text": doc_to_text(doc)}]}]


def process_results(doc: dict[str, Any], results: list[str]) -> dict[str, float]:
    """Whether the reply is right, and whether an answer could be read."""
    [verdict] = avrgym.verify([doc["address"]], [results[0]])
    if doc["format"].startswith("image_to_text"):
        from avrgym.rewards import score

        right = score(avrgym.verify([doc["address"]], [results[0]]), "transcription")[0] == 1.0
        return {"correct": float(right), "parsed": 1.0}
    return {"correct": float(verdict.correct), "parsed": float(verdict.parsed)}

"""What lmms-eval calls of this task: pictures and words of a row, and the verdict on a reply."""

from typing import Any

from avrgym.data.scores import judged


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
    _, right, read = judged([doc["address"]], [doc["format"]], results[:1])
    return {"correct": float(right[0]), "parsed": float(read[0])}

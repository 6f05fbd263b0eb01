"""Tiny models of Qwen's families are told of tools, call them, and see what these return."""

from typing import Any

import pytest

from avrgym import Picture, Prompt, Source
from avrgym.adapters.trl import GridBoard, TableBoard

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from trl.chat_template_utils import parse_response, qwen3_vl_chat_template

from avrgym.models.dialects import LLAVA, QWEN
from avrgym.models.fresh import calls, fresh, unspoken
from avrgym.models.load import Loaded
from avrgym.models.spec import Tiny

PICTURE = Picture(112, "compact")
ADDRESS = Source("grid_navigation", "rung0").address(0)
BOARD = GridBoard(picture=PICTURE)
TOOLS: list[Any] = [BOARD.move, BOARD.no_path]


@pytest.fixture(scope="module")
def tiny() -> Loaded:
    return fresh([Prompt(ADDRESS)], PICTURE, Tiny(family="qwen3_vl", hidden=32), tools=TOOLS)


def talk() -> list[dict[str, Any]]:
    """A problem, a call and what it returned."""
    arguments = {"direction": "up"}
    call = {"type": "function", "function": {"name": "move", "arguments": arguments}}
    return [
        {"role": "user", "content": BOARD.reset(address=ADDRESS)},
        {"role": "assistant", "content": [{"type": "text", "text": ""}], "tool_calls": [call]},
        {"role": "tool", "name": "move", "content": BOARD.move(**arguments)},  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize("template", [None, qwen3_vl_chat_template], ids=["own", "published"])
def test_what_tools_return_is_seen(tiny: Loaded, template: str | None) -> None:
    seen = tiny.processor.apply_chat_template(
        talk(),
        tools=TOOLS,
        chat_template=template,
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
    )
    tokenizer = tiny.processor.tokenizer
    ids = seen["input_ids"][0]
    assert ids.count(tokenizer.convert_tokens_to_ids("<|image_pad|>")) == 2 * 16
    said = tokenizer.decode(ids)
    assert calls(TOOLS)[0] in said and "<tool_response>" in said and "Takes one step." in said
    assert said.endswith(QWEN.assistant)


def test_a_call_is_read_as_it_was_said(tiny: Loaded) -> None:
    tokenizer = tiny.processor.tokenizer
    for call, direction in zip(calls(TOOLS), ["up", "down", "left", "right"], strict=False):
        ids = [*tokenizer.encode(call), tokenizer.eos_token_id]
        assert len(ids) == 2
        prefix = tokenizer.encode(QWEN.assistant)
        [read] = parse_response(tokenizer, ids, prefix=prefix, tools=TOOLS)["tool_calls"]
        assert read["function"] == {"name": "move", "arguments": {"direction": direction}}


def test_a_model_can_be_kept_to_its_calls(tiny: Loaded) -> None:
    left = set(range(len(tiny.processor.tokenizer))) - set(unspoken(tiny, calls(TOOLS)))
    assert len(left) == len(calls(TOOLS)) + 1 == 6
    table = TableBoard()
    reading: list[Any] = [table.move, table.read]
    assert len(calls(reading)) == 4 + 10


def test_other_families_call_nothing() -> None:
    assert "tool" not in LLAVA.template and LLAVA.response is None

"""How families of models mark turns and pictures: special tokens, and the chat template of them."""

import json
import re
from dataclasses import dataclass
from typing import Any

#: What stands around a call that a model makes, and around what it is told in return.
CALL = ("<tool_call>\n", "\n</tool_call>")
TOLD = ("<tool_response>\n", "\n</tool_response>")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The marks of a family; texts are of special tokens and of plain words.

    Attributes:
        user: Opens a turn of anybody but the model.
        assistant: Opens the model's turn.
        end: The token that ends the model's turn, and generation.
        pad: The token that fills rows up.
        picture: What a chat template puts for a picture; the processor puts more in its place.
        special: All special tokens, ``pad`` and ``end`` first.
        begin: Before everything.
        close: Ends a turn of anybody but the model.
        after: Follows ``end`` where another turn may.
        named: Attributes that the family's processor looks for on a tokenizer, with their tokens;
            where there are any, every special token but ``pad`` and ``end`` has one.
        calls: Whether its models call tools, and are told what tools return, in the form of
            Qwen3-VL, pictures included.
    """

    user: str
    assistant: str
    end: str
    pad: str
    picture: str
    special: tuple[str, ...]
    begin: str = ""
    close: str = ""
    after: str = ""
    named: tuple[tuple[str, str], ...] = ()
    calls: bool = False

    @property
    def template(self) -> str:
        """Jinja; takes content as text and as a list of blocks, as processors hand over both."""
        opened = f"{{% if message['role'] == 'assistant' %}}{_say(self.assistant)}"
        opened += f"{{% else %}}{_say(self.user)}{{% endif %}}"
        said = (
            "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
            "{% for block in message['content'] %}"
            f"{{% if block['type'] == 'image' %}}{_say(self.picture)}"
            "{% else %}{{ block['text'] }}{% endif %}{% endfor %}{% endif %}"
        )
        begun = _say(self.begin)
        if self.calls:
            begun += f"{{% if tools %}}{_say(self.tools[0])}"
            begun += "{% for tool in tools %}{{ '\\n' }}{{ tool | tojson }}{% endfor %}"
            begun += f"{_say(self.tools[1])}{{% endif %}}"
            told = "{% if message['role'] == 'tool' %}"
            said = (
                f"{told}{_say(TOLD[0])}{{% endif %}}{said}{told}{_say(TOLD[1])}{{% endif %}}"
                "{% for call in message.get('tool_calls') or [] %}"
                f"{_say(CALL[0])}{{{{ {{'name': call.function.name, "
                "'arguments': call.function.arguments} | tojson }}"
                f"{_say(CALL[1])}{{% endfor %}}"
            )
        closed = f"{{% if message['role'] == 'assistant' %}}{_say(self.end + self.after)}"
        closed += f"{{% else %}}{_say(self.close)}{{% endif %}}"
        return (
            f"{begun}{{% for message in messages %}}{opened}{said}{closed}{{% endfor %}}"
            f"{{% if add_generation_prompt %}}{_say(self.assistant)}{{% endif %}}"
        )

    @property
    def tools(self) -> tuple[str, str]:
        """What stands before and behind the tools that a model is told of, a line each."""
        return (f"{self.user.replace('user', 'system')}# Tools", self.close)

    @property
    def response(self) -> dict[str, Any] | None:
        """How a reply is read into words and calls, as ``transformers`` takes it; None without."""
        if not self.calls:
            return None
        return {
            "defaults": {"role": "assistant"},
            "start_anchor": self.assistant,
            "fields": {
                "tool_calls": {
                    "open": CALL[0].strip(),
                    "close_pattern": rf"{CALL[1].strip()}\s*",
                    "repeats": True,
                    "content": "json",
                    "transform": {"type": "function", "function": "{content}"},
                },
                "content": {"close_pattern": rf"{re.escape(self.end)}\s*", "content": "text"},
            },
        }


def spoken(name: str, arguments: dict[str, object]) -> str:
    """A call as a model says it."""
    return f"{CALL[0]}{json.dumps({'name': name, 'arguments': arguments})}{CALL[1]}"


def _say(text: str) -> str:
    return f"{{{{ {text!r} }}}}" if text else ""


LLAVA = Dialect(
    user="<|user|>",
    assistant="<|assistant|>",
    end="<|end|>",
    pad="<|pad|>",
    picture="<image>",
    special=("<|pad|>", "<|end|>", "<image>", "<|user|>", "<|assistant|>"),
)

QWEN = Dialect(
    user="<|im_start|>user\n",
    assistant="<|im_start|>assistant\n",
    end="<|im_end|>",
    pad="<|endoftext|>",
    picture="<|vision_start|><|image_pad|><|vision_end|>",
    special=(
        "<|endoftext|>",
        "<|im_end|>",
        "<|im_start|>",
        "<|vision_start|>",
        "<|vision_end|>",
        "<|image_pad|>",
        "<|video_pad|>",
    ),
    close="<|im_end|>\n",
    after="\n",
    calls=True,
)

SMOLVLM = Dialect(
    user="User:",
    assistant="Assistant:",
    end="<end_of_utterance>",
    pad="<|im_end|>",
    picture="<image>",
    special=(
        "<|im_end|>",
        "<end_of_utterance>",
        "<|im_start|>",
        "<fake_token_around_image>",
        "<global-img>",
        "<image>",
    ),
    begin="<|im_start|>",
    close="<end_of_utterance>\n",
    after="\n",
)

GEMMA3 = Dialect(
    user="<start_of_turn>user\n",
    assistant="<start_of_turn>model\n",
    end="<end_of_turn>",
    pad="<pad>",
    picture="<start_of_image>",
    special=(
        "<pad>",
        "<end_of_turn>",
        "<bos>",
        "<start_of_turn>",
        "<start_of_image>",
        "<end_of_image>",
        "<image_soft_token>",
    ),
    begin="<bos>",
    close="<end_of_turn>\n",
    after="\n",
    named=(
        ("boi_token", "<start_of_image>"),
        ("eoi_token", "<end_of_image>"),
        ("image_token", "<image_soft_token>"),
        ("first_token", "<bos>"),
        ("turn_token", "<start_of_turn>"),
    ),
)

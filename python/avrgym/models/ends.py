"""What ends a reply and what fills rows up, also where a tokenizer does not say so itself."""

from typing import Any

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.models.spec import Transformers

with needs("train"):
    from transformers import AutoConfig, GenerationConfig

_REPLY = "Answer: 1"  # stands for any


def complete(tokenizer: Any, spec: Transformers, config: Any) -> None:
    """Gives a tokenizer the two tokens that no training and no reply can do without.

    The end that it lacks is the one that the model's settings of generation name, or its config
    where it has none. The padding that it lacks is the end, as is usual: masks, not tokens, tell
    what is padding.

    Args:
        tokenizer: Changed in place.
        spec: Where the model is.
        config: The model's, of ``transformers``.

    Raises:
        TaskError: Nothing says what ends a reply, or the model has no such token.
    """
    if tokenizer.eos_token_id is None:
        tokenizer.eos_token = _end(tokenizer, spec, config)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    rows = getattr(config.get_text_config(), "vocab_size", None)
    for name in ("eos_token", "pad_token"):
        # A name that no vocabulary has becomes a token behind it, of which the model knows nothing.
        if rows is not None and getattr(tokenizer, f"{name}_id") >= rows:
            raise TaskError(
                f'model "{spec.path}": it has {rows} tokens, and {name} '
                f'"{getattr(tokenizer, name)}" is none of them; give processor = '
                f'{{ {name} = "…" }} with one that it has'
            )


def taught(processor: Any, spec: Transformers) -> None:
    """Looks whether a chat template puts an end behind a reply that a model is given.

    Where it puts none, whoever imitates such replies learns how they look and never to stop, and
    whoever prefers one to another nothing of ends.

    Args:
        processor: With a tokenizer, and with a chat template or none.
        spec: Where the model is.

    Raises:
        TaskError: It puts none of the tokens there that end a reply.
    """
    if processor.chat_template is None:
        return
    turns = [
        {"role": role, "content": [{"type": "text", "text": words}]}
        for role, words in (("user", "?"), ("assistant", _REPLY))
    ]
    tokenizer = processor.tokenizer
    _, _, behind = processor.apply_chat_template(turns).rpartition(_REPLY)
    config = AutoConfig.from_pretrained(spec.path, revision=spec.revision)
    known = {tokenizer.eos_token_id, *_generation(spec, config)}
    if known.isdisjoint(tokenizer(behind, add_special_tokens=False)["input_ids"]):
        raise TaskError(
            f'model "{spec.path}": its chat template puts {behind!r} behind a reply, and not '
            f'"{tokenizer.eos_token}", so that replies would be learned without their end; put '
            "{{ eos_token }} there, behind the turn of the assistant, and give that as processor = "
            '{ chat_template = "…" }'
        )


def _generation(spec: Transformers, config: Any) -> list[int]:
    """The tokens that end a reply by the settings of generation."""
    try:
        found = GenerationConfig.from_pretrained(spec.path, revision=spec.revision or "main")
        said = found.eos_token_id
    except OSError:  # there is no such file, and generation goes by the config
        said = GenerationConfig.from_model_config(config).eos_token_id
    return [index for index in (said if isinstance(said, list) else [said]) if index is not None]


def _end(tokenizer: Any, spec: Transformers, config: Any) -> str:
    for index in _generation(spec, config):
        if isinstance(token := tokenizer.convert_ids_to_tokens(index), str):
            return token
    raise TaskError(
        f'model "{spec.path}": neither its tokenizer (eos_token) nor its settings of generation '
        "(eos_token_id) say which token ends a reply, so that none would end; "
        'give processor = { eos_token = "…" }'
    )

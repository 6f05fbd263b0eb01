"""TRL's collator of preferences, for replies that are cut, such as where they went wrong."""

from typing import Any

from avrgym.core.extras import needs

with needs("train"):
    from trl.trainer.dpo_trainer import DataCollatorForVisionPreference


class Unended:
    """TRL's collator of preferences, but for the end of the turn in replies that were cut.

    Their end is no part of what the model said, so what ends a turn, and what a template puts
    behind that, is taken out of the completion that is scored.
    """

    def __init__(self, processor: Any) -> None:
        """Collates for a processor with a tokenizer and a chat template."""
        self._collate = DataCollatorForVisionPreference(processor=processor, max_length=None)
        self._end = processor.tokenizer.eos_token_id

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """A batch as TRL has it: chosen replies, then rejected ones."""
        cut = [example.get("chosen_cut", False) for example in examples]
        cut += [example["cut"] for example in examples]
        batch: dict[str, Any] = self._collate(examples)
        scored = batch["completion_mask"]
        ends = (batch["input_ids"] == self._end) & scored.bool()
        for row in (at for at, was in enumerate(cut) if was):
            if (places := ends[row].nonzero()).numel():
                scored[row, int(places[-1]) :] = 0
        return batch

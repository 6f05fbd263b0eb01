"""Trains a tiny Qwen3-VL, made from nothing, in dialogues: imitation of what is owed, then GRPO.

Writes a page with what it does before, after imitation and after reinforcement, on contents that it
never met: turns right, dialogues right, claims that follow from its own. Finished stages are not
run again.

    python scripts/dialogue.py --seeds 0 1 2
"""

import json
import os
import re
import shlex
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any, Literal

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")

import torch
import tyro
from datasets import Dataset
from transformers.utils.chat_template_utils import get_json_schema
from trl import GRPOConfig, GRPOTrainer

from avrgym import Picture, Prompt, Source
from avrgym.adapters.dialogue import TurnByTurn
from avrgym.adapters.walk import Told
from avrgym.dialogues.turns import scripts
from avrgym.models.dialects import spoken
from avrgym.models.fresh import fresh
from avrgym.models.load import Loaded
from avrgym.models.spec import Tiny
from avrgym.models.unsayable import unsayable
from avrgym.runs.record import write
from avrgym.train.quiet import quieten

STAGES = ("before", "imitated", "reinforced")
#: Tokens of all turns, the pictures' among them.
_ROOM = {"text": 512, "image": 2048}
FACTS = ("question_level", "conversation_level", "consistency", "unreadable", "reward")


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    task: str = "grid_navigation"
    level: str = "rung0"
    format: Literal["text", "image"] = "text"
    side: int = 112
    seeds: tuple[int, ...] = (0, 1, 2)
    imitate: int = 450
    """Steps of imitation."""
    reinforce: int = 100
    """Steps of GRPO."""
    batch: int = 16
    evaluate: int = 64
    """Dialogues of a stage, on held-out contents."""
    preset: Literal["tiny", "small"] = "tiny"
    runs: Path = Path("runs/dialogue")
    to: Path = Path("docs/results/dialogue.md")


def main(asked: Study, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    quieten()
    torch.set_num_threads(1)
    rows = [run(asked, seed) for seed in asked.seeds]
    asked.to.parent.mkdir(parents=True, exist_ok=True)
    write(asked.to, "\n".join(page(asked, rows, given)) + "\n")
    print(asked.to)


def run(asked: Study, seed: int) -> dict[str, Any]:
    """What one seed came to, by stage; read where it is finished."""
    wanted = replace(asked, seeds=(seed,), runs=Path(), to=Path())
    settings = {name: value for name, value in asdict(wanted).items() if name not in ("runs", "to")}
    at = asked.runs / f"{asked.task}-{asked.level}-{seed}.json"
    found: dict[str, Any] = {"settings": json.loads(json.dumps(settings))}
    if at.exists() and (kept := json.loads(at.read_text("utf-8")))["settings"] == found["settings"]:
        found = kept
    if "reinforced" in found:
        return found
    at.parent.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    picture = Picture(asked.side, "compact")
    world = partial(TurnByTurn, picture=picture, format=asked.format)
    source = Source(asked.task, asked.level, "train", seed, held_out=4)
    test = replace(source, split="test").addresses(range(asked.evaluate))
    known = source.addresses(range(256))
    texts = [text for address in known for text in _told(world, address)]
    loaded = fresh(
        [Prompt(address) for address in known],
        picture,
        Tiny(family="qwen3_vl", preset=asked.preset),
        texts=texts,
        tools=[world().reply],
        seed=seed,
    )
    learned = {
        "before": lambda: None,
        "imitated": lambda: imitate(loaded, world, source, asked),
        "reinforced": lambda: reinforce(loaded, world, source, asked, seed),
    }
    for stage, learn in learned.items():
        weights = at.with_name(f"{at.stem}-{stage}.pt")
        if stage in found:
            if weights.exists():
                loaded.model.load_state_dict(torch.load(weights, weights_only=True))
            continue
        started = process_time()
        learn()
        found[stage] = held(loaded, world, test)
        found["seconds"] = found.get("seconds", 0.0) + process_time() - started
        torch.save(loaded.model.state_dict(), weights)
        write(at, json.dumps(found))
        print(seed, stage, found[stage], f"{found['seconds']:.0f} s", flush=True)
    return found


def _told(world: Any, address: str) -> Iterator[str]:
    """All that is said in a dialogue, as words of the vocabulary."""
    for message in gold(world, address):
        content = message["content"]
        yield content if isinstance(content, str) else content[-1]["text"]
        for call in message.get("tool_calls", ()):
            yield spoken("reply", call["function"]["arguments"])


def gold(world: Any, address: str) -> list[dict[str, Any]]:
    """A dialogue in which every reply is the one that is owed."""
    [script] = scripts([address])
    talk = world()
    messages = [_user(talk.reset(address=address))]
    for turn in range(len(script.turns)):
        own = script.own(turn)
        messages += [_call(own), {"role": "tool", "name": "reply", "content": talk.reply(own)}]
    return messages


def imitate(loaded: Loaded, world: Any, source: Source, asked: Study) -> None:
    """Steps on dialogues that are owed; the model's own turns alone are learned."""
    model, optimizer = loaded.model, torch.optim.AdamW(loaded.model.parameters(), lr=2e-3)
    model.train()
    for step in range(asked.imitate):
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1, (step + 1) / 20) * (1 - 0.9 * step / asked.imitate)
        first = step * asked.batch
        talks = [gold(world, at)[:-1] for at in source.addresses(range(first, first + asked.batch))]
        inputs = tokens(loaded, talks, begun=False, side="right")
        labels = _learned(loaded, inputs["input_ids"])
        loss = model(**inputs, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 20 == 0:
            print("  imitation", step, f"{float(loss):.3f}", flush=True)


def _learned(loaded: Loaded, ids: torch.Tensor) -> torch.Tensor:
    """Ids within the model's own turns, with their ends; -100 elsewhere."""
    tokenizer = loaded.processor.tokenizer
    opened = tokenizer.encode("<|im_start|>assistant\n", add_special_tokens=False)
    labels = torch.full_like(ids, -100)
    for row, line in enumerate(ids.tolist()):
        at = 0
        while at < len(line):
            if line[at : at + len(opened)] == opened:
                at += len(opened)
                end = line.index(tokenizer.eos_token_id, at) + 1
                labels[row, at:end] = ids[row, at:end]
                at = end
            else:
                at += 1
    return labels


def reinforce(loaded: Loaded, world: Any, source: Source, asked: Study, seed: int) -> None:
    """Steps of TRL's GRPO, paid by the dialogue alone."""
    addresses = source.addresses(range(100_000, 100_000 + 4 * max(1, asked.reinforce)))
    if not asked.reinforce:
        return
    trainer = GRPOTrainer(
        loaded.model,
        processing_class=loaded.processor,
        environment_factory=world,
        train_dataset=Dataset.from_dict({"address": addresses}),
        args=GRPOConfig(
            output_dir=str(asked.runs / "trl"),
            max_steps=asked.reinforce,
            per_device_train_batch_size=16,
            num_generations=4,
            max_completion_length=_ROOM[asked.format],
            learning_rate=2e-4,
            scale_rewards="none",
            seed=seed,
            use_cpu=True,
            save_strategy="no",
            disable_tqdm=True,
            report_to="none",
            logging_steps=10,
            # TRL forbids pictures alone, and trips over a film that was sampled.
            generation_kwargs={"suppress_tokens": unsayable(loaded.model, loaded.processor)},
        ),
    )
    trainer.train()


@torch.no_grad()
def held(loaded: Loaded, world: Any, addresses: Sequence[str]) -> dict[str, float]:
    """What a model does in dialogues, greedily; a reply that is no call ends one."""
    loaded.model.eval()
    talks = [world() for _ in addresses]
    said = [[_user(talk.reset(address=at))] for talk, at in zip(talks, addresses, strict=True)]
    waiting = list(range(len(talks)))
    tokenizer = loaded.processor.tokenizer
    while waiting:
        inputs = tokens(loaded, [said[i] for i in waiting], begun=True, side="left")
        drawn = loaded.model.generate(**inputs, max_new_tokens=64, do_sample=False)
        replies = tokenizer.batch_decode(drawn[:, inputs["input_ids"].shape[1] :])
        going = []
        for i, reply in zip(waiting, replies, strict=True):
            if (line := _line(reply)) is None:
                continue
            told = talks[i].reply(line)
            said[i] += [_call(line), {"role": "tool", "name": "reply", "content": told}]
            if not talks[i].facts["over"]:
                going.append(i)
        waiting = going
    facts = [talk.facts for talk in talks]
    return {
        "question_level": statistics.fmean(each["question_level"] for each in facts),
        "conversation_level": statistics.fmean(each["success"] for each in facts),
        "consistency": statistics.fmean(each["consistency"] for each in facts),
        "unreadable": statistics.fmean(
            (each["unreadable"] + each["turns"] - each["replies"]) / each["turns"] for each in facts
        ),
        "reward": statistics.fmean(talk.get_reward() for talk in talks),
    }


def tokens(loaded: Loaded, talks: Sequence[Any], *, begun: bool, side: str) -> dict[str, Any]:
    """Dialogues as a model takes them, padded on a side."""
    tools = [get_json_schema(TurnByTurn().reply)]
    processor = loaded.processor
    texts = [
        processor.apply_chat_template(
            talk, tools=tools, tokenize=False, add_generation_prompt=begun
        )
        for talk in talks
    ]
    shown = [
        block["image"]
        for talk in talks
        for message in talk  # every question comes with it
        if isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "image"
    ]
    pictures = {"images": shown} if shown else {}
    inputs = processor(text=texts, **pictures, padding=True, padding_side=side, return_tensors="pt")
    return dict(inputs)


def _line(reply: str) -> str | None:
    """What a call says; None where it is no call of ``reply``."""
    found = re.match(r"<tool_call>\n(.*?)\n</tool_call>", reply, re.DOTALL)
    try:
        called = json.loads(found[1]) if found else None
        line = called["arguments"]["line"] if called and called["name"] == "reply" else None
    except (ValueError, KeyError, TypeError):
        return None
    return line if isinstance(line, str) else None


def _user(told: Told) -> dict[str, Any]:
    return {"role": "user", "content": told}


def _call(line: str) -> dict[str, Any]:
    function = {"name": "reply", "arguments": {"line": line}}
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"type": "function", "function": function}],
    }


def page(asked: Study, rows: Sequence[dict[str, Any]], given: Sequence[str]) -> Iterator[str]:
    """The lines of the page."""
    yield "# Dialogues: what a tiny model learns turn by turn\n"
    shown = "the twin" if asked.format == "text" else f"pictures of {asked.side} pixels"
    yield (
        f"`{asked.task}/{asked.level}`, {shown}; a Qwen3-VL of preset `{asked.preset}`, made from "
        f"nothing. {asked.imitate} steps of imitation of dialogues in which every reply is the one "
        f"that is owed ({asked.batch} a step), then {asked.reinforce} steps of TRL's GRPO through "
        "`TurnByTurn` (4 problems of 4 dialogues a step), paid by the dialogue alone. Greedy, "
        f"{asked.evaluate} dialogues of split `test`, none of whose contents occurs in training. "
        "Per cent, seed by seed "
        f"(seeds {' '.join(map(str, asked.seeds))}): turns right, dialogues right from end to end, "
        "claims that follow from the model's own, turns that cannot be read or were not reached, "
        "and reward, of the most there is.\n"
    )
    yield f"Written by `{shlex.join(['python', 'scripts/dialogue.py', *given])}`.\n"
    yield "| | turns right | dialogues right | consistent | unreadable | reward |"
    yield "|---|---|---|---|---|---|"
    names = (
        "before",
        f"after {asked.imitate} steps of imitation",
        f"and {asked.reinforce} steps of GRPO",
    )
    for stage, name in zip(STAGES, names, strict=True):
        cells = [", ".join(f"{100 * row[stage][fact]:.1f}" for row in rows) for fact in FACTS]
        yield f"| {name} | {' | '.join(cells)} |"
    seconds = ", ".join(f"{row['seconds']:.0f}" for row in rows)
    yield f"\nCPU seconds, evaluations included: {seconds}."


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])

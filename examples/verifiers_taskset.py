"""Our tasks as verifiers loads them by name, and replies scored by its rewards and their weights.

Run it; without a server the replies are the one that is owed, and the same cut short::

    python examples/verifiers_taskset.py
    python examples/verifiers_taskset.py --url http://localhost:8000/v1 --model MODEL

Its own command lines, ``validate avrgym-verifiers`` and ``eval avrgym-verifiers``, do the same.
"""

import argparse
import asyncio
import os

import verifiers.v1 as vf
from openai import OpenAI

import avrgym


def scored(task: vf.Task, reply: str) -> vf.Trace:
    """A rollout of one turn, as verifiers records it, with its points."""
    said = vf.MessageNode(parent=0, message=vf.AssistantMessage(content=reply), sampled=True)
    nodes = [vf.MessageNode(message=task.data.prompt[-1]), said]
    asked = vf.TraceTask(type=type(task).__name__, data=task.data, key=task.key)
    trace = vf.Trace(task=asked, agent=vf.AgentInfo(config=vf.AgentConfig()), nodes=nodes)
    asyncio.run(task.score(trace))
    return trace


def main() -> None:
    """Validates each task, and scores what is said to it."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--url", help="a server of the chat API")
    said.add_argument("--model", default="MODEL")
    said.add_argument("--levels", default="grid_navigation/rung0..rung3,table_readout/simple")
    said.add_argument("--steps", type=int, default=8, help="how many tasks")
    given = said.parse_args()

    settings = {"levels": given.levels, "task": {"rewards": {"steps": {"weight": 0.5}}}}
    config = vf.taskset_config_type("avrgym-verifiers")(id="avrgym-verifiers", **settings)
    client = OpenAI(base_url=given.url, api_key=os.environ.get("OPENAI_API_KEY", "none"))
    for task in vf.load_taskset(config).head(given.steps):
        print(f"{task.data.address}  valid: {asyncio.run(task.validate(None))}")
        if given.url:
            turns = [turn.model_dump(exclude_none=True) for turn in task.data.prompt]
            answer = client.chat.completions.create(model=given.model, messages=turns)
            replies = [answer.choices[0].message.content or ""]
        else:
            [sample] = avrgym.samples([task.data.address])
            replies = [sample.rationale, sample.rationale.rpartition("\n")[0]]
        for trace in (scored(task, reply) for reply in replies):
            points = {name: round(each.score, 3) for name, each in trace.rewards.items()}
            print(f"  {trace.info['verdict']['outcome']}: {trace.reward:.3f} of {points}")


if __name__ == "__main__":
    main()

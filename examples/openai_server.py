"""Ask any server of the chat API, such as vLLM's, and judge its replies.

Run it::

    python examples/openai_server.py --url http://localhost:8000/v1 --model MODEL
"""

import argparse
import os

from openai import OpenAI

import avrgym


def main() -> None:
    """Asks about the first problems of a level, and says how many replies were right."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--url", default="http://localhost:8000/v1")
    said.add_argument("--model", required=True)
    said.add_argument("--task", default="table_readout")
    said.add_argument("--level", default="rung0")
    said.add_argument("--steps", type=int, default=8, help="how many problems")
    given = said.parse_args()

    client = OpenAI(base_url=given.url, api_key=os.environ.get("OPENAI_API_KEY", "none"))
    # In full, since the model was not trained here: it is told the rules and the form of a reply.
    source = avrgym.Source(given.task, given.level, "test", params={"style": "full"})
    addresses = source.addresses(range(given.steps))
    replies = []
    for messages in avrgym.prompts.openai(addresses, "image", size=448):
        answer = client.chat.completions.create(
            model=given.model, messages=messages, max_tokens=2048, temperature=0
        )
        replies.append(answer.choices[0].message.content or "")
    verdicts = avrgym.verify(addresses, replies)
    for address, verdict in zip(addresses, verdicts, strict=True):
        right = sum(step.state == "ok" for step in verdict.steps)
        print(f"{address}  {verdict.outcome}, {right} of {len(verdict.steps)} steps right")
    print(f"{verdicts.correct.sum()} of {len(addresses)} right")


if __name__ == "__main__":
    main()

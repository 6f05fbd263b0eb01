"""The resources server for NeMo Gym, started on a free port and asked to judge its rows.

Run it::

    python examples/nemo_gym_server.py --steps 4
"""

import argparse
import json
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.request import Request, urlopen

import uvicorn

import avrgym
from avrgym.adapters.nemo_gym import app
from avrgym.data import Settings, Writing, generate
from avrgym.mixtures import Format, Mixture, Part, Phase


def post(url: str, row: dict) -> dict:
    """What the server answers to a row."""
    body = json.dumps(row).encode()
    with urlopen(Request(url, body, {"Content-Type": "application/json"})) as answer:
        return json.load(answer)


def main() -> None:
    """Writes rows, and has three replies to each judged: owed, cut short, and wrong."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--level", default="rung0")
    said.add_argument("--steps", type=int, default=4, help="how many rows")
    given = said.parse_args()

    with TemporaryDirectory() as folder:
        part = Part("table_readout", given.level, Format("text"), split="test")
        phase = Phase("asked", given.steps, (part,), shuffle=False)
        generate(Settings(Mixture("asked", (phase,)), Writing(layout="nemo-gym")), folder)
        rows = [*map(json.loads, Path(folder, "asked.jsonl").read_text("utf-8").splitlines())]
    with create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app({"steps": 1.0}), log_level="warning"))
        thread = Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        for row, sample in zip(rows, avrgym.samples(row["address"] for row in rows), strict=True):
            post(f"{url}/seed_session", row)
            print(row["address"])
            for reply in (sample.rationale, sample.rationale.rpartition("\n")[0], "Answer: 0, 0"):
                message = {"content": [{"type": "output_text", "text": reply}]}
                judged = post(f"{url}/verify", {**row, "response": {"output": [message]}})
                print(" ", {key: judged[key] for key in ("reward", "outcome", "steps_right")})
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()

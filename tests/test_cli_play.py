"""The verb play asks a model: of a folder, or the last of a run's."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from avrgym import Picture, Prompt
from avrgym.config import table
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import chats
from commands import Command

pytest.importorskip("tyro")
pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("trl", reason="the train extra is not installed")

from avrgym.models.load import begin, save
from avrgym.models.play import take
from avrgym.models.spec import Tiny

ADDRESS = "grid_navigation/rung0#test:0:7"
PICTURE = Picture((112, 112), "compact")
SPEC = Tiny(layers=1)

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of two stages, none of which taught anything."""
    prompts = [Prompt(f"grid_navigation/rung0#train:0:{i}", Format("text")) for i in range(8)]
    made = begin(
        SPEC,
        picture=PICTURE,
        texts=[chat.prompt[0]["content"][-1]["text"] for chat in chats(prompts)],
        pictures=PICTURE.draw(prompt.address for prompt in prompts),
    )
    run = tmp_path / "runs" / "mine"
    for stage in ("first", "last"):
        save(made, run / "models" / stage)
    (run / "run.json").write_text(json.dumps({"model": table(SPEC), "picture": table(PICTURE)}))
    done = [{"event": "done", "stage": stage, "job": stage} for stage in ("first", "last")]
    (run / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in done))
    return run


def test_the_last_stage_of_a_run_is_asked_and_what_it_saw_is_shown(
    run: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, wrong = command("play", ADDRESS, run)
    assert code == 0, wrong
    assert said.startswith(f"{ADDRESS}\n") and said.splitlines()[-1] == "unparsed"
    assert "what the model saw: 112 x 112 pixels, theme compact\n" in said
    # Named, and without its run, it says the same.
    model = run / "models" / "last"
    assert command("play", ADDRESS, model) == (0, said, "")
    drawn = [command("play", ADDRESS, run, "--sampled", "--seed", i) for i in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    _, said, _ = command("play", ADDRESS, run, "--format", "text")
    assert "what the model saw" not in said
    image = pytest.importorskip("PIL.Image")
    file = tmp_path / "seen.png"
    code, said, _ = command("play", ADDRESS, run, "--to", file)
    assert code == 0 and f"what the model saw: 112 x 112 pixels, theme compact: {file}\n" in said
    with image.open(file) as shown:
        assert np.array_equal(np.asarray(shown.convert("RGB")), PICTURE.draw([ADDRESS])[0])
    # Without a name it is the quickstart's run.
    monkeypatch.chdir(tmp_path)
    run.rename(run.with_name("quickstart"))
    assert command("play", ADDRESS)[0] == 0


def test_what_cannot_be_asked_is_said_first(run: Path, command: Command) -> None:
    model = run / "models" / "last"
    (broken := run.with_name("broken")).mkdir()
    (broken / "config.json").write_text("{")
    (gone := run.with_name("gone")).mkdir()
    (gone / "config.json").write_bytes((model / "config.json").read_bytes())
    for arguments, words in (
        (("nope/rung0#test:0:7",), 'unknown task "nope"'),
        ((ADDRESS, "--format", "sound"), 'unknown format "sound"'),
        ((ADDRESS, run.parent), f"{run.parent} holds no model (config.json is missing)"),
        ((ADDRESS, run.with_name("none")), "none is no folder"),
        ((ADDRESS, broken), f"{broken} cannot be loaded: "),
        ((ADDRESS, gone), f"{gone} cannot be loaded: "),
        ((), "give an address"),
        (("--serve", ADDRESS), f"--serve shows any problem and has no use for {ADDRESS}"),
        (("--serve", ADDRESS, run), f"--serve shows any problem and has no use for {ADDRESS}"),
        (("--serve", run.with_name("none")), "none is no folder"),
        (("--serve", "--port", 70000), "--port 70000 is none"),
    ):
        code, said, wrong = command("play", *arguments)
        assert code == 2 and not said and words in wrong and len(wrong.splitlines()) == 1, wrong


def test_the_page_asks_the_model_one_question_at_a_time(run: Path) -> None:
    pytest.importorskip("starlette", reason="the serve extra is not installed")
    from starlette.testclient import TestClient

    from avrgym.serve.app import application

    player = take(run)
    with TestClient(application(player), "http://127.0.0.1:8642") as client:
        model = client.get("/api/about").json()["model"]
        assert model["name"] == str(run / "models" / "last") and "text-direct" in model["formats"]
        for format in ("image", "text"):
            asked = {"address": ADDRESS, "format": format, "seed": 3, "sampled": True}
            told = client.post("/api/ask", json=asked).json()
            said = player.ask(ADDRESS, format=Format(format), decoding="sampled", seed=3)
            assert told["reply"] == said.reply.decode("utf-8", "replace")
            assert (told["outcome"], told["tokens"]) == ("unparsed", len(said.ids))
            assert (told["picture"] is None) == (format == "text")
        seen = client.post("/api/ask", json={"address": ADDRESS, "format": "image"}).json()
        assert seen["seen"] == "112 x 112 pixels, theme compact"
        assert client.get(f"/{seen['picture']}").status_code == 200
        for wrong in ({"address": "maze"}, {"format": "sound"}, {"seed": -1}):
            body = {"address": ADDRESS, "format": "image"} | wrong
            answer = client.post("/api/ask", json=body)
            assert answer.status_code == 400 and len(answer.json()["error"].splitlines()) == 1
        # While one is answered, others are told so.
        begun, end = threading.Event(), threading.Event()

        def held(*_: object) -> None:
            begun.set()
            end.wait(60)

        with player.loaded.model.register_forward_pre_hook(held):
            with ThreadPoolExecutor(1) as pool:
                body = {"address": ADDRESS, "format": "image"}
                first = pool.submit(client.post, "/api/ask", json=body)
                assert begun.wait(60)
                assert client.get("/api/about").status_code == 200
                answer = client.post("/api/ask", json=body)
                end.set()
                assert answer.status_code == 409 and "another question" in answer.json()["error"]
                assert first.result().status_code == 200

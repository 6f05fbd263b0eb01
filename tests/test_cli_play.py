"""The verb play asks a model: of a folder, or the last of a run's."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from avrgym import Picture, Prompt
from avrgym.config import table
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import chats
from commands import Command

pytest.importorskip("tyro")
torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("trl", reason="the train extra is not installed")

from avrgym.models.load import begin, save  # noqa: E402
from avrgym.models.spec import Tiny  # noqa: E402

ADDRESS = "grid_navigation/rung0#test:0:7"
PICTURE = Picture((112, 112), "compact")
SPEC = Tiny(layers=1)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


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


def test_the_last_stage_of_a_run_is_asked(run: Path, command: Command) -> None:
    code, said, wrong = command("play", ADDRESS, "--run", run)
    assert code == 0, wrong
    assert said.startswith(f"{ADDRESS}\n") and said.splitlines()[-1] == "unparsed"
    # Named, and without its run, it says the same.
    model = run / "models" / "last"
    assert command("play", ADDRESS, "--model", model) == (0, said, "")
    drawn = [command("play", ADDRESS, "--run", run, "--sampled", "--seed", i) for i in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert command("play", ADDRESS, "--run", run, "--format", "text")[0] == 0


def test_what_cannot_be_asked_is_said_first(run: Path, command: Command) -> None:
    for arguments, words in (
        (("nope/rung0#test:0:7",), 'unknown task "nope"'),
        ((ADDRESS, "--format", "sound"), 'unknown format "sound"'),
        ((ADDRESS, "--run", run.parent), "has no model; train one first"),
    ):
        code, said, wrong = command("play", *arguments)
        assert code == 2 and not said and words in wrong and len(wrong.splitlines()) == 1

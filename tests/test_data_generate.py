"""Datasets are functions of their settings, whoever writes them and whatever happens meanwhile."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import avrgym
from avrgym import TaskError, jobs
from avrgym.data import Settings, generate
from avrgym.data.containers import read
from avrgym.data.layouts import LAYOUTS, get
from avrgym.mixtures import Format, Mixture, Part, Phase, items
from written import FEW, bytes_of, mixture, settings

pytest.importorskip("pyarrow")
pytest.importorskip("filelock")


def rows_of(folder: Path) -> Iterator[dict[str, object]]:
    """All rows of a dataset, in order."""
    manifest = json.loads((folder / "manifest.json").read_text())
    writing = manifest["settings"]["writing"]
    columns = get(writing["layout"]).columns
    for phase in manifest["phases"].values():
        for shard in phase["shards"]:
            for batch in read(writing["container"], folder / shard["file"], folder, columns):
                yield from batch


@pytest.mark.parametrize("container", ["parquet", "jsonl", "webdataset"])
def test_rows_are_those_of_the_mixture(tmp_path: Path, container: str) -> None:
    mixed = mixture("align-mix+")
    manifest = generate(settings(mixed, container=container), tmp_path / "data")
    planned = [item for phase in mixed.phases for item in items(mixed, phase.name, 0, phase.size)]
    written = list(rows_of(tmp_path / "data"))
    assert [row["address"] for row in written] == [item.address for item in planned]
    assert [row["format"] for row in written] == [item.format.name for item in planned]
    assert [row["content"] for row in written] == avrgym.contents(i.address for i in planned)
    for row, item in zip(written, planned, strict=True):
        [sample] = avrgym.samples([item.address])
        assert row["completion"] == [
            {
                "role": "assistant",
                "content": avrgym.formats.target(sample, item.format.shown, item.format.rationale),
            }
        ]
        assert len(row["images"]) == item.format.pictured  # type: ignore[arg-type]
    assert manifest["phases"]["align"]["formats"] == {"image_via_text": 30, "text": 30}


def test_workers_and_time_do_not_enter_the_bytes(tmp_path: Path) -> None:
    for container in ("parquet", "jsonl", "webdataset"):
        wanted = settings(container=container)
        generate(wanted, tmp_path / container / "one")
        time.sleep(0.01)  # so that a clock in the bytes would show
        generate(wanted, tmp_path / container / "two", workers=2)
        one = bytes_of(tmp_path / container / "one")
        assert one == bytes_of(tmp_path / container / "two")
        assert len(one) > 5


# Kills itself where a number of files is finished and the next ones are begun.
_KILLED = """
import os, signal, sys
from pathlib import Path
from avrgym.data import Settings, Writing, generate
from avrgym.mixtures import named

folder, hashes, workers, files = sys.argv[1:]

def hear(stage, done, of):
    if len(list(Path(folder).glob("mix/*.jsonl"))) >= int(files):
        os.kill(os.getpid(), signal.SIGKILL)

writing = Writing(size=64, insist=True, shard_rows=50, container="jsonl")
mixed = named("mix", "grid_navigation", 900, 1)
generate(Settings(mixed, writing), folder, [hashes], int(workers), hear=hear)
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_and_started_again_it_ends_the_same(tmp_path: Path, workers: int) -> None:
    wanted = settings(mixture("mix", 900), shard_rows=50, container="jsonl")
    (tmp_path / "hashes").write_text("\n".join(avrgym.contents(["table_readout/hard#test:0:0"])))
    generate(wanted, tmp_path / "whole", [str(tmp_path / "hashes")])
    phase, inodes = tmp_path / "killed" / "mix", dict[Path, int]()
    arguments = [str(tmp_path / "killed"), str(tmp_path / "hashes"), str(workers)]
    for killed_at in (1, 7):  # finished files: killed twice, at different places
        # It ends when its workers have too, which write to the same pipes.
        killed = subprocess.run(
            [sys.executable, "-c", _KILLED, *arguments, str(killed_at)], capture_output=True
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        there = list(phase.glob("*.jsonl"))
        assert killed_at <= len(there) < 18
        assert all(len(file.read_bytes().splitlines()) == 50 for file in there), "a half file shows"
        assert inodes.items() <= {file: file.stat().st_ino for file in there}.items()
        inodes = {file: file.stat().st_ino for file in there}
    command = [
        *(sys.executable, "-m", "avrgym.cli", "generate", "mix", "--task", "grid_navigation"),
        *("--examples", "900", "--seed", "1", "--size", "64", "--insist", "--shard-rows", "50"),
        *("--container", "jsonl", "--workers", str(workers), "--to", str(tmp_path / "killed")),
        *("--exclude", str(tmp_path / "hashes")),
    ]
    assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
    assert bytes_of(tmp_path / "killed") == bytes_of(tmp_path / "whole")
    assert all(file.stat().st_ino == inode for file, inode in inodes.items()), "one was made again"


# A line for each file that is begun; and Ctrl-C is heard, which the background of a shell may not.
_TALKATIVE = """
import signal, sys
from avrgym.cli import main, progress

progress._EVERY = 0
signal.signal(signal.SIGINT, signal.default_int_handler)
main(sys.argv[1:])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_is_finished_and_says_so(tmp_path: Path, number: int) -> None:
    command = [
        *(sys.executable, "-c", _TALKATIVE, "generate", "image", "--task", "visual_analogy"),
        *("--examples", "16000", "--size", "64", "--insist", "--shard-rows", "5", "--workers", "2"),
        *("--to", str(tmp_path / "data")),
    ]
    # Its 1,600 lines do not fit into the pipe, so it cannot end before it is interrupted.
    process = subprocess.Popen(command, stderr=subprocess.PIPE, bufsize=0, pipesize=4096)
    assert process.stderr is not None
    for line in process.stderr:
        # When two workers have begun three files, one is finished.
        if line.startswith(b"writing rows: 15 of"):
            break
    process.send_signal(number)
    said = process.communicate()[1].decode()
    assert process.returncode == 130
    assert "the same command goes on from there" in said
    assert "Traceback" not in said
    assert list((tmp_path / "data").glob("image/*.parquet"))
    assert not list((tmp_path / "data").glob(".progress/**/*.parquet"))


def ends(way: str) -> str:
    """A job that goes wrong in some way, or never ends."""
    if way == "wrong":
        raise TaskError("this one is wrong")
    if way == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    while way == "never":
        pass
    return way


@pytest.mark.parametrize(
    ("way", "error", "words"),
    [("wrong", TaskError, "this one is wrong"), ("killed", OSError, "a worker was killed")],
)
def test_one_worker_that_fails_ends_the_others(
    way: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        list(jobs.run(ends, ["never", way, "never", "never"], 2))


def test_a_program_without_a_guard_or_a_file_has_workers(tmp_path: Path) -> None:
    program = (
        "from avrgym.data import Settings, Writing, generate\n"
        "from avrgym.mixtures import named\n"
        "writing = Writing(size=64, insist=True, shard_rows=25)\n"
        "generate(Settings(named('mix', 'grid_navigation', 60, 1), writing), 'data', workers=2)\n"
    )
    subprocess.run([sys.executable, "-"], input=program, text=True, cwd=tmp_path, check=True)
    generate(settings(), tmp_path / "here")
    assert bytes_of(tmp_path / "data") == bytes_of(tmp_path / "here")


def test_what_cannot_be_met_leaves_only_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "link").symlink_to("mine")
    wanted = settings(mixture("text", 600, level="rung0"), duplicates="fail")
    for folder in ("mine", "link", "a/b/c"):
        with pytest.raises(TaskError, match="the content of another"):
            generate(wanted, folder)
    monkeypatch.chdir(tmp_path / "mine")
    with pytest.raises(TaskError, match="the content of another"):
        generate(wanted, ".")
    for other in ({"workers": 0}, {"engine": "none"}):
        with pytest.raises(TaskError):
            generate(settings(), tmp_path / "a", **other)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["link", "mine"]


def test_another_generator_does_not_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["avrgym.data.settings"]
    generate(settings(), tmp_path)
    before = bytes_of(tmp_path)
    with monkeypatch.context() as changed:
        changed.setattr(module, "_probed", lambda task: "another encoder")
        with pytest.raises(TaskError, match=r"another generator.*the version of avrgym that began"):
            generate(settings(), tmp_path)
    generate(settings(), tmp_path)
    assert bytes_of(tmp_path) == before


def test_missing_files_of_a_finished_dataset_are_made_again(tmp_path: Path) -> None:
    wanted = settings(container="jsonl")
    made = generate(wanted, tmp_path)
    before = bytes_of(tmp_path)
    first, second, third = sorted((tmp_path / "mix").glob("*.jsonl"))
    kept = third.stat().st_ino
    first.unlink()
    second.write_bytes(second.read_bytes()[:99])
    assert generate(wanted, tmp_path) == made
    assert bytes_of(tmp_path) == before and third.stat().st_ino == kept
    next(tmp_path.glob("images/mix/00001/*.png")).unlink()
    assert generate(wanted, tmp_path) == made
    assert bytes_of(tmp_path) == before and third.stat().st_ino == kept


def test_a_hopeless_level_is_given_up_soon(tmp_path: Path) -> None:
    heard: list[int] = []
    with pytest.raises(TaskError, match=r"too few contents.* \d+ others") as wrong:
        generate(
            settings(mixture("text", 9000, level="rung0", params={**FEW, "kinds": "1-2"})),
            tmp_path / "data",
            hear=lambda stage, done, of: heard.append(done),
        )
    assert "64 others" not in str(wrong.value)
    assert len(set(heard)) > 3


def test_workers_are_as_many_as_may_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 7}, raising=False)
    assert jobs.cores() == 3


def test_other_settings_are_refused_before_any_work(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    generate(settings(), folder)
    before = bytes_of(folder)
    for other in (
        settings(mixture(size=61)),
        settings(mixture(seed=2)),
        settings(theme="varied"),
        settings(shard_rows=26),
        settings(layout="verl"),
    ):
        with pytest.raises(TaskError, match="begun with other settings: settings"):
            generate(other, folder)
    with pytest.raises(TaskError, match="excluded"):
        generate(settings(), folder, ["grid_navigation/hard#test:0:0-3"])
    assert bytes_of(folder) == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    with pytest.raises(TaskError, match="other files"):
        generate(settings(), tmp_path / "mine")


def test_bad_combinations_leave_nothing_behind(tmp_path: Path) -> None:
    text = mixture("text")
    for wanted, words in (
        (settings(layout="vlmevalkit", container="parquet"), "not made for parquet"),
        (settings(text, layout="vlmevalkit"), "a picture in each row"),
        (settings(layout="nope"), "unknown layout"),
        (Settings(Mixture("m", (Phase("a/b", 3, text.phases[0].parts),))), "name a folder"),
    ):
        with pytest.raises(TaskError, match=words):
            generate(wanted, tmp_path / "data")
        assert not (tmp_path / "data").exists()
    for bad in ({"size": 9}, {"theme": "x"}, {"quality": 0}, {"shard_rows": 0}, {"encoding": "x"}):
        with pytest.raises(TaskError):
            settings(**bad)


def complaints(said: str) -> list[str]:
    """What a command says besides how far it is, which it does if it takes its time."""
    return [line for line in said.splitlines() if not re.match("[a-z ]+: [0-9,]+ of ", line)]


@pytest.mark.parametrize(
    "options",
    [("text", "--examples", "8000"), ("image", "--examples", "400", "--container", "webdataset")],
)
def test_a_full_disk_names_the_folder(tmp_path: Path, options: tuple[str, ...]) -> None:
    def small() -> None:  # too small for the contents of the one, for the pictures of the other
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    full = subprocess.run(
        [
            *(sys.executable, "-m", "avrgym.cli", "generate", *options, "--size", "64", "--insist"),
            *("--task", "grid_navigation", "--workers", "1", "--to", str(tmp_path / "data")),
        ],
        preexec_fn=small,
        capture_output=True,
        text=True,
    )
    assert full.returncode == 3, full.stderr
    [said] = complaints(full.stderr)
    assert str(tmp_path / "data") in said and "File too large" in said


def test_a_full_disk_is_one_clear_error_and_no_loss(tmp_path: Path) -> None:
    arguments = [
        *(
            "generate",
            "image",
            "--task",
            "grid_navigation",
            "--examples",
            "400",
            "--size",
            "64",
            "--insist",
        ),
        *("--seed", "1", "--workers", "1", "--to", str(tmp_path / "data")),
    ]
    program = "import sys; from avrgym.cli import main; main(sys.argv[1:])"

    def small() -> None:  # every file above this size fails to grow, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    full = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        preexec_fn=small,
        capture_output=True,
        text=True,
    )
    assert full.returncode == 3, full.stderr
    [said] = complaints(full.stderr)
    assert "the same command goes on" in said
    assert not list((tmp_path / "data").glob("image/*"))
    again = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True)
    assert again.returncode == 0
    generate(settings(mixture("image", 400), shard_rows=10_000), tmp_path / "whole")
    assert bytes_of(tmp_path / "data") == bytes_of(tmp_path / "whole")


def test_a_path_that_cannot_be_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        generate(settings(), tmp_path / "file" / "data")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_memory_does_not_grow_with_the_rows() -> None:
    # Not ru_maxrss: a process begins with that of the one that starts it, which may be larger.
    program = """
import re, sys, tempfile
from pathlib import Path
from avrgym.data import Settings, Writing, generate
from avrgym.mixtures import named
with tempfile.TemporaryDirectory() as folder:
    generate(Settings(named("text", "table_readout", int(sys.argv[1]))), folder + "/data")
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
    small, large = (
        int(subprocess.check_output([sys.executable, "-c", program, str(examples)]))
        for examples in (4_000, 40_000)
    )
    assert large < small + 40_000, "KiB"


def test_every_layout_says_where_its_rows_come_from() -> None:
    for layout in LAYOUTS.values():
        assert list(layout.columns)[-3:] == ["address", "content", "format"]


def test_parts_that_stand_twice_are_written_twice(tmp_path: Path) -> None:
    part = Part("grid_navigation", "simple", Format("text"))
    twice = Mixture("twice", (Phase("all", 10, (part, part)),))
    manifest = generate(settings(twice), tmp_path / "data")
    addresses = sorted(str(row["address"]) for row in rows_of(tmp_path / "data"))
    assert addresses[::2] == addresses[1::2]
    assert manifest["phases"]["all"]["duplicates"] == 0
    assert manifest["phases"]["all"]["replaced"] == {"excluded": 0, "dropped": 0}

"""Ctrl-C at any moment, also while the package is imported: one line, and code 130."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("tyro")
pytest.importorskip("pyarrow")

# As the script does it, and says when it has begun: before that there is only the interpreter.
PROGRAM = (
    "import sys; sys.path[:0] = {path!r}\n"
    "import avrgym_command as it; it.arm(); print('begun', flush=True); it.main()"
)
RANGE = "grid_navigation/rung0#test:0:0-99999"
VERBS = (
    ("list",),
    ("show", "table_readout/hard#test:0:0"),
    ("gallery", "--force"),
    ("generate", RANGE, "--to", "data", "--workers", "1", "--size", "96"),
    ("evaluate", "--policy", "guess", "--suite", "s2h", "--to", "asked"),
    ("play", "--serve", "--port", "0"),
    ("train", "--dry-run"),
)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_an_interrupt_is_one_line_at_any_moment(verb: tuple[str, ...], tmp_path: Path) -> None:
    luck = random.Random(verb[0])
    for longest in (0.0, 0.3, 2.0):
        command = [sys.executable, "-c", PROGRAM.format(path=sys.path), *verb]
        with subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == "begun\n"
            try:
                process.wait(luck.uniform(0, longest))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            try:
                _, said = process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()  # else it is waited for without end
                raise
        lines = [line for line in said.splitlines() if line]
        if process.returncode == 0:  # it had ended, or was at its very end
            continue
        assert process.returncode == 130, said
        told = [line for line in lines if line.startswith("avrgym: interrupted")]
        assert len(told) == 1 and "Traceback" not in said and lines[-1] == told[0]
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob("*-gallery.html"))


def test_what_ignores_interrupts_goes_on_ignoring_them() -> None:
    ignore = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    end = "import os; os.kill(os.getpid(), signal.SIGINT)"
    made = PROGRAM.format(path=sys.path).replace("it.main()", f"{end}; it.main()")
    said = subprocess.run(
        [sys.executable, "-c", ignore + made, "list"], capture_output=True, text=True, check=True
    )
    assert said.stderr == "" and "grid_navigation" in said.stdout

"""Lines of JSON behind crashes, and folders of runs that two want at once."""

from pathlib import Path

import pytest

from avrgym import TaskError
from avrgym.files import jsonl
from avrgym.files.storage import located
from avrgym.runs.record import Record


@pytest.mark.parametrize("cut", [1, 4, 5, 9])
def test_a_line_that_was_cut_off_is_left_out_wherever_that_was(tmp_path: Path, cut: int) -> None:
    """Also within a character: three bytes are cut after the first or the second."""
    path = tmp_path / "x.jsonl"
    jsonl.append(path, [{"a": 1}, {"reply": "\ufffd\ufffd"}])
    path.write_bytes(path.read_bytes()[:-cut])
    jsonl.append(path, [{"b": "\ufffd"}])
    assert list(jsonl.read(path))[-1] == {"b": "\ufffd"}
    assert [line for line in jsonl.read(path) if "reply" not in line] == [{"a": 1}, {"b": "\ufffd"}]
    jsonl.keep(path, lambda line: "b" in line)
    assert list(jsonl.read(path)) == [{"b": "\ufffd"}]


def test_two_do_not_go_through_one_run(tmp_path: Path) -> None:
    with Record(tmp_path).alone():
        with pytest.raises(TaskError, match=r"another process goes through the run in .*--name"):
            with Record(tmp_path).alone():
                pass
        with Record(tmp_path, rank=1).alone():
            pass  # others of the same run
    with Record(tmp_path).alone():
        pass


def test_replies_of_other_processes_are_joined_once_wherever_that_was_stopped(
    tmp_path: Path,
) -> None:
    first, *others = (Record(tmp_path, rank) for rank in range(3))
    said = [{"address": f"a{at}", "reply": "é"} for at in range(6)]
    for at, row in enumerate(said):
        Record(tmp_path, at % 3).answered([row])
    beside = [tmp_path / f"results-{other.rank}.jsonl" for other in others]
    for record in (first, *others):  # all see all, though nothing is joined
        assert {row["address"] for row in record.results()} == {row["address"] for row in said}
        if not record.writes:
            record.join()
    kept = beside[0].read_bytes()
    first.join()
    joined = [said[at] for at in (0, 3, 1, 4, 2, 5)]
    assert list(first.results()) == joined and not any(file.exists() for file in beside)
    beside[0].write_bytes(kept + b'{"address": "cut off')  # as if it had been killed in between
    first.join()
    assert list(first.results()) == joined


def test_a_full_disk_says_which_file_or_folder(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"No space left.*x\.jsonl"):
        jsonl.append(tmp_path / "x.jsonl", [{"a": 1}])
    with pytest.raises(OSError) as said, located(tmp_path):
        with open("/dev/full", "w") as file:
            file.write("x")
    assert said.value.filename == str(tmp_path)
    for hidden in ("I/O error: File too large (os error 27)", "Error (os error 28)"):
        with pytest.raises(OSError) as said, located(tmp_path):
            raise RuntimeError(hidden)  # as safetensors and tokenizers put it
        assert said.value.filename == str(tmp_path)
    with pytest.raises(RuntimeError, match="os error 2"), located(tmp_path):
        raise RuntimeError("no such file (os error 2)")


def test_a_file_where_a_run_should_be_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(TaskError, match="run is there and holds no run; give another --name"):
        Record(tmp_path / "run").open({})

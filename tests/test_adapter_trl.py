"""Boards and tries as TRL calls them: played out, answered whatever is called, paid."""

import inspect
from typing import Any

import pytest

from avrgym import Picture, Source, TaskError, samples, verify
from avrgym.adapters.trl import GridBoard, Retry, TableBoard
from avrgym.adapters.walk import Told

PICTURE = Picture(112, "compact")
GRID = Source("grid_navigation", "rung4").address(3)
TABLE = Source("table_readout", "rung1").address(3)
TOOLS = {GridBoard: {"move", "no_path"}, TableBoard: {"move", "read"}, Retry: {"answer"}}
WORLDS: dict[Any, str] = {GridBoard: GRID, TableBoard: TABLE, Retry: GRID}


def walked(address: str) -> list[str]:
    """The moves of the grid's own answer."""
    [sample] = samples([address])
    return sample.answer.split(", ")


def seen(told: Told) -> list[dict[str, Any]]:
    """The blocks that were told."""
    assert isinstance(told, list)
    return told


def played(board: TableBoard) -> list[Any]:
    """What a table tells that is read by its own rationale."""
    [sample] = samples([TABLE])
    lines = [line.split() for line in sample.rationale.splitlines() if " " in line][:-1]
    cells = [(ord(cell[0]), ord(cell[1]), int(digit)) for cell, digit in lines]
    told: list[Any] = []
    for place, (row, column, digit) in enumerate(cells):
        if place:
            before = cells[place - 1]
            way = {(-1, 0): "up", (1, 0): "down", (0, -1): "left", (0, 1): "right"}
            told.append(board.move(way[row - before[0], column - before[1]]))  # type: ignore[arg-type]
        told.append(board.read(digit))  # type: ignore[arg-type]
    return told


@pytest.mark.parametrize("world", WORLDS)
def test_tools_are_what_a_trainer_finds(world: type[Any]) -> None:
    methods = inspect.getmembers(world, inspect.isfunction)  # as TRL looks for them
    public = {name for name, _ in methods if not name.startswith("_")}
    assert public - {"reset", "get_reward"} == TOOLS[world]
    schemas = pytest.importorskip("transformers.utils.chat_template_utils").get_json_schema
    for name in TOOLS[world]:
        assert schemas(getattr(world(), name))["function"]["name"] == name


def test_a_grid_is_walked_to_its_end() -> None:
    board = GridBoard(format="text")
    before = board.reset(address=GRID, answer="what else the row has")
    assert isinstance(before, str) and "W" in before.splitlines()[-2]
    earned = [board.get_reward()]
    *way, last = walked(GRID)
    for move in way:
        assert "You moved." in board.move(move)  # type: ignore[arg-type]
        earned.append(board.get_reward())
    assert earned == sorted(earned) and earned[0] == 0 < earned[-1] < 0.5
    assert "You have arrived" in board.move(last)  # type: ignore[arg-type]
    assert board.get_reward() == 1.0 and board.facts["success"] and board.facts["over"]
    assert board.move("up") == "It is over; nothing has changed."
    assert board.get_reward() == 1.0 and board.facts["moves"] == len(walked(GRID))
    assert board.facts["calls"] == board.facts["moves"] + 1


@pytest.mark.parametrize("world", [GridBoard, TableBoard])
def test_calls_may_cost(world: Any) -> None:
    board = world(format="text", cost=0.25)
    board.reset(address=WORLDS[world])
    board.move("nowhere")
    board.move("nowhere")
    assert board.get_reward() == -0.5
    board.reset(address=WORLDS[world])
    assert board.get_reward() == 0.0


def test_a_reset_is_as_a_new_board() -> None:
    used = GridBoard(format="text", max_moves=2)
    used.reset(address=GRID)
    assert "An obstacle is there: you stay." in used.move("up")
    assert "No moves are left" in used.move("right")
    fresh = GridBoard(format="text", max_moves=2)
    other = Source("grid_navigation", "rung1").address(0)
    for address in (other, GRID):
        assert used.reset(address=address) == fresh.reset(address=address)
        assert used.facts == fresh.facts
        assert used.move("right") == fresh.move("right")


def test_pictures_come_first_and_change_with_the_board() -> None:
    board = GridBoard(picture=PICTURE)
    shown, words = seen(board.reset(address=GRID))
    assert shown["image"].size == (112, 112) and words["type"] == "text"
    [moved, _] = seen(board.move("right"))
    assert moved["image"] != shown["image"]
    assert isinstance(board.reset(address=GRID, format="text-direct"), str)
    with pytest.raises(TaskError, match="too small for grid_navigation/hard"):
        GridBoard(picture=Picture(64)).reset(address="grid_navigation/hard#train:0:0")


@pytest.mark.parametrize(
    ("level", "right"), [("hard_unsolvable", 1.0), ("rung4", 0.0)], ids=["no way", "a way"]
)
def test_that_there_is_no_path_can_be_said(level: str, right: float) -> None:
    board = GridBoard(format="text")
    board.reset(address=Source("grid_navigation", level).address(3))
    board.move("right")
    assert board.no_path() == "It is over." and board.get_reward() == right
    assert board.facts["success"] == bool(right)


def test_a_table_is_read_to_its_end() -> None:
    board = TableBoard(format="text")
    assert "[6 S]" in board.reset(address=TABLE)
    told = played(board)
    assert "The whole path is read" in told[-1] and board.get_reward() == 1.0
    assert board.facts["left"] == 0 and not board.facts["misread"]


def test_a_misreading_ends_it() -> None:
    board = TableBoard(format="text")
    board.reset(address=TABLE)
    assert "The table ends there" in board.move("down") and board.facts["hits"] == 1
    board.read(6)
    assert 0 < board.get_reward() < 0.5
    assert "not the digit that is due" in board.read(7)
    assert board.facts["misread"] and board.facts["over"] and not board.facts["success"]


@pytest.mark.parametrize(
    "given", [{}, {"way": "up"}, {"direction": "north"}, {"direction": ["up"]}]
)
@pytest.mark.parametrize("world", [GridBoard, TableBoard])
def test_a_call_that_does_not_fit_is_answered_in_a_line(world: Any, given: dict[str, Any]) -> None:
    board = world(format="text")
    assert board.move(**given) == "It is over; nothing has changed."  # before any reset
    board.reset(address=WORLDS[world])
    before = board.facts
    said = board.move(**given)
    assert len(said.splitlines()) == 1 and said.endswith("nothing has changed.")
    assert board.facts == before | {"calls": 1, "refused": 1}


@pytest.mark.parametrize("digit", ["7", 10, -1, True, 2.0, None])
def test_only_digits_are_read(digit: Any) -> None:
    board = TableBoard(format="text")
    board.reset(address=TABLE)
    assert "nothing has changed" in board.read(digit) and not board.facts["over"]


def test_tries_go_on_until_one_is_right() -> None:
    retry = Retry(format="text")
    [sample] = samples([GRID])
    assert sample.twin in retry.reset(address=GRID)
    said = retry.answer("ba right bb\nbb up aa\nAnswer: right, up")
    assert said == 'That is wrong, first at "bb up aa" (move: wrong target). You have 2 tries left.'
    assert sample.answer not in retry.answer("hm") and retry.get_reward() == 0.0
    assert retry.answer(sample.rationale) == "That is right. It is over."
    assert retry.get_reward() == pytest.approx(1 / 3)
    assert [v.outcome for v in retry.facts["verdicts"]] == ["wrong", "unparsed", "correct"]


def test_no_wrong_try_earns_what_a_right_one_does() -> None:
    retry = Retry(format="text", tries=2, feedback="outcome")
    retry.reset(address=GRID)
    near = f"Answer: {', '.join(walked(GRID)[:-1])}"
    assert not verify([GRID], [near])[0].correct
    assert retry.answer(near) == "That is wrong. You have one try left."
    assert retry.answer(near) == "That is wrong. It is over."
    assert 0 < retry.get_reward() < 1 / 2
    assert retry.answer("Answer: up") == "It is over; nothing has changed."
    silent = Retry(format="text", tries=1, feedback="none")
    silent.reset(address=GRID)
    assert silent.answer("x") == "It is over."
    assert silent.get_reward() == 0.0


def test_a_try_takes_text_alone() -> None:
    retry = Retry(picture=PICTURE)
    [picture, _] = seen(retry.reset(address=GRID))
    assert picture["image"].size == (112, 112)
    assert "give text" in retry.answer(7)  # type: ignore[arg-type]
    assert retry.facts["refused"] == 1 and not retry.facts["verdicts"]


@pytest.mark.parametrize(
    ("world", "row", "said"),
    [
        (GridBoard, {}, "a row has no address"),
        (GridBoard, {"address": TABLE}, 'unknown task "table_readout"'),
        (TableBoard, {"address": GRID}, 'unknown task "grid_navigation"'),
        (Retry, {"address": "maze/rung0#train:0:0"}, 'unknown task "maze"'),
        (GridBoard, {"address": GRID, "format": "image_to_text"}, "unknown format"),
    ],
)
def test_a_row_that_names_no_problem_is_refused(world: Any, row: Any, said: str) -> None:
    with pytest.raises(TaskError, match=said):
        world(picture=PICTURE).reset(**row)


def test_settings_are_checked_before_anything_is_drawn() -> None:
    for world, given in (
        (GridBoard, {"format": "picture"}),
        (TableBoard, {"max_moves": 0}),
        (GridBoard, {"cost": "much"}),
        (Retry, {"tries": 0}),
        (Retry, {"feedback": "all"}),
    ):
        with pytest.raises(TaskError):
            world(**given)

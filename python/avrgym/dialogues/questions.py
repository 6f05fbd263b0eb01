"""The questions of a dialogue, in words: short for models that learn forms by example, or in full.

A full question says by an example in which form a reply is read; its names and cells are made up.
"""

import re
from collections.abc import Sequence

_FORMS: dict[str, str] = {
    "ends": "'The start is (a, b) and the destination is (c, d).', or of a table "
    "'The path leads from AlphaRow, May to BetaRow, June.'",
    "cell": "'Row 2 AlphaRow, column 3 May: 7'",
    "sum": "'Sum: 3 + 4 = 7'",
    "move": "'From (a, b) go down to (b, b), which is blank.', with 'the start', 'the destination' "
    "or 'where the horse is collected' at its end where that is so",
    "objects": "'Collect the horse at (a, b), the cloud at (c, d).'",
    "obstacles": "'avoid ab cd'",
    "reached": "'Reachable: (a, a), (a, b).'",
    "barred": "'Not reachable: the horse at (a, b).'",
    "example": "'Example 1, shape size: A small; B large; C small, large: OR.', or 'no relation'",
    "rule": "'Common relation: OR on shape size.', or where it differs 'Common relation: OR on "
    "shape size in example 1 and on line type in example 2.'",
    "query": "'Query, shape size: A small; B large.'",
    "option": "'Option 1, shape size: small: AND.', or 'no relation'",
    "fits": "'Option 1 is not consistent: XOR on shape size.'",
}


def opening(ordered: bool) -> str:
    """What goes before the first question in full.

    Args:
        ordered: Whether a way is asked for move by move.
    """
    told = "You are asked step by step: reply to each question in one line, and say no more."
    which = "The way is the shortest; of several, the first in the order up, down, left, right."
    return f"{told} {which}" if ordered else told


def question(kind: str, skills: Sequence[str], own: str, count: int) -> tuple[str, str]:
    """A turn's question, short and in full.

    Args:
        kind: One of the kinds of turns.
        skills: What the steps of the reply do.
        own: The reply that is owed, of which the question names at most whom it is about.
        count: Which of its kind it is, from 1.
    """
    if kind == "answer":
        return "Answer?", "What is the answer? Reply with one line of the form 'Answer: ...'."
    about = re.match(r"(?i)(?:example|option|e|o) ?(\d)|", own)
    number = about[1] if about and about[1] else str(count)
    on = found[1] if (found := re.match(r"\w+(?: \d)?, ([a-z ]+):", own)) else ""
    match tuple(skills):
        case ("locate",):
            return "Ends?", _full("Where does it start, and where does it end?", "ends")
        case ("next_cell", "read") | ("read", "next_cell"):
            told = f"Which is cell {count} of the path, and which digit does it hold?"
            return f"Cell {count}?", _full(told, "cell")
        case ("move",) | ("collect",):
            told = f"Which is move {count} of the way, from where and to where?"
            return f"Move {count}?", _full(told, "move")
        case ("apply_rule",):
            return "Sum?", _full("What do the digits add up to?", "sum")
        case ("next_cell",):
            return "Reachable?", _full("Which cells can be reached from the start?", "reached")
        case ("avoid",) if own.startswith("Not"):
            return "Not reachable?", _full("What cannot be reached?", "barred")
        case ("avoid",):
            return "Obstacles?", _full("Which cells hold obstacles?", "obstacles")
        case ("read", "compare"):
            told = f"{_of('Example', number, on)}: what is in its panels, and by which relation?"
            return f"Example {number}?", _full(told, "example")
        case ("infer_rule",):
            told = "Which relation do the examples share, and on what?"
            return "Rule?", _full(told, "rule")
        case ("read", "apply_rule"):
            told = f"{_of('Option', number, on)}: what does it show, and which relation is that?"
            return f"Option {number}?", _full(told, "option")
        case ("read",) if own[:1] in "qQ":
            return "Query?", _full(f"{_of('Query', '', on)}: what is in its panels?", "query")
        case ("read",) if own[:7].lower() == "collect":
            return "Objects?", _full("Which objects are there to collect, and where?", "objects")
        case ("conclude",) if own.startswith("Option"):
            told = f"Is option {number} consistent, and by which relation on what?"
            return f"Fits {number}?", _full(told, "fits")
    return f"Step {count}?", f"Which is step {count} of the work?"


def _of(what: str, number: str, on: str) -> str:
    return f"{what} {number}".strip() + (f", {on}" if on else "")


def _full(told: str, form: str) -> str:
    return f"{told} Reply such as {_FORMS[form]}."

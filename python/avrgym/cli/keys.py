"""Options that are keys of a file: ``--stages.1.steps 50``, ``--model.preset=small``."""

from collections.abc import Collection, Sequence

from avrgym._core import TaskError


def split(args: Sequence[str], own: Collection[str]) -> tuple[list[str], dict[str, str]]:
    """Arguments without the options that a verb does not have, and these by key.

    Args:
        args: As they were typed.
        own: The verb's own options, as fields are called.

    Raises:
        TaskError: A key has no value, or two.
    """
    left: list[str] = []
    keys: dict[str, str] = {}
    waiting = ""
    for arg in args:
        option, equals, value = arg.partition("=")
        name = option.removeprefix("--")
        typed = name.replace("-", "_")
        if waiting and not arg.startswith("--"):
            keys[waiting], waiting = arg, ""
        elif waiting:
            break
        elif not name or name == option or {typed, typed.removeprefix("no_")} & {*own, "help"}:
            left.append(arg)
        elif name in keys:
            raise TaskError(f"--{name} is given twice; give it once")
        elif equals:
            keys[name] = value
        else:
            waiting = name
    if waiting:
        raise TaskError(f"--{waiting} has no value; give one, such as --{waiting}=1")
    return left, keys

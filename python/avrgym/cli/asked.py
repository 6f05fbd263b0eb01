"""Which mixture the options of generate stand for, and how it is to be written."""

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from avrgym._core import TaskError
from avrgym.data.settings import Writing
from avrgym.mixtures import NAMES, SUFFIXES, Internalise, Mixture, load, named
from avrgym.prompts.format import Format

if TYPE_CHECKING:
    from avrgym.cli.generate import Generate
    from avrgym.train.pairing import Pairing

# Options that a mixture by name has a use for, and those that not every mixture has one for.
_OF_NAMED = ("task", "examples", "seed", "simple", "hard", "rationale", "internalise", "params")
_OF_SOME = (*_OF_NAMED, "format", "batch")
_OF_PAIRS = ("accuracy", "most", "cut", "ratio", "words")
_OF_STEPS = ("form", "kinds", "continuations", "policy", "labels")


def mixture(verb: "Generate") -> Mixture:
    """What the verb asks for.

    Raises:
        TaskError: Something is missing, or does not go with the kind of mixture.
    """
    from avrgym.data import addressed, ranges

    name = verb.mixture
    if name in NAMES:
        _only(verb, "is a mixture by name", "its formats are its own", *_OF_NAMED, "batch")
        return _by_name(verb)
    if ranges.found(name):
        remedy = (
            "addresses say it themselves, such as grid_navigation/hard?trace=dfs#test:0:0-999, "
            "and --format image-direct asks for no steps"
        )
        _only(verb, "is a range of addresses", remedy, "format")
        if verb.writing.get("duplicates") == "drop":
            raise TaskError(
                f"--duplicates drop would put other instances in place of some of {name}; "
                "leave it out, or give count or fail"
            )
        format = Format.parse("image" if verb.format is None else verb.format)
        made = addressed.mixture(name, format, verb.exclude)
    elif Path(name).suffix.lower() in SUFFIXES:
        _only(verb, "is a file", "a file says it itself", "seed", "batch")
        made = load(name)
        if verb.batch is not None:
            phases = tuple(replace(phase, batch=verb.batch) for phase in made.phases)
            made = replace(made, phases=phases)
    else:
        raise TaskError(
            f'no mixture "{name}"; give one of {", ".join(NAMES)}, a TOML or YAML file, '
            "or addresses such as grid_navigation/hard#test:0:0-999"
        )
    if verb.seed is not None:
        made = replace(made, seed=verb.seed)
    return made if verb.template is None else replace(made, template=verb.template)


def writing(verb: "Generate") -> Writing:
    """How rows are written, with the way with duplicates that addresses need.

    Raises:
        TaskError: A value is wrong; the message begins with its option.
    """
    from avrgym.data import ranges

    for name, value in verb.writing.items():
        try:
            Writing(**{name: value})
        except TaskError as wrong:
            typed = {"trainer": "for"}.get(name, name.replace("_", "-"))
            raise TaskError(f"--{typed}: {wrong}") from None
    made = Writing(**verb.writing)
    if made.duplicates == "auto" and ranges.found(verb.mixture):
        return replace(made, duplicates="count")
    return made


def no_pairs(verb: "Generate") -> None:
    """Refuses options of pairs where none are made.

    Raises:
        TaskError: One was given.
    """
    if given := [name for name in _OF_PAIRS if getattr(verb, name) is not None]:
        raise TaskError(f"--{given[0]} is of pairs, which are made of replies; give --for dpo too")
    no_steps(verb)


def no_steps(verb: "Generate") -> None:
    """Refuses options of labelled steps where none are made.

    Raises:
        TaskError: One was given.
    """
    if given := [name for name in _OF_STEPS if getattr(verb, name) is not None]:
        raise TaskError(f"--{given[0]} is of labelled steps; give --for prm too")


def pairing(verb: "Generate") -> "Pairing":
    """How replies of a folder are paired.

    Raises:
        TaskError: An option has no use, or a value is wrong; the message begins with its option.
    """
    from avrgym.train.pairing import Pairing

    if not Path(verb.mixture).is_dir():
        raise TaskError(
            f"--for: DPO wants pairs of replies, and {verb.mixture} is no folder that holds some; "
            "give that of avrgym train or of avrgym evaluate"
        )
    no_steps(verb)
    useless(verb, *_OF_SOME, "template", *(each.name for each in fields(Writing)))
    try:
        return Pairing(
            **{name: value for name in _OF_PAIRS if (value := getattr(verb, name)) is not None}
        )
    except TaskError as wrong:
        raise TaskError(str(wrong).replace("pairs.", "--", 1)) from None


def useless(verb: "Generate", *names: str) -> None:
    """Refuses options that a folder of replies has no use for.

    Raises:
        TaskError: One was given.
    """
    given = [_typed(name, value) for name in names if (value := getattr(verb, name, None))]
    plain = {each.name: each.default for each in fields(Writing)}
    given += [
        f"--{name.replace('_', '-')}"
        for name, value in verb.writing.items()
        if name in names and name != "trainer" and value != plain[name]
    ]
    given += [
        f"--{name}" for name in ("exclude", "dry-run") if getattr(verb, name.replace("-", "_"))
    ]
    if given:
        raise TaskError(
            f"{verb.mixture} is a folder of replies and has no use for {', '.join(given)}; leave "
            "that out: what was asked is shown as it was"
        )


def _only(verb: "Generate", kind: str, remedy: str, *allowed: str) -> None:
    """Refuses options that the kind of mixture has no use for.

    Raises:
        TaskError: One was given; silence would write other data than asked for.
    """
    given = {option: getattr(verb, option) for option in _OF_SOME if option not in allowed}
    useless = [_typed(option, value) for option, value in given.items() if value is not None]
    if useless:
        raise TaskError(
            f"{verb.mixture} {kind} and has no use for {', '.join(useless)}; "
            f"leave that out: {remedy}"
        )


def _typed(option: str, value: object) -> str:
    """An option as it was typed."""
    if isinstance(value, bool):
        return f"--{option}" if value else f"--no-{option}"
    return " ".join([f"--{option}", *(value if isinstance(value, tuple) else [str(value)])])


def _by_name(verb: "Generate") -> Mixture:
    if verb.task is None or verb.examples is None:
        raise TaskError(f"mixture {verb.mixture} needs --task and --examples")
    pairs = [pair.partition("=")[::2] for pair in verb.params or ()]
    if len(dict(pairs)) < len(pairs):
        raise TaskError(f"--params {' '.join(verb.params or ())} names one twice; give each once")
    return named(
        verb.mixture,
        verb.task,
        verb.examples,
        verb.seed or 0,
        simple=verb.simple if verb.simple is not None else "simple",
        hard=verb.hard if verb.hard is not None else "hard",
        rationale=verb.rationale is not False,
        params=dict(pairs),
        template=verb.template if verb.template is not None else "plain",
        internalise=Internalise() if verb.internalise else None,
        batch=1 if verb.batch is None else verb.batch,
    )

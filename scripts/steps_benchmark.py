"""Writes avrgym-steps: replies of several policies with the truth about each step, and a card.

Gold rationales of split test, each kind of error put into them, what a guesser and one without the
skill say, and replies of models that are named. Of each level a quarter has no error; of the others
there are as many of each place and skill of the first error as can be. The rows are those of an
evaluation, so any judge of steps is held to them at once; a Parquet file has the same with
pictures, for whoever has no avrgym.

    python scripts/steps_benchmark.py --to data/steps
    python scripts/steps_benchmark.py --models runs/quickstart --levels grid_navigation/rung0..rung3
    avrgym judge data/steps --scorer runs/mine
"""

import json
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import tyro

import avrgym
from avrgym import TaskError
from avrgym.core.address import setting_of
from avrgym.core.arguments import named, whole
from avrgym.core.corruption import CORRUPTIONS, corrupted
from avrgym.core.generator import generator
from avrgym.core.ladder import expand
from avrgym.core.pictures import Picture
from avrgym.core.samples import samples
from avrgym.evaluate import policies
from avrgym.evaluate.heldout import evaluation_addresses
from avrgym.evaluate.results import Result, judged
from avrgym.files import storage
from avrgym.models.completion import Completion
from avrgym.prm.corpus import table
from avrgym.prm.data import of_rows
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

LEVELS = ("*/simple", "*/hard", "*/rung0..rung3")
HELD_OUT = 4  # one content in so many is never trained on
CLEAN = 4  # one reply in so many has no error
GOLD = "gold"
MADE = (GOLD, *CORRUPTIONS)
SUBJECTS = ("guess", "blind")
TABLE = "test-00000-of-00001.parquet"  # as the hub names the one file of a split
#: First errors are counted by place up to these, one-based.
PLACES = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What to write."""

    to: Path
    levels: tuple[str, ...] = LEVELS
    items: int = 64
    """Problems a level."""
    replies: int = 256
    """Replies a level that are kept."""
    models: tuple[Path, ...] = ()
    """Folders of models or runs, whose sampled replies are among them, by the folder's name. Each
    is shown pictures as it learned from them."""
    format: str = "image"
    """image or text."""
    max_reply: int = 96
    """Tokens of models' replies."""
    size: int = 448
    """Pixels to a side of the pictures in the table."""
    theme: str = "paper"
    """Of these: paper, varied or compact."""
    seed: int = 0


def main(asked: Benchmark) -> None:
    """Writes the folder, whole or not at all."""
    if asked.to.exists():
        raise TaskError(f"{asked.to} is there; give a new folder with --to")
    whole("--items", asked.items, 1, 2**20)
    whole("--replies", asked.replies, 1, 2**20)
    named("format", asked.format, ("image", "text"))
    levels = expand(asked.levels)
    picture = Picture(asked.size, asked.theme)
    models = loaded(asked.models)
    if asked.format == "image":
        for each in (picture, *(model.picture for model in models)):
            each.check(levels)
    rows: list[Result] = []
    for level in levels:
        addresses = evaluation_addresses(
            level, items=asked.items, held_out=HELD_OUT, split="test", seed=asked.seed
        )
        drawn = [row for each in said(asked, addresses, models, picture) for row in each]
        rows += kept(drawn, asked.replies, asked.seed)
    within = asked.to.parent / f".{asked.to.name}.part"
    try:
        with storage.folder_aside(asked.to, within) as part:
            lines = "".join(row.line() + "\n" for row in rows)
            storage.write_text(part / "results.jsonl", lines, part)
            kinds = [row.policy if row.policy in MADE else "" for row in rows]
            whose = {"policy": [row.policy for row in rows]}
            labelled = of_rows(row.row() for row in rows)
            pairs = list(zip(labelled, kinds, strict=True))
            table(part / TABLE, pairs, picture, "columns", whose)
            storage.write_text(part / "README.md", card(asked, rows, picture), part)
    finally:
        if within.exists():
            within.rmdir()
    print(f"{len(rows):,} replies: {asked.to / 'results.jsonl'}")


def loaded(folders: Sequence[Path]) -> list[policies.Policy]:
    """Models, called as their folders are, so that no row says where these lie."""
    if folders:
        from avrgym.train.quiet import quieten

        quieten()
    names = [folder.resolve().name for folder in folders]
    for name, count in Counter([*MADE, *SUBJECTS, *names]).items():
        if count > 1:
            raise TaskError(f"--models: two policies are called {name}; give its folder a new name")
    found = [policies.model(folder) for folder in folders]
    return [replace(each, name=name) for each, name in zip(found, names, strict=True)]


def said(
    asked: Benchmark,
    addresses: Sequence[str],
    models: Sequence[policies.Policy],
    picture: Picture,
) -> Iterator[list[Result]]:
    """Replies of every policy to some samples, each policy's as rows."""
    format = Format.parse(asked.format)
    draws: dict[str, int] = {}

    def as_rows(
        policy: str,
        to: Sequence[str],
        replies: Sequence[Completion],
        shown: Picture = picture,
    ) -> list[Result]:
        """One draw a policy, which tells the replies to a problem apart."""
        prompts = [Prompt(address, format) for address in to]
        how: dict[str, Any] = {"stage": "", "decoding": "sampled", "picture": shown}
        own = draws.setdefault(policy, len(draws))
        return judged(prompts, replies, policy=policy, seed=asked.seed, draw=own, **how)

    gold = [Completion(each.rationale.encode()) for each in samples(addresses)]
    yield as_rows(GOLD, addresses, gold)
    for kind in CORRUPTIONS:
        made = [each for each in corrupted(addresses, kinds=[kind], seed=asked.seed) if each]
        replies = [Completion(each.reply.encode()) for each in made]
        yield as_rows(kind, [each.address for each in made], replies)
    subjects = [(policies.subject(name), picture) for name in SUBJECTS]
    for policy, shown in (*subjects, *((model, model.picture) for model in models)):
        assert policy.ask is not None
        replies = policy.ask(
            [Prompt(address, format) for address in addresses],
            shown,
            decoding="sampled",
            max_reply=asked.max_reply,
            batch=64,
            seed=asked.seed,
            draw=0,
            temperature=1.0,
            top_p=1.0,
        )
        # A judge of another vocabulary could not read the tokens; every judge encodes the words.
        plain = [Completion(bytes(each.reply), finish=each.finish) for each in replies]
        yield as_rows(policy.name, addresses, plain, shown)


def kept(rows: Sequence[Result], count: int, seed: int) -> list[Result]:
    """Distinct replies with steps: of policies' clean ones, and of wrong ones by their first error.

    One in ``CLEAN`` has no error, as many of each policy as can be; of the others there are as many
    of each place and skill of the first error. Where there are too few of either, the other fills
    up.
    """
    labelled = of_rows(row.row() for row in rows)
    seen = set[tuple[str, bytes]]()
    clean = dict[Hashable, list[int]]()
    wrong = dict[Hashable, list[int]]()
    for at in np.random.default_rng(seed).permutation(len(rows)).tolist():
        each = labelled[at]
        what = each.prompt.address, each.reply
        if not each.labels or what in seen:
            continue
        seen.add(what)
        first = each.first_error
        if first < 0:
            clean.setdefault(rows[at].policy, []).append(at)
        else:
            wrong.setdefault((first, each.skills[first]), []).append(at)
    ways = _in_turn(wrong)
    some = _in_turn(clean)[: max(count // CLEAN, count - len(ways))]
    return [rows[at] for at in sorted([*some, *ways[: count - len(some)]])]


def _in_turn(groups: Mapping[Hashable, Sequence[int]]) -> list[int]:
    """The first of each group, then the second of each, and so on."""
    return [at for turn in zip_longest(*groups.values()) for at in turn if at is not None]


def card(asked: Benchmark, rows: Sequence[Result], picture: Picture) -> str:
    """What the folder is, for whoever finds it, and for the hub."""
    settings = {
        "levels": list(asked.levels),
        "items": asked.items,
        "replies": asked.replies,
        "models": [folder.resolve().name for folder in asked.models],
        "format": asked.format,
        "max_reply": asked.max_reply,
        "seed": asked.seed,
        "picture": {"size": [picture.height, picture.width], "theme": picture.theme},
        "avrgym": avrgym.__version__,
        "generator": generator(),
    }
    lines = [
        "---\npretty_name: avrgym-steps\nconfigs:\n- config_name: default\n  data_files:\n"
        f"  - split: test\n    path: {TABLE}\n---\n",
        "# avrgym-steps\n",
        f"{len(rows):,} replies to problems of split `test`, each step with the truth about it: "
        "right, wrong, or not to be judged, where it stands in bytes, its skill, and why it is "
        "wrong. For measuring judges of steps; none of the contents is trained on by avrgym's "
        "runs.\n",
        "`results.jsonl` has rows as `avrgym evaluate` writes them; pictures are drawn from "
        "addresses, at the size and in the theme of whoever looks. Held to the truth, and to twins "
        "of the same problems:\n",
        "```sh\navrgym judge FOLDER --scorer YOUR_JUDGE\n```\n",
        f"`{TABLE}` has the same replies with pictures and labels, for `datasets`. A judge is good "
        "that finds the first wrong step of a reply (`first_error`, -1 for none): the share of "
        "wrong replies in which it does and the share of clean ones in which it finds none, and "
        "their harmonic mean.\n",
        "`gold` are the rationales of the problems; `fact`, `claim`, `copy`, `skipped`, `swapped` "
        "and `answer` the same with one error put in; `guess` answers by chance, `blind` is right "
        "as often as the best shortcut; models go by name, and have drawn their replies at a "
        f"temperature of 1. Of each level one reply in {CLEAN} has no error; of the others, every "
        "place and skill of the first error is as frequent as there are replies for it.\n",
    ]
    for title, counts in counted(rows).items():
        lines.append(f"| {title} | replies |\n|---|---|")
        lines += [f"| `{name}` | {count:,} |" for name, count in counts.items()]
        lines.append("")
    lines.append(f"```json\n{json.dumps(settings, indent=1)}\n```\n")
    return "\n".join(lines)


def counted(rows: Sequence[Result]) -> dict[str, dict[str, int]]:
    """How many replies there are of what, by what is counted."""
    held = of_rows(row.row() for row in rows)
    skills = [each.skills[each.first_error] if each.first_error >= 0 else "none" for each in held]
    levels = [setting_of(row.address) for row in rows]
    ways: dict[str, Sequence[str]] = {
        "policy": [row.policy for row in rows],
        "skill of the first error": skills,
        "task": [level.partition("/")[0] for level in levels],
        "level": levels,
    }
    found = {title: dict(sorted(Counter(names).items())) for title, names in ways.items()}
    places = Counter(_place(each.first_error) for each in held)
    return {**found, "step of the first error": {k: places[k] for k in _places() if places[k]}}


def _places() -> list[str]:
    ends = zip((0, *PLACES), PLACES, strict=False)
    spans = [f"{a + 1}" if a + 1 == b else f"{a + 1} to {b}" for a, b in ends]
    return ["none", *spans, f"over {PLACES[-1]}"]


def _place(first: int) -> str:
    """Of which span of places a first error is; zero-based, below 0 for none."""
    return _places()[0 if first < 0 else 1 + int(np.searchsorted(PLACES, first + 1))]


if __name__ == "__main__":
    try:
        main(tyro.cli(Benchmark, description=__doc__))
    except TaskError as wrong:
        raise SystemExit(f"steps_benchmark: {wrong}") from None

"""Writes avrgym-steps: replies of several policies with the truth about each step, and a card.

Gold rationales of split test, each kind of error put into them, what a guesser says, and replies of
models that are named; of each level as many of each place and skill of the first error as there
are. The rows are those of an evaluation, so any judge of steps is held to them at once.

    python scripts/steps_benchmark.py --to data/steps
    python scripts/steps_benchmark.py --models runs/quickstart --levels grid_navigation/rung0..rung3
    avrgym judge data/steps --scorer runs/mine
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

import avrgym
from avrgym import TaskError
from avrgym.core.address import setting_of
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
from avrgym.prm.data import balanced, of_rows
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

LEVELS = ("*/simple", "*/hard", "*/rung0..rung3")
HELD_OUT = 4  # one content in so many is never trained on


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
    """Folders of models or runs, whose sampled replies are among them; they are then of one size
    and theme of pictures, the first one's."""
    format: str = "image"
    max_reply: int = 96
    """Tokens of models' replies."""
    seed: int = 0


def main(asked: Benchmark) -> None:
    """Writes the folder, whole or not at all."""
    if asked.to.exists():
        raise TaskError(f"{asked.to} is there; give a new folder with --to")
    named = [policies.model(folder) for folder in asked.models]
    picture = named[0].picture if named else Picture()
    rows: list[Result] = []
    for level in expand(asked.levels):
        addresses = evaluation_addresses(
            level, items=asked.items, held_out=HELD_OUT, split="test", seed=asked.seed
        )
        drawn = [row for each in said(asked, addresses, named, picture) for row in each]
        rows += kept(drawn, asked.replies, asked.seed)
    within = asked.to.parent / f".{asked.to.name}.part"
    with storage.folder_aside(asked.to, within) as part:
        lines = "".join(row.line() + "\n" for row in rows)
        storage.write_text(part / "results.jsonl", lines, part)
        storage.write_text(part / "README.md", card(asked, rows, picture), part)
    if within.exists():
        within.rmdir()
    print(f"{len(rows):,} replies: {asked.to / 'results.jsonl'}")


def said(
    asked: Benchmark,
    addresses: Sequence[str],
    named: Sequence[policies.Policy],
    picture: Picture,
) -> Iterator[list[Result]]:
    """Replies of every policy to some samples, each policy's as rows."""
    format = Format.parse(asked.format)

    def as_rows(policy: str, to: Sequence[str], replies: Sequence[Completion]) -> list[Result]:
        """One draw a policy, which tells the replies to a problem apart."""
        prompts = [Prompt(address, format) for address in to]
        how: dict[str, Any] = {"stage": "", "decoding": "sampled", "picture": picture}
        own = draws.setdefault(policy, len(draws))
        return judged(prompts, replies, policy=policy, seed=asked.seed, draw=own, **how)

    draws: dict[str, int] = {}

    gold = [Completion(each.rationale.encode()) for each in samples(addresses)]
    yield as_rows("gold", addresses, gold)
    for kind in CORRUPTIONS:
        made = [each for each in corrupted(addresses, kinds=[kind], seed=asked.seed) if each]
        replies = [Completion(each.reply.encode()) for each in made]
        yield as_rows(kind, [each.address for each in made], replies)
    for policy in (policies.subject("guess"), *named):
        assert policy.ask is not None
        replies = policy.ask(
            [Prompt(address, format) for address in addresses],
            picture,
            decoding="sampled",
            max_reply=asked.max_reply,
            batch=64,
            seed=asked.seed,
            draw=0,
            temperature=1.0,
            top_p=1.0,
        )
        yield as_rows(policy.name, addresses, [_plain(each) for each in replies])


def _plain(each: Any) -> Completion:
    return Completion(each.reply, tuple(each.ids), each.finish, logprob=each.logprob)


def kept(rows: Sequence[Result], count: int, seed: int) -> list[Result]:
    """As many of each place and skill of the first error as there are, each row once."""
    labelled = of_rows(row.row() for row in rows)
    with_steps = [at for at, each in enumerate(labelled) if each.labels]
    order = balanced([labelled[at] for at in with_steps], 4 * count, seed, balance=1.0)
    chosen = list(dict.fromkeys(with_steps[at] for at in order.tolist()))[:count]
    return [rows[at] for at in sorted(chosen)]


def card(asked: Benchmark, rows: Sequence[Result], picture: Picture) -> str:
    """What the folder is, for whoever finds it."""
    policies_ = Counter(row.policy for row in rows)
    levels = Counter(setting_of(row.address) for row in rows)
    first: Counter[str] = Counter()
    for row in rows:
        wrong = next((step for step in row.steps if step[3] == "wrong" and not step[5]), None)
        first["none" if wrong is None else wrong[2]] += 1
    settings = {
        "levels": list(asked.levels),
        "items": asked.items,
        "replies": asked.replies,
        "models": [str(folder) for folder in asked.models],
        "format": asked.format,
        "seed": asked.seed,
        "picture": {"size": [picture.height, picture.width], "theme": picture.theme},
        "avrgym": avrgym.__version__,
        "generator": generator(),
    }
    lines = [
        "# avrgym-steps\n",
        f"{len(rows):,} replies to problems of split `test`, each step with the truth about it: "
        "right, wrong, or not to be judged, where it stands in bytes, its skill, and why it is "
        "wrong. For measuring judges of steps; none of the contents is trained on by avrgym's "
        "runs.\n",
        "A row is one of `avrgym evaluate`; pictures are drawn from addresses. Held to the "
        "truth:\n",
        "```sh\navrgym judge FOLDER --scorer YOUR_JUDGE\n```\n",
        "Gold rationales, each kind of error put into them (`avrgym.core.corruption`), a guesser, "
        "and models by name; chosen so that every place and skill of a first error is as frequent "
        "as there are replies for it.\n",
    ]
    for title, counts in (("policy", policies_), ("first error", first), ("level", levels)):
        lines.append(f"| {title} | replies |\n|---|---|")
        lines += [f"| `{name}` | {count:,} |" for name, count in sorted(counts.items())]
        lines.append("")
    lines.append(f"```json\n{json.dumps(settings, indent=1)}\n```\n")
    return "\n".join(lines)


if __name__ == "__main__":
    main(tyro.cli(Benchmark, description=__doc__))

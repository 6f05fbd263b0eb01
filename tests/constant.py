"""The best reply that says the same whatever is asked, for every reward, task and level.

It is searched for as a policy would find it: pieces that many samples share (answers, lines of
rationales, twins and questions, whole rationales and twins of other samples) are put together
greedily as long as the mean reward on split ``train`` rises; what the winner earns is told on
another split.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from avrgym import Sample, Source, Verdicts, rewards, verify

#: What the best constant reply may earn, by task, level and reward.
BOUNDS = Path(__file__).with_name("constants.toml")
#: Rewards that have one: tags are paid whatever stands between them.
BOUNDED = [name for name in rewards.REWARDS if name != "tags"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A reply and what it earns.

    Attributes:
        reply: What is said.
        mean: What that earns on the split it was not found on, 0 to 1.
    """

    reply: str
    mean: float


def bounds(task: str, level: str) -> dict[str, float]:
    """The committed bound for each reward."""
    levels: dict[str, dict[str, dict[str, float]]] = tomllib.loads(BOUNDS.read_text())
    return levels[task][level]


def best(
    task: str, level: str, reward: str, *, seen: int, pieces: int, rounds: int, tried: int
) -> Constant:
    """Searches one level for the constant reply that one reward pays most.

    Args:
        task: Of the level.
        level: Searched.
        reward: A name of ``rewards.REWARDS``.
        seen: Samples of split ``train`` that the search sees.
        pieces: How many of each kind of piece it tries.
        rounds: The most pieces that it puts together.
        tried: Samples of split ``test`` that the winner is tried on.
    """
    samples = Source(task, level, split="train", seed=17).samples(range(seen))
    addresses = [sample.address for sample in samples]

    def earned(reply: str) -> float:
        return _mean(verify(addresses, [reply] * seen), reward)

    parts = _pieces(samples, pieces)
    starts = ["", *(sample.rationale for sample in samples[:pieces])]
    starts += [sample.twin for sample in samples[:pieces]]
    points, text = max((earned(start), start) for start in starts)
    for _ in range(rounds):
        grown = [f"{part}\n{text}" for part in parts] + [f"{text}\n{part}" for part in parts]
        better, longer = max((earned(reply.strip()), reply.strip()) for reply in grown)
        if better <= points + 1e-9:
            break
        points, text = better, longer
    test = Source(task, level, split="test", seed=17).addresses(range(tried))
    return Constant(text, _mean(verify(test, [text] * tried), reward))


def _mean(verdicts: Verdicts, reward: str) -> float:
    return float(rewards.score(verdicts, reward).mean())


def _pieces(samples: list[Sample], each: int) -> list[str]:
    """The most common answers, and lines of rationales, twins and questions."""
    counts = {"answer": Counter[str](), "rationale": Counter[str](), "twin": Counter[str]()}
    for sample in samples:
        counts["answer"][f"Answer: {sample.answer}"] += 1
        counts["rationale"].update(set(sample.rationale.splitlines()[:-1]))
        counts["twin"].update(set(sample.twin.splitlines()))
    found = [piece for count in counts.values() for piece, _ in count.most_common(each)]
    return list(dict.fromkeys(found + samples[0].question.splitlines()[:each]))

"""A search from words: a strategy, a model and a scorer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from avrgym import config
from avrgym._core import TaskError
from avrgym.config import Kinds
from avrgym.config.overrides import value
from avrgym.core.arguments import named
from avrgym.evaluate import policies
from avrgym.prm.scorers import found
from avrgym.search import GROWTHS, STRATEGIES
from avrgym.search.grow import Growth
from avrgym.search.live import Grown, Ranked, told
from avrgym.search.rerank import Ranking


@dataclass(frozen=True, slots=True)
class _Asked:
    search: Annotated[Ranking | Growth, Kinds("avrgym.search:STRATEGIES")]


def strategy(word: str) -> Any:
    """A strategy as options say it: its kind, or a table, ``{ kind = "rebase", n = 32 }``.

    Raises:
        TaskError: There is none of that kind, or a key or value is wrong.
    """
    held = value(word)
    if isinstance(held, Mapping):
        return config.build(_Asked, {"search": held}, "--search").search
    kinds: dict[str, Any] = {each().kind: each for each in STRATEGIES}
    return kinds[named("search", word, kinds)]()


def searching(word: str, asked: str, scorer: str, aggregation: str = "last") -> policies.Policy:
    """A policy that asks another one several times, and answers once.

    Args:
        word: What is asked, see :func:`avrgym.evaluate.policies.found`; strategies that go step by
            step need a model's folder or a run.
        asked: See :func:`strategy`.
        scorer: See :func:`avrgym.prm.scorers.found`.
        aggregation: How scores of steps become one of a reply, where replies are chosen among.

    Raises:
        TaskError: There is no such strategy, scorer or model, or they do not go together.
    """
    how = strategy(asked)
    judge = found(scorer) if how.SCORED else None
    made: Ranked | Grown
    if isinstance(how, GROWTHS):
        base, step = _stepping(word, how.kind)
        made = Grown(how, step, judge)
    else:
        base = policies.found(word)
        if base.ask is None:
            raise TaskError(f"{word} answers one by one; evaluate it with --draws, then search")
        made = Ranked(how, base.ask, judge, aggregation)
    about = {"search": config.table(how)} | ({"scorer": scorer} if how.SCORED else {})
    if how.SCORED and not isinstance(how, GROWTHS):
        about["aggregation"] = aggregation
    name = f"{base.name}, {how.kind.replace('_', ' ')} of {how.n}"
    return replace(
        base,
        name=f"{name} by {scorer}" if how.SCORED else name,
        ask=made,
        about={**base.about, **about},
        told=lambda: told(made),
    )


def _stepping(word: str, kind: str) -> tuple[policies.Policy, Any]:
    """A model's policy, and the same model asked for steps."""
    if not Path(word).is_dir():
        raise TaskError(
            f"{kind} draws replies step by step, which {word} cannot; give the folder of a model "
            "or a run"
        )
    from avrgym.models.play import take
    from avrgym.models.stepping import steps

    player = take(Path(word))
    about = {"folder": str(player.folder)}
    return policies.Policy(word, picture=player.picture, about=about), partial(steps, player.loaded)

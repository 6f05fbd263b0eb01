"""A search from words: a strategy, a model and a scorer."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from avrgym import config
from avrgym._core import TaskError
from avrgym.config import Kinds
from avrgym.config.overrides import value
from avrgym.core.arguments import named
from avrgym.core.pictures import Picture
from avrgym.evaluate import policies
from avrgym.models.completion import Completion, Question
from avrgym.prm.scorers import found
from avrgym.prompts.prompt import Prompt
from avrgym.search import GROWTHS, STRATEGIES
from avrgym.search.grow import Beginning, Growth
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


def searching(
    word: str,
    asked: str,
    scorer: str,
    aggregation: str = "last",
    server: Callable[[], policies.Policy] | None = None,
) -> policies.Policy:
    """A policy that asks another one several times, and answers once.

    Args:
        word: What is asked, see :func:`avrgym.evaluate.policies.found`; strategies that go step by
            step need a model's folder, a run, or a server that goes on with what has begun.
        asked: See :func:`strategy`.
        scorer: See :func:`avrgym.prm.scorers.found`.
        aggregation: How scores of steps become one of a reply, where replies are chosen among.
        server: Makes the policy, where the word is a server's address.

    Raises:
        TaskError: There is no such strategy, scorer or model, or they do not go together.
    """
    how = strategy(asked)
    judge = found(scorer) if how.SCORED else None
    made: Ranked | Grown
    if isinstance(how, GROWTHS):
        if server and policies.is_server(word):
            base = server()
            step: Any = partial(_lines, base.steps)
        else:
            base, step = _stepping(word, how.kind)
        made = Grown(how, step, judge, weights=base.weights)
    else:
        base = server() if server and policies.is_server(word) else policies.found(word)
        draw: Any = base.ask
        if draw is None and base.stream is not None:
            draw = partial(_together, base.stream)
        if draw is None:
            raise TaskError(f"{word} answers one by one; evaluate it with --draws, then search")
        made = Ranked(how, draw, judge, aggregation, base.weights)
    about = {"search": config.table(how)} | ({"scorer": scorer} if how.SCORED else {})
    if how.SCORED and not isinstance(how, GROWTHS):
        about["aggregation"] = aggregation
    name = f"{base.name}, {how.kind.replace('_', ' ')} of {how.n}"
    return replace(
        base,
        name=f"{name} by {scorer}" if how.SCORED else name,
        ask=made,
        stream=None,
        about={**base.about, **about},
        told=lambda before: {**base.told(before), **told(made, before)},
    )


def _together(
    stream: policies.Stream,
    prompts: Sequence[Prompt],
    /,
    picture: Picture,
    *,
    decoding: Any,
    max_reply: int,
    seed: int,
    draw: int,
    temperature: float,
    top_p: float,
    **_: Any,
) -> list[Completion]:
    """A batch, of what answers one by one and in any order."""
    places = defaultdict[Prompt, list[int]](list)
    for place, prompt in enumerate(prompts):
        places[prompt].append(place)
    questions = [
        Question(prompt, picture, decoding, (draw,), temperature, top_p) for prompt in prompts
    ]
    said = dict[int, Any]()
    for question, _at, completion in stream(questions, max_reply=max_reply, seed=seed):
        said[places[question.prompt].pop(0)] = completion
    return [said[place] for place in range(len(prompts))]


def _stepping(word: str, kind: str) -> tuple[policies.Policy, Any]:
    """A model's policy, and the same model asked for steps."""
    if not Path(word).is_dir():
        raise TaskError(
            f"{kind} draws replies step by step, which {word} cannot; give the folder of a model, "
            "a run, or a server"
        )
    from avrgym.models.play import take
    from avrgym.models.size import weights
    from avrgym.models.stepping import steps

    player = take(Path(word))
    about = {"folder": str(player.folder)}

    def step(
        prompts: Sequence[Prompt], begun: Sequence[Beginning], picture: Picture, **how: Any
    ) -> list[Completion]:
        return steps(player.loaded, prompts, [each.ids for each in begun], picture, **how)

    size = weights(player.folder)
    return policies.Policy(word, picture=player.picture, about=about, weights=size), step


def _lines(
    ask: Any,
    prompts: Sequence[Prompt],
    begun: Sequence[Beginning],
    /,
    picture: Picture,
    *,
    room: int,
    seed: int,
    temperature: float,
    top_p: float,
    **_: Any,
) -> list[Completion]:
    """A line of a server behind each beginning."""
    from avrgym.models.endpoint import Begun

    asked = (
        Begun(
            place,
            Question(prompt, picture, "sampled", (0,), temperature, top_p),
            each.reply,
            room - each.tokens,
        )
        for place, (prompt, each) in enumerate(zip(prompts, begun, strict=True))
    )
    said = dict[int, Completion](ask(asked, seed=seed))
    return [said[place] for place in range(len(prompts))]

"""Scorers by a word: the verifier, a judge that was saved, or one that is served."""

from collections.abc import Callable, Mapping
from pathlib import Path

from avrgym._core import TaskError
from avrgym.core.arguments import nearest
from avrgym.evaluate.policies import is_server
from avrgym.prm.exact import Exact
from avrgym.prm.scorer import Scorer
from avrgym.prm.together import Together

#: Scorers that have a name; any other is the folder of a judge.
SCORERS: Mapping[str, Callable[[], Scorer]] = {"exact": Exact}
#: Where a run keeps its judges, a folder for each stage that made one.
JUDGES = "judges"
_SETTINGS = "judge.json"
_LIKELIHOOD = "likelihood:"
_AND = "+"
_MODEL = "#"


def found(word: str) -> Scorer:
    """A scorer by its name, or by the folder of a judge, or of a run that has one.

    ``likelihood:FOLDER`` is how likely steps are to the model of a folder or a run: what a judge is
    to be better than. Several with ``+`` between them are one, see
    :class:`avrgym.prm.together.Together`. ``http://…/v1``, or ``http://…/v1#model`` where a server
    has several models, is a judge behind a server, see :class:`avrgym.prm.served.Served`.

    Raises:
        TaskError: There is none, a run has several, or a server does not say which model it has.
    """
    if word in SCORERS:
        return SCORERS[word]()
    if _AND in word and not Path(word).exists():
        return Together([found(part) for part in word.split(_AND)])
    if is_server(word):
        return _served(word)
    if word.startswith(_LIKELIHOOD) and Path(word.removeprefix(_LIKELIHOOD)).is_dir():
        return _likelihood(Path(word.removeprefix(_LIKELIHOOD)))
    folder = Path(word)
    if not folder.is_dir():
        raise TaskError(
            f"no scorer {word!r}{nearest(word, SCORERS)}; give {', '.join(SCORERS)}, the folder of "
            f"a judge, {_LIKELIHOOD}FOLDER of a model, or a server, http://…/v1"
        )
    from avrgym.prm.judge import from_pretrained

    return from_pretrained(_within(folder))


def called(word: str) -> str:
    """What a scorer is called in tables: the names of folders without what leads to them."""
    parts = word.split(_AND) if not Path(word).exists() else [word]
    return " + ".join(
        "likelihood" if part.startswith(_LIKELIHOOD) else _name(part) for part in parts
    )


def _name(word: str) -> str:
    if is_server(word):
        url, _, model = word.partition(_MODEL)
        return model or url
    return Path(word).name


def weights(scorer: Scorer) -> int | None:
    """Of the scorer's models; 0 where it has none, None where nobody knows, as behind a server."""
    found: int | None = getattr(scorer, "weights", 0)
    return found


def _served(word: str) -> Scorer:
    from avrgym.models.endpoint import Endpoint, serves
    from avrgym.prm.served import Served

    url, marked, model = word.partition(_MODEL)
    if marked and not model:
        raise TaskError(f"{word} names no model; give one behind {_MODEL}, or leave {_MODEL} out")
    try:
        return Served(Endpoint(url, model or serves(url)))
    except TaskError as wrong:
        hint = str(wrong).replace("--model", f"{url}{_MODEL}model")
        raise TaskError(hint) from None


def _likelihood(folder: Path) -> Scorer:
    from avrgym.models.play import take
    from avrgym.models.spec import Tiny
    from avrgym.prm.heads.likelihood import Likelihood
    from avrgym.prm.judge import Judge, Settings

    player = take(folder)
    # What made the model is of use to whoever saves a judge, and nobody saves this one.
    return Judge(Settings(head=Likelihood(), model=Tiny(), picture=player.picture), player.loaded)


def _within(folder: Path) -> Path:
    """The folder of the judge itself: a run's only one."""
    if (folder / _SETTINGS).is_file():
        return folder
    held = sorted(path.parent for path in (folder / JUDGES).glob(f"*/{_SETTINGS}"))
    if len(held) == 1:
        return held[0]
    if held:
        names = ", ".join(str(each) for each in held)
        raise TaskError(f"{folder} holds several judges; give one of {names}")
    raise TaskError(
        f"{folder} holds no judge ({_SETTINGS} is missing); give the folder of a judge, or of a "
        'run with a stage "prm"'
    )

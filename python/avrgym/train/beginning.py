"""The model that a run begins with; one made from nothing has the words of the run's prompts."""

from collections.abc import Iterator

from avrgym.core.samples import samples
from avrgym.models.load import Loaded, begin
from avrgym.models.spec import Transformers
from avrgym.models.tokenizer import constant
from avrgym.prompts import formats
from avrgym.prompts.prompt import Prompt, chats
from avrgym.train.spec import Run

READ = 2_000  # prompts whose words make the vocabulary
SEEN = 200  # pictures whose patches make the patch embedding,
PIXELS = 200 * 168 * 168  # and of large ones as many as have so many pixels together


def begun(run: Run) -> Loaded:
    """The model and its processor.

    Raises:
        TaskError: It cannot be made or loaded so.
    """
    if isinstance(run.model, Transformers) or not run.stages:
        return begin(run.model, picture=run.picture, seed=run.seed)
    read = list(_read(run))
    drawn = samples(prompt.address for prompt in read)
    said = chats(read)
    asked = [formats.prompt(sample, "image") for sample in drawn]
    # Whatever the formats of training, an evaluation may show the twin.
    twins = [formats.prompt(sample, "text") for sample in drawn]
    replies = [str(chat.completion[0]["content"]) for chat in said]
    shown = [prompt.address for prompt in read if prompt.format.pictured]
    seen = min(SEEN, max(1, PIXELS // (run.picture.height * run.picture.width)))
    return begin(
        run.model,
        picture=run.picture,
        texts=[*twins, *replies, *asked, *(_turn(chat) for chat in said)],
        phrases=constant(asked),
        pictures=run.picture.draw(shown[:seen]),
        seed=run.seed,
    )


def _read(run: Run) -> Iterator[Prompt]:
    """Prompts of all stages, evenly; no address twice."""
    stages = run.planned()
    known = set[str]()
    for place, stage in enumerate(stages):
        curriculum = stage.curriculum.made(run.occasion(place, stage))
        for prompt in curriculum.draw(-(-READ // len(stages))):
            if prompt.address not in known:
                known.add(prompt.address)
                yield prompt


def _turn(chat: formats.Chat) -> str:
    return "".join(block.get("text", "") for block in chat.prompt[0]["content"])

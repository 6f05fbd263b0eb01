"""The verb evaluate: anything that replies, asked a suite, a row for each reply."""

import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from avrgym._core import TaskError
from avrgym.analyses.power import shown
from avrgym.cli import tallies
from avrgym.cli.codes import writing
from avrgym.cli.options import default
from avrgym.cli.progress import Hear, progress
from avrgym.core.extras import needs
from avrgym.core.score import Score
from avrgym.files.storage import sha256

with needs("data"):
    import tyro

if TYPE_CHECKING:
    from avrgym.evaluate.policies import Policy
    from avrgym.evaluate.session import Crew, Session


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Ask a model, a server, a function, a file of replies or a built-in subject a whole suite.

    Each reply is judged and written as it comes. Interrupted or killed, the same command goes on
    without asking twice. Each key of a suite is an option too. For example:

    avrgym evaluate --policy oracle --suite quick --to runs/oracle

    avrgym evaluate --policy http://localhost:8000/v1 --suite s2h --items 50 --to runs/qwen

    avrgym evaluate --policy runs/quickstart --suite ladder --max-reply 160 --to runs/rungs

    avrgym evaluate --policy my.module:reply --suite mine.toml --formats image,text --to runs/mine

    torchrun --nproc_per_node 2 -m avrgym.cli evaluate --policy runs/quickstart --suite ladder
    --to runs/rungs

    Attributes:
        policy: oracle, blind, guess or majority; the address of a server of the chat API; the
            folder of a model or a run; a function, package.module:function; or a file of replies.
        to: The folder: new, or begun by the same command.
        suite: s2h, ladder, quick, or a TOML file. A file of replies needs none: then it says itself
            what was asked.
        asked: The table of problems, where a file of replies has only their numbers, as lmms-eval
            writes it.
        model: As the server calls it.
        held_out: One content in so many is kept for evaluation, as by the run that trained it.
        in_flight: Requests to a server that are under way together.
        retries: How often a request to a server is made again that met a busy or broken one.
        parquet: Write results.parquet too, when all is there.
        json: Print JSON.
        dry_run: Only check everything, and say what would be asked, and which difference of two
            models that shows.
        search: Ask several times and answer once: majority, best_of_n, weighted_vote, rebase, beam
            or sample, or a table, { kind = "rebase", n = 32 }.
        scorer: Who scores the steps that a search goes by: exact, or the folder of a judge.
        aggregation: How scores of steps become one of a reply: last, min, mean or product.
        keys: What the other options say.
    """

    policy: str
    to: Path
    suite: Annotated[str | None, default("none")] = None
    asked: Annotated[Path | None, default("none")] = None
    model: Annotated[str | None, default("the server's only one")] = None
    held_out: int = 4
    in_flight: int = 16
    retries: int = 5
    parquet: bool = False
    json: bool = False
    dry_run: bool = False
    search: Annotated[str | None, default("none")] = None
    scorer: str = "exact"
    aggregation: str = "last"
    keys: Annotated[Mapping[str, str], tyro.conf.Fixed, tyro.conf.Suppress] = field(
        default_factory=dict
    )

    def do(self) -> bool:
        """Asks what was not asked yet, and prints how many were right."""
        from avrgym.evaluate import policies, suites

        if policies.is_file(self.policy):
            return _processes()[0] > 0 or self._file()  # there is nothing to share
        if self.asked is not None:
            raise TaskError(f"--asked is for a file of replies, not {self.policy}; leave it out")
        if self.suite is None:
            raise TaskError(f"--suite is missing; give a file, or {', '.join(suites.names())}")
        evaluation = suites.load(self.suite, self._typed())
        if self.search is not None and evaluation.decodings != ("sampled",):
            raise TaskError(
                f"a search draws, and decodings are {', '.join(evaluation.decodings)}; give "
                "--decodings sampled"
            )
        how: dict[str, Any] = {"suite": self.suite, "evaluation": evaluation}
        how["held_out"] = self.held_out
        if self.dry_run:
            from avrgym.evaluate.session import Session

            if _processes()[0] == 0:
                print(_plan(Session(policy=self.policy, **how)))
            return True
        crew = _crew()
        try:
            self._ask(how, crew)
        except TaskError as wrong:
            if crew.count == 1:
                raise
            from avrgym.train.processes import says_it

            # All of them find the same wrong: one says it, the others end.
            raise TaskError(str(wrong) if says_it(str(wrong)) else "") from None
        return True

    def _ask(self, how: Mapping[str, Any], crew: "Crew") -> None:
        """Asks this process's part; the first prints what all were told."""
        from avrgym.evaluate.folder import Folder
        from avrgym.evaluate.run import Share
        from avrgym.evaluate.session import Session, conduct

        if Path(self.policy).is_dir():
            from avrgym.train.quiet import quieten

            quieten()
        policy = self._who()
        session = Session(policy=policy.name, picture=policy.picture, about=policy.about, **how)
        folder = Folder(self.to, crew.rank)
        total = sum(len(batch.prompts) for batch in session.asked(Share(crew.rank, crew.count)))
        shown = nullcontext(_unheard) if crew.rank else progress()
        with shown as hear, writing("give another folder with --to", self.to):
            conduct(session, policy, folder, _Count(hear, total), crew)
            if self.parquet and crew.rank == 0:
                folder.pack()
        if crew.rank == 0:
            self._say(policy.name, folder.rows(), folder.settings().get("told", {}))

    def _who(self) -> "Policy":
        """What is asked.

        Raises:
            TaskError: There is none, or a search cannot ask it.
        """
        from avrgym.evaluate import policies

        if self.search is not None:
            from avrgym.search.begin import searching

            return searching(self.policy, self.search, self.scorer, self.aggregation, self._server)
        if policies.is_server(self.policy):
            return self._server()
        return policies.found(self.policy)

    def _server(self) -> "Policy":
        from avrgym.evaluate import policies

        how = {"in_flight": self.in_flight, "retries": self.retries}
        return policies.server(self.policy, self.model, **how)

    def _typed(self) -> dict[str, str]:
        """Keys of the suite, as options write them: with dashes for what files write otherwise."""
        return {key.replace("-", "_"): text for key, text in self.keys.items()}

    def _file(self) -> bool:
        """Judges a file of replies, compared with a suite if one is named."""
        from avrgym.evaluate import filed, session, suites
        from avrgym.evaluate.folder import Folder

        if self.asked is not None and not self.asked.is_file():
            raise TaskError(f"--asked {self.asked} is no file; give what avrgym generate wrote")
        keys = self._typed()
        if self.suite is None and (beside := sorted(set(keys) - {"formats"})):
            raise TaskError(
                f"without --suite {self.policy} says itself what was asked, and has no use for "
                f"--{beside[0].replace('_', '-')}; leave it out"
            )
        if self.suite is None:
            held = filed.read(Path(self.policy), format=keys.get("formats"), asked=self.asked)
            evaluation = held.evaluation()
        else:
            evaluation = suites.load(self.suite, keys)
            one = evaluation.formats[0] if len(evaluation.formats) == 1 else None
            held = filed.read(Path(self.policy), format=one, asked=self.asked)
        about = {"kind": "file", "sha256": held.digest}
        if self.asked is not None:
            about["asked"] = sha256(self.asked)
        made = session.Session(
            policy=self.policy,
            suite=self.suite or "",
            evaluation=evaluation,
            held_out=self.held_out,
            about=about,
        )
        if self.suite is not None:
            asked = [prompt for batch in made.asked() for prompt in batch.prompts]
            held.fit(asked, f"suite {self.suite}")
        if self.dry_run:
            print(f"{self.policy}: {len(held.said):,} replies to {len({*held.prompts}):,} prompts")
            return True
        folder = Folder(self.to)
        with progress() as hear, writing("give another folder with --to", self.to):
            session.file(made, held, folder, _Count(hear, len(held.said)))
            if self.parquet:
                folder.pack()
        self._say(self.policy, folder.rows(), {})
        return True

    def _say(self, policy: str, rows: Any, told: Mapping[str, Any]) -> None:
        tally = tallies.tallied(rows)
        file = self.to / "results.jsonl"
        if self.json:
            more = {"search": dict(told)} if "problems" in told else {}
            words = {"policy": policy, "suite": self.suite, "file": str(file), **more}
            print(tallies.as_json(tally, **words))
        else:
            print(tallies.as_table(tally))
            if "problems" in told:  # of a search
                print(_took(told))
            print(f"{policy}, suite {self.suite or 'of the file'}: {file}")


def _took(told: Mapping[str, Any]) -> str:
    """What a search took, see :func:`avrgym.search.live.told`, in a line."""
    flops = told["flops"]
    cost = "FLOPs unknown" if flops == "unknown" else f"{flops:.2g} FLOPs"
    return (
        f"a problem took {told['tokens']:,.0f} tokens in {told['calls']:,.0f} calls, and "
        f"{told['judged']:,.0f} that the scorer read: {cost}"
    )


_PATIENCE = timedelta(days=7)  # of a process for the slowest of its crew
_DISAGREEMENT = 0.2  # of models that are alike; of others it is more, and less shows


def _processes() -> tuple[int, int]:
    """Which process this is, and of how many that ``torchrun`` started."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


def _crew() -> "Crew":
    """The processes that ``torchrun`` started, or this one alone."""
    if _processes()[1] == 1:
        from avrgym.evaluate.session import Alone

        return Alone()
    from avrgym.train.processes import Processes

    return Processes(_PATIENCE)


def _unheard(stage: str, done: int, of: int, note: str = "") -> None:
    """Of several processes the first says how far it is."""


class _Count:
    """Counts rows as they come, and shows how far that is."""

    def __init__(self, hear: Hear, total: int) -> None:
        self.hear, self.total, self.score = hear, total, Score(0, 0)

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.score += Score(sum(bool(row["correct"]) for row in rows), len(rows))
        note = f"{self.score.accuracy:.1%} right" if self.score.total else ""
        self.hear("ask", self.score.total, self.total, note)


def _plan(session: "Session") -> str:
    """What a session would ask."""
    evaluation, items = session.evaluation, session.items()
    rows = [(level, f"{len(addresses):,}") for level, addresses in items.items()]
    count = sum(map(len, items.values()))
    names = (evaluation.formats, evaluation.templates, evaluation.decodings)
    said = "; ".join(", ".join(each) for each in names)
    if "sampled" in evaluation.decodings:
        said += f" at temperature {evaluation.temperature:g}, top_p {evaluation.top_p:g}"
    return "\n".join(
        [
            *(f"{level}: {found} items" for level, found in rows),
            f"{len(items)} levels, {count:,} items ({said}): {count * evaluation.replies:,} "
            f"replies of at most {evaluation.max_reply:,} tokens",
            _power({max(map(len, items.values())): "one level", count: "all levels"}),
        ]
    )


def _power(sizes: Mapping[int, str]) -> str:
    """Which differences so many items show."""
    said = [
        f"{'none' if least is None else f'{100 * least:.1f} points'} on {what} ({n:,} items)"
        for n, what in sizes.items()
        for least in [shown(n, _DISAGREEMENT)]
    ]
    return (
        "the least difference that shows, of two models that disagree on a fifth of the items, one "
        f"reply to each, at a power of 80 %: {', '.join(said)}"
    )

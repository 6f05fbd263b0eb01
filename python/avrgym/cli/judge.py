"""The verb judge: stored replies judged again, by the core or by a language model."""

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from avrgym._core import TaskError
from avrgym.cli.codes import writing
from avrgym.cli.options import default
from avrgym.cli.progress import progress
from avrgym.core.arguments import ranged, whole
from avrgym.core.extras import needs
from avrgym.core.generator import generator
from avrgym.evaluate.again import Moved, again, rewritten
from avrgym.evaluate.folder import PACKED, Folder
from avrgym.runs.record import RESULTS

with needs("data"):
    import tyro


@dataclass(frozen=True, slots=True)
class Judge:
    """Judge the replies of an evaluation or a run again, and say what moved.

    Nothing is asked: what was said stands in results.jsonl. With --by a language model behind a
    server of the chat API is asked of each reply whether it is right, and compared with the
    verifier; its opinions stand in opinions.jsonl, and none is asked for twice. With --scorer a
    judge of steps is measured against the verifier, and on twins that differ in one fact. For
    example:

    avrgym judge runs/oracle

    avrgym judge runs/oracle --write

    avrgym judge runs/qwen --by http://localhost:8000/v1 --limit 500

    avrgym judge runs/drawn --scorer runs/mine/judges/prm

    Attributes:
        folder: What avrgym evaluate or avrgym train wrote.
        write: Put the new verdicts in place of the old ones, all at once.
        json: Print JSON.
        scorer: A judge of steps: its folder, or that of a run that made it; exact; or
            likelihood:FOLDER, how likely steps are to a model.
        threshold: Below which score a step is called wrong.
        twins: Of how many problems twins are made; 0 for none.
        by: The address of a server.
        model: The judge, as the server calls it.
        given: What it is told beside question and reply: a right answer, the twin, or both.
        limit: How many replies it judges, spread over all of them; 0 for all.
        room: Tokens for what it says.
        in_flight: Requests that are under way together.
        retries: How often a request is made again that met a busy or broken server.
    """

    folder: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]
    write: bool = False
    json: bool = False
    scorer: Annotated[str | None, default("none")] = None
    threshold: float = 0.5
    twins: int = 512
    by: Annotated[str | None, default("none")] = None
    model: Annotated[str | None, default("the server's only one")] = None
    given: Literal["answer", "twin", "both"] = "both"
    limit: int = 0
    room: int = 1024
    in_flight: int = 16
    retries: int = 5

    def do(self) -> bool:
        """Judges, and writes if asked to."""
        file = self.folder / RESULTS
        if not file.is_file() and not (self.folder / PACKED).is_file():
            raise TaskError(f"{self.folder} holds no {RESULTS}; give the folder of an evaluation")
        if self.scorer is not None:
            return self._scorer(self.scorer)
        if self.by is not None:
            return self._by(self.by)
        if self.model is not None:
            raise TaskError("--model is of a server; give its address with --by, or leave it out")
        if self.write:
            with writing("make room, and give the same command", file):
                moved = rewritten(self.folder)
        else:
            moved = Moved()
            for _ in again(Folder(self.folder).rows(), moved):
                pass
        print(self._json(moved) if self.json else self._lines(moved, file))
        return True

    def _scorer(self, word: str) -> bool:
        """Measures a judge of steps."""
        from avrgym.cli.measured import as_json, as_table, measured
        from avrgym.evaluate.policies import is_server
        from avrgym.prm.scorers import found

        if self.by is not None or self.write:
            other = "--by" if self.by is not None else "--write"
            raise TaskError(f"--scorer measures a judge, and {other} does another thing; give one")
        ranged("--threshold", self.threshold, 0.0, 1.0)
        whole("--twins", self.twins, 0, 2**20)
        if Path(word).is_dir() or (":" in word and not is_server(word)):
            from avrgym.train.quiet import quieten

            quieten()
        made = measured(found(word), list(Folder(self.folder).rows()), self.threshold, self.twins)
        print(as_json(word, made) if self.json else as_table(word, made))
        return True

    def _by(self, url: str) -> bool:
        """Has a language model judge, and prints how far it agrees."""
        if self.write:
            raise TaskError("--write is of the verifier's verdicts; leave it out with --by")
        if not url.startswith(("http://", "https://")):
            raise TaskError(f"--by {url} is no server; give its address, http://…/v1")
        from avrgym.cli import agreements
        from avrgym.evaluate.opinions import OPINIONS, Opinions, judge, judged
        from avrgym.models.endpoint import Endpoint, serves

        how: dict[str, Any] = {"given": self.given, "limit": self.limit, "room": self.room}
        asked = Opinions("", **how)  # what is wrong with it is told before a server is asked
        endpoint = Endpoint(
            url, self.model or serves(url), in_flight=self.in_flight, retries=self.retries
        )
        asked = replace(asked, model=endpoint.model)
        file = self.folder / OPINIONS
        with progress() as hear, writing("make room, and give the same command", file):
            judge(self.folder, asked, endpoint, partial(hear, "ask"))
        found = agreements.of(judged(self.folder, asked))
        print(agreements.as_json(found, asked, file) if self.json else agreements.as_table(found))
        if not self.json:
            print(f"{asked.model} given {asked.given}, beside the verifier: {file}")
        return True

    def _json(self, moved: Moved) -> str:
        steps = [
            {"before": old, "after": new, "replies": count}
            for (old, new), count in sorted(moved.outcomes.items())
        ]
        made = {
            **{"replies": moved.rows, "changed": moved.changed, "inside": moved.inside},
            **{"outcomes": steps, "judged_by": dict(moved.judges), "generator": generator()},
            "written": self.write,
        }
        return json.dumps(made, ensure_ascii=False, indent=1)

    def _lines(self, moved: Moved, file: Path) -> str:
        lines = [
            f"{old} -> {new}: {count:,}"
            for (old, new), count in sorted(moved.outcomes.items())
            if old != new
        ]
        if moved.inside:
            lines.append(f"other steps, components or form, the same outcome: {moved.inside:,}")
        judges = ", ".join(moved.judges) or "nobody"
        lines.append(
            f"{file}: {moved.changed:,} of {moved.rows:,} replies moved; judged by {judges}, "
            f"now by {generator()}"
        )
        if moved.changed and not self.write:
            lines.append("nothing was written; --write puts the new verdicts there")
        return "\n".join(lines)

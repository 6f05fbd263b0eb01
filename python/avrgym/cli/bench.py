"""The verb bench: how fast this machine is."""

import json
from dataclasses import dataclass

import avrgym
from avrgym.cli import rates, terminal


@dataclass(frozen=True, slots=True)
class Bench:
    """Measure drawing, wording and judging on this machine, within a minute.

    Rates are per second, at level hard, pictures 448 x 448; ``of fill`` compares drawing with a
    plain fill of the same memory.
    """

    seconds: float = 0.3
    """Of each measurement."""
    json: bool = False
    """Print one JSON object instead of the table."""

    def do(self) -> bool:
        """Measures task by task, and prints."""
        if self.seconds <= 0:
            raise avrgym.TaskError(f"--seconds {self.seconds} measures nothing; give more than 0")
        rows = []
        for task in avrgym.TASKS:
            drawn, share = rates.drawing(task, "hard", self.seconds)
            words = rates.wording(task, "hard", self.seconds)
            judged = rates.judging(task, "hard", self.seconds)
            rows.append(
                {"task": task, "draw": drawn, "fill": share, "words": words, "judge": judged}
            )
        if self.json:
            print(json.dumps({"avrgym": avrgym.__version__, "level": "hard", "rates": rows}))
            return True
        console = terminal.console()
        for row in rows:
            console.print(f"[bold]{row['task']}[/bold]")
            console.print(f"  draw   {row['draw']:>9,.0f}/s, {row['fill']:.2f} of fill")
            console.print(f"  words  {row['words']:>9,.0f}/s")
            console.print(f"  judge  {row['judge']:>9,.0f}/s")
        return True

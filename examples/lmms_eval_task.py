"""A task folder for lmms-eval, loaded by its own task manager, and replies scored by the task.

Run it; a folder that is kept is what ``python -m lmms_eval --include_path FOLDER`` takes::

    python examples/lmms_eval_task.py --steps 4
"""

import argparse
from contextlib import chdir
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from lmms_eval.tasks import TaskManager, get_task_dict

from avrgym.data import Settings, Writing, generate
from avrgym.mixtures import Format, Mixture, Part, Phase


def main() -> None:
    """Writes the first problems of a level, and scores a right and a wrong reply to each."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--task", default="table_readout")
    said.add_argument("--level", default="rung0")
    said.add_argument("--steps", type=int, default=8, help="how many problems")
    given = said.parse_args()

    part = Part(given.task, given.level, Format("image"), split="test")
    mixture = Mixture(given.level, (Phase(given.level, given.steps, (part,)),))
    with TemporaryDirectory() as folder:
        generate(Settings(mixture, Writing(layout="lmms-eval")), folder)
        [spec] = Path(folder).glob("*.yaml")
        # The task names its rows from its own folder.
        with chdir(folder):
            manager = TaskManager(include_path=folder)
            task = get_task_dict([spec.stem], manager)[spec.stem]
            for doc in islice(task.test_docs(), given.steps):
                [picture] = task.doc_to_visual(doc)
                print(f"{doc['address']}  {picture.size}, {len(task.doc_to_text(doc))} characters")
                for reply in (f"Answer: {task.doc_to_target(doc)}", "I cannot tell."):
                    print(f"  {reply!r}: {task.process_results(doc, [reply])}")


if __name__ == "__main__":
    main()

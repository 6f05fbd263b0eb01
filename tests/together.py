"""What a process of several knows of the others, written down.

torchrun --nproc_per_node 2 together.py FOLDER
"""

import json
import sys
from pathlib import Path

from avrgym.train.processes import Processes, says_it

if __name__ == "__main__":
    processes = Processes()
    mine = processes.share(range(5))
    told = {
        "count": processes.count,
        "first": processes.first,
        "share": mine,
        "joined": processes.joined(mine),
        "said": processes.said(f"of {processes.rank}"),
        "says_it": says_it("what is wrong"),
    }
    Path(sys.argv[1], f"{processes.rank}.json").write_text(json.dumps(told))
    processes.wait()

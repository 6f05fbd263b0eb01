"""Settings: the one reader of files that say what to do, and what goes with it.

A file is TOML, YAML or JSON; what it says becomes a frozen dataclass, or is refused in one line
that names file, place and remedy before anything is done. Within, each uses earlier ones alone:
kinds → hints → plain → files · overrides · faults → read · write · toml → difference.
"""

from avrgym.config.difference import difference
from avrgym.config.kinds import Kinds, Word
from avrgym.config.read import build, read
from avrgym.config.write import table

__all__ = ["Kinds", "Word", "build", "difference", "read", "table"]

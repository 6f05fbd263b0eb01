"""What a dataset says of itself, for people."""

from pathlib import Path
from typing import Any


def say(folder: Path, manifest: dict[str, Any]) -> None:
    """Prints what a manifest says."""
    for name, phase in manifest["phases"].items():
        kinds = ", ".join(f"{key} {count:,}" for key, count in phase["formats"].items())
        gave_way = phase["replaced"]
        print(
            f"{name}: {phase['rows']:,} rows ({kinds}), {len(phase['shards'])} files, "
            f"{phase['bytes']:,} bytes; replaced {gave_way['excluded']:,} excluded and "
            f"{gave_way['dropped']:,} duplicate; {phase['duplicates']:,} duplicates left"
        )
    print(f"{folder / 'manifest.json'}; prove it with: avrgym data check {folder}")

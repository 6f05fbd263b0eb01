"""The verb gallery: everything on one page."""

from dataclasses import dataclass
from pathlib import Path

from avrgym.cli.codes import writing
from avrgym.cli.outputs import ELSEWHERE, there


@dataclass(frozen=True, slots=True)
class Gallery:
    """Write one HTML page with all tasks, levels and themes; it needs no other file."""

    to: Path = Path("gallery.html")
    """The file."""
    size: int = 448
    """Pixels to a picture's side; more where it could not be read."""
    force: bool = False
    """Replace a file that is there."""

    def do(self) -> bool:
        """Writes the gallery."""
        from avrgym.report.gallery import write_gallery

        if self.to.exists() and not self.force:
            raise there(self.to)
        with writing(ELSEWHERE, self.to):
            written = write_gallery(self.to, size=self.size)
        print(written)
        return True

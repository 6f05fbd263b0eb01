"""The verb report: what rows of runs and evaluations say, as a page, as JSON or as Markdown."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from avrgym._core import TaskError
from avrgym.cli.codes import said, writing
from avrgym.cli.options import default
from avrgym.core.extras import needs

with needs("data"):
    import tyro

_PAGE = "report.html"


@dataclass(frozen=True, slots=True)
class Report:
    """Say what runs and evaluations show, as one page that needs nothing else.

    Of one folder the page is its report.html. For example:

    avrgym report runs/quickstart

    avrgym report runs/qwen runs/smol runs/blind --to page.html

    avrgym report runs/quickstart --against before --json

    Attributes:
        folders: What avrgym train or avrgym evaluate wrote; the first is what others are compared
            to.
        to: The page's file.
        against: Whom all others are compared to: a subject as the page calls it, or a folder's
            name.
        json: Print the numbers of all sections as JSON, and write no page unless --to says where.
        markdown: Print the tables of all sections as Markdown, likewise.
    """

    folders: Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")] = (
        Path("runs/quickstart"),
    )
    to: Annotated[Path | None, default("report.html in the folder")] = None
    against: Annotated[str | None, default("the stage before, the first folder")] = None
    json: bool = False
    markdown: bool = False

    def do(self) -> bool:
        """Reads, and writes the page or prints."""
        from avrgym.report import answers
        from avrgym.report.gathered import gather
        from avrgym.report.inquiry import inquire

        if self.json and self.markdown:
            raise TaskError("--json and --markdown are two things to print; give one of them")
        prints = self.json or self.markdown
        to = self.to or (None if prints or len(self.folders) != 1 else self.folders[0] / _PAGE)
        if to is None and not prints:
            raise TaskError("several folders have one page; say where with --to page.html")
        if self.to is not None and (self.to.is_dir() or not self.to.parent.is_dir()):
            raise TaskError(f"--to {to} is no file in a folder that is there; give such a file")
        try:
            inquiry = inquire(gather(self.folders), self.against)
        except OSError as wrong:  # what cannot be read is bad input, not a failure to write
            raise TaskError(said(wrong, self.folders[0])) from None
        found = answers.answers(inquiry)
        if to is not None:
            from avrgym.report.page import write_page

            with writing("make room, or give another file with --to", to):
                written = write_page(inquiry, found, to)
            if not prints:
                print(written)
        if prints:
            form = answers.as_json if self.json else answers.as_markdown
            print(form(inquiry, found))
        return True

"""The page beside the data: README.md as hubs read it, and a contact sheet."""

from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from avrgym.data import layouts
from avrgym.data.containers import SUFFIXES, pictured
from avrgym.data.layouts import PICTURE, STRING, Feature
from avrgym.data.plan import Plan
from avrgym.data.settings import Settings
from avrgym.data.storage import aside, write_text
from avrgym.mixtures import items
from avrgym.samples import render

CARD = "README.md"
SHEET = "contact_sheet.png"

_CELL = 224  # pixels to a picture's side
_GAP = 8
_TITLE = 18
_COLUMNS = 4
_MOST = 12


def write(
    settings: Settings, manifest: dict[str, Any], plan: Plan, folder: Path, within: Path
) -> None:
    """Writes README.md and the contact sheet, whole or not at all."""
    sheet = contact_sheet(settings, plan)
    if sheet is not None:
        with aside(folder / SHEET, within) as path:
            path.write_bytes(sheet)
    write_text(folder / CARD, text(settings, manifest, sheet is not None), within)


def text(settings: Settings, manifest: dict[str, Any], has_sheet: bool) -> str:
    """The card."""
    from jinja2 import Environment, StrictUndefined

    template = files("avrgym.data").joinpath("card.md.jinja").read_text("utf-8")
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    suffix = SUFFIXES[settings.writing.container]
    whole = layouts.get(settings.writing.layout).whole
    paths = {
        name: phase["shards"][0]["file"] if whole else f"{name}/*.{suffix}"
        for name, phase in manifest["phases"].items()
    }
    splits = {
        name: _split({part["split"] for part in phase["parts"]})
        for name, phase in manifest["phases"].items()
    }
    return environment.from_string(template).render(
        settings=settings,
        manifest=manifest,
        layout=layouts.get(settings.writing.layout),
        loads=settings.writing.layout not in ("vlmevalkit", "nemo-gym"),
        declared=_declared(settings),
        paths=paths,
        splits=splits,
        sheet=SHEET if has_sheet else None,
        sizes=_magnitude(sum(phase["rows"] for phase in manifest["phases"].values())),
        tasks=sorted(
            {part["task"] for phase in manifest["phases"].values() for part in phase["parts"]}
        ),
    )


def contact_sheet(settings: Settings, plan: Plan) -> bytes | None:
    """Pictures of the first rows that have one, as PNG; None if there are none, or no Pillow."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        return None
    shown: list[tuple[str, str]] = []
    share = max(1, _MOST // len(settings.mixture.phases))
    for phase in settings.mixture.phases:
        first = items(settings.mixture, phase.name, 0, min(phase.size, 256))
        pictured = [item for item in first if item.format.pictured]
        names = [f"{phase.name} / {item.format.name}" for item in pictured[:share]]
        addresses = plan.moved(item.address for item in pictured[:share])
        shown += zip(names, addresses, strict=True)
    if not shown:
        return None
    rows = -(-len(shown) // _COLUMNS)
    width = min(len(shown), _COLUMNS) * (_CELL + _GAP) + _GAP
    canvas = Image.new("RGB", (width, rows * (_CELL + _TITLE + _GAP) + _GAP), "white")
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(12)
    pictures = render(
        [address for _, address in shown], settings.writing.size, settings.writing.theme
    )
    for i, ((title, _), picture) in enumerate(zip(shown, pictures, strict=True)):
        x = _GAP + i % _COLUMNS * (_CELL + _GAP)
        y = _GAP + i // _COLUMNS * (_CELL + _TITLE + _GAP)
        pen.text((x, y), title, fill="black", font=font)
        small = Image.fromarray(picture)
        small.thumbnail((_CELL, _CELL), Image.Resampling.LANCZOS)
        canvas.paste(small, (x, y + _TITLE))
    file = BytesIO()
    canvas.save(file, "PNG")
    return file.getvalue()


def _declared(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """By phase the columns of tars, as hubs write them; other files say it themselves.

    Of tars ``datasets`` would look at the first rows alone, and refuse them or lose all pictures
    where some of these have one and some have none.
    """
    if settings.writing.container != "webdataset":
        return {}
    columns = layouts.get(settings.writing.layout).columns
    words = {name: columns[name] for name in columns if name not in pictured(columns)}
    declared = {}
    for phase in settings.mixture.phases:
        members: dict[str, Feature] = {"json": words, "__key__": STRING, "__url__": STRING}
        if any(part.format.pictured for part in phase.parts):
            members = {settings.writing.encoding: PICTURE, **members}
        declared[phase.name] = [_feature(name, member) for name, member in members.items()]
    return declared


def _feature(name: str, feature: Feature) -> dict[str, Any]:
    """A column's type as hubs write it."""
    if isinstance(feature, list):
        inner = _feature("", feature[0])
        return {"name": name, "list": inner.get("dtype") or inner["struct"]}
    match feature.get("_type"):
        case "Value":
            return {"name": name, "dtype": feature["dtype"]}
        case "Image":
            return {"name": name, "dtype": "image"}
    return {"name": name, "struct": [_feature(key, inner) for key, inner in feature.items()]}


def _split(splits: set[str]) -> str:
    """The name of a split as hubs know it."""
    if len(splits) > 1:
        return "train"
    return {"train": "train", "val": "validation", "test": "test"}[next(iter(splits))]


def _magnitude(rows: int) -> str:
    """The hub's name for a number of rows."""
    steps = ["1K", "10K", "100K", "1M", "10M", "100M", "1B"]
    place = next((i for i in range(len(steps)) if rows < 10 ** (i + 3)), len(steps) - 1)
    return f"n<{steps[0]}" if place == 0 else f"{steps[place - 1]}<n<{steps[place]}"

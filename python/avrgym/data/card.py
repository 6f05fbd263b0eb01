"""The page beside the data: README.md as hubs read it, and a contact sheet."""

import json
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from avrgym.core.address import name_of
from avrgym.core.extras import needs
from avrgym.core.pictures import render
from avrgym.data import exports, layouts
from avrgym.data.containers import SUFFIXES, pictured
from avrgym.data.layouts import PICTURE, STRING, Feature
from avrgym.data.plan import Plan
from avrgym.data.settings import Settings
from avrgym.files.storage import aside, write_text
from avrgym.mixtures import items

CARD = "README.md"
SHEET = "contact_sheet.png"

_TAB = "\t"
_CELL = 224  # pixels to a picture's longer side
_NARROW = 160  # the least that a title has
_GAP = 8
_LINE = 16
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
    with needs("data"):
        from jinja2 import Environment, StrictUndefined

    template = files("avrgym.data").joinpath("card.md.jinja").read_text("utf-8")
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    suffix = SUFFIXES[settings.writing.container]
    whole = layouts.of(settings.writing).whole
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
        layout=layouts.of(settings.writing),
        loads=settings.writing.layout not in ("vlmevalkit", "nemo-gym"),
        usage=_usage(settings, manifest),
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
    titles: list[tuple[str, str]] = []
    addresses: list[str] = []
    share = max(1, _MOST // len(settings.mixture.phases))
    for phase in settings.mixture.phases:
        first = items(settings.mixture, phase.name, 0, min(phase.size, 256))
        shown = [item for item in first if item.format.pictured][:share]
        titles += [(name_of(item.address), f"{phase.name} / {item.format.name}") for item in shown]
        addresses += plan.moved(item.address for item in shown)
    if not addresses:
        return None
    height, width = settings.writing.sides
    scale = _CELL / max(height, width)
    high, wide = max(1, round(height * scale)), max(1, round(width * scale))
    across, down = max(wide, _NARROW) + _GAP, high + 2 * _LINE + _GAP
    rows = -(-len(addresses) // (_COLUMNS * (_CELL + _GAP) // across))
    columns = -(-len(addresses) // rows)
    canvas = Image.new("RGB", (columns * across + _GAP, rows * down + _GAP), "white")
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(12)
    pictures = render(addresses, settings.writing.size, settings.writing.theme, insist=True)
    for i, (title, picture) in enumerate(zip(titles, pictures, strict=True)):
        x, y = _GAP + i % columns * across, _GAP + i // columns * down
        for line, words in enumerate(title):
            while pen.textlength(words, font) > across - _GAP:
                words = f"{words[:-2]}…"
            pen.text((x, y + line * _LINE), words, fill="black", font=font)
        small = Image.fromarray(picture).resize((wide, high), Image.Resampling.LANCZOS)
        canvas.paste(small, (x, y + 2 * _LINE))
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
    columns = layouts.of(settings.writing).columns
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
            return {"name": name, "dtype": {"image": {"mode": feature["mode"]}}}
    return {"name": name, "struct": [_feature(key, inner) for key, inner in feature.items()]}


def _usage(settings: Settings, manifest: dict[str, Any]) -> str:
    """How the rows of the first phase are read."""
    writing = settings.writing
    name, phase = next(iter(manifest["phases"].items()))
    files = [shard["file"] for shard in phase["shards"]]
    match writing.container:
        case "tsv":
            read = f"table = pandas.read_csv({json.dumps(files[0])}, sep={json.dumps(_TAB)})"
            return _code("python", "import pandas", "", f"{read}  # column image has base64")
        case "webdataset":
            tars = f"{name}/{name}-{{00000..{len(files) - 1:05d}}}-of-{len(files):05d}.tar"
            return _code(
                "python",
                "import webdataset",
                "",
                f"tars = {json.dumps(tars)}",
                'for row in webdataset.WebDataset(tars, shardshuffle=False).decode("pil"):',
                f'    words, picture = row["json"], row.get("{writing.encoding}")',
            )
        case "jsonl":
            return _usage_of_lines(files[0], pictured(layouts.of(writing).columns))
    if writing.layout == "lmms-eval":
        task = exports.task_name(settings, name)
        return _code("sh", f"python -m lmms_eval --include_path . --tasks {task} --model …")
    split = _split({part["split"] for part in phase["parts"]})
    return _code(
        "python",
        "from datasets import load_dataset",
        "",
        "# The folder, or the name that a hub knows it by.",
        f'rows = load_dataset("path/to/folder", {json.dumps(name)}, split="{split}")',
    )


def _usage_of_lines(file: str, shown: list[str]) -> str:
    code = [
        "import json",
        "from pathlib import Path",
        "",
        'folder = Path(".")',
        f'for line in (folder / {json.dumps(file)}).open(encoding="utf-8"):',
        "    row = json.loads(line)",
    ]
    if not shown:
        return _code("python", *code)
    code.insert(2, "\nfrom PIL import Image")
    [column] = shown
    paths = {"images": 'row["images"]', "image": 'filter(None, [row["image"]])'}[column]
    return (
        _code("python", *code, f"    pictures = [Image.open(folder / path) for path in {paths}]")
        + f"\n\nColumn `{column}` has paths of files, relative to this folder. `load_dataset` "
        "gives these paths and no pictures; a trainer that opens them has to start in this folder."
    )


def _code(language: str, *lines: str) -> str:
    return "\n".join((f"```{language}", *lines, "```"))


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

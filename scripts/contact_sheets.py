"""Contact sheets: every task at every level, theme and size, to be looked at.

Writes ``runs/pictures/<task>-<theme>-<size>.png`` and the README's ``docs/images/tasks.png``.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import avrgym
from avrgym.core import facts

SIZES = (64, 224, 448)
GAP = 12
TITLE = 22
COLUMNS = 5


def sheet(pictures: list[tuple[str, NDArray[np.uint8]]], columns: int) -> Image.Image:
    """Pictures of one size in rows, each under its title."""
    height, width, _ = pictures[0][1].shape
    cell_width, cell_height = max(width, 90) + GAP, height + TITLE + GAP
    rows = -(-len(pictures) // columns)
    canvas = Image.new("RGB", (columns * cell_width + GAP, rows * cell_height + GAP), "white")
    pen = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(13)
    for i, (title, picture) in enumerate(pictures):
        x = GAP + i % columns * cell_width
        y = GAP + i // columns * cell_height
        pen.text((x, y), title, fill="black", font=font)
        canvas.paste(Image.fromarray(picture), (x, y + TITLE))
    return canvas


def readme_picture(side: int = 448) -> Image.Image:
    """All tasks at both levels, one column a task."""
    pictures = [
        (f"{task} / {level}", avrgym.render([f"{task}/{level}#train:0:3"], side)[0])
        for level in ("simple", "hard")
        for task in avrgym.TASKS
    ]
    return sheet(pictures, len(avrgym.TASKS))


def smallest(task: str, theme: str) -> Image.Image:
    """Each level at its smallest legible size, twice as large so that pixels are seen."""
    sides = {level: avrgym.legible_size(f"{task}/{level}", theme) for level in avrgym.levels(task)}
    canvas = np.full((2 * max(sides.values()),) * 2 + (3,), 255, np.uint8)
    pictures = []
    for level, side in sides.items():
        [drawn] = avrgym.render([f"{task}/{level}#train:0:0"], side, theme)
        place = canvas.copy()
        place[: 2 * side, : 2 * side] = drawn.repeat(2, 0).repeat(2, 1)
        pictures.append((f"{level} {side}", place))
    return sheet(pictures, COLUMNS)


def main() -> None:
    """Draws all sheets."""
    out = Path("runs/pictures")
    out.mkdir(parents=True, exist_ok=True)
    for task in avrgym.TASKS:
        for theme in avrgym.THEMES:
            smallest(task, theme).save(out / f"{task}-{theme}-smallest.png")
            for size in (*SIZES, facts.picture(task)):
                pictures = [
                    (
                        level,
                        avrgym.render([f"{task}/{level}#train:0:0"], size, theme, insist=True)[0],
                    )
                    for level in avrgym.levels(task)
                ]
                name = size if isinstance(size, int) else f"{size[1]}x{size[0]}"
                columns = COLUMNS if isinstance(size, int) else 3
                sheet(pictures, columns).save(out / f"{task}-{theme}-{name}.png")
    readme_picture().save("docs/images/tasks.png", optimize=True)


if __name__ == "__main__":
    main()

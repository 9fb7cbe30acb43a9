"""Faint patterns printed over a whole label."""

import math
from functools import lru_cache

from PIL import Image, ImageDraw

PATTERNS = ("none", "none", "dots", "pinstripes", "rings", "chevrons", "confetti", "hexagons")
FAINT = 26  # opacity, 0..255
CELL = 26


SHEET = (960, 720)


def pattern(name: str, width: int, height: int) -> Image.Image | None:
    """The mask of a pattern at a size in pixels, or None for a plain label."""
    return None if name == "none" else _sheet(name).crop((0, 0, width, height))


@lru_cache(maxsize=len(PATTERNS))
def _sheet(name: str) -> Image.Image:
    image = Image.new("L", (SHEET[0] * 2, SHEET[1] * 2))
    draw = ImageDraw.Draw(image)
    cell = CELL * 2
    for row in range(-1, image.height // cell + 2):
        for column in range(-1, image.width // cell + 2):
            x, y = column * cell + (row % 2) * cell / 2, row * cell
            _motif(draw, name, (x, y), row * 31 + column)
    return image.reduce(2)


def _motif(draw: ImageDraw.ImageDraw, name: str, at: tuple[float, float], number: int) -> None:
    x, y = at
    match name:
        case "dots":
            draw.ellipse((x, y, x + 14, y + 14), fill=FAINT)
        case "pinstripes":
            draw.line((x, y, x + CELL, y + CELL * 2), fill=FAINT, width=6)
        case "rings":
            draw.ellipse((x, y, x + 46, y + 46), outline=FAINT, width=5)
        case "chevrons":
            draw.line([(x, y + 18), (x + CELL, y), (x + 2 * CELL, y + 18)], fill=FAINT, width=6)
        case "confetti":
            angle = number * 2.4
            draw.line((x, y, x + 20 * math.cos(angle), y + 20 * math.sin(angle)), fill=FAINT + 10, width=8)
        case _:
            draw.polygon(
                [(x + 22 * math.cos(step * math.tau / 6), y + 22 * math.sin(step * math.tau / 6)) for step in range(6)],
                outline=FAINT,
                width=5,
            )

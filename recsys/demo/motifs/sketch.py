"""A small drawing board for illustrations: unit coordinates, smooth outlines, soft light at the end."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from recsys.demo.colours import Colour, darker

BOARD = 320
Point = tuple[float, float]


def smooth(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A closed Catmull-Rom curve through the points."""
    curve = []
    count = len(points)
    for index in range(count):
        before, start, end, after = (points[(index + offset) % count] for offset in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            curve.append(
                (
                    _spline(before[0], start[0], end[0], after[0], t),
                    _spline(before[1], start[1], end[1], after[1], t),
                )
            )
    return curve


def _spline(before: float, start: float, end: float, after: float, t: float) -> float:
    return 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )


class Sketch:
    """An illustration in the making; x to the right, y down, both 0..1."""

    def __init__(self) -> None:
        self.image = Image.new("RGBA", (BOARD, BOARD))
        self.draw = ImageDraw.Draw(self.image)

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        """Fill a polygon."""
        self.draw.polygon([(x * BOARD, y * BOARD) for x, y in points], fill=fill)

    def blob(self, points: Sequence[Point], fill: Colour) -> None:
        """Fill a smooth outline through the points."""
        self.polygon(smooth(points), fill)

    def oval(self, center: Point, radii: Point, fill: Colour, angle: float = 0.0) -> None:
        """Fill an ellipse turned by `angle` degrees."""
        cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        points = []
        for step in range(48):
            x = radii[0] * math.cos(step * math.tau / 48)
            y = radii[1] * math.sin(step * math.tau / 48)
            points.append((center[0] + x * cosine - y * sine, center[1] + x * sine + y * cosine))
        self.polygon(points, fill)

    def disc(self, center: Point, radius: float, fill: Colour) -> None:
        """Fill a circle."""
        self.oval(center, (radius, radius), fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """Draw a line with round joints."""
        self.draw.line(
            [(x * BOARD, y * BOARD) for x, y in points], fill=fill, width=round(width * BOARD), joint="curve"
        )

    def leaf(self, base: Point, length: float, angle: float, fill: Colour, width: float = 0.36) -> None:
        """Draw a leaf that grows from `base` towards `angle` degrees, with its midrib."""
        cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        outline = [(0, 0), (0.3, width / 2), (0.65, width / 2.4), (1, 0), (0.65, -width / 2.4), (0.3, -width / 2)]
        self.blob([_placed(base, length, cosine, sine, point) for point in outline], fill)
        rib = [_placed(base, length, cosine, sine, point) for point in ((0.05, 0), (0.9, 0))]
        self.line(rib, darker(fill, 0.25), 0.012)

    def lit(self) -> Image.Image:
        """The finished illustration with soft light from the upper left, RGBA."""
        alpha = self.image.getchannel("A")
        inner = np.asarray(alpha.filter(ImageFilter.GaussianBlur(BOARD / 22)), np.float32) / 255
        y, x = np.mgrid[0:BOARD, 0:BOARD].astype(np.float32) / BOARD
        glow = 1.22 - 0.42 * np.hypot(x - 0.34, y - 0.28)
        shade = glow * (0.62 + 0.38 * np.clip(inner * 1.25, 0, 1))
        pixels = np.asarray(self.image.convert("RGB"), np.float32) * shade[..., None]
        lit = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        lit.putalpha(alpha)
        return lit


def _placed(base: Point, length: float, cosine: float, sine: float, point: Point) -> Point:
    x, y = point[0] * length, point[1] * length
    return base[0] + x * cosine - y * sine, base[1] + x * sine + y * cosine

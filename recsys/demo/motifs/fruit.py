"""Illustrations of fruit."""

import math

from recsys.demo.colours import WHITE, Colour, colour, darker, lighter
from recsys.demo.motifs.sketch import Sketch

GREEN = colour("4f9a3a")
STALK = colour("6b4a2b")


def strawberry(sketch: Sketch, accent: Colour) -> None:
    """Draw a strawberry with its seeds."""
    red = colour("e02b3c")
    sketch.blob(
        [(0.5, 0.2), (0.8, 0.26), (0.88, 0.48), (0.7, 0.78), (0.5, 0.95), (0.3, 0.78), (0.12, 0.48), (0.2, 0.26)], red
    )
    for row, count in enumerate((5, 6, 5, 4, 2)):
        for column in range(count):
            center = (0.5 + (column - (count - 1) / 2) * 0.13, 0.38 + row * 0.11)
            sketch.oval(center, (0.013, 0.022), colour("ffd98a"))
    for angle in (-160, -125, -90, -55, -20):
        sketch.leaf((0.5, 0.24), 0.27, angle, GREEN, 0.45)


def citrus(sketch: Sketch, accent: Colour) -> None:
    """Draw a citrus fruit cut in half, in the accent colour."""
    sketch.disc((0.5, 0.52), 0.44, accent)
    sketch.disc((0.5, 0.52), 0.385, colour("fff6dc"))
    for step in range(9):
        angle = step * math.tau / 9
        tip = (0.5 + 0.05 * math.cos(angle), 0.52 + 0.05 * math.sin(angle))
        edge = [
            (0.5 + 0.35 * math.cos(angle + turn), 0.52 + 0.35 * math.sin(angle + turn))
            for turn in (-0.3, -0.15, 0, 0.15, 0.3)
        ]
        sketch.polygon([tip, *edge], lighter(accent, 0.22))
    sketch.leaf((0.62, 0.16), 0.34, -20, GREEN)


def banana(sketch: Sketch, accent: Colour) -> None:
    """Draw two bananas."""
    yellow = colour("f6cf3a")
    sketch.blob(
        [
            (0.2, 0.1),
            (0.3, 0.12),
            (0.36, 0.42),
            (0.6, 0.64),
            (0.92, 0.66),
            (0.94, 0.74),
            (0.62, 0.86),
            (0.3, 0.7),
            (0.14, 0.4),
        ],
        darker(yellow, 0.12),
    )
    sketch.blob(
        [
            (0.22, 0.1),
            (0.31, 0.1),
            (0.44, 0.34),
            (0.66, 0.48),
            (0.93, 0.46),
            (0.95, 0.53),
            (0.66, 0.68),
            (0.36, 0.55),
            (0.2, 0.3),
        ],
        yellow,
    )
    sketch.polygon([(0.2, 0.13), (0.22, 0.03), (0.29, 0.03), (0.31, 0.13)], STALK)


def mango(sketch: Sketch, accent: Colour) -> None:
    """Draw a mango with a cut cheek."""
    sketch.blob(
        [(0.3, 0.22), (0.58, 0.16), (0.86, 0.38), (0.88, 0.66), (0.62, 0.88), (0.3, 0.82), (0.12, 0.54)],
        colour("f29a2e"),
    )
    sketch.blob([(0.6, 0.2), (0.85, 0.4), (0.86, 0.62), (0.72, 0.5)], colour("dd5a35"))
    sketch.oval((0.36, 0.62), (0.2, 0.13), colour("ffc94a"), -28)
    sketch.leaf((0.46, 0.19), 0.34, -30, GREEN)


def apple(sketch: Sketch, accent: Colour) -> None:
    """Draw an apple in the accent colour."""
    sketch.blob(
        [
            (0.5, 0.28),
            (0.72, 0.2),
            (0.9, 0.42),
            (0.84, 0.74),
            (0.62, 0.93),
            (0.5, 0.89),
            (0.38, 0.93),
            (0.16, 0.74),
            (0.1, 0.42),
            (0.28, 0.2),
        ],
        accent,
    )
    sketch.oval((0.3, 0.42), (0.05, 0.1), lighter(accent, 0.5), 25)
    sketch.line([(0.5, 0.3), (0.53, 0.08)], STALK, 0.035)
    sketch.leaf((0.54, 0.17), 0.3, -18, GREEN)


def grapes(sketch: Sketch, accent: Colour) -> None:
    """Draw a bunch of grapes in the accent colour."""
    for row, count in enumerate((4, 3, 4, 3, 2, 1)):
        for column in range(count):
            center = (0.5 + (column - (count - 1) / 2) * 0.18, 0.28 + row * 0.125)
            sketch.disc(center, 0.105, darker(accent, 0.18))
            sketch.disc((center[0] - 0.012, center[1] - 0.015), 0.085, accent)
            sketch.disc((center[0] - 0.035, center[1] - 0.04), 0.022, lighter(accent, 0.6))
    sketch.line([(0.5, 0.22), (0.48, 0.04)], STALK, 0.035)
    sketch.leaf((0.5, 0.14), 0.36, -8, GREEN, 0.6)


def berries(sketch: Sketch, accent: Colour) -> None:
    """Draw three round berries in the accent colour."""
    sketch.leaf((0.46, 0.36), 0.36, -60, GREEN)
    sketch.leaf((0.5, 0.36), 0.36, -115, darker(GREEN, 0.15))
    for x, y, radius in ((0.32, 0.6, 0.23), (0.7, 0.58, 0.22), (0.52, 0.76, 0.2)):
        sketch.disc((x, y), radius, darker(accent, 0.1))
        sketch.disc((x - 0.02, y - 0.02), radius * 0.88, accent)
        sketch.disc((x, y - radius * 0.35), radius * 0.3, darker(accent, 0.4))
        sketch.disc((x - radius * 0.4, y - radius * 0.3), radius * 0.13, lighter(accent, 0.65))


def coconut(sketch: Sketch, accent: Colour) -> None:
    """Draw half a coconut."""
    sketch.disc((0.5, 0.54), 0.42, colour("6e4a2c"))
    sketch.oval((0.5, 0.5), (0.37, 0.33), WHITE)
    sketch.oval((0.5, 0.52), (0.27, 0.22), colour("e3e6e4"))
    sketch.leaf((0.7, 0.22), 0.3, -70, GREEN, 0.22)
    sketch.leaf((0.74, 0.24), 0.3, -30, darker(GREEN, 0.1), 0.22)


def melon(sketch: Sketch, accent: Colour) -> None:
    """Draw a wedge of melon in the accent colour."""
    for depth, shade in ((0.0, darker(GREEN, 0.1)), (0.05, colour("e9f2c8")), (0.09, accent)):
        points = [
            (0.5 + (0.46 - depth) * math.cos(t * math.pi / 20), 0.3 + (0.5 - depth) * math.sin(t * math.pi / 20))
            for t in range(21)
        ]
        sketch.polygon(points, shade)
    for x, y in ((0.34, 0.42), (0.5, 0.48), (0.66, 0.42), (0.42, 0.58), (0.58, 0.58)):
        sketch.oval((x, y), (0.016, 0.03), colour("4a2d20"))


def pineapple(sketch: Sketch, accent: Colour) -> None:
    """Draw a pineapple."""
    for angle in (-150, -120, -90, -60, -30):
        sketch.leaf((0.5, 0.4), 0.4, angle, GREEN, 0.28)
    sketch.oval((0.5, 0.66), (0.25, 0.31), colour("eeb22f"))
    for row in range(5):
        for column in range(4 - row % 2):
            x, y = 0.5 + (column - (3 - row % 2) / 2) * 0.11, 0.5 + row * 0.08
            sketch.polygon([(x, y - 0.045), (x + 0.05, y), (x, y + 0.045), (x - 0.05, y)], colour("d08a1f"))


def avocado(sketch: Sketch, accent: Colour) -> None:
    """Draw half an avocado."""
    outline = [(0.5, 0.06), (0.66, 0.2), (0.8, 0.56), (0.74, 0.84), (0.5, 0.96), (0.26, 0.84), (0.2, 0.56), (0.34, 0.2)]
    sketch.blob(outline, colour("3f6a2a"))
    sketch.blob([(0.5 + (x - 0.5) * 0.85, 0.52 + (y - 0.52) * 0.87) for x, y in outline], colour("d9e38a"))
    sketch.disc((0.5, 0.66), 0.17, colour("8a5a31"))


FRUIT = {
    "strawberry": strawberry, "citrus": citrus, "banana": banana, "mango": mango, "apple": apple, "grapes": grapes,
    "berries": berries, "coconut": coconut, "melon": melon, "pineapple": pineapple, "avocado": avocado,
}  # fmt: skip

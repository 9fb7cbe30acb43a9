"""Illustrations of vegetables, grains and spices."""

from recsys.demo.colours import WHITE, Colour, colour, darker, lighter
from recsys.demo.motifs.sketch import Sketch

GREEN = colour("4f9a3a")


def rice(sketch: Sketch, accent: Colour) -> None:
    """Draw a bowl of rice, tinted by the accent."""
    sketch.blob([(0.16, 0.5), (0.3, 0.26), (0.5, 0.18), (0.7, 0.26), (0.84, 0.5), (0.5, 0.6)], lighter(accent, 0.65))
    for step in range(22):
        x, y = 0.3 + (step * 0.37) % 0.42, 0.3 + (step * 0.23) % 0.2
        sketch.oval((x, y), (0.028, 0.012), lighter(accent, 0.35), step * 47)
    sketch.blob([(0.08, 0.48), (0.92, 0.48), (0.8, 0.78), (0.62, 0.9), (0.38, 0.9), (0.2, 0.78)], accent)
    sketch.line([(0.14, 0.57), (0.86, 0.57)], WHITE, 0.02)


def mushroom(sketch: Sketch, accent: Colour) -> None:
    """Draw mushrooms."""
    for x, y, size in ((0.62, 0.2, 0.8), (0.34, 0.32, 1.0)):
        sketch.blob(
            [
                (x - 0.08 * size, y + 0.28 * size),
                (x + 0.08 * size, y + 0.28 * size),
                (x + 0.11 * size, y + 0.58 * size),
                (x - 0.11 * size, y + 0.58 * size),
            ],
            colour("f1e6d2"),
        )
        sketch.blob(
            [
                (x - 0.28 * size, y + 0.3 * size),
                (x - 0.2 * size, y + 0.06 * size),
                (x, y),
                (x + 0.2 * size, y + 0.06 * size),
                (x + 0.28 * size, y + 0.3 * size),
                (x, y + 0.36 * size),
            ],
            colour("b08458"),
        )


def corn(sketch: Sketch, accent: Colour) -> None:
    """Draw an ear of corn."""
    sketch.oval((0.5, 0.46), (0.2, 0.4), colour("f2c230"))
    for row in range(9):
        for column in range(-2, 3):
            sketch.oval((0.5 + column * 0.075, 0.16 + row * 0.075), (0.03, 0.028), colour("ffdd6a"))
    for base, angle in (((0.44, 0.94), -112), ((0.56, 0.94), -68)):
        sketch.leaf(base, 0.64, angle, GREEN, 0.42)


def carrot(sketch: Sketch, accent: Colour) -> None:
    """Draw a carrot."""
    for angle in (-75, -45, -15):
        sketch.leaf((0.66, 0.34), 0.38, angle, GREEN, 0.3)
    sketch.blob([(0.58, 0.28), (0.74, 0.42), (0.5, 0.68), (0.12, 0.94), (0.3, 0.52)], colour("ee7d25"))
    for x, y in ((0.5, 0.44), (0.36, 0.6), (0.46, 0.64)):
        sketch.line([(x, y), (x + 0.09, y + 0.06)], darker(colour("ee7d25"), 0.2), 0.014)


def chili(sketch: Sketch, accent: Colour) -> None:
    """Draw two chilies."""
    for shift in (0.0, 0.16):
        sketch.blob(
            [
                (0.24 + shift, 0.2),
                (0.38 + shift, 0.2),
                (0.44 + shift, 0.5),
                (0.7 + shift / 2, 0.84),
                (0.4 + shift, 0.72),
                (0.26 + shift, 0.46),
            ],
            darker(colour("dc2f22"), shift),
        )
        sketch.line([(0.31 + shift, 0.2), (0.3 + shift, 0.08)], GREEN, 0.04)


def cinnamon(sketch: Sketch, accent: Colour) -> None:
    """Draw cinnamon sticks and a star of anise."""
    for x, lean in ((0.24, 0.34), (0.38, 0.3), (0.52, 0.26)):
        sketch.line([(x, 0.92), (x + lean, 0.12)], colour("8f4f26"), 0.12)
        sketch.line([(x - 0.02, 0.9), (x + lean - 0.02, 0.13)], colour("b9733f"), 0.03)
    for step in range(8):
        angle = step * 45
        sketch.leaf((0.72, 0.72), 0.22, angle, colour("6a3a1c"), 0.4)
    sketch.disc((0.72, 0.72), 0.04, colour("d9a05a"))


KITCHEN = {
    "rice": rice, "mushroom": mushroom, "corn": corn, "carrot": carrot, "chili": chili, "cinnamon": cinnamon,
}  # fmt: skip

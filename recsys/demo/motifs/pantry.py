"""Illustrations of plants and of what comes from the kitchen."""

import math

from recsys.demo.colours import WHITE, Colour, colour, darker, lighter
from recsys.demo.motifs.sketch import Sketch

GREEN = colour("4f9a3a")


def chocolate(sketch: Sketch, accent: Colour) -> None:
    """Draw pieces of a chocolate bar."""
    brown = colour("5a321d")
    for x, y in ((0.3, 0.12), (0.56, 0.2), (0.16, 0.36), (0.42, 0.44), (0.68, 0.52), (0.28, 0.68)):
        sketch.polygon([(x, y), (x + 0.24, y + 0.075), (x + 0.17, y + 0.29), (x - 0.07, y + 0.215)], brown)
        sketch.polygon(
            [(x + 0.03, y + 0.045), (x + 0.19, y + 0.095), (x + 0.14, y + 0.24), (x - 0.02, y + 0.19)],
            lighter(brown, 0.2),
        )


def vanilla(sketch: Sketch, accent: Colour) -> None:
    """Draw a vanilla flower and its pods."""
    for shift in (0.0, 0.1):
        sketch.line([(0.16 + shift, 0.94), (0.5, 0.6), (0.9 - shift, 0.1 + shift)], colour("5b3b22"), 0.045)
    for step in range(5):
        sketch.leaf((0.45, 0.52), 0.4, step * 72 - 90, colour("fff3c9"), 0.5)
    sketch.disc((0.45, 0.52), 0.1, colour("f2b632"))


def coffee(sketch: Sketch, accent: Colour) -> None:
    """Draw coffee beans."""
    for x, y, angle in ((0.34, 0.36, -35), (0.66, 0.46, 25), (0.42, 0.74, 60)):
        sketch.oval((x, y), (0.24, 0.165), colour("4b2c1b"), angle)
        turn = math.radians(angle)
        ends = [(x + side * 0.2 * math.cos(turn), y + side * 0.2 * math.sin(turn)) for side in (-1, 1)]
        sketch.line(ends, colour("1f110b"), 0.026)


def honey(sketch: Sketch, accent: Colour) -> None:
    """Draw a honey dipper with a drop on honeycomb."""
    for x, y in ((0.3, 0.68), (0.5, 0.8), (0.7, 0.68), (0.5, 0.56)):
        cell = [
            (x + 0.12 * math.cos(step * math.tau / 6), y + 0.12 * math.sin(step * math.tau / 6)) for step in range(6)
        ]
        sketch.polygon(cell, colour("f3ae25"))
    sketch.line([(0.92, 0.06), (0.5, 0.44)], colour("a8672d"), 0.05)
    sketch.oval((0.42, 0.5), (0.17, 0.13), colour("c47c31"), 45)
    for shift in (-0.08, 0.0, 0.08):
        sketch.line([(0.33 + shift, 0.42 + shift), (0.51 + shift, 0.6 + shift)], colour("e59a1f"), 0.03)
    sketch.blob([(0.4, 0.6), (0.46, 0.74), (0.4, 0.86), (0.33, 0.74)], colour("ffc44d"))


def milk(sketch: Sketch, accent: Colour) -> None:
    """Draw a glass of milk."""
    sketch.polygon([(0.24, 0.1), (0.76, 0.1), (0.68, 0.94), (0.32, 0.94)], colour("d4e3ee"))
    sketch.polygon([(0.275, 0.28), (0.725, 0.28), (0.665, 0.9), (0.335, 0.9)], WHITE)
    sketch.oval((0.5, 0.28), (0.225, 0.05), colour("f4efe4"))
    sketch.line([(0.32, 0.2), (0.37, 0.82)], WHITE, 0.03)


def oats(sketch: Sketch, accent: Colour) -> None:
    """Draw three ears of grain."""
    for lean in (-24, 0, 24):
        turn = math.radians(lean)
        tip = (0.5 + 0.75 * math.sin(turn), 0.95 - 0.75 * math.cos(turn))
        sketch.line([(0.5, 0.98), tip], colour("b98a35"), 0.018)
        for step in range(6):
            along = 0.4 + step * 0.1
            base = (0.5 + (tip[0] - 0.5) * along, 0.98 + (tip[1] - 0.98) * along)
            for side in (-42, 42):
                sketch.leaf(base, 0.16, lean - 90 + side, colour("e3b04b"), 0.5)


def almond(sketch: Sketch, accent: Colour) -> None:
    """Draw almonds."""
    for x, y, angle in ((0.1, 0.5, -25), (0.3, 0.78, -12), (0.36, 0.36, 40)):
        sketch.leaf((x, y), 0.58, angle, colour("b8733a"), 0.52)


def cookie(sketch: Sketch, accent: Colour) -> None:
    """Draw a cookie with chocolate drops."""
    sketch.disc((0.5, 0.5), 0.42, colour("c98f4e"))
    for x, y in ((0.36, 0.32), (0.62, 0.3), (0.5, 0.52), (0.28, 0.58), (0.7, 0.56), (0.44, 0.76), (0.64, 0.76)):
        sketch.disc((x, y), 0.06, colour("4a2a1b"))


def matcha(sketch: Sketch, accent: Colour) -> None:
    """Draw a bowl of green tea with a leaf."""
    sketch.blob([(0.1, 0.46), (0.9, 0.46), (0.78, 0.78), (0.5, 0.9), (0.22, 0.78)], colour("3d4a3a"))
    sketch.oval((0.5, 0.46), (0.4, 0.13), colour("8fb544"))
    sketch.leaf((0.4, 0.34), 0.4, -60, GREEN)
    sketch.leaf((0.44, 0.36), 0.36, -15, darker(GREEN, 0.12))


def root(sketch: Sketch, accent: Colour) -> None:
    """Draw a ginger-like root, tinted by the accent."""
    skin = darker(lighter(accent, 0.15), 0.12)
    for center, radii, angle in (
        ((0.44, 0.56), (0.36, 0.15), -18),
        ((0.3, 0.38), (0.1, 0.19), -20),
        ((0.64, 0.66), (0.11, 0.2), 15),
        ((0.72, 0.34), (0.12, 0.19), 30),
    ):
        sketch.oval(center, radii, skin, angle)
    sketch.oval((0.78, 0.25), (0.1, 0.085), lighter(accent, 0.5), 30)
    for x in (0.3, 0.42, 0.54):
        sketch.line([(x, 0.48), (x + 0.04, 0.66)], darker(skin, 0.25), 0.012)


def sprig(sketch: Sketch, accent: Colour) -> None:
    """Draw a sprig of leaves, between green and the accent."""
    sketch.line([(0.3, 0.96), (0.46, 0.5), (0.62, 0.1)], colour("5f7a39"), 0.024)
    for x, y, angle in (
        (0.36, 0.78, -160),
        (0.38, 0.72, -10),
        (0.44, 0.54, -155),
        (0.47, 0.48, -15),
        (0.53, 0.32, -150),
        (0.56, 0.26, -25),
        (0.6, 0.14, -70),
    ):
        sketch.leaf((x, y), 0.34, angle, GREEN, 0.5)


def aloe(sketch: Sketch, accent: Colour) -> None:
    """Draw an aloe plant."""
    for angle, length in ((-155, 0.5), (-25, 0.5), (-130, 0.7), (-50, 0.7), (-105, 0.82), (-75, 0.82), (-90, 0.88)):
        sketch.leaf((0.5, 0.94), length, angle, colour("5fa56a"), 0.2)


def flower(sketch: Sketch, accent: Colour) -> None:
    """Draw a flower with petals in the accent colour."""
    sketch.leaf((0.5, 0.62), 0.44, 60, GREEN)
    sketch.leaf((0.5, 0.62), 0.44, 125, GREEN)
    for step in range(10):
        sketch.leaf((0.5, 0.44), 0.4, step * 36, lighter(accent, 0.35 if step % 2 else 0.5), 0.44)
    sketch.disc((0.5, 0.44), 0.11, colour("f4bd3a"))


def pod(sketch: Sketch, accent: Colour) -> None:
    """Draw a pod of soybeans."""
    sketch.leaf((0.06, 0.74), 0.98, -28, colour("7fae4a"), 0.36)
    for step in range(4):
        sketch.disc((0.26 + step * 0.155, 0.64 - step * 0.083), 0.088, colour("dbe59a"))


def date(sketch: Sketch, accent: Colour) -> None:
    """Draw dates."""
    for x, y, angle in ((0.32, 0.4, 30), (0.66, 0.42, -30), (0.5, 0.7, 5)):
        sketch.oval((x, y), (0.25, 0.135), colour("6a3418"), angle)
        sketch.oval((x - 0.05, y - 0.045), (0.11, 0.025), colour("a5653a"), angle)


PANTRY = {
    "chocolate": chocolate, "vanilla": vanilla, "coffee": coffee, "honey": honey, "milk": milk, "oats": oats,
    "almond": almond, "cookie": cookie, "matcha": matcha, "root": root, "sprig": sprig, "aloe": aloe,
    "flower": flower, "pod": pod, "date": date,
}  # fmt: skip

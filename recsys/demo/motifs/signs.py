"""Illustrations of what a product is for, and the animals of children's packs."""

import math

from recsys.demo.colours import WHITE, Colour, colour, darker, lighter
from recsys.demo.motifs.sketch import Sketch


def capsule(sketch: Sketch, accent: Colour) -> None:
    """Draw two capsules."""
    for x, y, angle in ((0.42, 0.36, -35), (0.56, 0.68, 20)):
        turn = math.radians(angle)
        for side, fill in ((-1, accent), (1, colour("f4efe6"))):
            end = (x + side * 0.22 * math.cos(turn), y + side * 0.22 * math.sin(turn))
            sketch.line([(x, y), end], fill, 0.24)
            sketch.disc(end, 0.118, fill)


def bone(sketch: Sketch, accent: Colour) -> None:
    """Draw a bone."""
    ivory = colour("f6efe0")
    sketch.line([(0.28, 0.72), (0.72, 0.28)], ivory, 0.15)
    for x, y in ((0.2, 0.66), (0.32, 0.8), (0.68, 0.2), (0.8, 0.34)):
        sketch.disc((x, y), 0.125, ivory)


def heart(sketch: Sketch, accent: Colour) -> None:
    """Draw a heart with a pulse line."""
    sketch.blob(
        [(0.5, 0.3), (0.68, 0.14), (0.9, 0.26), (0.88, 0.5), (0.5, 0.92), (0.12, 0.5), (0.1, 0.26), (0.32, 0.14)],
        colour("d8324a"),
    )
    sketch.line([(0.16, 0.5), (0.36, 0.5), (0.43, 0.36), (0.54, 0.66), (0.61, 0.5), (0.84, 0.5)], WHITE, 0.03)


def drop(sketch: Sketch, accent: Colour) -> None:
    """Draw a drop in the accent colour."""
    sketch.blob(
        [(0.5, 0.04), (0.62, 0.3), (0.82, 0.58), (0.74, 0.84), (0.5, 0.95), (0.26, 0.84), (0.18, 0.58), (0.38, 0.3)],
        accent,
    )
    sketch.oval((0.37, 0.62), (0.05, 0.13), lighter(accent, 0.6), 18)


def shield(sketch: Sketch, accent: Colour) -> None:
    """Draw a shield with a cross."""
    sketch.blob(
        [(0.5, 0.06), (0.84, 0.16), (0.84, 0.52), (0.72, 0.76), (0.5, 0.95), (0.28, 0.76), (0.16, 0.52), (0.16, 0.16)],
        accent,
    )
    sketch.line([(0.5, 0.28), (0.5, 0.7)], WHITE, 0.12)
    sketch.line([(0.3, 0.48), (0.7, 0.48)], WHITE, 0.12)


def plaster(sketch: Sketch, accent: Colour) -> None:
    """Draw two crossed plasters."""
    for turn, skin in ((-40, colour("e0b48a")), (40, colour("edc8a2"))):
        x, y = 0.3 * math.cos(math.radians(turn)), 0.3 * math.sin(math.radians(turn))
        sketch.line([(0.5 - x, 0.5 - y), (0.5 + x, 0.5 + y)], skin, 0.26)
        for side in (-1, 1):
            sketch.disc((0.5 + side * x, 0.5 + side * y), 0.128, skin)
    sketch.polygon([(0.5, 0.33), (0.67, 0.5), (0.5, 0.67), (0.33, 0.5)], lighter(accent, 0.7))
    for x, y in ((0.46, 0.46), (0.54, 0.46), (0.46, 0.54), (0.54, 0.54)):
        sketch.disc((x, y), 0.014, accent)


def dumbbell(sketch: Sketch, accent: Colour) -> None:
    """Draw a dumbbell."""
    steel = colour("454a52")
    sketch.line([(0.1, 0.74), (0.9, 0.26)], colour("9aa3ad"), 0.07)
    for along, radius in ((0.16, 0.15), (0.26, 0.2), (0.74, 0.2), (0.84, 0.15)):
        x, y = 0.1 + 0.8 * along, 0.74 - 0.48 * along
        sketch.line([(x - radius * 0.52, y - radius * 0.86), (x + radius * 0.52, y + radius * 0.86)], steel, 0.085)


def flame(sketch: Sketch, accent: Colour) -> None:
    """Draw a flame."""
    sketch.blob(
        [(0.52, 0.04), (0.6, 0.28), (0.8, 0.5), (0.8, 0.78), (0.5, 0.96), (0.2, 0.78), (0.2, 0.52), (0.36, 0.36)],
        colour("ef6a26"),
    )
    sketch.blob([(0.5, 0.42), (0.64, 0.62), (0.62, 0.84), (0.48, 0.92), (0.34, 0.82), (0.36, 0.64)], colour("ffcf52"))


def fish(sketch: Sketch, accent: Colour) -> None:
    """Draw a fish."""
    sketch.polygon([(0.66, 0.5), (0.95, 0.26), (0.9, 0.5), (0.95, 0.76)], darker(accent, 0.15))
    sketch.blob([(0.06, 0.5), (0.28, 0.3), (0.56, 0.32), (0.76, 0.5), (0.56, 0.68), (0.28, 0.7)], accent)
    sketch.disc((0.22, 0.45), 0.035, WHITE)
    sketch.disc((0.22, 0.45), 0.018, (20, 20, 30))
    for x in (0.4, 0.5, 0.6):
        sketch.oval((x, 0.5), (0.02, 0.09), lighter(accent, 0.35))


def sun(sketch: Sketch, accent: Colour) -> None:
    """Draw a sun."""
    for step in range(12):
        angle = step * math.tau / 12
        sides = [(0.5 + 0.3 * math.cos(angle + turn), 0.5 + 0.3 * math.sin(angle + turn)) for turn in (-0.14, 0.14)]
        sketch.polygon([*sides, (0.5 + 0.48 * math.cos(angle), 0.5 + 0.48 * math.sin(angle))], colour("f7a823"))
    sketch.disc((0.5, 0.5), 0.28, colour("ffd24a"))


def _face(sketch: Sketch, fur: Colour, muzzle: Colour) -> None:
    sketch.oval((0.5, 0.56), (0.36, 0.33), fur)
    sketch.oval((0.5, 0.68), (0.17, 0.13), muzzle)
    for x in (0.36, 0.64):
        sketch.disc((x, 0.5), 0.05, (30, 26, 30))
        sketch.disc((x - 0.012, 0.485), 0.016, WHITE)
        sketch.oval((x + (0.1 if x > 0.5 else -0.1), 0.64), (0.05, 0.035), colour("f08f8f"))
    sketch.oval((0.5, 0.62), (0.05, 0.034), (40, 30, 32))
    sketch.line([(0.43, 0.72), (0.5, 0.76), (0.57, 0.72)], (60, 40, 40), 0.018)


def bear(sketch: Sketch, accent: Colour) -> None:
    """Draw a bear."""
    for x in (0.22, 0.78):
        sketch.disc((x, 0.28), 0.14, colour("9a6236"))
        sketch.disc((x, 0.28), 0.075, colour("e2b184"))
    _face(sketch, colour("a86c3c"), colour("ecc9a0"))


def rabbit(sketch: Sketch, accent: Colour) -> None:
    """Draw a rabbit."""
    for x, angle in ((0.34, -8), (0.66, 8)):
        sketch.oval((x, 0.22), (0.09, 0.22), colour("f0eef2"), angle)
        sketch.oval((x, 0.23), (0.045, 0.16), colour("f3b6c2"), angle)
    _face(sketch, colour("f2f0f4"), WHITE)


def lion(sketch: Sketch, accent: Colour) -> None:
    """Draw a lion."""
    for step in range(16):
        angle = step * math.tau / 16
        sketch.disc((0.5 + 0.36 * math.cos(angle), 0.55 + 0.35 * math.sin(angle)), 0.1, colour("b45d1e"))
    _face(sketch, colour("f0b24a"), colour("fbe3b5"))


def elephant(sketch: Sketch, accent: Colour) -> None:
    """Draw an elephant."""
    grey = colour("8fa6bd")
    for x in (0.16, 0.84):
        sketch.oval((x, 0.5), (0.17, 0.24), darker(grey, 0.12))
        sketch.oval((x, 0.5), (0.1, 0.16), colour("e3b7bf"))
    sketch.oval((0.5, 0.48), (0.3, 0.32), grey)
    sketch.line([(0.5, 0.56), (0.5, 0.76), (0.56, 0.88), (0.66, 0.88)], grey, 0.13)
    for x in (0.39, 0.61):
        sketch.disc((x, 0.44), 0.045, (30, 28, 34))
        sketch.disc((x - 0.01, 0.43), 0.014, WHITE)


SIGNS = {
    "capsule": capsule, "bone": bone, "heart": heart, "drop": drop, "shield": shield, "plaster": plaster,
    "dumbbell": dumbbell, "flame": flame, "fish": fish, "sun": sun, "bear": bear, "rabbit": rabbit,
    "lion": lion, "elephant": elephant,
}  # fmt: skip

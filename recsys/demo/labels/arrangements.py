"""Where brand, title, flavour, illustration and weight stand on a label."""

from dataclasses import dataclass

from recsys.demo.colours import WHITE, darker, ink_on, lighter
from recsys.demo.labels.panel import Box, Panel
from recsys.demo.labels.wordmark import wordmark
from recsys.demo.motifs.sketch import Point


@dataclass(frozen=True)
class Arrangement:
    """The places on a label; `picture` is center and size."""

    brand: Box
    title: Box
    flavour: Box
    weight: Box
    claims: Box
    picture: tuple[Point, float]
    align: str = "center"


TALL = (
    Arrangement((0.14, 0.05, 0.86, 0.16), (0.07, 0.2, 0.93, 0.4), (0.14, 0.42, 0.86, 0.48), (0.6, 0.9, 0.94, 0.96), (0.06, 0.83, 0.5, 0.96), ((0.5, 0.68), 0.6)),
    Arrangement((0.1, 0.05, 0.9, 0.17), (0.07, 0.6, 0.93, 0.79), (0.16, 0.805, 0.84, 0.865), (0.32, 0.9, 0.68, 0.96), (0.04, 0.24, 0.3, 0.5), ((0.56, 0.39), 0.56)),
    Arrangement((0.07, 0.06, 0.72, 0.15), (0.07, 0.2, 0.9, 0.42), (0.07, 0.44, 0.66, 0.5), (0.07, 0.9, 0.42, 0.96), (0.07, 0.56, 0.4, 0.78), ((0.72, 0.7), 0.72), "left"),
    Arrangement((0.2, 0.04, 0.8, 0.13), (0.06, 0.15, 0.94, 0.33), (0.18, 0.345, 0.82, 0.405), (0.3, 0.91, 0.7, 0.97), (0.08, 0.84, 0.92, 0.9), ((0.5, 0.62), 0.76)),
)  # fmt: skip
WIDE = (
    Arrangement((0.06, 0.07, 0.54, 0.27), (0.05, 0.31, 0.6, 0.66), (0.05, 0.69, 0.54, 0.8), (0.05, 0.85, 0.34, 0.95), (0.38, 0.84, 0.62, 0.96), ((0.8, 0.5), 0.72), "left"),
    Arrangement((0.4, 0.07, 0.94, 0.27), (0.38, 0.31, 0.96, 0.66), (0.42, 0.69, 0.92, 0.8), (0.66, 0.86, 0.95, 0.96), (0.4, 0.85, 0.62, 0.97), ((0.2, 0.5), 0.78)),
    Arrangement((0.28, 0.05, 0.72, 0.22), (0.22, 0.27, 0.78, 0.62), (0.28, 0.65, 0.72, 0.77), (0.4, 0.84, 0.6, 0.94), (0.02, 0.3, 0.18, 0.8), ((0.88, 0.56), 0.46)),
)  # fmt: skip


def arrange(panel: Panel) -> None:
    """Put everything the design says on a painted ground."""
    design = panel.design
    choices = WIDE if panel.aspect > 1.15 else TALL
    places = choices[design.arrangement % len(choices)]
    panel.picture(*places.picture)
    wordmark(panel, places.brand)
    _title(panel, places)
    if design.flavour:
        _flavour(panel, places)
    _claims(panel, places)
    panel.text(
        f"Isi {design.weight}", places.weight, "bold", panel.ink(places.weight, design.brand.main), align=places.align
    )


def _title(panel: Panel, places: Arrangement) -> None:
    design = panel.design
    box = places.title
    if design.look % 4 == 0:
        plate = design.brand.main if design.base != design.brand.main else darker(design.brand.main, 0.35)
        panel.rectangle((box[0] - 0.03, box[1] - 0.01, box[2] + 0.03, box[3] + 0.01), plate, radius=0.03)
        ink = ink_on(plate)
    else:
        ink = panel.ink(box, design.brand.main)
    title = design.title.upper() if design.brand.title_face in ("black", "medium") else design.title
    panel.text(title, box, design.brand.title_face, ink, align=places.align, lines=4)


def _flavour(panel: Panel, places: Arrangement) -> None:
    design = panel.design
    left, top, right, bottom = places.flavour
    if design.look % 3:
        panel.rectangle((left, top, right, bottom), design.accent, radius=(bottom - top) / 2, outline=WHITE)
        panel.text(design.flavour, (left + 0.06, top + 0.006, right - 0.06, bottom - 0.006), "bold", ink_on(design.accent))
    else:
        ink = panel.ink(places.flavour, darker(design.accent, 0.25))
        panel.text(design.flavour, places.flavour, "serif-italic", ink, align=places.align)


def _claims(panel: Panel, places: Arrangement) -> None:
    """Set the claims: in a badge, or one below the other."""
    design = panel.design
    left, top, right, bottom = places.claims
    if design.look % 5 < 2:
        center = ((left + right) / 2, (top + bottom) / 2)
        radius = 0.13 if panel.aspect < 1.15 else 0.17
        panel.disc(center, radius, WHITE)
        panel.disc(center, radius * 0.93, design.brand.second)
        reach = radius * 0.74 * min(1.0, 1 / panel.aspect)
        tall = radius * 0.6 * min(1.0, panel.aspect)
        box = (center[0] - reach, center[1] - tall, center[0] + reach, center[1] + tall)
        panel.text(design.claims[0], box, "bold", ink_on(design.brand.second), lines=3)
        return
    height = (bottom - top) / len(design.claims)
    for row, claim in enumerate(design.claims):
        box = (left, top + row * height, right, top + (row + 0.92) * height)
        ink = panel.ink(box, lighter(darker(design.brand.main, 0.2), 0.1))
        panel.text(f"• {claim}", box, "medium", ink, align="left")

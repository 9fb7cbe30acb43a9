"""Where brand, title, flavour, illustration, claims and weight stand on a label."""

from dataclasses import dataclass

from recsys.demo.colours import WHITE, darker, ink_on
from recsys.demo.labels.panel import Area, Panel
from recsys.demo.labels.wordmark import wordmark

NARROW_TO, WIDE_FROM = 0.45, 1.15  # width over height


@dataclass(frozen=True)
class Arrangement:
    """The places on a label; none covers another."""

    brand: Area
    title: Area
    flavour: Area
    weight: Area
    claims: Area
    picture: Area
    align: str = "center"


TALL = (
    Arrangement(
        brand=(0.14, 0.05, 0.86, 0.15), title=(0.07, 0.19, 0.93, 0.38), flavour=(0.14, 0.4, 0.86, 0.47),
        weight=(0.3, 0.915, 0.7, 0.97), claims=(0.05, 0.53, 0.36, 0.85), picture=(0.36, 0.5, 0.99, 0.9),
    ),
    Arrangement(
        brand=(0.1, 0.04, 0.9, 0.15), title=(0.07, 0.57, 0.93, 0.76), flavour=(0.16, 0.785, 0.84, 0.855),
        weight=(0.3, 0.9, 0.7, 0.96), claims=(0.04, 0.2, 0.32, 0.52), picture=(0.33, 0.17, 0.98, 0.56),
    ),
    Arrangement(
        brand=(0.07, 0.05, 0.72, 0.15), title=(0.07, 0.19, 0.93, 0.4), flavour=(0.07, 0.42, 0.72, 0.49),
        weight=(0.07, 0.9, 0.42, 0.965), claims=(0.06, 0.54, 0.4, 0.84), picture=(0.42, 0.5, 1.03, 0.98), align="left",
    ),
    Arrangement(
        brand=(0.2, 0.035, 0.8, 0.125), title=(0.06, 0.145, 0.94, 0.315), flavour=(0.18, 0.33, 0.82, 0.395),
        weight=(0.3, 0.92, 0.7, 0.975), claims=(0.06, 0.85, 0.94, 0.9), picture=(0.08, 0.41, 0.92, 0.84),
    ),
    Arrangement(
        brand=(0.08, 0.31, 0.92, 0.45), title=(0.08, 0.48, 0.92, 0.67), flavour=(0.15, 0.7, 0.85, 0.77),
        weight=(0.3, 0.91, 0.7, 0.97), claims=(0.06, 0.8, 0.94, 0.86), picture=(0.2, 0.02, 0.8, 0.3),
    ),
    Arrangement(
        brand=(0.12, 0.05, 0.88, 0.17), title=(0.07, 0.2, 0.93, 0.37), flavour=(0.14, 0.395, 0.86, 0.46),
        weight=(0.04, 0.93, 0.34, 0.98), claims=(0.06, 0.475, 0.94, 0.52), picture=(0.02, 0.53, 1.12, 1.06),
    ),
)  # fmt: skip
WIDE = (
    Arrangement(
        brand=(0.05, 0.07, 0.52, 0.26), title=(0.05, 0.3, 0.6, 0.64), flavour=(0.05, 0.68, 0.5, 0.79),
        weight=(0.05, 0.85, 0.25, 0.94), claims=(0.27, 0.85, 0.62, 0.94), picture=(0.62, 0.1, 0.99, 0.92), align="left",
    ),
    Arrangement(
        brand=(0.42, 0.06, 0.94, 0.25), title=(0.39, 0.3, 0.97, 0.64), flavour=(0.44, 0.68, 0.92, 0.79),
        weight=(0.74, 0.85, 0.96, 0.95), claims=(0.38, 0.86, 0.73, 0.94), picture=(0.01, 0.08, 0.38, 0.94),
    ),
    Arrangement(
        brand=(0.26, 0.05, 0.68, 0.22), title=(0.2, 0.27, 0.72, 0.6), flavour=(0.25, 0.65, 0.67, 0.76),
        weight=(0.37, 0.85, 0.57, 0.95), claims=(0.01, 0.28, 0.17, 0.82), picture=(0.72, 0.14, 1.02, 0.96),
    ),
)  # fmt: skip
NARROW = (
    Arrangement(
        brand=(0.04, 0.06, 0.96, 0.14), title=(0.06, 0.18, 0.94, 0.37), flavour=(0.05, 0.4, 0.95, 0.46),
        weight=(0.1, 0.92, 0.9, 0.97), claims=(0.12, 0.76, 0.88, 0.89), picture=(0.0, 0.48, 1.0, 0.75),
    ),
    Arrangement(
        brand=(0.04, 0.36, 0.96, 0.46), title=(0.06, 0.49, 0.94, 0.68), flavour=(0.05, 0.71, 0.95, 0.77),
        weight=(0.1, 0.92, 0.9, 0.97), claims=(0.12, 0.79, 0.88, 0.9), picture=(0.0, 0.06, 1.0, 0.33),
    ),
)  # fmt: skip


def arrange(panel: Panel) -> None:
    """Put everything the design says on a painted ground."""
    design = panel.design
    choices = WIDE if panel.aspect > WIDE_FROM else NARROW if panel.aspect < NARROW_TO else TALL
    places = choices[design.arrangement % len(choices)]
    _pictures(panel, places.picture)
    wordmark(panel, places.brand)
    title = design.title.upper() if design.brand.title_face in ("black", "medium") else design.title
    ink = None if design.look % 4 == 0 else panel.ink(places.title, design.brand.main)
    face = design.brand.title_face
    panel.text(title, places.title, face, ink or panel.plate(places.title), align=places.align, lines=4)
    if design.flavour:
        _flavour(panel, places)
    _claims(panel, places.claims)
    panel.readable(f"Isi {design.weight}", places.weight, "bold", align=places.align)


def _pictures(panel: Panel, area: Area) -> None:
    """Draw the illustration, in some designs with smaller ones behind it."""
    left, top, right, bottom = area
    middle, half = (top + bottom) / 2, (left + right) / 2
    match panel.design.look % 3:
        case 0:
            panel.picture(area)
        case 1:
            panel.picture((half, top, right + 0.03, middle + 0.02))
            panel.picture((left, top + (bottom - top) * 0.2, right - (right - left) * 0.15, bottom))
        case _:
            panel.picture((left - 0.02, middle - 0.06, half, bottom - 0.04))
            panel.picture((half, top, right + 0.02, middle + 0.06))
            panel.picture(
                (left + (right - left) * 0.12, top + (bottom - top) * 0.12, right - (right - left) * 0.12, bottom)
            )


def _flavour(panel: Panel, places: Arrangement) -> None:
    design = panel.design
    left, top, right, bottom = places.flavour
    if design.look % 7 < 4:
        panel.rectangle(places.flavour, design.accent, radius=(bottom - top) / 2, outline=WHITE)
        inner = (left + 0.05, top + 0.005, right - 0.05, bottom - 0.005)
        panel.text(design.flavour, inner, "bold", ink_on(design.accent))
    else:
        panel.readable(
            design.flavour, places.flavour, "serif-italic", wanted=darker(design.accent, 0.25), align=places.align
        )


def _claims(panel: Panel, area: Area) -> None:
    """Set the claims: in one row, in a badge, or one below the other."""
    design = panel.design
    left, top, right, bottom = area
    if (right - left) * panel.aspect > 2.2 * (bottom - top):
        panel.readable("  •  ".join(design.claims), area, "medium")
    elif design.look % 5 < 3:
        _badge(panel, area)
    else:
        height = (bottom - top) / len(design.claims)
        for row, claim in enumerate(design.claims):
            line = (left, top + row * height, right, top + (row + 0.86) * height)
            panel.readable(claim, line, "medium", align="left", lines=2)


def _badge(panel: Panel, area: Area) -> None:
    design = panel.design
    left, top, right, bottom = area
    x, y = (left + right) / 2, (top + bottom) / 2
    across = min((right - left) / 2, (bottom - top) / 2 / panel.aspect)
    down = across * panel.aspect
    for share, fill in ((1.0, WHITE), (0.93, design.brand.second), (0.84, darker(design.brand.second, 0.06))):
        panel.ellipse((x - across * share, y - down * share, x + across * share, y + down * share), fill)
    inner = (x - across * 0.72, y - down * 0.5, x + across * 0.72, y + down * 0.5)
    panel.text(design.claims[0], inner, "bold", ink_on(design.brand.second), lines=3)

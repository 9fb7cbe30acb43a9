"""A brand's name with its mark, as it runs through all its packs."""

import math

from recsys.demo.colours import WHITE, Colour, ink_on, lighter
from recsys.demo.labels.panel import Area, Panel


def wordmark(panel: Panel, area: Area) -> None:
    """Set the brand's name into an area, on its plate if it has one, with its mark before it."""
    brand = panel.design.brand
    name = brand.name.upper() if brand.wordmark in ("capitals", "box") else brand.name
    name = name.lower() if brand.wordmark == "lower" else name
    left, top, right, bottom = area
    ink = _plate(panel, area)
    if brand.wordmark in ("oval", "ribbon", "box"):
        left, top, right, bottom = (
            left + 0.05,
            top + (bottom - top) * 0.12,
            right - 0.05,
            bottom - (bottom - top) * 0.12,
        )
    elif brand.mark != "none":
        size = (bottom - top) * 0.42 / panel.aspect
        _mark(panel, (left + size, (top + bottom) / 2), size, brand.second if ink == WHITE else brand.main)
        left += size * 2.3
    panel.text(name, (left, top, right, bottom), brand.brand_face, ink)


def _plate(panel: Panel, area: Area) -> Colour:
    brand = panel.design.brand
    left, top, right, bottom = area
    rim = 0.012
    if brand.wordmark == "oval":
        panel.ellipse((left - 0.02 - rim, top - rim, right + 0.02 + rim, bottom + rim), WHITE)
        panel.ellipse((left - 0.02, top, right + 0.02, bottom), brand.main)
        return ink_on(brand.main)
    if brand.wordmark == "ribbon":
        panel.polygon([(left, top), (right + 0.04, top), (right, bottom), (left - 0.04, bottom)], brand.second)
        return ink_on(brand.second, brand.main)
    if brand.wordmark == "box":
        panel.rectangle((left, top, right, bottom), brand.main, radius=0.012, outline=WHITE)
        return ink_on(brand.main)
    ink = panel.ink(area, brand.main)
    if ink is None:
        panel.rectangle((left - 0.02, top - 0.01, right + 0.02, bottom + 0.01), WHITE, radius=0.03)
        ink = ink_on(WHITE, brand.main)
    if brand.wordmark == "underlined":
        panel.line([(left + 0.06, bottom), (right - 0.06, bottom)], brand.second, 0.012)
    return ink


def _mark(panel: Panel, center: tuple[float, float], size: float, fill: Colour) -> None:
    """Draw the brand's mark; `size` is its half width in safe-area parts."""
    x, y = center
    tall = size * panel.aspect

    def turn(angle: float, reach: float = 1.0) -> tuple[float, float]:
        return x + size * reach * math.cos(angle), y + tall * reach * math.sin(angle)

    area = (x - size, y - tall, x + size, y + tall)
    match panel.design.brand.mark:
        case "disc":
            panel.ellipse(area, fill)
            panel.ellipse((x - size * 0.3, y - tall * 0.7, x + size * 0.7, y + tall * 0.3), lighter(fill, 0.6))
        case "ring" | "arcs":
            panel.ellipse(area, fill)
            panel.ellipse((x - size * 0.6, y - tall * 0.6, x + size * 0.6, y + tall * 0.6), panel.tones(area)[0])
            panel.ellipse((x - size * 0.3, y - tall * 0.3, x + size * 0.3, y + tall * 0.3), fill)
        case "leaf":
            panel.polygon([turn(2.4), turn(-2.2, 0.8), turn(-0.7), turn(0.9, 0.8)], fill)
        case "diamond" | "hex":
            sides = 4 if panel.design.brand.mark == "diamond" else 6
            panel.polygon([turn(step * math.tau / sides) for step in range(sides)], fill)
        case "bars":
            for step in range(3):
                start = x - size + step * size * 0.75
                panel.rectangle((start, y + tall * (0.4 - step * 0.6), start + size * 0.5, y + tall), fill)
        case "drop":
            panel.polygon([turn(-math.pi / 2), *(turn(step * math.pi / 8, 0.75) for step in range(-1, 10))], fill)
        case "cross":
            panel.rectangle((x - size * 0.3, y - tall, x + size * 0.3, y + tall), fill)
            panel.rectangle((x - size, y - tall * 0.3, x + size, y + tall * 0.3), fill)
        case "star":
            panel.polygon(
                [turn(step * math.pi / 5 - math.pi / 2, 1.0 if step % 2 == 0 else 0.45) for step in range(10)], fill
            )
        case _:
            panel.polygon([turn(math.pi + step * math.pi / 12) for step in range(13)], fill)
            panel.rectangle((x - size, y + tall * 0.2, x + size, y + tall * 0.4), fill)

"""The printed labels of the packs."""

from PIL import Image

from recsys.demo.colours import WHITE, darker, ink_on, lighter
from recsys.demo.labels.arrangements import arrange
from recsys.demo.labels.backgrounds import BACKGROUNDS
from recsys.demo.labels.panel import Area, Design, Panel
from recsys.demo.labels.wordmark import wordmark

GREY = (90, 90, 90)


def front(design: Design, width: int, height: int, safe: tuple[float, float] = (0.0, 1.0)) -> Image.Image:
    """The front of a pack, RGB, or its back; text and illustration keep to the `safe` part of the width."""
    if design.barcode:
        return back(design, width, height, safe)
    panel = Panel(width, height, design, safe)
    BACKGROUNDS[design.layout](panel)
    arrange(panel)
    return panel.finished()


def back(design: Design, width: int, height: int, safe: tuple[float, float]) -> Image.Image:
    """The back of a pack: brand, facts, a table and the barcode, RGB."""
    panel = Panel(width, height, design, safe)
    panel.rectangle((-1, 0, 2, 1), design.base)
    panel.rectangle((-1, 0.94, 2, 1), design.accent)
    wordmark(panel, (0.2, 0.04, 0.8, 0.12))
    panel.text(design.title, (0.08, 0.14, 0.92, 0.2), "bold", ink_on(design.base))
    _table(panel, (0.08, 0.24, 0.92, 0.54))
    panel.ean13(design.barcode, (0.04, 0.57, 0.96, 0.92))
    return panel.finished()


def _table(panel: Panel, area: Area) -> None:
    left, top, right, bottom = area
    panel.rectangle(area, WHITE)
    across, down = right - left, bottom - top
    for row in range(11):
        y = top + down * (0.083 + row * 0.083)
        panel.rectangle((left + across * 0.066, y, left + across * (0.5 + 0.08 * (row % 3)), y + down * 0.022), GREY)
        panel.rectangle((left + across * 0.79, y, left + across * 0.934, y + down * 0.022), GREY)


def side(design: Design, width: int, height: int) -> Image.Image:
    """The side of a box: brand, facts and a table, RGB."""
    panel = Panel(width, height, design)
    ground = design.base if design.look % 3 else design.brand.light
    panel.rectangle((0, 0, 1, 1), ground)
    panel.rectangle((0, 0.9, 1, 1), design.accent)
    wordmark(panel, (0.14, 0.05, 0.86, 0.14))
    panel.text(design.title, (0.1, 0.16, 0.9, 0.26), "bold", ink_on(ground), lines=3)
    _table(panel, (0.12, 0.3, 0.88, 0.66))
    panel.rectangle((0.12, 0.7, 0.6, 0.84), WHITE)
    for bar in range(14):
        panel.rectangle((0.15 + bar * 0.031, 0.715, 0.163 + bar * 0.031 + 0.004 * (bar % 3), 0.825), (30, 30, 30))
    return panel.finished()


def top(design: Design, width: int, height: int) -> Image.Image:
    """The top of a box, RGB."""
    panel = Panel(width, height, design)
    ground = lighter(design.base, 0.08)
    panel.rectangle((0, 0, 1, 1), ground)
    panel.line([(0, 0.5), (1, 0.5)], darker(ground, 0.15), 0.015)
    if height > 24:
        panel.text(design.brand.name, (0.25, 0.55, 0.75, 0.95), design.brand.brand_face, ink_on(ground))
    return panel.finished()

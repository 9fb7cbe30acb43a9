"""The printed labels of the packs."""

from PIL import Image

from recsys.demo.colours import WHITE, darker, ink_on, lighter
from recsys.demo.labels.arrangements import arrange
from recsys.demo.labels.backgrounds import BACKGROUNDS
from recsys.demo.labels.panel import Design, Panel
from recsys.demo.labels.wordmark import wordmark


def front(design: Design, width: int, height: int, safe: tuple[float, float] = (0.0, 1.0)) -> Image.Image:
    """The front of a pack, RGB; text and illustration keep to the `safe` part of the width."""
    panel = Panel(width, height, design, safe)
    BACKGROUNDS[design.layout](panel)
    arrange(panel)
    return panel.finished()


def side(design: Design, width: int, height: int) -> Image.Image:
    """The side of a box: brand, facts and a table, RGB."""
    panel = Panel(width, height, design)
    ground = design.base if design.look % 3 else design.brand.light
    panel.rectangle((0, 0, 1, 1), ground)
    panel.rectangle((0, 0.9, 1, 1), design.accent)
    wordmark(panel, (0.14, 0.05, 0.86, 0.14))
    panel.text(design.title, (0.1, 0.16, 0.9, 0.26), "bold", ink_on(ground), lines=3)
    panel.rectangle((0.12, 0.3, 0.88, 0.66), WHITE)
    for row in range(11):
        y = 0.33 + row * 0.03
        panel.rectangle((0.17, y, 0.5 + 0.06 * (row % 3), y + 0.008), (90, 90, 90))
        panel.rectangle((0.72, y, 0.83, y + 0.008), (90, 90, 90))
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

"""The grounds of the labels: one painter for each layout."""

import math
from collections.abc import Callable

from recsys.demo.colours import WHITE, Colour, darker, lighter, mix
from recsys.demo.labels.panel import Panel
from recsys.demo.motifs.sketch import Point


def _curve(level: float, swing: float, phase: float, waves: float = 1.0) -> list[Point]:
    points = [(x / 16, level + swing * math.sin(phase + x / 16 * math.tau * waves)) for x in range(-8, 25)]
    return [*points, (2.0, 1.5), (-1.0, 1.5)]


def wave(panel: Panel) -> None:
    """Light above, a wave of the line's colour and one of the flavour's below."""
    design = panel.design
    panel.rectangle((-1, 0, 2, 1), lighter(design.brand.light, 0.3))
    phase = design.look % 6
    panel.polygon(_curve(0.5, 0.05, phase), design.base)
    panel.polygon(_curve(0.56, 0.06, phase + 0.7), mix(design.base, design.accent, 0.5))
    panel.polygon(_curve(0.62, 0.05, phase + 1.6), design.accent)


def band(panel: Panel) -> None:
    """A broad band across a plain ground."""
    design = panel.design
    panel.rectangle((-1, 0, 2, 1), design.brand.light)
    panel.rectangle((-1, 0, 2, 0.24), design.base)
    panel.rectangle((-1, 0.25, 2, 0.275), design.brand.second)
    panel.rectangle((-1, 0.8, 2, 1), design.accent)
    panel.rectangle((-1, 0.775, 2, 0.79), lighter(design.accent, 0.4))


def diagonal(panel: Panel) -> None:
    """Slanted fields of colour."""
    design = panel.design
    panel.polygon([(-1, 0.92), (2, 0.28), (2, 2), (-1, 2)], design.brand.light)
    panel.polygon([(-1, 0.86), (2, 0.22), (2, 0.3), (-1, 0.94)], design.accent)
    panel.polygon([(-1, 0.82), (2, 0.18), (2, 0.2), (-1, 0.84)], WHITE)
    for step in range(5):
        start = -0.6 + step * 0.34
        panel.polygon(
            [(start, 0), (start + 0.1, 0), (start - 0.3, 0.5), (start - 0.4, 0.5)], lighter(design.base, 0.08)
        )


def medallion(panel: Panel) -> None:
    """A large disc on the line's colour."""
    design = panel.design
    panel.rectangle((-1, 0, 2, 1), design.base)
    for ring in range(7, 0, -1):
        panel.disc((0.5, 0.58), 0.13 * ring, lighter(design.base, 0.03 * (8 - ring)))
    panel.disc((0.5, 0.58), 0.45, design.brand.second)
    panel.disc((0.5, 0.58), 0.425, lighter(design.accent, 0.78))


def clinical(panel: Panel) -> None:
    """White, with a bar and a corner of colour."""
    design = panel.design
    panel.rectangle((-1, 0, 2, 1), WHITE)
    panel.rectangle((-1, 0.0, 2, 0.045), design.base)
    panel.rectangle((-1, 0.86, 2, 1), design.base)
    panel.rectangle((-1, 0.82, 2, 0.85), design.accent)
    panel.polygon([(0.62, 0.82), (2, 0.4), (2, 0.82)], lighter(design.accent, 0.6))
    panel.polygon([(0.82, 0.82), (2, 0.52), (2, 0.82)], lighter(design.accent, 0.25))


def heritage(panel: Panel) -> None:
    """A framed label in the manner of an old remedy."""
    design = panel.design
    paper = mix(design.brand.light, (243, 226, 186), 0.55)
    panel.rectangle((-1, 0, 2, 1), design.base)
    panel.rectangle((0.03, 0.03, 0.97, 0.97), darker(design.base, 0.2), radius=0.05)
    panel.rectangle((0.05, 0.045, 0.95, 0.955), paper, radius=0.04, outline=design.brand.second)
    panel.rectangle((0.08, 0.068, 0.92, 0.932), paper, radius=0.03, outline=design.base)
    panel.rectangle((-1, 0.84, 2, 0.97), design.accent)
    for x in (0.12, 0.88):
        for y in (0.1, 0.8):
            panel.disc((x, y), 0.025, design.brand.second)


def sport(panel: Panel) -> None:
    """Dark, with slanted flashes."""
    design = panel.design
    dark = darker(mix(design.base, (24, 26, 32), 0.72), 0.1)
    panel.rectangle((-1, 0, 2, 1), dark)
    for step in range(12):
        x = -0.6 + step * 0.2
        panel.polygon([(x, 0), (x + 0.06, 0), (x - 0.5, 1), (x - 0.56, 1)], lighter(dark, 0.05))
    panel.polygon([(-1, 0.62), (2, 0.5), (2, 0.98), (-1, 1.1)], design.accent)
    panel.polygon([(-1, 0.58), (2, 0.46), (2, 0.49), (-1, 0.61)], design.brand.second)


def stripe(panel: Panel) -> None:
    """Upright stripes beside a plain field."""
    design = panel.design
    panel.rectangle((-1, 0, 2, 1), lighter(design.brand.light, 0.4))
    for offset, fill in ((0.0, design.base), (0.04, design.accent), (0.07, lighter(design.accent, 0.45))):
        panel.rectangle((-1, 0, 0.045 - offset, 1), fill)
        panel.rectangle((0.955 + offset, 0, 2, 1), fill)
    panel.rectangle((-1, 0.72, 2, 0.9), design.base)


def kids(panel: Panel) -> None:
    """Sky, hills and rays."""
    design = panel.design
    sky = lighter(design.base, 0.12)
    panel.rectangle((-1, 0, 2, 1), sky)
    for step in range(14):
        angle = step * math.tau / 14 + 0.1
        ends = [(0.5 + 2 * math.cos(angle + turn), 0.62 + 1.6 * math.sin(angle + turn)) for turn in (0.0, 0.2)]
        panel.polygon([(0.5, 0.62), *ends], lighter(sky, 0.2))
    panel.polygon(_curve(0.78, 0.03, design.look % 5, 1.5), lighter(design.accent, 0.35))
    panel.polygon(_curve(0.85, 0.03, design.look % 5 + 2, 1.2), design.accent)


def clouds(panel: Panel) -> None:
    """Soft clouds on a pale sky."""
    design = panel.design
    pale = lighter(design.accent, 0.62)
    panel.rectangle((-1, 0, 2, 1), pale)
    panel.disc((0.5, 0.55), 0.5, lighter(design.accent, 0.8))
    for x, y, radius in (
        (-0.1, 0.9, 0.3),
        (0.25, 0.95, 0.26),
        (0.6, 0.93, 0.3),
        (1.0, 0.9, 0.34),
        (0.02, 0.3, 0.1),
        (0.12, 0.32, 0.08),
        (0.92, 0.4, 0.11),
        (0.82, 0.42, 0.08),
    ):
        panel.disc((x, y), radius, WHITE)
    panel.rectangle((-1, 0, 2, 0.2), design.base)
    for x in range(-8, 24):
        panel.disc((x / 8, 0.2), 0.075, design.base)


def sunburst(panel: Panel) -> None:
    """Rays of two tones from behind the illustration."""
    design = panel.design
    panel.rectangle((-1, 0, 2, 1), design.accent)
    for step in range(18):
        angle = step * math.tau / 18
        ends = [(0.5 + 2 * math.cos(angle + turn), 0.66 + 2 * math.sin(angle + turn)) for turn in (0.0, math.tau / 36)]
        panel.polygon([(0.5, 0.66), *ends], lighter(design.accent, 0.16))
    panel.ellipse((-0.35, -0.5, 1.35, 0.46), design.brand.second)
    panel.ellipse((-0.35, -0.53, 1.35, 0.43), design.base)


def botanical(panel: Panel) -> None:
    """Paper with leaves in the corners."""
    design = panel.design
    paper = mix(design.brand.light, (250, 246, 234), 0.5)
    panel.rectangle((-1, 0, 2, 1), paper)
    leaf = mix(design.accent, (90, 140, 80), 0.5)
    for base, direction in (((-0.12, -0.02), 1.0), ((1.12, 1.02), -1.0)):
        for step in range(5):
            angle = 0.1 + step * 0.33
            tip = (base[0] + direction * 0.5 * math.cos(angle), base[1] + direction * 0.26 * math.sin(angle))
            panel.polygon(_leaf(base, tip), lighter(leaf, 0.15 * (step % 3)))
    panel.rectangle((-1, 0.955, 2, 1), design.base)


def _leaf(base: Point, tip: Point) -> list[Point]:
    x, y = tip[0] - base[0], tip[1] - base[1]
    sides = [(0.35, 0.13), (0.6, 0.12), (1.0, 0.0), (0.6, -0.12), (0.35, -0.13)]
    return [base, *((base[0] + x * along - y * aside, base[1] + y * along + x * aside) for along, aside in sides)]


def arch(panel: Panel) -> None:
    """An arched window of light on the line's colour."""
    design = panel.design
    panel.rectangle((-1, 0, 2, 1), design.base)
    panel.ellipse((0.06, 0.2, 0.94, 0.9), design.brand.second)
    panel.rectangle((0.06, 0.55, 0.94, 1.2), design.brand.second)
    panel.ellipse((0.09, 0.22, 0.91, 0.88), lighter(design.accent, 0.8))
    panel.rectangle((0.09, 0.55, 0.91, 1.2), lighter(design.accent, 0.8))
    panel.rectangle((-1, 0.9, 2, 1.2), design.accent)


def minimal(panel: Panel) -> None:
    """Two calm fields of related colours."""
    design = panel.design
    pale = lighter(design.accent, 0.72)
    for step in range(24):
        shade: Colour = mix(lighter(design.brand.light, 0.4), pale, step / 23)
        panel.rectangle((-1, step / 24, 2, (step + 1.5) / 24), shade)
    panel.disc((0.86, 0.8), 0.42, lighter(design.accent, 0.45))


BACKGROUNDS: dict[str, Callable[[Panel], None]] = {
    "wave": wave, "band": band, "diagonal": diagonal, "medallion": medallion, "clinical": clinical,
    "heritage": heritage, "sport": sport, "stripe": stripe, "kids": kids, "clouds": clouds,
    "sunburst": sunburst, "botanical": botanical, "arch": arch, "minimal": minimal,
}  # fmt: skip

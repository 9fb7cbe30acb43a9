"""Where the names beside a chart's marks go, so that they do not cover each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

PLACES: dict[str, dict[str, Any]] = {
    "right": {"align": "left", "baseline": "middle", "dx": 10},
    "left": {"align": "right", "baseline": "middle", "dx": -10},
    "above": {"align": "center", "baseline": "bottom", "dy": -10},
    "below": {"align": "center", "baseline": "top", "dy": 10},
}
"""How a name is put at each place, as options of altair's text mark."""

_WIDTH, _HEIGHT = 290.0, 300.0  # of the plot on a phone, in pixels; on a wider one there is more room between names
_LETTER, _LINE, _OFFSET, _MARK = 5.8, 16.0, 10.0, 7.0

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Point:
    """A mark with its name and interval; x is on a logarithmic scale, y on a linear one."""

    name: str
    x: float
    y: float
    low: float
    high: float


def places_beside(points: Sequence[Point], x_domain: Sequence[float], y_domain: Sequence[float]) -> list[str]:
    """Choose a place for each point's name, in the points' order: the one that covers least of what is there."""
    centres = [_position(point.x, point.y, x_domain, y_domain) for point in points]
    lines = [_interval(point, x_domain, y_domain) for point in points]
    marks = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in centres]
    taken, places = [*marks, *lines], []
    for point, centre, mark in zip(points, centres, marks, strict=True):
        boxes = {place: _box(place, centre, len(point.name) * _LETTER) for place in PLACES}
        others = [box for box in taken if box != mark]
        place = min(boxes, key=lambda choice: _covered(boxes[choice], others) + _outside(boxes[choice]))
        taken.append(boxes[place])
        places.append(place)
    return places


def _interval(point: Point, x_domain: Sequence[float], y_domain: Sequence[float]) -> Box:
    x, top = _position(point.x, point.high, x_domain, y_domain)
    return x - 2, top, x + 2, _position(point.x, point.low, x_domain, y_domain)[1]


def _position(x: float, y: float, x_domain: Sequence[float], y_domain: Sequence[float]) -> tuple[float, float]:
    across = log(x / x_domain[0]) / log(x_domain[1] / x_domain[0])
    up = (y - y_domain[0]) / ((y_domain[1] - y_domain[0]) or 1)
    return across * _WIDTH, (1 - up) * _HEIGHT


def _box(place: str, centre: tuple[float, float], width: float) -> Box:
    x, y = centre
    left = {"right": x + _OFFSET, "left": x - _OFFSET - width}.get(place, x - width / 2)
    top = {"above": y - _OFFSET - _LINE, "below": y + _OFFSET}.get(place, y - _LINE / 2)
    return left, top, left + width, top + _LINE


def _covered(box: Box, others: Iterable[Box]) -> float:
    """The area that the box shares with others, in square pixels."""
    return sum(
        max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
        * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
        for other in others
    )


def _outside(box: Box) -> float:
    """The area of the box that is cut off; it counts twice, for what is cut off cannot be read at all."""
    inside = _covered(box, [(0.0, 0.0, _WIDTH, _HEIGHT)])
    return 2 * ((box[2] - box[0]) * (box[3] - box[1]) - inside)

"""The picture that shows why a match is similar: photo and packshot side by side, with what agrees on both."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from embeddings.imaging.photos import RGB, encode_jpeg
from recsys.search.explanation import Explanation, Rectangle

_FINER = 2  # drawn larger and scaled down, because Pillow's lines are jagged
_SIDE, _GAP, _MARGIN = 560 * _FINER, 56 * _FINER, 20 * _FINER
_DOT, _EDGE = 7 * _FINER, 3 * _FINER
_GROUND = "#14201d"  # dark, like a light box's frame: photos stand out from it in either theme
_LINE, _OUTLINE = "#ffd23f", "#10201c"
_COLOURS = ("#ffd23f", "#4fd1b5", "#ff8fab", "#8ecbff", "#ffa552")  # distinguished by their numbers as well
_MOST_LINES = 30
_LABEL = 34 * _FINER  # pixels high: on a phone the picture is shrunk to a third


@dataclass(frozen=True)
class _Panel:
    """The position of a picture on the canvas; its longer side always has the length `_SIDE`."""

    left: int
    top: int

    def point(self, x: float, y: float) -> tuple[float, float]:
        """The position of a point given as shares of the picture's longer side."""
        return self.left + x * _SIDE, self.top + y * _SIDE

    def rectangle(self, part: Rectangle) -> tuple[float, float, float, float]:
        """The position of a part: left, top, right, bottom."""
        return *self.point(part.left, part.top), *self.point(part.right, part.bottom)


def explanation_picture(photo: RGB, packshot: RGB, explanation: Explanation) -> bytes:
    """Draw what agrees, as a JPEG: lines between the same print, or else numbers on the parts that look alike."""
    pictures = [_enlarged(picture) for picture in (photo, packshot)]
    height = max(picture.height for picture in pictures)
    width = sum(picture.width for picture in pictures) + _GAP
    canvas = Image.new("RGB", (width + 2 * _MARGIN, height + 2 * _MARGIN), _GROUND)
    places, left = [], _MARGIN
    for picture in pictures:
        places.append(_Panel(left, _MARGIN + (height - picture.height) // 2))
        canvas.paste(picture, (left, places[-1].top))
        left += picture.width + _GAP
    draw = ImageDraw.Draw(canvas)
    if explanation.is_by_print:
        _draw_print(draw, places, explanation)
    else:
        _draw_parts(draw, places, explanation)
    return encode_jpeg(np.asarray(canvas.reduce(_FINER)), quality=88)


def _enlarged(picture: RGB) -> Image.Image:
    scale = _SIDE / max(picture.shape[:2])
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC)


def _draw_print(draw: ImageDraw.ImageDraw, places: list[_Panel], explanation: Explanation) -> None:
    agreement = explanation.agreement
    ends = [
        [place.point(*point) for point in points.tolist()]
        for place, points in zip(places, (agreement.photo, agreement.packshot), strict=True)
    ]
    for number in _spread(agreement.photo):
        line = (ends[0][number], ends[1][number])
        draw.line(line, _OUTLINE, width=2 * _EDGE)
        draw.line(line, _LINE, width=_EDGE)
    for x, y in ends[0] + ends[1]:
        draw.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), _LINE, _OUTLINE, width=_EDGE)


def _spread(points: NDArray[np.float32]) -> list[int]:
    """Which points (n, 2) get a line, from the photo's top to its bottom: more would hide the pictures."""
    order = np.argsort(points[:, 1], kind="stable")
    chosen = np.linspace(0, len(order) - 1, min(len(order), _MOST_LINES)).round().astype(int)
    return [int(number) for number in order[chosen]]


def _draw_parts(draw: ImageDraw.ImageDraw, places: list[_Panel], explanation: Explanation) -> None:
    font = ImageFont.load_default(_LABEL)
    for number, (pair, colour) in enumerate(zip(explanation.pairs, _COLOURS, strict=False), start=1):
        for place, part in zip(places, (pair.photo, pair.packshot), strict=True):
            left, top, right, bottom = place.rectangle(part)
            around = (left - _FINER, top - _FINER, right + _FINER, bottom + _FINER)
            draw.rectangle(around, outline=_OUTLINE, width=5 * _FINER)
            draw.rectangle((left, top, right, bottom), outline=colour, width=_EDGE)
            middle = ((left + right) / 2, (top + bottom) / 2)
            radius = _LABEL * 0.62
            disc = (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius)
            draw.ellipse(disc, colour, _OUTLINE, width=_EDGE)
            draw.text(middle, str(number), _OUTLINE, font, anchor="mm")

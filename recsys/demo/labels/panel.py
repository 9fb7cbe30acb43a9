"""A label in the making: flat shapes at twice the size, then illustrations and text on top."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageOps

from recsys.demo.brands import Brand
from recsys.demo.colours import INK, WHITE, Colour, darker, ink_on, luminance
from recsys.demo.labels.patterns import pattern
from recsys.demo.motifs import motif
from recsys.demo.motifs.sketch import Point
from recsys.demo.typefaces import fitting_size, font, wrapped

DETAIL = 2  # shapes are drawn this much larger, which smooths their edges
LEGIBLE = 0.36  # difference of luminance
Area = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Design:
    """What a pack says and looks like."""

    brand: Brand
    title: str
    flavour: str
    weight: str
    claims: tuple[str, ...]
    base: Colour  # the line's colour
    accent: Colour  # the flavour's colour
    motif: str
    layout: str
    arrangement: int
    pattern: str
    look: int  # picks among what is left: yaw, lid, pattern
    step: float  # 0 smallest size .. 1 largest
    barcode: str = ""  # the number on the pack's back, where that is the side that is seen


class Panel:
    """A label of `width` x `height` pixels; x and y run 0..1 over its safe area, so -1 and 2 are past any edge."""

    def __init__(self, width: int, height: int, design: Design, safe: tuple[float, float] = (0.0, 1.0)) -> None:
        self.width, self.height, self.design = width, height, design
        self.left, self.span = width * safe[0], width * (safe[1] - safe[0])
        self.shapes = Image.new("RGB", (width * DETAIL, height * DETAIL), design.base)
        self.draw = ImageDraw.Draw(self.shapes)
        self.foreground: list[Callable[[Image.Image], None]] = []

    @property
    def aspect(self) -> float:
        """Width over height of the safe area."""
        return self.span / self.height

    def _x(self, x: float) -> float:
        return self.left + x * self.span

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        """Fill a polygon."""
        self.draw.polygon([(self._x(x) * DETAIL, y * self.height * DETAIL) for x, y in points], fill=fill)

    def rectangle(self, area: Area, fill: Colour, radius: float = 0.0, outline: Colour | None = None) -> None:
        """Fill an area; `radius` of the corners in parts of the panel's height."""
        corners = self._pixels(area, DETAIL)
        line = max(2, round(self.height * DETAIL / 110)) if outline else 0
        self.draw.rounded_rectangle(corners, radius * self.height * DETAIL, fill=fill, outline=outline, width=line)

    def disc(self, center: Point, radius: float, fill: Colour) -> None:
        """Fill a circle; `radius` in parts of the smaller side."""
        x, y = self._x(center[0]) * DETAIL, center[1] * self.height * DETAIL
        size = radius * min(self.span, self.height) * DETAIL
        self.draw.ellipse((x - size, y - size, x + size, y + size), fill=fill)

    def ellipse(self, area: Area, fill: Colour) -> None:
        """Fill the ellipse within an area."""
        self.draw.ellipse(self._pixels(area, DETAIL), fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """Draw a line; `width` in parts of the panel's height."""
        pixels = [(self._x(x) * DETAIL, y * self.height * DETAIL) for x, y in points]
        self.draw.line(pixels, fill=fill, width=max(1, round(width * self.height * DETAIL)), joint="curve")

    def tones(self, area: Area) -> list[Colour]:
        """The colours of what is drawn so far within an area, as a coarse grid."""
        left, top, right, bottom = (round(edge) for edge in self._pixels(area, DETAIL))
        region = self.shapes.crop((max(0, left), max(0, top), max(left + 2, right), max(top + 2, bottom)))
        cells = region.resize((6, 4), Image.Resampling.BOX, reducing_gap=1.0).tobytes()
        return [(cells[i], cells[i + 1], cells[i + 2]) for i in range(0, len(cells), 3)]

    def ink(self, area: Area, wanted: Colour) -> Colour | None:
        """`wanted`, white or a dark ink: the first that can be read all over an area, if any."""
        levels = [luminance(tone) for tone in self.tones(area)]
        for ink in (wanted, darker(wanted, 0.5), WHITE, darker(self.design.brand.main, 0.6), INK):
            if min(abs(level - luminance(ink)) for level in levels) > LEGIBLE:
                return ink
        return None

    def plate(self, area: Area) -> Colour:
        """Put a plate behind an area; gives the ink for it."""
        main = self.design.brand.main
        ground = main if self.design.base != main else darker(main, 0.35)
        left, top, right, bottom = area
        self.rectangle((left - 0.025, top - 0.012, right + 0.025, bottom + 0.012), ground, radius=0.02)
        return ink_on(ground)

    def readable(
        self, text: str, area: Area, face: str, *, wanted: Colour | None = None, align: str = "center", lines: int = 1
    ) -> None:
        """Set text in an ink that can be read there, on a plate where none can."""
        ink = self.ink(area, wanted or self.design.brand.main) or self.plate(area)
        self.text(text, area, face, ink, align=align, lines=lines)

    def text(self, text: str, area: Area, face: str, fill: Colour, *, align: str = "center", lines: int = 1) -> None:
        """Set text as large as the area allows; `align` is `center` or `left`."""
        left, top, right, bottom = self._pixels(area, 1)
        width, height = right - left, bottom - top
        rows = wrapped(face, text, round(width / max(height, 1.0), 2), lines) if lines > 1 else (text,)
        size = fitting_size(face, rows, width, height)

        def write(image: Image.Image) -> None:
            draw, letters, leading = ImageDraw.Draw(image), font(face, size), size * 1.08
            y = (top + bottom) / 2 - leading * (len(rows) - 1) / 2
            x, anchor = (left, "lm") if align == "left" else ((left + right) / 2, "mm")
            for row in rows:
                draw.text((x, y), row, fill=fill, font=letters, anchor=anchor)
                y += leading

        self.foreground.append(write)

    def picture(self, area: Area) -> None:
        """Place the design's illustration as large as an area allows."""
        left, top, right, bottom = self._pixels(area, 1)
        pixels = max(8, round(min(right - left, bottom - top) / 4) * 4)
        drawn = motif(self.design.motif, self.design.accent, pixels)
        corner = round((left + right - pixels) / 2), round((top + bottom - pixels) / 2)
        self.foreground.append(lambda image: image.paste(drawn, corner, drawn))

    def ean13(self, gtin: str, area: Area) -> None:
        """Print an EAN-13 with its white surroundings, as large as an area allows."""
        left, top, right, bottom = self._pixels(area, 1)
        code = Image.fromarray(np.array(zxingcpp.create_barcode(gtin, zxingcpp.BarcodeFormat.EAN13).to_image(scale=8)))
        printed = ImageOps.contain(code, (round(right - left), round(bottom - top)), Image.Resampling.BOX)
        corner = round((left + right - printed.width) / 2), round((top + bottom - printed.height) / 2)
        self.foreground.append(lambda image: image.paste(printed, corner))

    def finished(self) -> Image.Image:
        """The label, RGB."""
        image = self.shapes.reduce(DETAIL)
        faint = pattern(self.design.pattern, self.width, self.height)
        if faint:
            image.paste(WHITE if self.design.look % 2 else self.design.brand.main, (0, 0), faint)
        for paint in self.foreground:
            paint(image)
        return image

    def _pixels(self, area: Area, detail: int) -> Area:
        left, top, right, bottom = area
        return (
            self._x(left) * detail, top * self.height * detail, self._x(right) * detail, bottom * self.height * detail,
        )  # fmt: skip

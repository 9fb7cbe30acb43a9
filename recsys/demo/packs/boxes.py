"""Packs with flat faces: the carton, and the blister sheet before its box."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from recsys.demo.colours import Colour
from recsys.demo.labels import front, side, top
from recsys.demo.labels.panel import Design
from recsys.demo.lighting import FloatMap, grey, mask, plain, relief, shaded

Corner = tuple[float, float]
Quad = tuple[Corner, Corner, Corner, Corner]  # upper left, upper right, lower right, lower left
YAWS = (-34, -24, 24, 34, -14, 14)
FOIL: Colour = (206, 210, 216)


@dataclass(frozen=True)
class BoxView:
    """Where a box's three visible faces are on a canvas of `size`, and its outline there."""

    size: tuple[int, int]
    front: Quad
    side: Quad
    top: Quad
    outline: Image.Image


def perspective(target: Quad, size: tuple[int, int]) -> tuple[float, ...]:
    """The coefficients of `Image.transform` that lay a picture of `size` onto a quad."""
    width, height = size
    source = ((0, 0), (width, 0), (width, height), (0, height))
    rows, values = [], []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        values += [u, v]
    solved: npt.NDArray[np.float64] = np.linalg.solve(np.array(rows, float), np.array(values, float))
    return tuple(solved.tolist())


@lru_cache(maxsize=200)
def box_view(width: float, depth: float, height: int, yaw: int) -> BoxView:
    """Look at a box of unit height; `width` and `depth` in parts of it. `height` is the picture's, in pixels."""
    sign = 1 if yaw > 0 else -1
    turn, tilt = math.radians(abs(yaw)), math.radians(9)

    def seen(x: float, y: float, z: float) -> Corner:
        across, away = x * math.cos(turn) + z * math.sin(turn), z * math.cos(turn) - x * math.sin(turn)
        up, far = y * math.cos(tilt) + away * math.sin(tilt), away * math.cos(tilt) - y * math.sin(tilt)
        scale = 4.2 / (4.2 + far)
        return sign * across * scale, -up * scale

    w, d = width / 2, depth / 2
    # The side that the turn brings into view is at -w; mirroring the picture makes it the right one.
    points = {(i, j, k): seen(i * w, j * 0.5, k * d) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)}
    xs, ys = [x for x, _ in points.values()], [y for _, y in points.values()]
    scale = (height - 2) / (max(ys) - min(ys))
    place = {key: ((x - min(xs)) * scale + 1, (y - min(ys)) * scale + 1) for key, (x, y) in points.items()}
    size = (math.ceil((max(xs) - min(xs)) * scale) + 2, height)
    near = [place[-sign, 1, -1], place[sign, 1, -1], place[sign, -1, -1], place[-sign, -1, -1]]
    if sign > 0:
        flank = (place[1, 1, -1], place[1, 1, 1], place[1, -1, 1], place[1, -1, -1])
    else:
        flank = (place[1, 1, 1], place[1, 1, -1], place[1, -1, -1], place[1, -1, 1])
    lid = (place[-sign, 1, 1], place[sign, 1, 1], place[sign, 1, -1], place[-sign, 1, -1])
    face: Quad = (near[0], near[1], near[2], near[3])
    return BoxView(size, face, flank, lid, _outline(size, (face, flank, lid)))


def _outline(size: tuple[int, int], faces: tuple[Quad, ...]) -> Image.Image:
    fine = Image.new("L", (size[0] * 4, size[1] * 4))
    draw = ImageDraw.Draw(fine)
    for face in faces:
        draw.polygon([(x * 4, y * 4) for x, y in face], fill=255)
    return fine.reduce(4)


def lay(canvas: Image.Image, face: Image.Image, quad: Quad) -> None:
    """Draw a flat RGB face onto a quad of the canvas."""
    quad = _grown(quad, 1.2)  # so that the soft edge of the pack's outline has colour under it
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    left, upper = max(0, math.floor(min(xs)) - 1), max(0, math.floor(min(ys)) - 1)
    size = (min(canvas.width, math.ceil(max(xs)) + 1) - left, min(canvas.height, math.ceil(max(ys)) + 1) - upper)
    corners = [(x - left, y - upper) for x, y in quad]
    shifted: Quad = (corners[0], corners[1], corners[2], corners[3])
    laid = face.transform(
        size,
        Image.Transform.PERSPECTIVE,
        perspective(shifted, face.size),
        Image.Resampling.BICUBIC,
        fillcolor=face.getpixel((face.width // 2, face.height // 2)),
    )
    stencil = Image.new("L", size)
    ImageDraw.Draw(stencil).polygon(shifted, fill=255, outline=255)
    canvas.paste(laid, (left, upper), stencil)


def _grown(quad: Quad, pixels: float) -> Quad:
    x, y = sum(corner[0] for corner in quad) / 4, sum(corner[1] for corner in quad) / 4
    upper_left, upper_right, lower_right, lower_left = (
        (corner[0] + math.copysign(pixels, corner[0] - x), corner[1] + math.copysign(pixels, corner[1] - y))
        for corner in quad
    )
    return upper_left, upper_right, lower_right, lower_left


@lru_cache(maxsize=60)
def _face_light(size: tuple[int, int], bright: float, fall: float) -> Image.Image:
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    values = bright - fall * (0.6 * x / size[0] + 0.5 * y / size[1])
    edge = np.minimum.reduce([x, y, size[0] - 1 - x, size[1] - 1 - y])
    return grey((values + 0.07 * np.exp(-edge / 1.2)).astype(np.float32))


def carton(design: Design, height: int) -> Image.Image:
    """Draw a folding box, turned to show one side."""
    step = round(design.step * 3) / 3
    width = (0.56, 0.66, 0.74, 0.86, 1.3)[design.look % 5] + 0.06 * step
    if design.weight.split()[-1] in ("lembar", "cm", "tablet", "kantong") and design.look % 2:
        width = 1.45
    depth = (0.2, 0.28, 0.36)[design.look // 5 % 3] + 0.08 * step
    tall = height if width < 1 else round(height * 0.72)
    return boxed(design, tall, width, depth, YAWS[design.look // 15 % len(YAWS)])


def boxed(design: Design, height: int, width: float, depth: float, yaw: int) -> Image.Image:
    """Draw a box of given proportions, RGBA."""
    view = box_view(round(width, 3), round(depth, 3), height, yaw)
    rows = round(view.front[3][1] - view.front[0][1])
    flat = front(design, round(rows * width), rows, (0.03, 0.97))
    flank = side(design, max(20, round(rows * depth * 0.8)), rows)
    lid = top(design, flat.width, max(8, round(rows * depth * 0.5)))
    canvas = plain(view.size, design.base)
    lay(canvas, shaded(lid, _face_light(lid.size, 1.0, 0.04)), view.top)
    lay(canvas, shaded(flank, _face_light(flank.size, 0.74 if yaw > 0 else 0.84, 0.22)), view.side)
    lay(canvas, shaded(flat, _face_light(flat.size, 1.0, 0.12)), view.front)
    canvas.putalpha(view.outline)
    return canvas


@lru_cache(maxsize=40)
def _blister_light(width: int, height: int, columns: int, oblong: bool) -> tuple[Image.Image, ...]:
    """Shade, shine, and the masks of pills and of the sheet's printed strip."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rows = 2
    cell_x, cell_y = width / (columns + 0.4), height * 0.86 / rows
    u = (x - 0.2 * cell_x) % cell_x / cell_x - 0.5
    v = (y - 0.07 * height) % cell_y / cell_y - 0.5
    inside = (x > 0.2 * cell_x) & (x < width - 0.2 * cell_x) & (y > 0.07 * height) & (y < 0.93 * height)
    distance = np.hypot(u * cell_x / cell_y, v * (0.75 if oblong else 1.0)) / 0.3
    dome = np.where(inside, np.sqrt(np.clip(1.15 - distance**2, 0, None)), 0)
    ripple = 0.1 * (np.sin(x * 1.1) + np.sin(y * 1.1)) * (dome == 0)
    shade, shine = relief((dome * cell_y * 0.26 + ripple).astype(np.float32), 1.0, 0.9)
    pills: FloatMap = (np.clip((1.0 - distance) * 6, 0, 1) * inside).astype(np.float32)
    return grey(shade), grey(shine), mask(pills)


def blister(design: Design, height: int) -> Image.Image:
    """Draw a box lying on its long side with a blister sheet before it."""
    depth = 0.3 + 0.12 * (design.look % 2)
    box = boxed(design, round(height * 0.66), 1.5 + 0.15 * (design.look // 2 % 3), depth, YAWS[design.look // 15 % 4])
    sheet = _sheet(design, round(box.width * 0.8), round(height * 0.34))
    picture = Image.new("RGBA", (box.width, round(height * 0.86)))
    picture.paste(box, (0, 0), box)
    drop = box.width // 26 if design.look % 2 else box.width - sheet.width - box.width // 26
    under = Image.new("RGBA", sheet.size, (20, 20, 30, 90))
    under.putalpha(sheet.getchannel("A").point(lambda value: value * 0.35))
    picture.paste(under, (drop + 3, picture.height - sheet.height - 4), under)
    picture.paste(sheet, (drop, picture.height - sheet.height), sheet)
    return picture


def _sheet(design: Design, width: int, height: int) -> Image.Image:
    columns = 5 if design.look % 3 else 6
    flat_width, flat_height = round(width * 0.94), round(height * 0.96)
    shade, shine, pills = _blister_light(flat_width, flat_height, columns, design.weight.endswith("kapsul"))
    tint: Colour = (FOIL, FOIL, (196, 160, 96), design.brand.light)[design.look // 4 % 4]
    flat = plain((flat_width, flat_height), tint)
    content: Colour = (design.accent, (250, 250, 246), design.brand.second)[design.look // 9 % 3]
    flat.paste(content, (0, 0), pills)
    lit = shaded(flat, shade, shine)
    lean = width - flat_width
    quad: Quad = ((lean, 2), (width - 3, 0), (flat_width, height - 1), (0, height - 2))
    canvas = plain((width, height), tint)
    lay(canvas, lit, quad)
    canvas.putalpha(_outline((width, height), (quad,)))
    return canvas

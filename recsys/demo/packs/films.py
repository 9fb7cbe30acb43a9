"""Packs of film: pouch, sachet, bar wrapper, and the squeezed tube."""

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from recsys.demo.colours import WHITE, Colour, darker
from recsys.demo.labels import front
from recsys.demo.labels.panel import Design
from recsys.demo.lighting import FloatMap, grey, mask, plain, relief, shaded
from recsys.demo.motifs.sketch import Point

COARSE = 2  # light on film is soft: it is computed at half the size
Light = tuple[Image.Image, Image.Image, Image.Image]  # outline, shade, shine


def _outline(size: tuple[int, int], points: list[Point]) -> Image.Image:
    fine = Image.new("L", (size[0] * 3, size[1] * 3))
    ImageDraw.Draw(fine).polygon([(x * size[0] * 3, y * size[1] * 3) for x, y in points], fill=255)
    return fine.reduce(3)


def _grid(size: tuple[int, int]) -> tuple[FloatMap, FloatMap]:
    rows, columns = size[1] // COARSE, size[0] // COARSE
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    return (x + 0.5) / columns, (y + 0.5) / rows


def _wrinkles(size: tuple[int, int], variety: int, amount: float) -> FloatMap:
    """Smooth creases, (height, width) of the coarse grid."""
    rng = np.random.default_rng([7, variety])
    noise = rng.normal(size=(9, 7)).astype(np.float32)
    sheet = Image.fromarray(noise).resize((size[0] // COARSE, size[1] // COARSE), Image.Resampling.BICUBIC)
    return np.asarray(sheet, np.float32) * amount


def _lit(size: tuple[int, int], heights: FloatMap, bands: FloatMap, gloss: float) -> tuple[Image.Image, Image.Image]:
    shade, shine = relief(heights, 1.0, gloss)
    full = (size[0], size[1])
    return (
        grey(shade - bands).resize(full, Image.Resampling.BILINEAR),
        grey(shine).resize(full, Image.Resampling.BILINEAR),
    )


@lru_cache(maxsize=40)
def _pouch_light(width: int, height: int, variety: int) -> Light:
    size = (width, height)
    left = [(0.012 + 0.018 * math.sin(step / 20 * math.pi), step / 20) for step in range(21)]
    foot = [(x / 12, 0.995 - 0.022 * (2 * x / 12 - 1) ** 2) for x in range(1, 12)]
    outline = _outline(size, [*left, *foot, *((1 - x, y) for x, y in reversed(left))])
    x, y = _grid(size)
    body = (
        np.clip(1 - (2 * x - 1) ** 2, 0, 1) ** 0.6 * np.clip(np.minimum((y - 0.1) / 0.3, (1.02 - y) / 0.2), 0, 1) ** 0.6
    )
    heights = (body * width * 0.1 + _wrinkles(size, variety, 2.2) * np.clip((y - 0.12) * 4, 0, 1)).astype(np.float32)
    seal = (y < 0.075) * 0.1 * (0.5 + 0.5 * np.sin(y * height * 0.9))
    zip_line = 0.22 * np.exp(-(((y - 0.125) / 0.006) ** 2)) - 0.14 * np.exp(-(((y - 0.14) / 0.006) ** 2))
    gusset = 0.2 * np.exp(-(((y - 0.9 - 0.05 * (2 * x - 1) ** 2) / 0.01) ** 2)) * (np.abs(x - 0.5) < 0.46)
    shade, shine = _lit(size, heights, (seal + zip_line + gusset).astype(np.float32), 0.5)
    return outline, shade, shine


def pouch(design: Design, height: int) -> Image.Image:
    """Draw a stand-up pouch with a zip."""
    width = round(height * ((0.62, 0.68, 0.74)[design.look % 3] + 0.05 * round(design.step * 2) / 2) / 2) * 2
    light = _pouch_light(width, height, design.look % 4)
    printed = front(design, width, round(height * 0.82), (0.06, 0.94))
    flat = plain((width, height), _sealed(printed))
    flat.paste(printed, (0, round(height * 0.13)))
    return _film(flat, light)


def _sealed(printed: Image.Image) -> Colour:
    pixel = printed.getpixel((printed.width // 2, 1))
    return (int(pixel[0]), int(pixel[1]), int(pixel[2])) if isinstance(pixel, tuple) else WHITE


def _film(flat: Image.Image, light: Light) -> Image.Image:
    outline, shade, shine = light
    picture = shaded(flat, shade, shine)
    picture.putalpha(outline)
    return picture


@lru_cache(maxsize=40)
def _sachet_light(width: int, height: int, variety: int) -> Light:
    size = (width, height)
    teeth = round(width / 9)
    upper = [(step / (2 * teeth), 0.002 if step % 2 else 0.014) for step in range(2 * teeth + 1)]
    lower = [(1 - x, 1 - y) for x, y in upper]
    outline = _outline(size, [(0.005 + x * 0.99, y) for x, y in upper] + [(0.005 + x * 0.99, y) for x, y in lower])
    x, y = _grid(size)
    inside = np.minimum(np.minimum(x - 0.05, 0.95 - x) * 6, np.minimum(y - 0.08, 0.92 - y) * 6)
    heights = np.clip(inside, 0, 1) ** 0.5 * width * 0.05 + _wrinkles(size, variety, 2.0) * np.clip(inside * 2, 0, 1)
    crimp = ((y < 0.075) | (y > 0.925)) * 0.13 * (0.5 + 0.5 * np.sin(y * height * 1.1))
    sides = ((x < 0.045) | (x > 0.955)) * 0.05
    shade, shine = _lit(size, heights.astype(np.float32), (crimp + sides).astype(np.float32), 0.55)
    return outline, shade, shine


def sachet(design: Design, height: int) -> Image.Image:
    """Draw a flat sealed sachet."""
    tall = round(height * (0.84 if design.look % 3 == 2 else 0.96))
    width = round(tall * ((0.5, 0.66, 0.78)[design.look % 3] + 0.06 * round(design.step * 2) / 2) / 2) * 2
    printed = front(design, width, round(tall * 0.86), (0.06, 0.94))
    flat = plain((width, tall), design.brand.main if design.look % 2 else _sealed(printed))
    flat.paste(printed, (0, round(tall * 0.07)))
    return _film(flat, _sachet_light(width, tall, design.look % 4))


@lru_cache(maxsize=30)
def _bar_light(width: int, height: int, variety: int) -> Light:
    size = (width, height)
    teeth = round(height / 8)
    right = [(0.998 if step % 2 else 0.988, step / (2 * teeth)) for step in range(2 * teeth + 1)]
    edge = [(0.93, 0.985), (0.9, 1.0), (0.1, 1.0), (0.07, 0.985)]
    left = [(1 - x, 1 - y) for x, y in right]
    outline = _outline(
        size,
        [(x, 0.02 + y * 0.96) for x, y in right]
        + edge
        + [(x, 0.02 + y * 0.96) for x, y in left]
        + [(0.1, 0), (0.9, 0)],
    )
    x, y = _grid(size)
    ends = np.clip(np.minimum(x - 0.07, 0.93 - x) * 12, 0, 1)
    body = np.clip(1 - np.abs(2 * y - 1) ** 5, 0, 1) ** 0.7 * ends**0.6
    heights = body * height * 0.16 + _wrinkles(size, variety, 2.4) * ends
    crimp = (1 - ends) * 0.12 * (0.5 + 0.5 * np.sin(x * width * 1.0))
    shade, shine = _lit(size, heights.astype(np.float32), crimp.astype(np.float32), 0.6)
    return outline, shade, shine


def bar(design: Design, height: int) -> Image.Image:
    """Draw a wrapped bar, lying and slightly turned."""
    width = round(height * 0.98 / 2) * 2
    tall = round(width * ((0.3, 0.34, 0.4)[design.look % 3] + 0.04 * round(design.step * 2) / 2) / 2) * 2
    printed = front(design, width, tall, (0.1, 0.9))
    picture = _film(printed, _bar_light(width, tall, design.look % 4))
    angle = (-14, -7, 8, 15)[design.look // 3 % 4]
    return picture.rotate(angle, Image.Resampling.BICUBIC, expand=True)


@lru_cache(maxsize=30)
def _tube_light(width: int, height: int, cap: float) -> tuple[Image.Image, Image.Image, Image.Image, Image.Image]:
    """Outline, shade, shine and the cap's mask."""
    size = (width, height)
    x, y = _grid(size)
    neck = 1 - cap
    half = np.where(y < neck, 0.5 - 0.07 * np.clip(y / neck, 0, 1), 0.36)
    shoulder = np.clip((y - neck + 0.035) / 0.035, 0, 1) * (y < neck)
    half = half - shoulder**2 * 0.09
    across = np.clip((x - 0.5) / half, -1, 1)
    roundness = np.clip(y / neck, 0, 1) ** 0.7
    shade = 1 - roundness * (0.12 + 0.5 * np.clip(across + 0.25, 0, 1) ** 2 + 0.35 * np.clip(-across - 0.6, 0, 1))
    crimp = (y < 0.06) * (0.1 + 0.08 * np.sin(y * height * 1.2))
    ridges = (y > neck) * 0.12 * (0.5 + 0.5 * np.cos(np.arcsin(across) * 34))
    seam = 0.3 * np.exp(-(((y - neck) / 0.006) ** 2))
    shine = (0.5 * roundness + 0.08) * np.exp(-(((across + 0.5) / 0.1) ** 2)) * (y > 0.06)
    outline = _outline(size, _tube_points(cap))
    cap_mask = mask((y > neck).astype(np.float32)).resize(size).filter(ImageFilter.BoxBlur(0.6))
    lights = (
        grey(values.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
        for values in (shade - crimp - ridges - seam, shine)
    )
    return outline, *lights, cap_mask  # type: ignore[return-value]


def _tube_points(cap: float) -> list[Point]:
    neck = 1 - cap
    right = [
        (0.998, 0.0),
        (0.995, 0.06),
        (0.93, neck - 0.035),
        (0.9, neck - 0.012),
        (0.85, neck),
        (0.86, neck + 0.002),
        (0.85, 0.985),
        (0.82, 1.0),
    ]
    return [*right, *((1 - x, y) for x, y in reversed(right))]


def tube(design: Design, height: int) -> Image.Image:
    """Draw a squeeze tube on its cap; tablets come in a slim round tube instead."""
    slim = design.weight.endswith("tablet")
    width = (
        round(height * (0.24 if slim else (0.34, 0.4, 0.46)[design.look % 3] - 0.04 * round(design.step * 2) / 2) / 2)
        * 2
    )
    cap = 0.14 if slim or design.look % 2 else 0.2
    outline, shade, shine, cap_mask = _tube_light(width, height, cap)
    rows = round(height * (1 - cap))
    flat = plain((width, height), design.base)
    flat.paste(front(design, width, rows, (0.1, 0.9)), (0, 0))
    cap_colour: Colour = (WHITE, design.accent, design.brand.main, darker(design.brand.second, 0.1))[
        design.look // 3 % 4
    ]
    flat.paste(cap_colour, (0, 0), cap_mask)
    return _film(flat, (outline, shade, shine))

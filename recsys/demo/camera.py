"""The phone's camera: where it stands, how it is lit, and what it does to the picture."""

import math
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from recsys.demo.lighting import FloatMap
from recsys.demo.packs.boxes import Quad, perspective


@dataclass(frozen=True)
class Conditions:
    """How a photo is taken. Angles in degrees, blur in pixels, the rest in parts of 1."""

    yaw: float
    pitch: float
    roll: float
    exposure: float
    warmth: float
    vignette: float
    shadow: float
    blur: float
    motion: float
    noise: float
    quality: int


def seen_from(pack: Image.Image, conditions: Conditions) -> Image.Image:
    """The pack, RGBA, as seen from the camera's place; the canvas grows to hold it."""
    yaw, pitch, roll = (math.radians(angle) for angle in (conditions.yaw, conditions.pitch, conditions.roll))
    width, height = pack.size
    corners = []
    for x, y in (
        (-width / 2, -height / 2),
        (width / 2, -height / 2),
        (width / 2, height / 2),
        (-width / 2, height / 2),
    ):
        across, away = x * math.cos(yaw), x * math.sin(yaw)
        down, far = y * math.cos(pitch), away + y * math.sin(pitch)
        scale = 1 / (1 + far / (2.4 * height))
        across, down = across * scale, down * scale
        corners.append(
            (across * math.cos(roll) - down * math.sin(roll), across * math.sin(roll) + down * math.cos(roll))
        )
    left, upper = min(x for x, _ in corners), min(y for _, y in corners)
    size = (math.ceil(max(x for x, _ in corners) - left) + 2, math.ceil(max(y for _, y in corners) - upper) + 2)
    placed = [(x - left + 1, y - upper + 1) for x, y in corners]
    quad: Quad = (placed[0], placed[1], placed[2], placed[3])
    return pack.transform(size, Image.Transform.PERSPECTIVE, perspective(quad, pack.size), Image.Resampling.BILINEAR)


@lru_cache(maxsize=1)
def _noise() -> FloatMap:
    return np.random.default_rng(5).normal(size=(1200, 960, 1)).astype(np.float32)


@lru_cache(maxsize=1)
def _radius(width: int, height: int) -> FloatMap:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    radius: FloatMap = 2 * ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2)
    return radius


def _light(size: tuple[int, int], conditions: Conditions, rng: np.random.Generator) -> FloatMap:
    """How much light falls where: vignette, and the soft edge of somebody's shadow."""
    width, height = size
    light = conditions.exposure * (1 - conditions.vignette * _radius(width, height))
    if conditions.shadow:
        angle = rng.uniform(0, math.tau)
        x = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * np.float32(math.cos(angle))
        y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * np.float32(math.sin(angle))
        edge = (x + y - np.float32(rng.uniform(-0.3, 0.3))) * 7
        light = light * (1 - conditions.shadow / (1 + np.exp(-edge)))
    return light.astype(np.float32)


def exposed(scene: Image.Image, conditions: Conditions, rng: np.random.Generator) -> Image.Image:
    """Take the picture of an RGB scene: focus, light, colour of the light, noise."""
    if conditions.blur > 0.4:
        scene = _defocused(scene, conditions.blur)
    if conditions.motion:
        scene = _shaken(scene, conditions.motion, float(rng.uniform(0, math.pi)))
    cast = np.array((1 + conditions.warmth, 1.0, 1 - conditions.warmth), np.float32)
    pixels = np.asarray(scene, np.float32) * (_light(scene.size, conditions, rng)[..., None] * cast)
    if conditions.noise:
        y, x = rng.integers(0, 240, 2)
        pixels += _noise()[y : y + scene.height, x : x + scene.width] * (conditions.noise * 255)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _defocused(scene: Image.Image, blur: float) -> Image.Image:
    """Blur by a radius in pixels; a strong blur loses nothing at half the size, in a quarter of the time."""
    if blur < 1.5:
        return scene.filter(ImageFilter.BoxBlur(blur))
    small = scene.reduce(2).filter(ImageFilter.GaussianBlur(blur / 2))
    return small.resize(scene.size, Image.Resampling.BILINEAR)


def _shaken(scene: Image.Image, length: float, angle: float) -> Image.Image:
    """Blur along a line of `length` pixels: the mean of shifted copies."""
    total = scene
    for step in range(1, 5):
        reach = length * (step / 4 - 0.5)
        copy = ImageChops.offset(scene, round(reach * math.cos(angle)), round(reach * math.sin(angle)))
        total = Image.blend(total, copy, 1 / (step + 1))
    return total


def developed(picture: Image.Image, quality: int) -> bytes:
    """The photo's JPEG file."""
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()

"""Light and shade: multiplied for shadow, screened for shine, and the studio the packs stand in."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageFilter

from recsys.demo.colours import Colour

FloatMap = npt.NDArray[np.float32]
SHADOW_GRID = 5  # shadows are soft: they are blurred at a fifth of the size


def grey(values: FloatMap) -> Image.Image:
    """A map of 0..1, (height, width), as a grey RGB picture to multiply or screen with."""
    plane = Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))
    return Image.merge("RGB", (plane, plane, plane))


def mask(values: FloatMap) -> Image.Image:
    """A map of 0..1, (height, width), as a mask."""
    return Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))


def shaded(image: Image.Image, shade: Image.Image, shine: Image.Image | None = None) -> Image.Image:
    """Darken an RGB picture by `shade`, then lighten it by `shine`."""
    dark = ImageChops.multiply(image, shade)
    return ImageChops.screen(dark, shine) if shine else dark


def relief(heights: FloatMap, strength: float, gloss: float) -> tuple[FloatMap, FloatMap]:
    """Light a height field, (height, width), from the upper left: its shade and its shine, 0..1."""
    slope_y, slope_x = np.gradient(heights * strength)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    facing = (0.42 * slope_x + 0.46 * slope_y + 0.78) / length
    shade = np.clip(0.34 + 0.74 * facing, 0, 1.0)
    shine = gloss * np.clip((0.5 * slope_x + 0.6 * slope_y + 0.62) / length, 0, 1) ** 24
    return shade.astype(np.float32), shine.astype(np.float32)


@lru_cache(maxsize=8)
def _studio(side: int, tone: str) -> Image.Image:
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    deep = {"white": 0.02, "grey": 0.09, "mirror": 0.04}[tone]
    light = 1 - deep * (0.35 + 0.65 * y) - 0.6 * deep * np.hypot(x - 0.5, y - 0.42) * 2
    floor = 0.5 * deep * np.exp(-(((y - 0.84) / 0.09) ** 2))
    return grey(light - floor)


def in_studio(pack: Image.Image, side: int, tone: str, *, lying: bool = False) -> Image.Image:
    """Put a pack (RGBA) into a square white studio with its soft shadow: RGB, `side` pixels."""
    scene = _studio(side, tone).copy()
    if lying:
        corner = ((side - pack.width) // 2, (side - pack.height) // 2)
        drop_shadow(scene, pack, corner, 0.5)
        scene.paste(pack, corner, pack)
        return scene
    foot = min(0.955 * side, 0.6 * side + pack.height / 2)  # a low pack stands nearer the middle
    left, top = (side - pack.width) // 2, int(foot) - pack.height
    cast_shadow(scene, pack, (left, top), 0.42)
    if tone == "mirror":
        _reflect(scene, pack, (left, top))
    scene.paste(pack, (left, top), pack)
    return scene


def cast_shadow(scene: Image.Image, pack: Image.Image, corner: tuple[int, int], depth: float) -> None:
    """Darken the ground under and beside a pack that will stand at `corner`."""
    width, height = pack.width // SHADOW_GRID, pack.height // SHADOW_GRID
    tall, lean = max(3, height // 3), 0.5
    margin = 14 + width // 8 + round(lean * tall)
    silhouette = pack.getchannel("A").resize((width, height), Image.Resampling.BOX)
    soft = Image.new("L", (width + 2 * margin, height + 16))
    haze, contact = soft.copy(), soft.copy()
    flat = silhouette.resize((width, max(2, height // 9)))
    soft.paste(flat, (margin, height - flat.height + 2), flat)
    # The cast shadow: the silhouette lying down, leaning to the right.
    lying = silhouette.resize((width, tall)).transform(
        (width + round(lean * tall), tall), Image.Transform.AFFINE, (1, lean, -lean * tall, 0, 1, 0)
    )
    haze.paste(lying, (margin, height - tall), lying)
    contact.paste(255, (margin + width // 14, height - 1, margin + width - width // 14, height + 1))
    dark = ImageChops.lighter(
        ImageChops.lighter(soft.filter(ImageFilter.GaussianBlur(3.2)), contact.filter(ImageFilter.GaussianBlur(1.4))),
        haze.filter(ImageFilter.GaussianBlur(4)).point(lambda value: value * 0.45),
    )
    _darken(scene, dark, (corner[0] - margin * SHADOW_GRID, corner[1]), depth)


def drop_shadow(scene: Image.Image, pack: Image.Image, corner: tuple[int, int], depth: float) -> None:
    """Darken the ground around a pack that will lie at `corner`."""
    margin = 10
    silhouette = pack.getchannel("A").resize(
        (pack.width // SHADOW_GRID, pack.height // SHADOW_GRID), Image.Resampling.BOX
    )
    dark = Image.new("L", (silhouette.width + 2 * margin, silhouette.height + 2 * margin))
    dark.paste(silhouette, (margin + 1, margin + 3), silhouette)
    place = (corner[0] - margin * SHADOW_GRID, corner[1] - margin * SHADOW_GRID)
    _darken(scene, dark.filter(ImageFilter.GaussianBlur(2.6)), place, depth)


def _darken(scene: Image.Image, dark: Image.Image, corner: tuple[int, int], depth: float) -> None:
    left, top, right, bottom = dark.getbbox() or (0, 0, 1, 1)
    size = ((right - left) * SHADOW_GRID, (bottom - top) * SHADOW_GRID)
    faint = dark.crop((left, top, right, bottom)).point(lambda value: value * depth)
    place = (corner[0] + left * SHADOW_GRID, corner[1] + top * SHADOW_GRID)
    scene.paste((22, 24, 32), place, faint.resize(size, Image.Resampling.BILINEAR))


def _reflect(scene: Image.Image, pack: Image.Image, corner: tuple[int, int]) -> None:
    height = scene.height - corner[1] - pack.height
    strip = pack.crop((0, pack.height - height, pack.width, pack.height)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    fade = Image.linear_gradient("L").resize((pack.width, height)).point(lambda value: (255 - value) * 0.22)
    scene.paste(strip, (corner[0], corner[1] + pack.height), ImageChops.multiply(strip.getchannel("A"), fade))


def plain(size: tuple[int, int], fill: Colour) -> Image.Image:
    """One colour, RGB."""
    return Image.new("RGB", size, fill)

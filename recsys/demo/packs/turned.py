"""Bodies of revolution: silhouette, light and label of tins, bottles, jars and their lids."""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from PIL import Image

from recsys.demo.colours import Colour, lighter
from recsys.demo.lighting import FloatMap, grey, mask, plain, shaded

STRIPS = 28
BLEED = 2  # pixels by which a label reaches past its mask, so that soft edges have colour under them


@dataclass(frozen=True)
class Form:
    """The outline of a turned body, in parts of its height: `profile` holds (y, radius) from top to bottom.

    `lid` is where the lid ends, `label` where the label starts and ends. `pitch` is how far the camera looks
    down: an ellipse's height over its width.
    """

    profile: tuple[tuple[float, float], ...]
    lid: float
    label: tuple[float, float]
    pitch: float = 0.1
    ridges: int = 0
    metal: bool = False
    gloss: float = 0.55

    @property
    def radius(self) -> float:
        """The largest radius."""
        return max(radius for _, radius in self.profile)


@dataclass(frozen=True)
class Turned:
    """A form's pictures at one size, all as large as the canvas."""

    silhouette: Image.Image
    lid: Image.Image
    rim: Image.Image  # the lid's visible top
    label: Image.Image
    shade: Image.Image
    shine: Image.Image


@lru_cache(maxsize=90)
def turned(form: Form, height: int) -> Turned:
    """Draw a form's masks and light, `height` pixels tall."""
    rows, columns = height, math.ceil(2 * form.radius * height)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    y, dx = (y + 0.5) / rows, (x + 0.5 - columns / 2) / rows
    span = form.radius * form.pitch  # how far the front of the widest ring lies below its axis
    # The axis of the body runs from `span` (the rim's center) to 1 - span (the foot's center).
    along = np.array([point[0] for point in form.profile])
    radii = np.array([point[1] for point in form.profile])
    flat = _radius(y, span, along, radii)
    sag = form.pitch * np.sqrt(np.clip(flat**2 - dx**2, 0, None))
    level = (y - sag - span) / (1 - 2 * span)
    radius = np.interp(level, along, radii).astype(np.float32)
    body = _soft((radius - np.abs(dx)) * rows) * _soft(level * rows) * _soft((1 - level) * rows)
    top = radii[0]
    reach = np.sqrt((dx / top) ** 2 + ((y - span) / (top * form.pitch)) ** 2)
    rim = _soft((1 - reach) * top * form.pitch * rows * 1.5)
    inner = _soft((0.88 - reach) * top * form.pitch * rows)
    across = np.clip(dx / np.maximum(radius, 1e-3), -1, 1)
    shade, shine = _light(across, form)
    if form.ridges:
        in_lid = level < form.lid
        shade = shade - in_lid * 0.12 * (0.5 + 0.5 * np.cos(np.arcsin(across) * form.ridges))
    shade = shade - 0.28 * np.exp(-(((level - form.lid) / 0.008) ** 2)) - 0.2 * np.clip((level - 0.97) / 0.03, 0, 1)
    plate = inner * (0.9 - 0.14 * (dx / top)) + (1 - inner)
    shade = shade * (1 - rim) + plate * rim
    shine = shine * (1 - rim) + (0.22 - 0.17 * inner) * rim
    in_lid = _soft((form.lid - level) * rows)
    on_body = _soft((level - form.label[0]) * rows) * _soft((form.label[1] - level) * rows)
    parts = {
        "silhouette": np.maximum(body, rim),
        "lid": np.maximum(in_lid, rim),
        "rim": rim,
        "label": on_body * (1 - rim),
    }
    masks = {name: mask(part.astype(np.float32)) for name, part in parts.items()}
    return Turned(
        masks["silhouette"], masks["lid"], masks["rim"], masks["label"],
        grey(shade.astype(np.float32)), grey(shine.astype(np.float32)),
    )  # fmt: skip


def _soft(distance: FloatMap) -> FloatMap:
    """How much of a pixel is inside, by its distance from the edge in pixels (positive inside)."""
    inside: FloatMap = np.clip(distance + 0.5, 0, 1)
    return inside


def _radius(y: FloatMap, span: float, along: FloatMap, radii: FloatMap) -> FloatMap:
    radius: FloatMap = np.interp((y - 1.5 * span) / (1 - 2 * span), along, radii).astype(np.float32)
    return radius


def _light(across: FloatMap, form: Form) -> tuple[FloatMap, FloatMap]:
    """Shade and shine of a cylinder by the position across it, -1..1."""
    scale = np.linspace(-1, 1, 513)
    shade = 0.36 + 0.68 * np.clip(np.cos(np.arcsin(scale) + 0.42), 0, 1) ** 0.8 + 0.5 * np.clip(scale - 0.86, 0, 1)
    shine = np.exp(-(((scale + 0.55) / 0.085) ** 2)) + 0.3 * np.exp(-(((scale - 0.8) / 0.05) ** 2))
    shine = form.gloss * shine
    if form.metal:
        shade = shade - 0.16 * np.cos(scale * 11) * np.exp(-((scale / 0.9) ** 8))
        shine = shine + 0.16 * np.exp(-(((scale - 0.2) / 0.12) ** 2))
    place = ((across + 1) * 256).astype(np.int16)
    return shade.astype(np.float32)[place], shine.astype(np.float32)[place]


def assembled(
    form: Form, height: int, printed: Image.Image, *, body: Colour, lid: Colour, top: Colour | None = None
) -> Image.Image:
    """Put a turned pack together: body, wrapped label, lid, light. RGBA, `height` pixels tall."""
    parts = turned(form, height)
    size = parts.silhouette.size
    picture = plain(size, body)
    picture.paste(wrapped_label(form, height, printed, size), (0, 0), parts.label)
    picture.paste(lid, (0, 0), parts.lid)
    picture.paste(top or lighter(lid, 0.15), (0, 0), parts.rim)
    picture = shaded(picture, parts.shade, parts.shine)
    picture.putalpha(parts.silhouette)
    return picture


def label_size(form: Form, height: int) -> tuple[int, int]:
    """The flat label's width and height in pixels: it goes around the visible half of the body."""
    radius = _label_radius(form) * height
    axis = (1 - 2 * form.radius * form.pitch) * height
    return round(math.pi * radius), round((form.label[1] - form.label[0]) * axis)


def _label_radius(form: Form) -> float:
    middle = sum(form.label) / 2
    along, radii = zip(*form.profile, strict=True)
    return float(np.interp(middle, along, radii))


def wrapped_label(form: Form, height: int, printed: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Bend a flat label around the body's front; RGB of `size`, to be pasted through the label's mask."""
    radius = _label_radius(form) * height
    middle, span = size[0] / 2, form.radius * form.pitch * height
    first = form.label[0] * (height - 2 * span) + span
    mesh = []
    edges = [round(middle - radius + 2 * radius * step / STRIPS) for step in range(STRIPS + 1)]
    scale = printed.height / (printed.height + 2 * BLEED)
    for left, right in pairwise(edges):
        (u0, shift0), (u1, shift1) = (
            _source(edge - middle, radius, form.pitch, printed.width) for edge in (left, right)
        )
        top0, top1 = (BLEED - first - shift0) * scale, (BLEED - first - shift1) * scale
        deep = size[1] * scale
        mesh.append(
            ((max(0, left), 0, min(size[0], right), size[1]), (u0, top0, u0, top0 + deep, u1, top1 + deep, u1, top1))
        )
    edge_colour = printed.getpixel((0, printed.height // 2))
    return printed.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR, fillcolor=edge_colour)


def _source(offset: float, radius: float, pitch: float, width: int) -> tuple[float, float]:
    across = max(-1.0, min(1.0, offset / radius))
    return (math.asin(across) / math.pi + 0.5) * (width - 1), pitch * radius * math.sqrt(1 - across**2)

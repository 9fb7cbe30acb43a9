"""Phone photos of the demo shop's products: hard, but fair."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from recsys.demo.assortment import Item
from recsys.demo.backdrops import SIZE, fabric, price_tag, shelf, table
from recsys.demo.camera import Conditions, developed, exposed, seen_from
from recsys.demo.colours import Colour, colour, darker, lighter
from recsys.demo.lighting import cast_shadow, drop_shadow
from recsys.demo.packshots import pack_picture
from recsys.demo.seeded_random import seeded_random

GROUPS = ("clear", "turned", "covered", "badly lit", "blurred", "crowded")
ROOMY_PACKS = ("carton", "pouch", "sachet", "jar")  # their backs have room for a barcode of the usual size
SKINS = (colour("c68f66"), colour("a9704a"), colour("e0b08a"), colour("8a5a3c"))


@dataclass(frozen=True)
class Shot:
    """One photo to be taken: of which product, from which side, among which others, with which difficulty."""

    item: Item
    neighbours: tuple[Item, ...]
    group: str
    seed: str
    is_back: bool = False  # which shows the barcode

    def jpeg(self) -> bytes:
        """The photo's file."""
        rng = np.random.default_rng(seeded_random(self.seed).getrandbits(64))
        conditions = _conditions(self.group, rng)
        scene = _scene(self, conditions, rng)
        return developed(exposed(scene, conditions, rng), conditions.quality)


def _conditions(group: str, rng: np.random.Generator) -> Conditions:
    hard = {name: name == group for name in GROUPS}

    def spread(usual: float, strong: float, name: str) -> float:
        return float(rng.uniform(0.7, 1.0) * strong if hard[name] else rng.uniform(0, usual))

    side = float(rng.choice((-1, 1)))
    return Conditions(
        yaw=side * spread(12, 40, "turned"),
        pitch=float(rng.uniform(-14, 8)) * (1.8 if hard["turned"] else 1),
        roll=float(rng.choice((-1, 1))) * spread(3, 26, "turned"),
        exposure=float(rng.uniform(0.52, 0.7) if hard["badly lit"] else rng.uniform(0.82, 1.08)),
        warmth=float(rng.choice((-1, 1))) * spread(0.04, 0.16, "badly lit"),
        vignette=spread(0.25, 0.6, "badly lit"),
        shadow=spread(0.15, 0.45, "badly lit"),
        blur=spread(0.9, 2.9, "blurred"),
        motion=float(rng.uniform(5, 13)) if hard["blurred"] and rng.random() < 0.6 else 0.0,
        noise=spread(0.018, 0.05, "badly lit"),
        quality=int(rng.integers(38, 60) if hard["blurred"] else rng.integers(62, 88)),
    )


def _scene(shot: Shot, conditions: Conditions, rng: np.random.Generator) -> Image.Image:
    height = rng.uniform(0.64, 0.8) * SIZE[1] * (0.85 if shot.group == "crowded" else 1)
    pack = _pack(shot.item, 480, height / 480, 0.9 * SIZE[0], is_back=shot.is_back)
    pack = seen_from(pack, conditions)
    place = _kind_of_place(shot, conditions, rng)
    foot = int(SIZE[1] * rng.uniform(0.86, 0.92))
    scene = _place(place, foot, rng)
    left = int((SIZE[0] - pack.width) / 2 + rng.uniform(-0.08, 0.08) * SIZE[0])
    if place == "fabric":
        foot = int((SIZE[1] + pack.height) / 2 + rng.uniform(-50, 50))
        drop_shadow(scene, pack, (left, foot - pack.height), 0.7)
        scene.paste(pack, (left, foot - pack.height), pack)
    else:
        _surround(scene, shot.neighbours, (left, left + pack.width), foot, rng)
        _stand(scene, pack, (left, foot - pack.height))
    if shot.group == "covered":
        _cover(scene, (left, foot - pack.height, left + pack.width, foot), shot.neighbours, rng)
    return scene


def _kind_of_place(shot: Shot, conditions: Conditions, rng: np.random.Generator) -> str:
    if abs(conditions.roll) > 6 or shot.item.line.pack == "bar":
        return "fabric"  # it does not stand: it lies, seen from above
    return "shelf" if shot.group == "crowded" else str(rng.choice(("table", "shelf", "fabric", "table")))


def _place(place: str, foot: int, rng: np.random.Generator) -> Image.Image:
    if place == "table":
        return table(rng, foot - int(rng.integers(90, 220)))
    return shelf(rng, foot + 14) if place == "shelf" else fabric(rng)


def _pack(item: Item, height: int, scale: float, widest: float, *, is_back: bool = False) -> Image.Image:
    """A pack drawn `height` pixels tall, for which light and outline may be known already, then scaled."""
    if is_back:  # a code has finer lines than fronts have
        height, scale = 2 * height, scale / 2
    pack = pack_picture(item, height, is_back=is_back)
    scale = min(scale, widest / pack.width)
    return pack.resize(
        (round(pack.width * scale), round(pack.height * scale)), Image.Resampling.BILINEAR, reducing_gap=2.0
    )


def _stand(scene: Image.Image, pack: Image.Image, corner: tuple[int, int]) -> None:
    cast_shadow(scene, pack, corner, 0.6)
    scene.paste(pack, corner, pack)


def _surround(
    scene: Image.Image, others: tuple[Item, ...], taken: tuple[int, int], foot: int, rng: np.random.Generator
) -> None:
    """Stand other packs to the left and right of the taken part of the row."""
    edges = {-1: taken[0], 1: taken[1]}
    for index, other in enumerate(others):
        side = -1 if index % 2 else 1
        if not 0 < edges[side] < SIZE[0] or other.line.pack == "bar":
            continue  # it would stand outside the picture, or does not stand at all
        pack = _pack(other, 320, float(rng.uniform(0.85, 1.35)), 300)
        gap = int(rng.integers(-18, 26))
        left = edges[side] + gap if side > 0 else edges[side] - gap - pack.width
        edges[side] = left + pack.width if side > 0 else left
        _stand(scene, pack, (left, foot - pack.height - int(rng.integers(0, 26))))


def _cover(
    scene: Image.Image, box: tuple[int, int, int, int], others: tuple[Item, ...], rng: np.random.Generator
) -> None:
    """Hide a part of the pack: behind a hand, a price label or another pack."""
    left, top, right, bottom = box
    way = rng.choice(("hand", "hand", "label", "pack"))
    if way == "label":
        tag = Image.new("RGB", (105, 41))
        price_tag(ImageDraw.Draw(tag), (0, 0), rng)
        tag = (
            tag.resize((230, 90))
            .convert("RGBA")
            .rotate(float(rng.uniform(-12, 12)), Image.Resampling.BICUBIC, expand=True)
        )
        corner = (int(rng.uniform(left, right - 200)), int(rng.uniform(top + (bottom - top) * 0.4, bottom - 90)))
        scene.paste(tag, corner, tag)
    elif way == "pack" and others:
        front = _pack(others[0], 320, (bottom - top) * 0.62 / 320, 0.6 * SIZE[0])
        reach = int((right - left) * rng.uniform(0.3, 0.42))
        x = left - front.width + reach if rng.random() < 0.5 else right - reach
        _stand(scene, front, (x, min(SIZE[1] - front.height, bottom + 50 - front.height)))
    else:
        _hold(scene, box, rng)


def _hold(scene: Image.Image, box: tuple[int, int, int, int], rng: np.random.Generator) -> None:
    """Lay the fingers of a hand over one side of the pack."""
    left, top, right, bottom = box
    from_right = bool(rng.random() < 0.5)
    skin: Colour = SKINS[rng.integers(len(SKINS))]
    hand = Image.new("RGBA", SIZE)
    middle = int(top + (bottom - top) * rng.uniform(0.5, 0.75))
    thick = int(rng.uniform(58, 70))
    for finger in range(4):
        reach = (right - left) * (0.34 - 0.05 * abs(finger - 1.4)) + rng.uniform(-8, 8)
        y = middle + int((finger - 1.5) * thick * 0.92)
        tip = right - reach if from_right else left + reach
        start = SIZE[0] + 60 if from_right else -60
        slope = int(rng.uniform(20, 60))
        _finger(hand, (start, y + slope), (int(tip), y), thick, skin)
    shadow = hand.getchannel("A").filter(ImageFilter.BoxBlur(9)).point(lambda value: value * 0.4)
    scene.paste((20, 14, 12), (6, 10), shadow)
    scene.paste(hand, (0, 0), hand)


def _finger(hand: Image.Image, start: tuple[int, int], tip: tuple[int, int], thick: int, skin: Colour) -> None:
    draw = ImageDraw.Draw(hand)
    for layer, (shade, size) in enumerate(
        ((darker(skin, 0.35), 1.0), (darker(skin, 0.12), 0.88), (skin, 0.7), (lighter(skin, 0.12), 0.4))
    ):
        shift = -layer * thick * 0.03
        line = [(start[0], start[1] + shift), (tip[0], tip[1] + shift)]
        radius = thick * size / 2
        draw.line(line, fill=shade, width=round(2 * radius))
        draw.ellipse((tip[0] - radius, tip[1] + shift - radius, tip[0] + radius, tip[1] + shift + radius), fill=shade)
    inward = 1 if start[0] > tip[0] else -1
    nail = (tip[0] + inward * thick * 0.02, tip[1] - thick * 0.06)
    draw.ellipse(
        (nail[0] - thick * 0.3, nail[1] - thick * 0.24, nail[0] + thick * 0.3, nail[1] + thick * 0.24),
        fill=lighter(skin, 0.38),
    )

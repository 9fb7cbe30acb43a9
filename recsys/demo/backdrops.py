"""Where phone photos are taken: tables, shelves, walls and hands."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from recsys.demo.colours import Colour, colour, darker, lighter, mix
from recsys.demo.lighting import FloatMap, grey, shaded

SIZE = (720, 960)
WOODS = (colour("b98a5a"), colour("8a5a38"), colour("d8b88c"), colour("5d4332"), colour("c9c2b8"))
WALLS = (colour("e9e4da"), colour("cfd8dc"), colour("d9cbb5"), colour("b7c4b1"), colour("f2efe9"), colour("9fb3c4"))

CLOTHS = (
    colour("8fa5bb"),
    colour("d6c4b0"),
    colour("6b7a66"),
    colour("e4dfd6"),
    colour("8d6470"),
    colour("f0ece4"),
    colour("b9c7c9"),
    colour("cdb7a1"),
)


@lru_cache(maxsize=6)
def _grain(variety: int) -> Image.Image:
    """Wood grain across a picture wider than the photo."""
    rng = np.random.default_rng([11, variety])
    broad = Image.fromarray(rng.normal(size=(60, 6)).astype(np.float32)).resize((900, 560), Image.Resampling.BICUBIC)
    fine = Image.fromarray(rng.normal(size=(280, 12)).astype(np.float32)).resize((900, 560), Image.Resampling.BICUBIC)
    values: FloatMap = 0.82 + 0.07 * np.asarray(broad, np.float32) + 0.06 * np.asarray(fine, np.float32)
    planks = (np.arange(560) % 140 < 3).astype(np.float32)[:, None] * 0.3
    return grey(values - planks)


def table(rng: np.random.Generator, horizon: int) -> Image.Image:
    """A wooden table below `horizon`, in perspective, and a blurred wall above."""
    picture = _wall(rng)
    depth = SIZE[1] - horizon
    wood = Image.new("RGB", (900, 560), WOODS[rng.integers(len(WOODS))])
    wood = shaded(wood, _grain(int(rng.integers(6))))
    near = (240, 560, 660, 560)
    quad = (0, 0, near[0], near[1], near[2], near[3], 900, 0)
    board = wood.transform((SIZE[0], depth), Image.Transform.QUAD, quad, Image.Resampling.BILINEAR)
    picture.paste(board, (0, horizon))
    return picture


def _wall(rng: np.random.Generator) -> Image.Image:
    """An out-of-focus room: a wall with vague furniture."""
    small = Image.new("RGB", (72, 96), WALLS[rng.integers(len(WALLS))])
    draw = ImageDraw.Draw(small)
    for _ in range(int(rng.integers(2, 6))):
        x, y, w, h = (int(value) for value in rng.integers((0, 0, 8, 8), (72, 60, 40, 50)))
        shade = WALLS[rng.integers(len(WALLS))]
        draw.rectangle((x, y, x + w, y + h), fill=mix(shade, (60, 70, 80), float(rng.uniform(0, 0.7))))
    return small.filter(ImageFilter.GaussianBlur(2.5)).resize(SIZE, Image.Resampling.BICUBIC)


def shelf(rng: np.random.Generator, floor: int) -> Image.Image:
    """A shop's shelf whose board's front edge is at `floor`, with price rail and the shelf's back."""
    tone: Colour = (colour("e8e8e6"), colour("d5d2cc"), colour("b9bec4"), colour("f3f1ec"))[rng.integers(4)]
    picture = Image.new("RGB", SIZE, darker(tone, 0.35))
    draw = ImageDraw.Draw(picture)
    gloom = float(rng.uniform(0.1, 0.4))
    for y in range(0, floor, 4):
        draw.rectangle((0, y, SIZE[0], y + 4), fill=darker(tone, gloom * (1.3 - 0.8 * y / floor)))
    if rng.random() < 0.7:
        _upper_board(draw, int(rng.integers(20, 110)), tone, rng)
    draw.rectangle((0, floor - 46, SIZE[0], floor), fill=lighter(tone, 0.2))
    draw.rectangle((0, floor, SIZE[0], floor + 58), fill=tone)
    draw.rectangle((0, floor + 52, SIZE[0], floor + 58), fill=darker(tone, 0.4))
    draw.rectangle((0, floor + 58, SIZE[0], SIZE[1]), fill=darker(tone, 0.55))
    for x in range(int(rng.integers(10, 120)), SIZE[0], int(rng.integers(170, 260))):
        price_tag(draw, (x, floor + 8), rng)
    return picture


def _upper_board(draw: ImageDraw.ImageDraw, edge: int, tone: Colour, rng: np.random.Generator) -> None:
    draw.rectangle((0, 0, SIZE[0], edge), fill=darker(tone, 0.3))
    draw.rectangle((0, edge, SIZE[0], edge + 54), fill=lighter(tone, 0.1))
    for shade in range(8):
        draw.rectangle(
            (0, edge + 54 + shade * 5, SIZE[0], edge + 59 + shade * 5), fill=darker(tone, 0.6 - shade * 0.05)
        )
    for x in range(int(rng.integers(10, 120)), SIZE[0], int(rng.integers(170, 260))):
        price_tag(draw, (x, edge + 7), rng)


def price_tag(draw: ImageDraw.ImageDraw, corner: tuple[int, int], rng: np.random.Generator) -> None:
    """Draw a shelf's price label."""
    x, y = corner
    paper: Colour = ((255, 255, 252), (255, 236, 90), (255, 255, 252))[rng.integers(3)]
    draw.rectangle((x, y, x + 104, y + 40), fill=paper, outline=(150, 150, 150))
    draw.rectangle((x + 6, y + 6, x + 62, y + 10), fill=(90, 90, 90))
    for digit in range(5):
        draw.rectangle((x + 8 + digit * 14, y + 16, x + 16 + digit * 14, y + 34), outline=(200, 30, 30), width=3)


def fabric(rng: np.random.Generator) -> Image.Image:
    """A cloth, a counter or a bed seen from above."""
    tone: Colour = CLOTHS[rng.integers(len(CLOTHS))]
    folds = Image.fromarray(rng.normal(size=(7, 5)).astype(np.float32)).resize(SIZE, Image.Resampling.BICUBIC)
    weave = 0.03 * np.sin(np.arange(SIZE[0]) * 1.6)[None, :] + 0.03 * np.sin(np.arange(SIZE[1]) * 1.6)[:, None]
    values: FloatMap = (0.9 + 0.06 * np.asarray(folds) + weave).astype(np.float32)
    return shaded(Image.new("RGB", SIZE, tone), grey(values))

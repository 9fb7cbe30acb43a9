"""A product's picture: its design, its pack, and the pack in the studio."""

from dataclasses import dataclass
from io import BytesIO
from random import Random

from PIL import Image

from recsys.demo.assortment import Item
from recsys.demo.brands import Brand, brands
from recsys.demo.colours import Colour, darker, lighter
from recsys.demo.labels.panel import Design
from recsys.demo.labels.patterns import PATTERNS
from recsys.demo.lighting import in_studio
from recsys.demo.packs import SHAPES
from recsys.demo.seeded_random import seeded_random

SIDE = 480
SMALLEST, LARGEST = 0.8, 0.9  # a pack's height in parts of the picture's, by its size


def design_of(item: Item, *, is_back: bool = False) -> Design:
    """What the pack of a product says and looks like, from the front or the back."""
    line = item.line
    brand = brands()[line.brand]
    rng = seeded_random(f"design {line.look}")
    return Design(
        brand=brand,
        title=line.title,
        flavour=item.flavour.label,
        weight=item.weight,
        claims=line.kind.claims,
        base=_base(brand, rng),
        accent=item.flavour.accent,
        motif=item.flavour.motif,
        layout=rng.choice(brand.layouts),
        arrangement=rng.randrange(12),
        pattern=rng.choice(PATTERNS),
        look=rng.randrange(1 << 20),
        step=item.step,
        barcode=item.gtin if is_back else "",
    )


def _base(brand: Brand, rng: Random) -> Colour:
    choices = (brand.main, brand.main, darker(brand.main, 0.35), lighter(brand.main, 0.25), brand.second)
    return rng.choice(choices)


def pack_picture(item: Item, height: int, *, is_back: bool = False) -> Image.Image:
    """A product's pack alone, about `height` pixels tall: RGBA, cropped to the pack."""
    pack = SHAPES[item.line.pack](design_of(item, is_back=is_back), height)
    box = pack.getchannel("A").getbbox()
    return pack.crop(box) if box else pack


def packshot(item: Item) -> Image.Image:
    """A product as the shop shows it: RGB, square, on a white studio ground."""
    pack = pack_picture(item, round(SIDE * (SMALLEST + (LARGEST - SMALLEST) * round(item.step * 3) / 3)))
    widest = round(SIDE * 0.94)
    if pack.width > widest:
        pack = pack.resize(
            (widest, round(pack.height * widest / pack.width)), Image.Resampling.BICUBIC, reducing_gap=2.0
        )
    return in_studio(pack, SIDE, brands()[item.line.brand].studio, lying=item.line.pack == "bar")


@dataclass(frozen=True)
class Packshot:
    """A product's packshot to be drawn."""

    item: Item

    def jpeg(self) -> bytes:
        """The picture's file."""
        file = BytesIO()
        packshot(self.item).save(file, "JPEG", quality=90)
        return file.getvalue()

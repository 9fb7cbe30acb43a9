"""The brands of the demo shop, all invented: each one's colours, typefaces, mark and way of doing things."""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from recsys.demo.colours import Colour, colour
from recsys.demo.ranges import Category, categories
from recsys.demo.seeded_random import seeded_random

# Main colour, second colour, light colour.
PALETTES = (
    "0b4ea2 f9b233 eef5fc", "c8102e ffd34e fff4ea", "00796b ffc845 eef8f4", "5b2a86 f49ac1 f7f0fa",
    "e4572e 29335c fff3e6", "1d3557 e63946 f1faee", "2f855a f6e05e f4faf0", "d6336c 5f3dc4 fff0f5",
    "0077b6 90e0ef f0fbff", "7b3f00 e9c46a fdf6e7", "264653 e9c46a f4f6f2", "b5179e 4cc9f0 fdf2fb",
    "3a5a40 dda15e f6f4ea", "ee6c4d 3d5a80 fdf5f0", "111827 f97316 f3f4f6", "1b4332 d8f3dc fbfaf3",
    "9d0208 ffba08 fff7e6", "14746f ff9f80 f2faf9", "3f37c9 ffca3a f3f3fd", "8a1c4a f2c6b4 fdf4f1",
    "006d77 e29578 f3f8f8", "455a64 80cbc4 f6f8f9", "f28500 6a994e fff8ea", "4a4e69 f2b5a7 f8f5f4",
    "15803d fde047 f2fbf3", "1e40af 34d399 f1f5fe", "be185d fbcfe8 fff5f9", "a16207 365314 fdf9ec",
)  # fmt: skip

TYPEFACES = {
    "kids": ("round", "round"),
    "sport": ("slanted", "black"),
    "heritage": ("serif-black", "serif"),
    "botanical": ("serif-italic", "hand"),
    "minimal": ("light", "medium"),
    "plain": ("black", "bold"),
    "classic": ("serif", "bold"),
    "soft": ("round", "bold"),
    "italic": ("serif-italic", "medium"),
}

MARKS = ("disc", "leaf", "ring", "diamond", "bars", "drop", "cross", "arcs", "star", "sunrise", "hex", "none")
WORDMARKS = ("plain", "capitals", "oval", "ribbon", "lower", "box", "underlined")


@dataclass(frozen=True)
class Brand:
    """What every pack of a brand shares."""

    name: str
    main: Colour
    second: Colour
    light: Colour
    brand_face: str
    title_face: str
    mark: str
    wordmark: str
    layouts: tuple[str, ...]
    studio: str


def _faces(category: Category, rng: Random) -> tuple[str, str]:
    own = {"Susu & Nutrisi Anak": "kids", "Protein & Kebugaran": "sport", "Herbal & Jamu": "heritage"}
    styles = [own.get(category.name, "plain"), "plain", "classic", "soft", "italic", "minimal"]
    if category.name in ("Herbal & Jamu", "Perawatan Kulit & Bayi"):
        styles.append("botanical")
    return TYPEFACES[rng.choice(styles[: 2 if category.name == "Protein & Kebugaran" else None])]


@lru_cache(maxsize=1)
def brands() -> dict[str, Brand]:
    """Every brand by its name; the same in every shop, whatever its seed."""
    found = {}
    order = 0
    for category in categories():
        for name in category.brands:
            rng = seeded_random(f"brand {name}")
            # Steps of 5 through the 28 palettes: brands on the same shelf never share one.
            main, second, light = (colour(code) for code in PALETTES[order * 5 % len(PALETTES)].split())
            brand_face, title_face = _faces(category, rng)
            found[name] = Brand(
                name, main, second, light, brand_face, title_face, rng.choice(MARKS), rng.choice(WORDMARKS),
                tuple(rng.sample(category.layouts, 2)), rng.choice(("white", "white", "grey", "mirror")),
            )  # fmt: skip
            order += 1
    return found

"""What the demo shop sells: categories, kinds of product, their packs, sizes and prices."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

PACKS = ("carton", "tin", "bottle", "pouch", "sachet", "tube", "jar", "blister", "bar", "pump")

# The brands of each category, and the label layouts that suit it.
SHELVES = {
    "Susu & Nutrisi Anak": (
        "Lalibu Anaktira Momoru Cilumi Bebikara Sibulira Tumbira",
        "kids wave sunburst clouds",
    ),
    "Protein & Kebugaran": (
        "Kuatiga Masonta Otorava Kekarsa Lariva Tenagara Gymora",
        "sport diagonal stripe",
    ),
    "Vitamin & Suplemen": (
        "Vitasenja Harivita Asupia Multiora Zestaria Nirmavia Solvara Tavirani",
        "band clinical medallion wave",
    ),
    "Mineral & Kesehatan Tulang": (
        "Mineravi Osteriva Magnesta Zinkara Feromia Kalsindra Tulangira",
        "clinical band diagonal medallion",
    ),
    "Herbal & Jamu": (
        "Jamuwara Rimbasari Daunesa Wangira Akarina Embunara Padmira Kembaro",
        "heritage botanical medallion arch",
    ),
    "Nutrisi Diabetes": (
        "Gulanta Glisera Manisera Seimbara Rendavia Stabilia",
        "wave clinical stripe arch",
    ),
    "Diet & Pengganti Makan": (
        "Rampia Langsira Dietara Slimova Lenturi Ringanda",
        "diagonal minimal sunburst arch",
    ),
    "Perawatan Kulit & Bayi": (
        "Halusia Lembaya Kulima Mirasena Senjani Velanta Bedakari",
        "minimal botanical clouds arch",
    ),
    "Perawatan Luka & Medis": (
        "Lukaria Sterivo Balutama Perbana Medikara Plastura",
        "clinical stripe band",
    ),
    "Sereal & Camilan Sehat": (
        "Granoka Kranchia Oatira Renyahku Seralia Kasavia Bijina",
        "sunburst wave diagonal heritage",
    ),
}


@dataclass(frozen=True)
class ProductKind:
    """One kind of product: `rate` is IDR per unit at the smallest size."""

    title: str
    packs: tuple[str, ...]
    family: str
    unit: str
    sizes: tuple[int, ...]
    rate: float
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Category:
    """A shelf of the shop."""

    name: str
    kinds: tuple[ProductKind, ...]
    brands: tuple[str, ...]
    layouts: tuple[str, ...]


@lru_cache(maxsize=1)
def categories() -> tuple[Category, ...]:
    """Every category with its kinds, in the order of `kinds.csv`."""
    kinds: dict[str, list[ProductKind]] = {name: [] for name in SHELVES}
    text = files("recsys.demo").joinpath("kinds.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        kinds[row["category"]].append(
            ProductKind(
                title=row["title"],
                packs=tuple(row["packs"].split()),
                family=row["family"],
                unit=row["unit"],
                sizes=tuple(int(size) for size in row["sizes"].split()),
                rate=float(row["rate"]),
                claims=tuple(row["claims"].split("|")),
            )
        )
    return tuple(
        Category(name, tuple(kinds[name]), tuple(brands.split()), tuple(layouts.split()))
        for name, (brands, layouts) in SHELVES.items()
    )

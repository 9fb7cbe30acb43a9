"""The assortment: which products the demo shop has, in lines of flavours and sizes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice, product

from recsys.catalogue.gtin import check_digit
from recsys.demo.flavours import FAMILIES, Flavour
from recsys.demo.ranges import Category, ProductKind, categories
from recsys.demo.seeded_random import seeded_random

EDITIONS = ("", "Plus", "Gold", "Aktif", "Pro", "Forte", "Nature", "Prima", "Max", "Extra", "Ultra", "Royal")
SMALL_SHOP = 600


@dataclass(frozen=True)
class Line:
    """A brand's range of one kind of product in one kind of pack."""

    brand: str
    category: str
    kind: ProductKind
    pack: str
    edition: str
    look: int  # seeds whatever the line's design leaves open

    @property
    def title(self) -> str:
        """What the products of the line are called, without brand, flavour and size."""
        return f"{self.kind.title} {self.edition}".rstrip()


@dataclass(frozen=True)
class Item:
    """One product of the shop. `stock` is `active`, `inactive` or `no image`; `price` in IDR."""

    product_id: str
    line: Line
    flavour: Flavour
    size: int
    step: float  # where the size lies between the kind's smallest (0) and largest (1)
    price: int
    stock: str

    @property
    def weight(self) -> str:
        """The net content as the label says it."""
        if self.line.kind.unit == "g" and self.size >= 1000:
            return f"{self.size / 1000:g} kg".replace(".", ",")
        return f"{self.size} {self.line.kind.unit}"

    @property
    def name(self) -> str:
        """The name in the shop."""
        parts = (self.line.brand, self.line.title, self.flavour.label, self.weight)
        return " ".join(part for part in parts if part)

    @property
    def gtin(self) -> str:
        """The number of its barcode, of those that GS1 leaves to each shop: an EAN-13 that begins with 29."""
        digits = f"29{int(self.product_id.partition('-')[2]):010d}"
        return digits + check_digit(digits)

    @property
    def description(self) -> str:
        """A sentence or two for the product's page."""
        claims = ", ".join(self.line.kind.claims)
        return f"{self.line.title} dari {self.line.brand}. Keunggulan: {claims}. Isi {self.weight}."


def assortment(size: int, seed: int) -> tuple[Item, ...]:
    """Make up a shop of exactly `size` active products, and about 2% inactive or without image.

    The same size and seed give the same products. A small shop has fewer variants a line, so that it
    still has every category and every pack shape where `size` allows it.
    """
    extra = max(2, round(size * 0.02))
    hidden = dict(
        zip(
            seeded_random(f"{seed} hidden").sample(range(size + extra), extra),
            (("inactive", "no image")[index % 2] for index in range(extra)),
            strict=True,
        )
    )
    variants = islice(_variants(seed, small=size < SMALL_SHOP), size + extra)
    return tuple(
        Item(
            f"KD-{index + 1:05d}", line, flavour, amount, step, _price(line, amount, seed), hidden.get(index, "active")
        )
        for index, (line, flavour, amount, step) in enumerate(variants)
    )


def _variants(seed: int, *, small: bool) -> Iterator[tuple[Line, Flavour, int, float]]:
    for line in _lines(seed):
        rng = seeded_random(f"{seed} variants {line.look}")
        flavours = FAMILIES[line.kind.family]
        sizes = line.kind.sizes
        chosen = sorted(rng.sample(range(len(flavours)), 1 if small else min(len(flavours), rng.randint(2, 4))))
        first = rng.randrange(max(1, len(sizes) - 2))
        kept = sizes[first : first + (2 if small else rng.randint(1, 3))]
        for index, amount in product(chosen, kept):
            yield line, flavours[index], amount, sizes.index(amount) / max(1, len(sizes) - 1)


def _lines(seed: int) -> Iterator[Line]:
    """Every shelf in turn; no brand has the same title twice, whatever the pack."""
    taken: set[tuple[str, str, str]] = set()
    for turn in count():
        for category in categories():
            kind, pack = _kind_of(category, turn)
            rng = seeded_random(f"{seed} line {category.name} {turn}")
            free = [
                (brand, edition)
                for brand, edition in product(category.brands, map(_edition, range(2 + turn // 20)))
                if (brand, kind.title, edition) not in taken
            ]
            brand, edition = rng.choice(free)
            taken.add((brand, kind.title, edition))
            yield Line(brand, category.name, kind, pack, edition, rng.getrandbits(32))


def _edition(index: int) -> str:
    series, edition = divmod(index, len(EDITIONS))
    return f"{EDITIONS[edition]} Seri {series + 1}".lstrip() if series else EDITIONS[edition]


def _kind_of(category: Category, turn: int) -> tuple[ProductKind, str]:
    kind = category.kinds[turn % len(category.kinds)]
    return kind, kind.packs[turn // len(category.kinds) % len(kind.packs)]


def _price(line: Line, amount: int, seed: int) -> int:
    premium = seeded_random(f"{seed} price {line.look}").uniform(0.8, 1.35)
    smallest = line.kind.sizes[0]
    # Larger packs cost less a unit: the price grows with the size to the power 0.88.
    price = line.kind.rate * smallest * float((amount / smallest) ** 0.88) * premium
    return max(2500, round(price / 500) * 500)

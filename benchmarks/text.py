"""Search by words in the demo's 5,256 products: time, and how many typing errors are forgiven."""

import random
from collections.abc import Iterator, Sequence
from functools import partial
from statistics import median, quantiles

from benchmarks.timing import Verdict, at_least, at_most, seconds
from recsys.catalogue.products import Product
from recsys.demo import STUDY_SIZE
from recsys.demo.assortment import assortment
from recsys.search.text_search import TextSearch

NUM_QUERIES = 1000


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    products = demo_products()
    yield at_most(500, "ms").line("index of 5,256 products", 1000 * median(_building(products) for _ in range(5)))
    search, rng = TextSearch(products), random.Random(2023)
    times = [1000 * seconds(partial(search.find, query)) for query in queries(products, rng, NUM_QUERIES)]
    yield at_most(10, "ms").line("words to products, median", median(times))
    yield at_most(10, "ms").line("words to products, 95% within", quantiles(times, n=20)[-1])
    words = sorted({word for one in products for word in one.name.lower().split() if len(word) > 4 and word.isalpha()})
    forgiven = sum(
        any(word in one.name.lower().split() for one in search.find(mistyped(word, rng)).products[:5]) for word in words
    )
    yield at_least(95, "%").line("words with one typing error that are found", 100 * forgiven / len(words))


def demo_products() -> list[Product]:
    """The demo's products, without their pictures."""
    return [
        Product(item.product_id, item.name, "", item.line.brand, item.line.category, description=item.description)
        for item in assortment(STUDY_SIZE, 2023)
        if item.stock == "active"
    ]


def mistyped(word: str, rng: random.Random) -> str:
    """The word with a letter missing, doubled, swapped with the next, or another."""
    place = rng.randrange(len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    other = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return before + rng.choice([after, letter * 2 + after, after[:1] + letter + after[1:], other + after])


def _building(products: list[Product]) -> float:
    return seconds(lambda: TextSearch(products))


def queries(products: Sequence[Product], rng: random.Random, count: int) -> Iterator[str]:
    """One to four words of a product's name in any order, three in ten of them mistyped."""
    for product in rng.choices(products, k=count):
        words = product.name.lower().split()
        chosen = rng.sample(words, min(len(words), rng.randint(1, 4)))
        yield " ".join(mistyped(word, rng) if len(word) > 3 and rng.random() < 0.3 else word for word in chosen)

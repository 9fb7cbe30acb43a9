from difflib import SequenceMatcher
from itertools import permutations

import pytest

from recsys.demo.assortment import Item, assortment
from recsys.demo.flavours import FAMILIES
from recsys.demo.motifs import MOTIFS
from recsys.demo.packs import SHAPES
from recsys.demo.ranges import PACKS, categories

TRADEMARKS = """
    abbott anlene anmum antangin appeton aptamil bear beng betadine biore blackmores bebelac boost caladine
    cavera centrum cerebrofort chil citra cussons dancow danone diabetasol diabetamil dettol elevit enervon
    ensure entrasol entramix fatigon fitbar fitmee flimty frisian geliga glucerna hansaplast hemaviton
    herbadrink herbalife heinz hilo holisticare hydrococo imboost indomilk johnson kalbe kalbemed kapal konicare
    lactamil lactogen lasegar l-men madurasa mamypoko milna milo mixagrip morinaga mylanta naturade nature
    nestle nestum neurobion nivea nutren nutribaby nutricia nutrilon nutrifood nutrimax nutrisari oreo oronamin
    pediasure pigeon pocari pokana prenagen procold promag promina prosteo quaker redoxon sakatonik sangobion
    scott sgm sidomuncul simba slimfit somatrope sunkara sustagen swisse theragran tolak tropicana vaseline
    vegeta vicks vidoran vitacimin vitalong vitamale wardah wrp xonce youvit zee zwitsal
"""


@pytest.mark.parametrize("size", [1, 40, 600, 5256])
def test_a_shop_has_exactly_the_active_products_asked_for(size: int) -> None:
    items = assortment(size, 2023)
    assert sum(item.stock == "active" for item in items) == size


def test_about_two_in_a_hundred_products_are_inactive_or_without_image() -> None:
    stocks = [item.stock for item in assortment(5256, 2023)]
    assert stocks.count("inactive") == 53
    assert stocks.count("no image") == 52


@pytest.mark.parametrize("size", [40, 5256])
def test_every_category_and_every_pack_shape_is_sold(size: int) -> None:
    active = [item for item in assortment(size, 2023) if item.stock == "active"]
    assert {item.line.category for item in active} == {category.name for category in categories()}
    assert {item.line.pack for item in active} == set(PACKS) == set(SHAPES)


def test_names_and_ids_are_unique() -> None:
    items = assortment(5256, 2023)
    assert len({item.name for item in items}) == len(items)
    assert len({item.product_id for item in items}) == len(items)


def test_the_same_seed_gives_the_same_products_and_another_seed_others() -> None:
    assert assortment(300, 5) == assortment(300, 5)
    assert [item.name for item in assortment(300, 5)] != [item.name for item in assortment(300, 6)]


def test_lines_come_in_flavours_and_sizes() -> None:
    lines: dict[object, list[tuple[str, int]]] = {}
    for item in assortment(5256, 2023):
        lines.setdefault(item.line, []).append((item.flavour.label, item.size))
    variants = list(lines.values())
    assert sum(len({flavour for flavour, _ in line}) > 1 for line in variants) > 0.8 * len(variants)
    assert sum(len({size for _, size in line}) > 1 for line in variants) > 0.4 * len(variants)


def test_a_larger_pack_of_a_line_costs_more_but_less_a_unit() -> None:
    sizes: dict[object, list[Item]] = {}
    for item in assortment(2000, 2023):
        sizes.setdefault((item.line, item.flavour), []).append(item)
    pairs = [pair for packs in sizes.values() for pair in permutations(packs, 2)]
    larger = [(small, large) for small, large in pairs if large.size > 1.5 * small.size]
    assert len(larger) > 100
    for small, large in larger:
        assert large.price > small.price or small.price == 2500
        assert large.price / large.size <= small.price / small.size


def test_prices_are_plausible_in_rupiah() -> None:
    prices = [item.price for item in assortment(5256, 2023)]
    assert min(prices) >= 2_500
    assert max(prices) <= 1_500_000
    assert all(price % 500 == 0 for price in prices)


def test_no_brand_is_a_real_trademark() -> None:
    brands = [brand.lower() for category in categories() for brand in category.brands]
    assert len(set(brands)) == len(brands) > 60
    for brand in brands:
        for mark in TRADEMARKS.split():
            assert mark not in brand
            assert SequenceMatcher(None, mark, brand).ratio() < 0.8, f"{brand} is close to {mark}"


def test_every_kind_has_its_flavours_and_every_flavour_its_illustration() -> None:
    for category in categories():
        assert category.kinds
        assert {kind.family for kind in category.kinds} <= set(FAMILIES)
    assert {flavour.motif for family in FAMILIES.values() for flavour in family} <= set(MOTIFS)


def test_a_shop_can_be_larger_than_the_study() -> None:
    items = assortment(10_000, 2023)
    assert len({item.name for item in items}) == len(items)

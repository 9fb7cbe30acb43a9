import csv
import random
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recsys.catalogue.products import Product
from recsys.demo.assortment import assortment
from recsys.search.text_search import MAX_CHARACTERS, TextSearch

KEY = "0" * 64


@pytest.fixture(scope="module")
def demo() -> list[Product]:
    """The demo shop's 5,256 products."""
    items = [item for item in assortment(5256, 2023) if item.stock == "active"]
    return [
        Product(
            item.product_id, item.name, KEY, item.line.brand, item.line.category, item.price, "IDR", item.description
        )
        for item in items
    ]


@pytest.fixture(scope="module")
def search(demo: list[Product]) -> TextSearch:
    return TextSearch(demo)


@pytest.fixture(scope="module")
def groceries(grocery: Path) -> list[Product]:
    with (grocery / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return [
            Product(row["product_id"], row["name"], KEY, row["brand"], row["category"], description=row["description"])
            for row in csv.DictReader(file)
        ]


def product(name: str, *, brand: str = "", category: str = "", description: str = "") -> Product:
    return Product(name, name, KEY, brand, category, description=description)


def names(products: list[Product], text: str, *, count: int = 5) -> list[str]:
    return [one.name for one in TextSearch(products).find(text).products[:count]]


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def rows_that_have(texts: list[set[str]], words: list[str], beginning: str) -> set[int]:
    """What a plain loop over all texts' words finds: products with every word, or one that starts with it."""
    return {
        row
        for row, text in enumerate(texts)
        if text.issuperset(words) and any(word.startswith(beginning) for word in text)
    }


def test_words_without_synonyms_find_exactly_what_a_plain_loop_finds(demo: list[Product], search: TextSearch) -> None:
    chance = random.Random(7)
    texts = [set(words_of(f"{one.name} {one.brand} {one.category} {one.description}")) for one in demo]
    plain = {"rasa", "plus", "gold", "tablet", "30", "60", "instan", "multivitamin", "antiseptik", "tahun", "150", "g"}
    for _ in range(60):
        words = [word for word in words_of(chance.choice(demo).name) if word in plain]
        if not words:
            continue
        *whole, last = chance.sample(words, min(len(words), 3))
        beginning = last[: chance.randint(2, len(last))] if len(last) > 2 and not last.isdigit() else last
        expected = (
            rows_that_have(texts, whole, beginning)
            if beginning != last or not (last.isdigit() or len(last) == 1)
            else rows_that_have(texts, [*whole, last], "")
        )
        found = search.find(" ".join([*whole, beginning]))
        assert {one.product_id for one in found.products} == {demo[row].product_id for row in expected}
        assert len(found.products) == len(expected)
        assert found.all_words


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("susu protein coklat", "Susu Cokelat"),
        ("SUSU  COKELAT", "Susu Cokelat"),
        ("susuu coklt", "Susu Cokelat"),
        ("whey protien vanilla", "Whey Protein Vanila"),
        ("vitaminc", "Vitamin C"),
        ("vitamin c", "Vitamin C"),
        ("multivitamn pria", "Multivitamin Pria"),
        ("momoru susu anak skolah", "Momoru Susu Anak Sekolah"),
        ("tabir srya", "Tabir Surya"),
        ("lidah buya", "Lidah Buaya"),
        ("susu stroberry", "Susu Stroberi"),
        ("jamu kunyit asem", "Jamu Kunyit Asam"),
        ("150g susu", "Susu 150 g"),
        ("minyak ikn omega", "Minyak Ikan Omega"),
        ("plestr luka", "Plester Luka"),
        ("kalsim lansia", "Kalsium Lansia"),
        ("biskuit ba", "Biskuit Bayi"),
        ("protien ba", "Protein Bar"),
        ("stevai", "Stevia"),
        ("sunscreen", "Tabir Surya"),
        ("chocolate milk", "Susu Cokelat"),
        ("choclate milk", "Susu Cokelat"),
        ("strawberry milk", "Susu Stroberi"),
        ("bandage", "Perban"),
        ("honey", "Madu"),
    ],
)
def test_what_a_shopper_types_on_a_phone_finds_it_in_the_demo_shop(
    search: TextSearch, typed: str, expected: str
) -> None:
    found = search.find(typed).products[:5]
    assert len(found) == 5
    for one in found:
        assert set(words_of(expected)) <= set(words_of(one.name))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("granny smit", "Granny Smith"),
        ("granny smith", "Granny Smith"),
        ("orange", "Orange"),
        ("lemon", "Lemon"),
        ("lemmon", "Lemon"),
        ("oatmilk", "Oatly Oat Milk"),
        ("oatly milk", "Oatly Oat Milk"),
        ("strawbery yogurt", "Yoggi Strawberry Yoghurt"),
        ("yoghurt valio", "Valio Vanilla Yoghurt"),
        ("carrot", "Carrots"),
        ("zuchini", "Zucchini"),
        ("avocdo", "Avocado"),
        ("pineaple", "Pineapple"),
        ("bravo appel", "Bravo Apple Juice"),
        ("blueberry soygurt", "Alpro Blueberry Soyghurt"),
        ("sweet potatos", "Sweet Potato"),
        ("bell peper green", "Green Bell Pepper"),
        ("onoin", "Yellow Onion"),
        ("nanas", "Pineapple"),
        ("jus apel bravo", "Bravo Apple Juice"),
        ("susu kedelai", "Alpro Fresh Soy Milk"),
    ],
)
def test_the_product_a_shopper_types_comes_first_in_a_real_shop(
    groceries: list[Product], typed: str, expected: str
) -> None:
    assert names(groceries, typed, count=1) == [expected]


def test_nineteen_of_twenty_typing_errors_are_forgiven(demo: list[Product], search: TextSearch) -> None:
    chance = random.Random(11)
    known = sorted({word for one in demo for word in words_of(one.name) if len(word) > 4 and word.isalpha()})
    forgiven = 0
    for word in known:
        place = chance.randrange(len(word) - 1)
        typed = {
            "missing": word[:place] + word[place + 1 :],
            "doubled": word[:place] + word[place] + word[place:],
            "swapped": word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            "other": word[:place] + chance.choice("aeiourstn") + word[place + 1 :],
        }[chance.choice(["missing", "doubled", "swapped", "other"])]
        forgiven += any(word in words_of(one.name) for one in search.find(typed).products[:5])
    assert forgiven / len(known) > 0.95


def test_a_word_in_the_name_counts_more_than_one_elsewhere() -> None:
    shop = [
        product("Gula", description="madu madu madu madu"),
        product("Teh", category="Madu"),
        product("Sirup", brand="Madu"),
        product("Madu Hitam"),
    ]
    assert names(shop, "madu")[0] == "Madu Hitam"
    assert names(shop, "madu")[-1] == "Gula"


def test_a_product_with_exactly_this_name_comes_first() -> None:
    shop = [product("Jus Jeruk Jeruk"), product("Jeruk", description="segar dan manis " * 20), product("Jeruk Nipis")]
    assert names(shop, "jeruk")[0] == "Jeruk"
    assert names(shop, "JÉRUK!")[0] == "Jeruk"


def test_equally_good_matches_come_in_the_shop_s_order() -> None:
    shop = [product(f"Teh {number}") for number in (3, 1, 2)]
    assert names(shop, "teh") == ["Teh 3", "Teh 1", "Teh 2"]


def test_accents_and_widths_of_letters_make_no_difference() -> None:
    shop = [product("Crème Brûlée"), product("\N{FULLWIDTH LATIN CAPITAL LETTER T}eh Hijau"), product("Straße")]
    assert names(shop, "creme brulee") == ["Crème Brûlée"]
    assert names(shop, "CRÈME") == ["Crème Brûlée"]
    assert names(shop, "teh") == ["\N{FULLWIDTH LATIN CAPITAL LETTER T}eh Hijau"]
    assert names(shop, "strasse") == ["Straße"]


def test_a_correction_is_reported(search: TextSearch) -> None:
    assert search.find("whey protien").corrections == (("protien", "protein"),)
    assert search.find("whey protein").corrections == ()


def test_a_word_that_no_product_has_is_ignored_and_reported(search: TextSearch) -> None:
    found = search.find("susu untuk kucing cokelat")
    assert found.unknown == ("untuk", "kucing")
    assert found.products == search.find("susu cokelat").products


def test_when_no_product_has_all_words_those_with_most_of_them_are_found() -> None:
    shop = [
        product("Sabun Bayi"),
        product("Sabun Bayi Lavender"),
        product("Kasa Kulit Sensitif"),
        product("Sabun Kulit"),
    ]
    found = TextSearch(shop).find("sabun bayi kulit lavender")
    assert [one.name for one in found.products] == ["Sabun Bayi Lavender"]
    assert not found.all_words


def test_a_short_word_and_a_number_are_never_corrected() -> None:
    shop = [product("Oat 100 g"), product("Teh 150 g")]
    assert names(shop, "obat") == []
    assert names(shop, "110") == []


def test_a_name_that_means_the_same_comes_after_the_word_itself() -> None:
    shop = [product("Krim"), product("Cookies Cream")]
    assert names(shop, "cream") == ["Cookies Cream", "Krim"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "🥛",
        "\x00",
        "\ud800",
        '"',
        "'",
        "*",
        "(",
        "NEAR(",
        "- ^ : { } \\",
        "a" * 100_000,
        "(" * 5000,
        "\N{FULLWIDTH COMMA}",
        "__",
    ],
)
def test_any_text_without_a_known_word_finds_nothing(search: TextSearch, text: str) -> None:
    assert search.find(text).products == ()


@pytest.mark.parametrize(
    "text",
    ['"susu"', "susu*", "name:susu", "susu AND", "susu OR", "NOT susu", "susu^2", "su\x00su susu", "🥛 susu", "{susu}"],
)
def test_signs_of_the_query_language_are_just_text(search: TextSearch, text: str) -> None:
    assert set(search.find(text).products) & set(search.find("susu").products)


def test_a_very_long_text_is_read_as_far_as_a_search_box_is(search: TextSearch) -> None:
    assert search.find("susu " + " " * MAX_CHARACTERS + "xyzzy").products == search.find("susu ").products


def test_a_shop_without_products_finds_nothing() -> None:
    assert TextSearch([]).find("susu").products == ()


def test_many_threads_search_at_once(search: TextSearch) -> None:
    texts = ["susu coklat", "vitamin c", "biskuit ba", "xyzzy", "sabun bayi kulit"] * 40
    alone = [search.find(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(search.find, texts)) == alone


JOINED_AND_APART = [
    product(name)
    for name in (
        "Vitamin B Complex", "Vitamin B12 1000mcg", "Multivitamin Gummies", "Sunscreen SPF50", "Screen Cleaner",
        "Handsanitizer Gel", "Hand Cream", "Cornflakes 300g", "Corn Oil", "Susu UHT 1L", "Cola 12x330ml", "Cola 330 ml",
        "Magnesium 1.000 mg", "Zinc 1000mg",
    )
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("vitamin b-12", "Vitamin B12 1000mcg"),
        ("vitamin b 12", "Vitamin B12 1000mcg"),
        ("b 12", "Vitamin B12 1000mcg"),
        ("multi vitamin", "Multivitamin Gummies"),
        ("multi vitamin gummies", "Multivitamin Gummies"),
        ("sun screen", "Sunscreen SPF50"),
        ("hand sanitizer", "Handsanitizer Gel"),
        ("corn flakes", "Cornflakes 300g"),
        ("corn flak", "Cornflakes 300g"),
        ("300gr", "Cornflakes 300g"),
        ("300 gram", "Cornflakes 300g"),
        ("susu 1 l", "Susu UHT 1L"),
        ("susu 1 liter", "Susu UHT 1L"),
        ("corn oil", "Corn Oil"),
        ("hand cream", "Hand Cream"),
        ("screen cleaner", "Screen Cleaner"),
    ],
)
def test_words_typed_apart_or_joined_find_what_the_shop_writes(typed: str, first: str) -> None:
    assert names(JOINED_AND_APART, typed, count=1) == [first]


BOTH_SPELLINGS = [
    product(name)
    for name in (
        "7-Up", "7Up Lemon", "Shampoo 2in1", "Kopi 3 in 1", "Lego 2 figures in 1 box", "Teh 1 L", "Minyak Kayu Putih",
        "Kayuputih Cap Lang", "Putih Kayu", "Coca-Cola Zero", "Cocacola Classic", "Vitamin B 12", "Vitamin B12",
    )
]  # fmt: skip


@pytest.mark.parametrize("typed", ["2 in 1", "2in1", "2-in-1", "2in 1", "2 in1", "shampoo 2 in 1", "2 in 1 shampoo"])
def test_a_number_in_a_number_is_found_however_it_is_typed(typed: str) -> None:
    assert names(BOTH_SPELLINGS, typed, count=1) == ["Shampoo 2in1"]
    assert names([product("7-Up"), product("Shampoo 2in1")], typed) == ["Shampoo 2in1"]
    assert names(BOTH_SPELLINGS, typed.replace("2", "3").replace("shampoo", "kopi"), count=1) == ["Kopi 3 in 1"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("kayuputih", {"Minyak Kayu Putih", "Kayuputih Cap Lang"}),
        ("kayuput", {"Minyak Kayu Putih", "Kayuputih Cap Lang"}),
        ("minyak kayuputih", {"Minyak Kayu Putih"}),
        ("cocacola", {"Coca-Cola Zero", "Cocacola Classic"}),
        ("cocacola zero", {"Coca-Cola Zero"}),
        ("coca cola", {"Coca-Cola Zero", "Cocacola Classic"}),
        ("b12", {"Vitamin B 12", "Vitamin B12"}),
        ("b 12", {"Vitamin B 12", "Vitamin B12"}),
        ("7up", {"7-Up", "7Up Lemon"}),
    ],
)
def test_products_with_either_spelling_are_found_by_either(typed: str, found: set[str]) -> None:
    assert set(names(BOTH_SPELLINGS, typed)) == found


def test_a_quantity_is_found_however_it_is_written() -> None:
    assert (
        set(names(JOINED_AND_APART, "330ml"))
        == set(names(JOINED_AND_APART, "330 ml"))
        == {"Cola 12x330ml", "Cola 330 ml"}
    )
    same = {"Magnesium 1.000 mg", "Zinc 1000mg"}
    for typed in ("1000 mg", "1.000 mg", "1000mg", "1,000mg"):
        assert set(names(JOINED_AND_APART, typed)) == same


def test_a_pack_s_content_is_found_however_it_is_written() -> None:
    products = [product(name) for name in ("Cola 12x330ml", "Teh 25 x 2 g", "Susu 6 \u00d7 1L", "Cola 6x330ml")]
    for typed in ("12x330ml", "12 x 330 ml", "12x330 ml", "12 x 330ml", "12\u00d7330ml"):
        assert names(products, typed) == ["Cola 12x330ml"], typed
    assert names(products, "25x2g") == names(products, "teh 2 gram") == ["Teh 25 x 2 g"]
    assert names(products, "6x1 liter") == names(products, "susu 1l") == ["Susu 6 \u00d7 1L"]


def test_a_word_split_at_any_place_finds_what_it_finds_joined() -> None:
    search = TextSearch(JOINED_AND_APART)
    for word in {word for one in JOINED_AND_APART for word in words_of(one.name)}:
        whole = {one.name for one in search.find(word).products}
        for cut in range(1, len(word)):
            assert whole <= {one.name for one in search.find(f"{word[:cut]} {word[cut:]}").products}, (word, cut)

from html.parser import HTMLParser

import pytest
from scipy.optimize import isotonic_regression

from recsys.catalogue.products import Product
from recsys.search.likeness import LikenessScale
from recsys.ui.products.cards import Card, card_html, never_rising
from tests.hostile import HOSTILE


class Reader(HTMLParser):
    """Parses the card like a browser."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts += [data.strip()] if data.strip() else []


def test_a_card_with_a_note_on_its_picture_does_not_say_how_alike_that_is() -> None:
    read = Reader(card_html(Card(Product("P1", "Susu", "a" * 64), rank=3, note="Many <share> this")))
    assert read.texts == ["3", "Many <share> this", "Susu"]


def test_a_card_shows_name_brand_category_price_and_similarity() -> None:
    product = Product("P1", "Susu Kedelai", "a" * 64, "Lalibu", "Susu", 15000.0, "IDR")
    read = Reader(card_html(Card(product, rank=2, similarity=0.87312)))
    said = ["2", "Almost the same", "cosine", "0.873", "Susu Kedelai", "Lalibu", "Susu", "Rp15,000"]
    assert sorted(read.texts) == sorted(said)
    assert ("div", {"style": "width: 87.3%"}) in read.tags
    image = next(attributes for tag, attributes in read.tags if tag == "img")
    assert image["src"] == f"pictures/640/{'a' * 64}.jpg"
    assert image["alt"] == "Picture of Susu Kedelai"


@pytest.mark.parametrize(
    ("similarity", "words", "width"),
    [(0.3, "Hardly similar", "0.0%"), (0.65, "Similar", "50.0%"), (0.8, "Very similar", "71.4%")],
)
def test_the_words_and_the_bar_follow_the_scale_of_the_catalogue(similarity: float, words: str, width: str) -> None:
    html = card_html(Card(Product("P1", "Susu", "a" * 64), 1, similarity, LikenessScale(0.3, 1.0)))
    assert words in Reader(html).texts
    assert f"width: {width}" in html


@pytest.mark.parametrize("similarities", [[0.9, 0.5, 0.8, 0.6, 0.7], [0.1, 0.2, 0.3], [0.8, 0.7, 0.7, 0.2]])
def test_words_and_bars_never_say_more_than_those_above_them(similarities: list[float]) -> None:
    cards = [Card(Product("P1", "Susu", "a" * 64), rank, one) for rank, one in enumerate(similarities, start=1)]
    shown = [card.shown_as for card in never_rising(cards)]
    assert shown == pytest.approx(isotonic_regression(similarities, increasing=False).x)
    html = card_html(never_rising(cards)[-1])
    assert f"{similarities[-1]:.3f}" in html  # the cosine itself stays
    assert f"width: {100 * shown[-1]:.1f}%" in html


def test_a_marked_card_and_one_that_says_nothing_of_its_picture_keep_their_words() -> None:
    product = Product("P1", "Susu", "a" * 64)
    cards = [Card(product, 1, 0.2, mark="Same product"), Card(product, 2, note="Shared"), Card(product, 3, 0.9)]
    assert [card.shown_as for card in never_rising(cards)] == [None, None, 0.9]


def test_a_product_without_price_brand_and_category_leaves_them_out() -> None:
    assert Reader(card_html(Card(Product("P1", "Susu", "a" * 64)))).texts == ["Susu"]


@pytest.mark.parametrize(("similarity", "width"), [(-0.2, "0.0%"), (1.0000001, "100.0%")])
def test_the_bar_stays_within_its_track(similarity: float, width: str) -> None:
    assert f"width: {width}" in card_html(Card(Product("P1", "Susu", "a" * 64), rank=1, similarity=similarity))


def test_markup_in_a_shops_texts_stays_text() -> None:
    product = Product("P1", HOSTILE, "a" * 64, HOSTILE, HOSTILE, 1.0, HOSTILE)
    read = Reader(card_html(Card(product)))
    assert [tag for tag, _ in read.tags].count("img") == 1
    assert not {"script", "a"} & {tag for tag, _ in read.tags}
    assert all(name in {"class", "src", "alt", "title", "loading", "decoding", "width", "height", "role", "aria-level"}
               for _, attributes in read.tags for name in attributes)  # fmt: skip
    assert read.texts.count(HOSTILE) == 3


def test_attributes_hold_no_angle_bracket_which_the_sanitiser_would_take_them_away_for() -> None:
    read = Reader(card_html(Card(Product("P1", HOSTILE, "a" * 64))))
    values = [value or "" for _, attributes in read.tags for value in attributes.values()]
    assert not [value for value in values if "<" in value or ">" in value]

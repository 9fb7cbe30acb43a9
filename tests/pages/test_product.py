import json
from collections.abc import Callable
from pathlib import Path

import pytest

from recsys.num_matches import NUM_MATCHES
from tests.kept import lose_kept


@pytest.fixture
def home_with(home: Path) -> Callable[..., Path]:
    """The shop with other values for its product coffee-2."""

    def changed(**fields: object) -> Path:
        path = home / "cache" / "catalogue.json"
        content = json.loads(path.read_bytes())
        product = next(one for one in content["products"] if one["product_id"] == "coffee-2")
        product |= fields
        path.write_text(json.dumps(content))
        return home

    return changed


def shop_links(page) -> list[str]:
    return [element.proto.url for element in page.app.get("link_button")]


def test_a_shared_link_opens_the_product_with_more_like_it(visit: Callable, home_with: Callable) -> None:
    page = visit(home_with(description="Kopi <b>hitam</b>"), product="coffee-2")
    assert '<h2 class="kc-product-name">Product coffee-2</h2>' in page.html
    assert "Kopi &lt;b&gt;hitam&lt;/b&gt;" in page.html
    assert "Rp15,000" in page.html
    assert "pictures/640/" in page.html
    assert "More like this" in page.text
    assert len(page.cards) == NUM_MATCHES
    assert "Product coffee-2" not in page.cards


def test_the_link_that_is_offered_for_sharing_opens_the_product(visit: Callable) -> None:
    page = visit(product="coffee-2")
    assert [code.value for code in page.app.code] == ["/?product=coffee-2"]


def test_the_shop_s_own_page_is_linked(visit: Callable, home_with: Callable) -> None:
    address = "https://shop.example/p/1?a=b"
    assert shop_links(visit(home_with(product_url=address), product="coffee-2")) == [address]


def test_what_is_no_web_page_is_not_linked(visit: Callable, home_with: Callable) -> None:
    page = visit(home_with(product_url="javascript:alert(1)"), product="coffee-2")
    assert shop_links(page) == []
    assert len(page.cards) == NUM_MATCHES


def test_the_visitor_s_photo_returns_when_the_product_is_closed(visit: Callable, shop_csv: Path) -> None:
    page = visit()
    page.photograph((shop_csv.parent / "rocket-1.jpg").read_bytes())
    before = page.cards
    page.click("similar_search_1")
    assert page.app.query_params["product"] == before[1].removeprefix("Product ")
    assert page.cards != before
    del page.app.query_params["product"]  # like the browser's back button
    page.app.run()
    page.check()
    assert page.cards == before


def test_words_take_over_from_a_product(visit: Callable) -> None:
    page = visit(product="coffee-2")
    page.app.text_input(key="search_words").set_value("rocket").run()
    page.check()
    assert "product" not in page.app.query_params
    assert page.cards == [f"Product rocket-{quarter}" for quarter in range(4)]


def test_the_message_about_an_unknown_product_goes_with_it(visit: Callable) -> None:
    page = visit(product="nothing")
    assert page.app.error[0].value == r"There is no product nothing in the catalogue\."
    del page.app.query_params["product"]
    page.app.run()
    assert not page.app.error
    assert "Choose a photo to begin" in page.text


def test_a_product_is_shown_though_no_backbone_can_compare_it(visit: Callable, home: Path) -> None:
    lose_kept(home / "cache")
    page = visit(home, product="coffee-2")
    assert '<h2 class="kc-product-name">Product coffee-2</h2>' in page.html
    assert "EfficientNetLite0 is not ready" in page.text

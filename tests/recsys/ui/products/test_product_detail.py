import pytest

from recsys.catalogue.products import Product
from recsys.ui.products.product_detail import shop_page


def page_of(address: str) -> str | None:
    return shop_page(Product("P1", "Susu", "a" * 64, product_url=address))


@pytest.mark.parametrize("address", ["https://shop.example/p/1?a=b", "http://shop.example"])
def test_the_shop_s_own_page_is_linked(address: str) -> None:
    assert page_of(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "ftp://shop.example/p",
        "//shop.example/p",
        "/p/1",
        "https://",
        "https://shop.example/ onclick=x",
        'https://shop.example/"x',
        "http://[x",
    ],
)
def test_what_is_no_web_page_is_not_linked(address: str) -> None:
    assert page_of(address) is None

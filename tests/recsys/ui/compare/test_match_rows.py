import re

from streamlit.testing.v1 import AppTest


# The script of an app: it runs as a separate file, so it imports what it needs.
def rows_of_two() -> None:
    from embeddings.errors import NetworkError  # noqa: PLC0415
    from embeddings.models.backbones import BACKBONES  # noqa: PLC0415
    from recsys.catalogue.products import Product  # noqa: PLC0415
    from recsys.search.rankings import COSINE  # noqa: PLC0415
    from recsys.search.recommender import Match, SearchResult  # noqa: PLC0415
    from recsys.ui.compare.match_rows import find_matches, match_rows  # noqa: PLC0415

    def find(backbone):
        if backbone.name == "VGG16":
            raise NetworkError("Expected a *network*: run `make bench`.")
        first = 1 if backbone.name == "ResNet50" else 3
        products = [Product(str(number), f"Product {number}", "k" * 64) for number in range(first, first + 5)]
        matches = tuple(Match(rank, product, 0.5) for rank, product in enumerate(products, start=1))
        return (SearchResult(backbone, COSINE, matches, 9, encode_ms=12.25, search_ms=0.5),)

    backbones = [BACKBONES[name] for name in ("ResNet50", "VGG16", "Xception")]
    outcomes, loading = find_matches(backbones, find, lambda backbone: True)
    match_rows({backbone.name: [COSINE] for backbone in backbones}, outcomes, loading)


def shown(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def test_products_that_two_backbones_found_are_counted_for_both() -> None:
    app = AppTest.from_function(rows_of_two).run()
    counts = re.findall(r"<li><span>(\w+)</span> <b>(.)</b></li>", shown(app))
    assert ("Xception", "3") in counts  # 3, 4 and 5, of 1 to 5 and of 3 to 7
    assert ("ResNet50", "3") in counts
    assert "Encoded in 12 ms" in shown(app)


def test_a_failing_backbone_says_so_in_its_row_and_the_others_continue() -> None:
    app = AppTest.from_function(rows_of_two).run()
    assert not app.exception
    assert app.warning[0].value == r"This backbone\'s network cannot be used\."
    assert "Failed" in shown(app)
    assert shown(app).count('<ol class="kc-matches">') == 2
    assert ("VGG16", "?") in re.findall(r"<li><span>(\w+)</span> <b>(.)</b></li>", shown(app))

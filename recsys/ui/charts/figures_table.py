"""Tables of figures: HTML that screen readers read by row and column, and that scrolls by itself if it is wide."""

from collections.abc import Iterable, Sequence

from recsys.ui.products.cards import rendered


def figures_table(caption: str, headings: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """The table as HTML, all text escaped; a row is its name and its figures, the first heading that of the names."""
    return rendered(
        "compare_table.html",
        caption=caption,
        headings=headings,
        rows=[{"name": name, "figures": [{"value": text, "detail": ""} for text in figures]} for name, figures in rows],
    )

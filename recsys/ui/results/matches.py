"""The matches of a photo as cards: marked if certain, played down if the shop has nothing like it."""

from collections.abc import Sequence

import streamlit as st

from recsys.search.likeness import LikenessScale
from recsys.search.recommender import Match, SearchResult
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.photo.query_photos import QueryPhoto
from recsys.ui.products.cards import Card, CardAction, never_rising, product_grid
from recsys.ui.results.why_similar import agreement_text


def is_nothing_like_it(photo: QueryPhoto, result: SearchResult) -> bool:
    """Whether the shop seems not to have what the photo shows; never for a product, which it does have."""
    return photo.product_id is None and bool(result.matches) and result.has_good_match is False


def matches_grid(
    photo: QueryPhoto, result: SearchResult, scale: LikenessScale, *, is_filtered: bool, actions: Sequence[CardAction]
) -> None:
    """Draw the matches, below a warning if none is what the photo shows, or none has its barcode."""
    if result.missed_barcode:
        st.info(_missed_text(result.missed_barcode, is_filtered), icon=":material/barcode_scanner:")
    if not is_nothing_like_it(photo, result):
        cards = [_card(match, scale, of_product=photo.product_id is not None) for match in result.matches]
        product_grid(never_rising(cards), key="search", actions=actions)
        return
    with st.container(key="nearest", gap="small"):
        if not result.missed_barcode:
            st.info(_nothing_text(is_filtered), icon=":material/search_off:")
        st.subheader(_("The closest we have"), anchor=False)
        cards = [
            Card(match.product, match.rank, match.similarity, scale, is_doubtful=True)
            if match.has_own_picture
            else _placeholder_card(match)
            for match in result.matches
        ]
        product_grid(cards, key="search", actions=actions, level=4)


def _missed_text(gtin: str, is_filtered: bool) -> str:
    if is_filtered:
        text = _("No filtered product has the photo's barcode, {number}. Remove the filters to search them all.")
    else:
        text = _(
            "No product in the shop is listed with the photo's barcode, {number}. Below are the most similar products."
        )
    return text.format(number=gtin)


def _nothing_text(is_filtered: bool) -> str:
    if is_filtered:
        return _("Nothing like this among the filtered products. Remove the filters to search the whole catalogue.")
    return _(
        "The shop doesn't seem to have this. If you think it does, move the frame so that it contains only the product."
    )


def _placeholder_card(match: Match) -> Card:
    """A card that does not rate the picture's similarity, since it is not the product's own."""
    note = _("Same barcode") if match.has_same_barcode else _("Many products share this picture")
    return Card(match.product, match.rank, note=note)


def _card(match: Match, scale: LikenessScale, *, of_product: bool) -> Card:
    if match.has_same_barcode and match.has_own_picture:
        return Card(match.product, match.rank, match.similarity, scale, mark=_("Same barcode"))
    if not match.has_own_picture:
        return _placeholder_card(match)
    if not match.is_confirmed:
        return Card(match.product, match.rank, match.similarity, scale)
    # A product is left out of its own matches: one with the same print is another size or kind of it.
    mark = _("Same print") if of_product else _("Same product")
    return Card(
        match.product, match.rank, match.similarity, scale, mark=mark, evidence=agreement_text(len(match.agreement))
    )

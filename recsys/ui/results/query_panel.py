"""What was searched: the photo, how long it took, and what the network sees."""

import streamlit as st

from embeddings.models.runtime import Encoder
from recsys.search.recommender import SearchResult
from recsys.ui.i18n.markdown import escape
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import ngettext, number_text
from recsys.ui.photo.query_photos import QueryPhoto


def query_panel(photo: QueryPhoto, result: SearchResult) -> None:
    """Show the query and what it was compared with; `query` is the key that a phone scrolls to."""
    with st.container(key="query" if photo.product_id is None else "more_like_this", gap="xsmall"):
        st.header(photo_title(photo) if photo.product_id is None else _("More like this"), anchor=False)
        if photo.product_id is not None and result.num_products:
            st.caption(_("The product itself is left out of the matches."))
        st.caption(timing_text(result))


def photo_title(photo: QueryPhoto) -> str:
    """The photo's name, as Markdown, in the page's current language."""
    return escape(photo.title) or _("Your photo")


def network_view(photo: QueryPhoto, encoder: Encoder, result: SearchResult) -> None:
    """Offer a look at the pixels that the network gets, next to what the visitor framed."""
    view = st.expander(
        _("As {backbone} sees it").format(backbone=result.backbone.name),
        icon=":material/visibility:",
        key="search_network_view",
        on_change="rerun",  # the pictures are made only when opened
    )
    if not view.open:
        return
    seen = encoder.prepare(photo.encoder_input)
    with view:
        with st.container(key="network_view", horizontal=True, gap="small"):
            st.image(photo.framed, caption=_("In the frame"), alt=_("The part of the photo being searched"))
            st.image(seen, caption=_("What the network gets"), alt=_("The photo as the network sees it"))
        st.caption(_("Squashed to {side}x{side} pixels, which is what the network gets.").format(side=seen.shape[0]))
        if result.ranking.describe:
            st.caption(_("For the closer look it also gets the framed part, undistorted: once whole, once zoomed in."))


def timing_text(result: SearchResult) -> str:
    """One line: how the milliseconds were spent, and how many products were compared."""
    if not result.num_products:
        return _("There are no products to compare it with.")
    compared = ngettext("{number} product compared", "{number} products compared", result.num_products)
    return _("{products} in {search} ms, after {encode} ms to encode the photo.").format(
        products=compared, search=milliseconds_text(result.search_ms), encode=milliseconds_text(result.encode_ms)
    )


def milliseconds_text(duration: float) -> str:
    """A duration in milliseconds in the visitor's language, with decimals if it is short."""
    return number_text(duration, digits=1 if duration < 10 else 0)

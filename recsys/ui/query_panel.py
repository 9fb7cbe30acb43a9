"""What was searched: the photo, what the network sees of it, and how long it took."""

import streamlit as st

from embeddings.photos import RGB
from recsys.recommender import SearchResult
from recsys.ui.markdown import escaped
from recsys.ui.query_photos import QueryPhoto
from recsys.ui.translations import gettext as _
from recsys.ui.translations import ngettext, number_text


def query_panel(photo: QueryPhoto, seen: RGB, result: SearchResult) -> None:
    """Draw the photo beside `seen`, the pixels that the network gets, and say what was compared."""
    side = seen.shape[0]
    sees = _("As {backbone} sees it").format(backbone=result.backbone.name)
    with st.container(key="query", horizontal=True, gap="small", vertical_alignment="center"):
        st.image(photo.shown, caption=_("As it came"), alt=_("The photo that is searched with"))
        st.image(seen, caption=sees, alt=_("The photo as the network sees it"))
        with st.container(width="stretch", gap="xsmall"):
            st.subheader(escaped(photo.title), anchor=False)
            if photo.product_id is not None:
                st.markdown(_("A product of the catalogue. It is itself left out of the matches."))
            st.caption(_("Squashed to {side}x{side} pixels, which is what the network gets.").format(side=side))
            st.caption(timing_text(result))


def timing_text(result: SearchResult) -> str:
    """One line: what the milliseconds were spent on, and how many products were compared."""
    compared = ngettext("{number} product compared", "{number} products compared", result.num_products)
    return _("{products} in {search} ms, after {encode} ms to encode the photo.").format(
        products=compared, search=milliseconds_text(result.search_ms), encode=milliseconds_text(result.encode_ms)
    )


def milliseconds_text(duration: float) -> str:
    """A duration in milliseconds as the visitor's language writes it, finer where it is short."""
    return number_text(duration, digits=1 if duration < 10 else 0)

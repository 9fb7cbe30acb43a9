"""Why a match is similar: a dialog with photo and packshot side by side, computed on demand."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from recsys.catalogue.products import Product
from recsys.search.explanation import Explanation
from recsys.search.ranking import Query
from recsys.search.recommender import Recommender
from recsys.ui.i18n.markdown import escape
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import ngettext
from recsys.ui.photo.query_photos import QueryPhoto, query_photo_of
from recsys.ui.products.cards import Card
from recsys.ui.results.explanation_picture import explanation_picture
from recsys.ui.shell.failures import failures_shown

QueryMaker = Callable[[], Query]
"""The photo as it was encoded for a ranking that can explain."""


def why_similar_button(
    engine: Recommender, cache: Path, photo: QueryPhoto, described: QueryMaker, card: Card, key: str
) -> None:
    """Draw the button that explains a match; a placeholder picture cannot be explained."""
    if card.note:
        return
    if st.button(_("Why similar?"), icon=":material/compare:", key=f"why_{key}", width="stretch"):
        st.dialog(_("Why similar?"), width="medium", icon=":material/compare:")(_show)(
            engine, cache, photo, described, card.product
        )


def _show(engine: Recommender, cache: Path, photo: QueryPhoto, described: QueryMaker, product: Product) -> None:
    with failures_shown("why"):
        packshot = query_photo_of(product, cache)
        explanation = engine.explain(
            described(),
            product,
            photo_size=photo.refined_input.shape[:2],
            packshot_size=packshot.refined_input.shape[:2],
        )
    with st.container(key="why_similar", gap="small"):
        st.markdown(f"**{escape(product.name)}**")
        what = explanation_text(explanation)
        st.markdown(what)
        st.image(
            explanation_picture(photo.refined_input, packshot.refined_input, explanation),
            alt=alt_text(what),
            width="stretch",
        )
        st.caption(_("Left: the photo you searched with. Right: the shop's picture."))
        if explanation.is_by_print:
            st.caption(_("Lines connect matching points in both pictures."))
        elif explanation.pairs:
            st.caption(_("The same number marks the most similar parts."))


def explanation_text(explanation: Explanation) -> str:
    """What agrees, in words."""
    count = len(explanation.agreement)
    if explanation.is_by_print:
        return agreement_text(count)
    if not explanation.pairs:
        return _("No particular part stands out: the pictures are similar as a whole.")
    return ngettext(
        "{number} part looks similar, but too little of the print matches to tell whether it is the same product.",
        "{number} parts look similar, but too little of the print matches to tell whether it is the same product.",
        len(explanation.pairs),
    )


def agreement_text(count: int) -> str:
    """How much of the print agrees, in words."""
    return ngettext("{number} point of the print matches.", "{number} points of the print match.", count)


def alt_text(what: str) -> str:
    """The picture in words, for people who cannot see it."""
    return _("The photo you searched with and the shop's picture, side by side. {what}").format(what=what)

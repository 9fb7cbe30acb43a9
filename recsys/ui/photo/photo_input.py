"""The query photo: the visitor's own, a sample or a product; chosen and framed here."""

import secrets
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from embeddings.errors import PhotoError
from embeddings.imaging.box import Box
from embeddings.messages import Message
from recsys.catalogue.products import Catalogue, Product
from recsys.errors import CatalogueError
from recsys.feedback.sources import Source
from recsys.ui.i18n.markdown import escape
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import message_text
from recsys.ui.photo.photo_frame import photo_frame
from recsys.ui.photo.photo_intake import photo_intake
from recsys.ui.photo.photo_problems import photo_problem
from recsys.ui.photo.query_photos import QueryPhoto, query_photo_of, read_query_photo
from recsys.ui.photo.samples import Sample
from recsys.ui.products.image_routes import sample_url
from recsys.ui.shell.failures import log_error

OnPhoto = Callable[[QueryPhoto], object]

_PRODUCT = "product"  # in the address: the product to search with
_LINKED, _LINK_PROBLEM = "search_product_photo", "search_product_problem"
_OWN, _PROBLEM, _ANSWERED = "search_photo", "search_problem", "search_answered"


def chosen_photo(catalogue: Catalogue, cache: Path) -> QueryPhoto | None:
    """The picture of the product in the address (`?product=ID`), or else the visitor's own photo, if any."""
    product_id = st.query_params.get(_PRODUCT)
    linked: QueryPhoto | None = st.session_state.get(_LINKED)
    if linked is None or linked.product_id != product_id:
        linked = _follow_link(product_id, catalogue, cache)
    own: QueryPhoto | None = st.session_state.get(_OWN)
    return linked or own


def _follow_link(product_id: str | None, catalogue: Catalogue, cache: Path) -> QueryPhoto | None:
    """Use the product as the photo, or remember why that is impossible."""
    linked, problem = None, None
    if product_id is not None and product_id not in catalogue.by_id:
        problem = Message("There is no product {id} in the catalogue.", id=product_id)
    elif product_id is not None:
        try:
            linked = query_photo_of(catalogue.by_id[product_id], cache)
        except CatalogueError as error:  # a lost picture must not hide the page
            problem = log_error(error)
    st.session_state[_LINKED], st.session_state[_LINK_PROBLEM] = linked, problem
    return linked


def carried_product() -> dict[str, str]:
    """The parameters that another page's address needs to keep the product."""
    return {_PRODUCT: st.query_params[_PRODUCT]} if _PRODUCT in st.query_params else {}


def leave_product() -> None:
    """Forget the product in the address; the visitor's own photo stays."""
    st.query_params.pop(_PRODUCT, None)


def photo_panel(
    photo: QueryPhoto | None, samples: Sequence[Sample], products: Sequence[Product], *, on_photo: OnPhoto | None = None
) -> None:
    """Draw the chosen photo with its frame, the ways to another one, and why the last file was refused.

    `on_photo` is called with each new photo or frame, before the page that searches with it is drawn.
    """
    answered = st.session_state.get(_ANSWERED, 0)
    if photo is not None:
        photo_frame(photo, answered, partial(_frame, on_photo))
    if problem := st.session_state.get(_LINK_PROBLEM) or st.session_state.get(_PROBLEM):
        st.error(escape(message_text(problem)), icon=":material/broken_image:")
    photo_intake(
        compact=photo is not None, answered=answered, on_photo=partial(_take, on_photo), on_problem=_forget_problem
    )
    with st.container(horizontal=True, gap="small", key="search_others"):
        if samples and photo is not None:
            menu = st.popover(
                _("Sample photos"),
                icon=":material/photo_library:",
                key="search_gallery_menu",
                width="content",
                on_change="rerun",  # drawn only when opened: each photo's matches come sooner
            )
            if menu.open:
                with menu:
                    _sample_gallery(samples, key="search_samples")
        st.button(
            _("Surprise me"),
            icon=":material/shuffle:",
            help=_("Search with a random product from the catalogue."),
            key="search_random",
            on_click=_take_random_product,
            args=(products,),
            disabled=not products,
        )


def welcome(samples: Sequence[Sample]) -> None:
    """Ask for a photo, and offer the samples, if there are any."""
    st.header(_("Choose a photo to begin"), anchor=False)
    if samples:
        st.caption(_("No product at hand? Start with one of these photos."))
        _sample_gallery(samples, key="search_welcome")


def _sample_gallery(samples: Sequence[Sample], *, key: str) -> None:
    """Draw the sample photos as buttons."""
    with st.container(key=key):
        for number, sample in enumerate(samples):
            st.button(
                f"![{escape(sample.title)}]({sample_url(number)})",
                key=f"{key}_{number}",
                on_click=_take_sample,
                args=(sample,),
            )


def _take(on_photo: OnPhoto | None, data: bytes, origin: Source) -> None:
    photo = _read(data, origin, "")
    if photo and on_photo:
        on_photo(photo)


def _forget_problem() -> None:
    st.session_state.pop(_PROBLEM, None)


def _take_sample(sample: Sample) -> None:
    _read(sample.path.read_bytes(), Source.SAMPLE, sample.title)


def _take_random_product(products: Sequence[Product]) -> None:
    shown = st.query_params.get(_PRODUCT)
    others = [product for product in products if product.product_id != shown]
    st.query_params[_PRODUCT] = secrets.choice(others or products).product_id


def _read(data: bytes, origin: Source, title: str) -> QueryPhoto | None:
    st.query_params.pop(_PRODUCT, None)
    photo, problem = None, None
    try:
        photo = read_query_photo(data, origin=origin, title=title)
    except PhotoError as error:
        problem = photo_problem(error)
    st.session_state[_OWN], st.session_state[_PROBLEM] = photo, problem
    st.session_state[_ANSWERED] = st.session_state.get(_ANSWERED, 0) + 1
    return photo


def _frame(on_photo: OnPhoto | None, box: Box) -> None:
    place = _LINKED if st.session_state.get(_LINKED) else _OWN
    if photo := st.session_state.get(place):
        st.session_state[place] = framed = photo.within(box)
        if on_photo:
            on_photo(framed)

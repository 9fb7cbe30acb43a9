"""The ways to a photo: upload, camera, sample, random product. Each sets the one photo that is searched with."""

import secrets
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from embeddings.errors import PhotoError
from embeddings.photos import ACCEPTED_EXTENSIONS
from recsys.catalogue.products import Catalogue, Product
from recsys.errors import CatalogueError
from recsys.ui.markdown import escaped
from recsys.ui.pictures import sample_url
from recsys.ui.query_photos import Origin, QueryPhoto, query_photo_of, read_query_photo
from recsys.ui.samples import Sample
from recsys.ui.translations import gettext as _

_PHOTO, _PROBLEM, _PRODUCT = "search_photo", "search_problem", "product"


def current_photo() -> QueryPhoto | None:
    """The photo that this visitor searches with, if one is chosen."""
    photo: QueryPhoto | None = st.session_state.get(_PHOTO)
    return photo


def follow_product_link(catalogue: Catalogue, cache: Path) -> None:
    """Take the product that the address names (`?product=ID`) as the photo, or say why it cannot be taken."""
    product_id = st.query_params.get(_PRODUCT)
    photo = current_photo()
    if product_id is None or (photo and photo.product_id == product_id):
        return
    product = catalogue.by_id.get(product_id)
    if product is None:
        st.session_state[_PHOTO] = None
        st.session_state[_PROBLEM] = _("There is no product {id} in the catalogue.").format(id=product_id)
        return
    try:
        _choose(query_photo_of(product, cache))
    except CatalogueError as error:  # its picture is lost: that is no reason to hide the page
        st.session_state[_PHOTO] = None
        st.session_state[_PROBLEM] = str(error)


def photo_picker(samples: Sequence[Sample], products: Sequence[Product]) -> str:
    """Draw the ways to a photo, and why the last file could not be used; return the way that is open."""
    ways = {
        "upload": f":material/upload: {_('Upload')}",
        "camera": f":material/photo_camera: {_('Camera')}",
        "sample": f":material/photo_library: {_('Samples')}",
    }
    way = st.segmented_control(
        _("Your photo"),
        [way for way in ways if way != "sample" or samples],
        default="upload",
        required=True,
        format_func=lambda way: ways[way],
        key="search_way",
        width="stretch",
        wrap=False,
        persist_state="session",
    )
    if way == "upload":
        st.file_uploader(
            _("A photo of the product: JPEG, PNG, WebP, AVIF, GIF or HEIC, up to 10 MB"),
            type=ACCEPTED_EXTENSIONS,
            key="search_upload",
            on_change=_take_file,
            args=("search_upload", "upload"),
        )
    elif way == "camera":
        st.camera_input(
            _("Hold the product in front of the camera"),
            key="search_camera",
            on_change=_take_file,
            args=("search_camera", "camera"),
        )
    else:
        sample_gallery(samples, key="search_samples")
    if problem := st.session_state.get(_PROBLEM):
        st.error(escaped(problem), icon=":material/broken_image:")
    st.button(
        _("Surprise me with a product"),
        icon=":material/shuffle:",
        key="search_random",
        width="stretch",
        on_click=_take_random_product,
        args=(products,),
        disabled=not products,
    )
    return str(way)


def sample_gallery(samples: Sequence[Sample], *, key: str) -> None:
    """Draw the sample photos as buttons."""
    with st.container(key=key):
        for number, sample in enumerate(samples):
            st.button(
                f"![{escaped(sample.title)}]({sample_url(number)})",
                key=f"{key}_{number}",
                on_click=_take_sample,
                args=(sample,),
            )


def _take_file(widget: str, origin: Origin) -> None:
    upload = st.session_state[widget]
    photo = current_photo()
    if upload is not None:
        _read(upload.getvalue(), origin, _("Your photo"))
    elif photo is None or photo.origin == origin:
        _forget()


def _take_sample(sample: Sample) -> None:
    _read(sample.path.read_bytes(), "sample", sample.title)


def _take_random_product(products: Sequence[Product]) -> None:
    st.query_params[_PRODUCT] = secrets.choice(products).product_id


def _read(data: bytes, origin: Origin, title: str) -> None:
    try:
        photo = read_query_photo(data, origin=origin, title=title)
    except PhotoError as error:
        _forget()
        st.session_state[_PROBLEM] = str(error)
        return
    st.query_params.pop(_PRODUCT, None)
    _choose(photo)


def _choose(photo: QueryPhoto) -> None:
    st.session_state[_PHOTO] = photo
    st.session_state[_PROBLEM] = ""


def _forget() -> None:
    st.query_params.pop(_PRODUCT, None)
    st.session_state[_PHOTO] = None
    st.session_state[_PROBLEM] = ""

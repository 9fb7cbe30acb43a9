"""The query photo with a box over it that selects the searched part; moving the box searches again."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from embeddings.imaging.box import MIN_BOX_SIDE, Box
from recsys.ui.components import component
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.photo.query_photos import QueryPhoto

_KEY = "search_box"


def photo_frame(photo: QueryPhoto, visit: int, on_box: Callable[[Box], None]) -> None:
    """Draw the photo with its box; `on_box` is called with every box that the visitor sets.

    `visit` is a new number for every chosen photo, so that choosing the same photo again resets the box.
    """
    height, width = photo.sides
    with st.container(key="photo_frame"):
        st.image(photo.preview_jpeg, alt=_("The photo being searched with"), width="stretch")
        component("crop_box")(
            key=_KEY,
            data={
                "photo": f"{photo.digest}-{visit}",
                "ratio": width / height,
                "box": _numbers(photo.box),
                "proposed": _numbers(photo.proposed),
                "smallest": MIN_BOX_SIDE,
                "texts": _texts(),
            },
            on_box_change=lambda: _receive(on_box),
        )


def box_of(numbers: Any) -> Box | None:
    """The box that a browser sent as a list of four numbers; None for anything else."""
    if not isinstance(numbers, list) or len(numbers) != 4:
        return None
    if not all(isinstance(number, int | float) for number in numbers):
        return None
    try:
        return Box.within(*numbers)
    except (ValueError, OverflowError):
        return None


def _receive(on_box: Callable[[Box], None]) -> None:
    box = box_of(st.session_state[_KEY].get("box"))
    if box is not None:
        on_box(box)


def _numbers(box: Box) -> list[float]:
    return [box.left, box.top, box.width, box.height]


def _texts() -> dict[str, str]:
    return {
        "name": _("frame"),
        "hint": _("Move the frame so that it contains only the product."),
        "position": _(
            "Search area: from {left} to {right} percent of the width, from {top} to {bottom} percent of the "
            "height. Arrow keys move it, Shift with arrow keys resizes it, plus and minus zoom."
        ),
        "whole": _("Whole photo"),
        "propose": _("Middle"),
        "sliders": _("Set the frame with sliders"),
        "left": _("Left edge"),
        "right": _("Right edge"),
        "top": _("Top edge"),
        "bottom": _("Bottom edge"),
    }

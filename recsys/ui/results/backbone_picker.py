"""The backbone picker: every backbone can be chosen, and a list says which are ready."""

from collections.abc import Mapping, Sequence

import streamlit as st

from embeddings.models.backbones import Backbone
from embeddings.models.weights import WeightsState
from recsys.indexing.progress import JobState
from recsys.search.recommender import BackboneStatus
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import number_text
from recsys.ui.products.cards import rendered

_CHOICE = "search_backbone"


def chosen_backbone(statuses: Sequence[BackboneStatus], default: Backbone) -> BackboneStatus:
    """The backbone that the visitor chose, ready or not; otherwise the default, or a ready one if that is not ready."""
    by_name = {status.backbone.name: status for status in statuses}
    if chosen := by_name.get(st.session_state.get(_CHOICE, "")):
        return chosen
    return max(statuses, key=lambda status: (status.is_ready, status.backbone == default))


def backbone_picker(statuses: Sequence[BackboneStatus], chosen: BackboneStatus, jobs: Mapping[str, JobState]) -> None:
    """Draw the choice of a backbone, and below it the state of each backbone."""
    is_ready = {status.backbone.name: status.is_ready for status in statuses}
    # Set each time: otherwise the browser keeps showing the label from before the backbone became ready.
    st.session_state[_CHOICE] = chosen.backbone.name
    st.selectbox(
        _("Backbone"),
        sorted(is_ready, key=lambda name: not is_ready[name]),  # the ready ones first
        format_func=lambda name: name if is_ready[name] else _("{name} (not ready)").format(name=name),
        key=_CHOICE,
        persist_state="session",
    )
    num_ready = sum(is_ready.values())
    with st.expander(_("All {total} backbones, {ready} ready").format(total=len(statuses), ready=num_ready)):
        st.html(rendered("backbones.html", rows=[_row(status, jobs) for status in statuses]))


def megabytes(backbone: Backbone) -> str:
    """The size of the backbone's weights file, in the visitor's language."""
    return _("{size} MB").format(size=number_text(backbone.weights_bytes / 1e6))


def state_text(status: BackboneStatus) -> str:
    """A backbone's readiness in a few words."""
    if status.is_ready:
        return _("Ready")
    if status.weights is WeightsState.FETCHABLE:
        return _("Weights not downloaded ({size})").format(size=megabytes(status.backbone))
    if status.weights is WeightsState.BROKEN:
        return _("Weights are damaged or missing")
    return _("Catalogue not encoded, or changed since")


def _row(status: BackboneStatus, jobs: Mapping[str, JobState]) -> dict[str, object]:
    backbone = status.backbone
    return {
        "name": backbone.name,
        "is_ready": status.is_ready,
        "state": _("Being made ready")
        if jobs.get(backbone.name) is JobState.RUNNING and not status.is_ready
        else state_text(status),
        "facts": _("{parameters} M parameters, {dim} numbers per picture").format(
            parameters=number_text(backbone.parameters / 1e6, digits=1), dim=number_text(backbone.dim)
        ),
    }

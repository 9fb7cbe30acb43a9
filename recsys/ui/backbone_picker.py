"""The backbone picker: those that are ready to be chosen, and all of them with their state."""

from collections.abc import Sequence

import streamlit as st

from embeddings.backbones import Backbone
from embeddings.weights import WeightsState
from recsys.recommender import BackboneStatus
from recsys.ui.cards import rendered
from recsys.ui.failures import commands_in
from recsys.ui.translations import gettext as _
from recsys.ui.translations import number_text


def pick_backbone(statuses: Sequence[BackboneStatus], default: Backbone) -> Backbone | None:
    """Draw the picker; return the chosen backbone, or None when none is ready."""
    ready = {status.backbone.name: status.backbone for status in statuses if status.is_ready}
    chosen = st.selectbox(
        _("Backbone"),
        list(ready),
        index=list(ready).index(default.name) if default.name in ready else 0,
        key="search_backbone",
        placeholder=_("None is ready"),
        disabled=not ready,
        persist_state="session",
    )
    label = _("All {total} backbones, {ready} ready").format(total=len(statuses), ready=len(ready))
    with st.expander(label):
        st.html(rendered("backbones.html", rows=[_row(status) for status in statuses]))
    return ready.get(chosen) if chosen else None


def _row(status: BackboneStatus) -> dict[str, object]:
    backbone = status.backbone
    return {
        "name": backbone.name,
        "is_ready": status.is_ready,
        "state": _state(status),
        "facts": _("{parameters} M parameters, {dim} numbers a picture").format(
            parameters=number_text(backbone.parameters / 1e6, digits=1), dim=number_text(backbone.dim)
        ),
        "commands": commands_in(status.reason),
    }


def _state(status: BackboneStatus) -> str:
    if status.is_ready:
        return _("Ready")
    if status.weights is WeightsState.FETCHABLE:
        return _("Weights not on this machine")
    if status.weights is WeightsState.BROKEN:
        return _("Weights are damaged or missing")
    return _("Catalogue not encoded, or changed since")

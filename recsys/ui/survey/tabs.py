"""The poll's two tabs. The second one has an address, so that it can be linked: `?tab=results`."""

from typing import TYPE_CHECKING

import streamlit as st

from recsys.ui.i18n.translations import gettext as _

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_tab_container import TabContainer

_KEY, _PARAMETER, _RESULTS = "survey_tabs", "tab", "results"


def survey_tabs() -> "tuple[TabContainer, TabContainer]":
    """Draw the tabs, questions and results; fill the one that is `open`."""
    labels = _labels()
    is_linked = st.query_params.get(_PARAMETER) == _RESULTS
    questions, results = st.tabs(labels, default=labels[is_linked], key=_KEY, on_change="rerun")
    if results.open:
        st.query_params[_PARAMETER] = _RESULTS
    else:
        st.query_params.pop(_PARAMETER, None)
    return questions, results


def open_results() -> None:
    """Open the second tab; a callback for a button."""
    st.session_state[_KEY] = _labels()[1]


def _labels() -> list[str]:
    return [_("Your answers"), _("Results")]

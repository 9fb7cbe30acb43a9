"""What a visitor sees when something fails: a known error with its remedy, or an apology; never a traceback."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import streamlit as st

from embeddings.errors import (
    AddWeights,
    FetchWeights,
    InstallCluster,
    InstallRequirements,
    KalcareError,
    Remedy,
    UseMirror,
)
from embeddings.messages import Message
from recsys.errors import BuildDemo, EncodeCatalogue, FetchCatalogue, ImportAgain, ImportCatalogue
from recsys.ui.i18n.markdown import escape
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import message_text
from recsys.ui.shell.plain_words import plain_words

_log = logging.getLogger(__name__)


@contextmanager
def failures_shown(place: str) -> Iterator[None]:
    """Show a known error in the block in place of the rest of the block; the page continues below it.

    `place` names the block, differently from any other that may fail on the same page.
    """
    title = _("This page cannot be shown yet")
    try:
        yield
    except KalcareError as error:
        show_failure(place, title, log_error(error), error.remedies)


def log_error(error: KalcareError) -> Message:
    """Log the error's own message, which is for whoever runs the app, and return it in words for visitors."""
    _log.warning("%s", error)
    return plain_words(error)


def show_failure(
    place: str, title: str, message: Message, remedies: Iterable[Remedy] = (), *, reason: str = ""
) -> None:
    """Show what is wrong, in words for visitors, and what to do about it; `reason` is for administrators only."""
    with st.container(border=True, key=f"failure_{place}"):
        st.header(title, anchor=False)
        st.warning(escape(message_text(message)), icon=":material/info:")
        for remedy in remedies:
            st.markdown(escape(remedy_text(remedy)))
        show_reason(reason)


def show_reason(reason: str) -> None:
    """Show administrators the exact reason, if there is one: they can act on it."""
    if reason:
        st.caption(escape(_("Details: {reason}").format(reason=reason)))


def remedy_text(remedy: Remedy) -> str:
    """The remedy for an error, in a plain sentence."""
    sentences: dict[type[Remedy], str] = {
        FetchWeights: _("To download the weights of {backbone}, choose it on the search page."),
        AddWeights: _("Whoever runs this app can add a weights file for {backbone}."),
        UseMirror: _("Whoever runs this app can set another address for the weights."),
        EncodeCatalogue: _("To encode the catalogue with {backbone}, choose it on the search page."),
        BuildDemo: _("Whoever runs this app can build a demo shop."),
        ImportCatalogue: _("Whoever runs this app can import the shop's products."),
        ImportAgain: _("Whoever runs this app can import the shop's products again."),
        FetchCatalogue: _("Whoever runs this app can fetch the shop's products."),
        InstallRequirements: _("Whoever runs this app can install its requirements again."),
        InstallCluster: _("Whoever runs this app can install what several machines need."),
    }
    return sentences[type(remedy)].format(**vars(remedy))


def apologise(error: Exception) -> bool:
    """Tell the visitor that the app is at fault; Streamlit has already logged the traceback."""
    st.error(
        _("Sorry, something went wrong on our side. Reload the page; if it happens again, tell whoever runs this app."),
        icon=":material/sentiment_dissatisfied:",
    )
    return True

"""What a visitor sees when something fails: a known failure with its remedy, or an apology; never a traceback."""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

import streamlit as st

from embeddings.errors import KalcareError
from embeddings.messages import Message
from recsys.errors import SettingsError
from recsys.settings import load_settings
from recsys.ui.i18n.markdown import escape
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import message_text

_COMMAND = re.compile(r"`((?:python -m recsys|make) [^`]+)`")


@contextmanager
def failures_shown() -> Iterator[None]:
    """Show a known failure of the block instead of the rest of the block; what comes below it goes on."""
    try:
        yield
    except KalcareError as error:
        show_failure(_("This page cannot be shown yet"), error.message)


def show_failure(title: str, message: Message) -> None:
    """Show what is wrong, and each command that the message recommends, ready to be copied."""
    text = message_text(message)
    with st.container(border=True, key=f"failure_{crc32(text.encode())}"):
        st.header(title, anchor=False)
        st.warning(escape(text.replace("`", "")), icon=":material/info:")
        for command in commands_in(text):
            st.code(as_typed(command), language=None, wrap_lines=True)


def commands_in(message: str) -> list[str]:
    """The commands that a message recommends, in its order."""
    return _COMMAND.findall(message)


def as_typed(command: str) -> str:
    """A command as whoever runs this app would type it: with the project's Python, for this data home."""
    with suppress(SettingsError):
        home = load_settings().home
        if home != Path("data"):
            command = f"RECSYS_HOME={shlex.quote(str(home))} {command}"
    return command.replace("python -m", ".venv/bin/python -m")


def apologise(error: Exception) -> bool:
    """Tell the visitor that the app is at fault; Streamlit has already written the traceback to the server's log."""
    st.error(
        _("Sorry, something went wrong on our side. Reload the page; if it happens again, tell whoever runs this app."),
        icon=":material/sentiment_dissatisfied:",
    )
    return True

"""Text for Streamlit's labels and messages, which are rendered as Markdown."""

import re

_SPACE = re.compile(r"\s+")
_LINK = re.compile(r"(?i)\b(https?:|www)(?=[/.])")  # becomes a link anywhere, escaped or not
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escape(text: str) -> str:
    """Escape a text so that Markdown shows it unchanged, on one line; links and directives stay text."""
    unlinked = _LINK.sub("\\1\N{WORD JOINER}", _SPACE.sub(" ", text).strip())
    return _PUNCTUATION.sub(r"\\\1", unlinked)

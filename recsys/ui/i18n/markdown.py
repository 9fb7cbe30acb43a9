"""Text for Streamlit's labels and messages, which it renders as Markdown."""

import re

_SPACE = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escape(text: str) -> str:
    """Escape a text so that Markdown shows it as it is, on one line; links and directives stay text."""
    return _PUNCTUATION.sub(r"\\\1", _SPACE.sub(" ", text).strip())

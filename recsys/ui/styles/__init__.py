"""The app's look beyond Streamlit's theme: one style sheet per subject."""

from functools import lru_cache
from pathlib import Path

SUBJECTS = ("page", "search", "cards", "compare", "figures")
"""The style sheets in the order in which they apply."""


@lru_cache(maxsize=1)
def styles_html() -> str:
    """All style sheets as one element, for `st.html`."""
    folder = Path(__file__).parent
    sheets = "\n".join((folder / f"{subject}.css").read_text(encoding="utf-8") for subject in SUBJECTS)
    return f"<style>\n{sheets}</style>"

"""The app's look beyond Streamlit's theme: one style sheet per subject."""

from functools import lru_cache
from math import ceil
from pathlib import Path

from recsys.num_matches import NUM_MATCHES

SUBJECTS = ("page", "search", "cards", "product", "compare", "figures")
"""The style sheets in the order in which they apply."""

CARDS_ACROSS = ceil(NUM_MATCHES / ceil(NUM_MATCHES / 5))
"""The cards in a row on a wide page: at most five, and as many in each row of matches as possible."""


@lru_cache(maxsize=1)
def styles_html() -> str:
    """All style sheets as one element, for `st.html`."""
    folder = Path(__file__).parent
    sheets = "\n".join((folder / f"{subject}.css").read_text(encoding="utf-8") for subject in SUBJECTS)
    return f"<style>\n.stApp {{ --kc-across: {CARDS_ACROSS}; }}\n{sheets}</style>"

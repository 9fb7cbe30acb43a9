"""The parts of pages: navigation, cached services, cards, photo input, translations."""

from pathlib import Path

PAGES = Path(__file__).parents[2] / "pages"  # the folder of the scripts

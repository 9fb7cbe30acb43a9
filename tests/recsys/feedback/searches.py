"""Searches to record."""

from datetime import date

from recsys.feedback.recording import Search

FIVE = ("P-1", "P-2", "P-3", "P-4", "P-5")


def searched(**values: object) -> Search:
    """A search by photo that found five products, with the given values replaced."""
    usual = {"source": "upload", "encode_ms": 20.0, "search_ms": 2.0, "backbone": "ResNet50", "ranking": "cosine"}
    return Search(**{"day": date(2026, 11, 20), "product_ids": FIVE, **usual, **values})

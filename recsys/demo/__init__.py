"""The demo shop: products that exist nowhere, their pictures, and photos to search with."""

STUDY_SIZE = 5256
"""How many products the demo shop has, as the 2023 study's catalogue."""

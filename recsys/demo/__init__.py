"""The demo shop: products that exist nowhere, their pictures, and photos to search with."""

STUDY_SIZE = 5256
"""The number of products in the demo shop, the same as in the 2023 study's catalogue."""

"""Retrieval quality on labelled photos: measuring, saving and comparing it, and pictures of the worst misses."""

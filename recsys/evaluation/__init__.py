"""Retrieval quality over labelled photos: measured, kept, compared, and the worst misses to look at."""

"""How many matches a search shows."""

NUM_MATCHES = 5
"""The number of matches, as in the study."""

"""How many matches a search shows."""

NUM_MATCHES = 5
"""As many as the study looked at."""

"""Variety that depends on a key only: the same key gives the same choices on every machine."""

from random import Random


def seeded_random(key: str) -> Random:
    """A generator of its own for `key`."""
    return Random(key)  # noqa: S311 - looks need no secrets

"""Values by key and version: made once, however many threads ask, and stored with their errors."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from embeddings.errors import VectorsError
from recsys.search.versioned import Versioned


def test_eight_threads_that_ask_at_once_get_the_one_value_that_is_made() -> None:
    kept, made, together = Versioned(), [], Barrier(8)

    def make() -> object:
        made.append(object())
        return made[-1]

    def ask(_: int) -> object:
        together.wait()
        return kept.get("key", 1, make)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, range(8)))
    assert len(made) == 1
    assert all(value is made[0] for value in found)


def test_another_version_replaces_the_value_and_another_key_does_not() -> None:
    kept = Versioned()
    assert kept.get("a", 1, lambda: "first") == "first"
    assert kept.get("b", 1, lambda: "other") == "other"
    assert kept.get("a", 1, lambda: "again") == "first"
    assert kept.get("a", 2, lambda: "second") == "second"
    assert kept.get("b", 1, lambda: "again") == "other"


def test_a_known_failure_is_raised_again_without_another_try_until_the_version_changes() -> None:
    kept, tries = Versioned(), []

    def fail() -> None:
        tries.append(1)
        raise VectorsError("damaged")

    for _ in range(3):
        with pytest.raises(VectorsError, match="damaged"):
            kept.get("key", 1, fail)
    assert len(tries) == 1
    assert isinstance(kept.failure("key", 1), VectorsError)
    assert kept.failure("key", 2) is None
    assert kept.get("key", 2, lambda: "whole") == "whole"
    assert kept.failure("key", 2) is None


def test_a_bug_is_no_value_and_is_tried_again() -> None:
    kept = Versioned()
    with pytest.raises(ZeroDivisionError):
        kept.get("key", 1, lambda: 1 / 0)
    assert kept.get("key", 1, lambda: "whole") == "whole"

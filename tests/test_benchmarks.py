from importlib.util import find_spec

import pytest

from benchmarks.__main__ import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_that_can_be_named_is_there(name: str) -> None:
    assert find_spec(f"benchmarks.{name}") is not None

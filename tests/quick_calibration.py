"""A quick calibration, for tests that do not look at its result."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from recsys.indexing import calibration


@contextmanager
def quickly_calibrated() -> Iterator[None]:
    """Calibrate a catalogue with 3 staged packshots instead of 64 while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "_NUM_STAGED", 3)
        yield

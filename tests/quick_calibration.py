"""A calibration that takes little time, where what comes of it is not looked at."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from recsys.indexing import calibration


@contextmanager
def quickly_calibrated() -> Iterator[None]:
    """Stage 8 packshots to calibrate a catalogue instead of 64 while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "_NUM_STAGED", 8)
        yield

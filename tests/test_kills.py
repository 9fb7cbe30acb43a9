"""A few kills of each kind; for a hundred of each: `make kill`."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.kills import Case, answering, backing_up, embedding, importing, kill, migrating


@pytest.mark.parametrize("work_in", [importing, backing_up, migrating, answering])
def test_nothing_is_lost_or_half_written_after_a_kill(work_in: Callable[[Path], Case], tmp_path: Path) -> None:
    case, rng = work_in(tmp_path), random.Random(7)
    assert any(kill(case, 3, rng).killed for _ in range(5))  # work may end before the kill, but not every time


def test_killed_encoding_continues(networks_folder: Path, encoder: object, tmp_path: Path) -> None:
    kill(partial(embedding, networks=networks_folder)(tmp_path), 2, random.Random(7))

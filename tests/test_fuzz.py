import random

import pytest

from tests.fuzz import checkpoints, csvs, pictures, queries


@pytest.mark.parametrize(("kind", "count"), [(pictures, 120), (csvs, 60), (queries, 60), (checkpoints, 120)])
def test_a_sample_of_mutated_files_is_read_or_refused(kind, count: int) -> None:
    outcome = kind(count, random.Random(2026))
    assert min(outcome.read, outcome.refused) > count // 40

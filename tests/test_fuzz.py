import importlib
import random

import pytest

from tests.fuzz import checkpoints, csvs, pictures, queries


@pytest.mark.parametrize(("kind", "count"), [(pictures, 120), (csvs, 60), (queries, 60), (checkpoints, 120)])
def test_a_sample_of_mutated_files_is_read_or_refused(kind, count: int) -> None:
    outcome = kind(count, random.Random(2026))
    assert min(outcome.read, outcome.refused) > count // 40


@pytest.mark.keras
def test_a_sample_of_mutated_weights_is_read_or_refused() -> None:
    keras_weights = importlib.import_module("tests.fuzz_weights").keras_weights  # loads Keras, so not earlier
    outcome = keras_weights(30, random.Random(2026))
    assert min(outcome.read, outcome.refused) > 0

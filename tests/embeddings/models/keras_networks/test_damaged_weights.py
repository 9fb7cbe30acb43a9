import random

import pytest

from tests.fuzz_weights import keras_weights

pytestmark = pytest.mark.keras


def test_a_sample_of_mutated_weights_is_read_or_refused() -> None:
    outcome = keras_weights(30, random.Random(2026))
    assert min(outcome.read, outcome.refused) > 0

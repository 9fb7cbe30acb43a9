from tests.fuzz import fuzz


def test_a_sample_of_mutated_files_is_read_or_refused() -> None:
    assert min(fuzz(120, 60).values()) > 50

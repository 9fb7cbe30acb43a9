import pytest

from recsys.ui.shell.waiting import waiting_text


@pytest.mark.parametrize(
    ("num_ahead", "text"),
    [
        (0, "Searching…"),
        (1, "Searching… 1 search is ahead of yours."),
        (12, "Searching… 12 searches are ahead of yours."),
    ],
)
def test_a_waiting_visitor_sees_how_many_are_ahead(num_ahead: int, text: str) -> None:
    assert waiting_text(num_ahead) == text

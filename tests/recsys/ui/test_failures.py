from recsys.ui.failures import commands_in


def test_the_commands_of_a_message_are_found_in_their_order() -> None:
    message = "Expected a catalogue: run `python -m recsys demo`, or `make setup`. Not `rm -rf data` or `x`."
    assert commands_in(message) == ["python -m recsys demo", "make setup"]

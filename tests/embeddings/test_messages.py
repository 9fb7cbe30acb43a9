import json
import pickle
from pathlib import Path

import pytest

from embeddings.errors import PhotoError
from embeddings.messages import Message

WORDS = {"got {kind}, {size}": "dapat {kind}, {size}", "a text": "teks", "{size} MB": "{size} mega"}


def translated(message: Message) -> str:
    return message.render(lambda text: WORDS.get(text, text), lambda number: f"<{number}>")


def test_a_message_is_in_english_with_grouped_numbers() -> None:
    message = Message("got {kind}, {size} of {limit}", kind=Message("a text"), size=12345, limit=10.5)
    assert str(message) == "got a text, 12,345 of 10.5"


def test_a_message_and_those_within_it_are_translated_and_numbers_are_written_the_other_way() -> None:
    message = Message("got {kind}, {size}", kind=Message("a text"), size=Message("{size} MB", size=3))
    assert translated(message) == "dapat teks, <3> mega"


def test_a_part_that_is_text_is_never_translated_nor_looked_through_for_names() -> None:
    assert translated(Message("got {kind}, {size}", kind="a text", size="{kind}")) == "dapat a text, {kind}"


def test_a_text_without_parts_keeps_its_braces() -> None:
    assert str(Message("got {kind} {}")) == "got {kind} {}"


def test_a_message_survives_json_with_its_inner_messages() -> None:
    message = Message("got {kind}, {size}", kind=Message("a text"), size=Message("{size} MB", size=3.5))
    again = Message.from_json(json.loads(json.dumps(message.as_json())))
    assert translated(again) == translated(message) == "dapat teks, <3.5> mega"


def test_a_part_of_another_type_is_text_in_json() -> None:
    assert Message("in {folder}", folder=Path("a/b")).as_json() == {"text": "in {folder}", "parts": {"folder": "a/b"}}


@pytest.mark.parametrize("content", [{}, {"text": "a"}])
def test_json_that_is_no_message_is_refused(content: dict) -> None:
    with pytest.raises(KeyError):
        Message.from_json(content)


def test_an_error_crosses_processes_with_its_message() -> None:
    error = PhotoError("got {kind}, {size}", kind=Message("a text"), size="{x}")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "got a text, {x}"
    assert translated(again.message) == "dapat teks, {x}"


def test_an_error_made_of_a_plain_text_is_that_text() -> None:
    assert str(PhotoError("Expected {a}, got 5%.")) == "Expected {a}, got 5%."

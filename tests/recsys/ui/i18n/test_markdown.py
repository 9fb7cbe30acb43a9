import string

import pytest

from recsys.ui.i18n.markdown import escape


def test_every_character_that_markdown_could_read_is_escaped() -> None:
    assert escape(string.punctuation) == "".join(f"\\{character}" for character in string.punctuation)


@pytest.mark.parametrize("text", ["Susu Kedelai 250 ml", "Café 🥛 牛奶"])
def test_letters_digits_and_spaces_stay_as_they_are(text: str) -> None:
    assert escape(text) == text


def test_a_text_of_several_lines_becomes_one_line() -> None:
    assert escape("\n# Susu\n\n    kedelai\t") == r"\# Susu kedelai"


@pytest.mark.parametrize("address", ["http://shop/x", "https://shop/x", "HTTPS://shop", "www.shop.example"])
def test_an_address_is_no_link(address: str) -> None:
    shown = escape(f"see {address}").replace("\\", "")
    assert address not in shown
    assert shown.replace("\N{WORD JOINER}", "") == f"see {address}"

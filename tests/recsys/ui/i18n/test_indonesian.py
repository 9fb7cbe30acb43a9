"""The Indonesian catalogue is complete: whoever adds a text adds its translation, or asks for it."""

import re
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from recsys.ui.i18n.translations import LOCALES

SAME = {"Backbone", "File", "Median"}  # words that are the same in both languages


def read(path: str) -> Catalog:
    with (LOCALES / path).open("rb") as file:
        return read_po(file)


TEMPLATE, INDONESIAN = read("kalcare.pot"), read("id/LC_MESSAGES/kalcare.po")
MESSAGES = [message for message in TEMPLATE if message.id]


def source_of(message: Message) -> str:
    return message.id[-1] if message.pluralizable else message.id


def translation_of(message: Message) -> str:
    found = INDONESIAN.get(message.id[0] if message.pluralizable else message.id)
    if found is None:
        return ""
    return found.string[0] if found.pluralizable else found.string


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_message_is_translated() -> None:
    assert [message.id for message in MESSAGES if not translation_of(message)] == []


def test_no_translation_is_a_guess() -> None:
    assert [message.id for message in INDONESIAN if message.id and message.fuzzy] == []


def test_no_translation_is_of_a_message_that_the_app_no_longer_has() -> None:
    known = {message.id for message in MESSAGES}
    assert [message.id for message in INDONESIAN if message.id and message.id not in known] == []


def test_indonesian_has_no_plural() -> None:
    assert (INDONESIAN.num_plurals, INDONESIAN.plural_expr) == (1, "0")


def test_a_translation_has_what_its_source_has() -> None:
    for source, translation in ((source_of(message), translation_of(message)) for message in MESSAGES):
        assert names_in(translation) == names_in(source)
        assert re.findall("`[^`]+`", translation) == re.findall("`[^`]+`", source)  # commands, in their order
        assert translation.endswith(".") == source.endswith(".")
        assert translation == translation.strip()
        has_words = re.search(r"[^\W\d_]{3}", re.sub(r"\{\w+\}", "", source))
        assert translation != source or source in SAME or not has_words

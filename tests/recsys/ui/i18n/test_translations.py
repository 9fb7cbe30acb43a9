import re
import shlex
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from recsys.ui.i18n.extract_messages import messages
from recsys.ui.i18n.translations import LOCALES, best_language, gettext, ngettext, number_text, price_text

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("price", "currency", "text"),
    [
        (15000.0, "IDR", "Rp15,000"),
        (1234567.0, "IDR", "Rp1,234,567"),
        (9.5, "USD", "$9.50"),
        (1200.0, "JPY", "¥1,200"),
        (15000.0, "", "15,000"),
        (0.5, "", "0.50"),
        (0.0, "IDR", "Rp0"),
        (None, "IDR", ""),
    ],
)
def test_prices_are_written_as_english_readers_expect(price: float | None, currency: str, text: str) -> None:
    assert price_text(price, currency) == text


def test_a_currency_that_nobody_knows_is_shown_as_the_shop_wrote_it() -> None:
    assert price_text(3.0, "<b>") == "<b>3.00"


@pytest.mark.parametrize("locale", ["id", "id-ID", "ID-id", "id_ID", "in", "in-ID"])
def test_a_browser_that_asks_for_indonesian_gets_it(locale: str) -> None:
    assert best_language(locale) == "id"


@pytest.mark.parametrize("locale", ["en", "en-US", "kl-GL", "la-VA", "x", "-", "<b>"])
def test_a_browser_with_a_language_that_there_is_not_gets_english(locale: str) -> None:
    assert best_language(locale) == "en"


def test_numbers_are_grouped_and_rounded() -> None:
    assert number_text(5256) == "5,256"
    assert number_text(0.8764, digits=3) == "0.876"


def test_a_message_without_a_translation_is_its_english_source() -> None:
    assert gettext("Catalogue") == "Catalogue"


@pytest.mark.parametrize(("number", "text"), [(1, "1 product"), (5256, "5,256 products"), (0, "0 products")])
def test_messages_follow_their_number(number: int, text: str) -> None:
    assert ngettext("{number} product", "{number} products", number) == text


def test_the_template_for_translators_holds_every_message_of_the_app(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    options = re.search(r"^EXTRACT := ((?:.*\\\n)*.*)", makefile, re.MULTILINE)[1]
    words = shlex.split(options.replace("\\\n", " ").replace(r"\#", "#"))
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", *words, "-o", str(tmp_path / "new.pot")]
    command += ["pages", "recsys", "embeddings"]
    subprocess.run(command, cwd=ROOT, check=True)
    assert messages_of(LOCALES / "kalcare.pot") == messages_of(tmp_path / "new.pot"), "run make translations"


def messages_of(path: Path) -> set[object]:
    with path.open("rb") as file:
        return {message.id for message in read_po(file) if message.id}


def test_only_texts_that_stand_as_they_are_shown_are_for_translators() -> None:
    source = b"""
raise PhotoSetError(Message("got {kind}", kind=Message("a text")))
raise PhotoSetError(Message(f"got {kind}: " "save it again"))
raise WeightsError("Expected {kind}")
st.html(f"<b>{_('Search')}</b>"); i18n.ngettext("{number} product", "{number} products", 3); _(name)
"""
    found = [texts for _line, _name, texts, _ in messages(BytesIO(source), {"Message", "_", "ngettext"}, (), {})]
    assert set(found) == {"got {kind}", "a text", "Search", ("{number} product", "{number} products")}

"""No text for visitors bypasses gettext, neither in Python nor in a template."""

import ast
import inspect
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import streamlit as st
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[4]
SCRIPTS = sorted([*ROOT.glob("pages/*.py"), *ROOT.glob("recsys/ui/**/*.py")])
TEMPLATES = sorted(ROOT.glob("recsys/ui/templates/*.html"))

TRANSLATING = {"_", "gettext", "ngettext", "Message"}

# The names under which Streamlit and Altair take texts to show.
TEXTS = {"label", "help", "placeholder", "caption", "alt", "title", "body", "text", "page_title", "description"}
SHOWING = {"write", "tabs"} | {
    name
    for name, command in inspect.getmembers(st, callable)
    if name not in ("html", "code", "json", "text") and TEXTS & set(list(inspect.signature(command).parameters)[:1])
}

# The product's name, units that are never translated, commands, and strings that only look like sentences.
ALLOWED = re.compile(r" \| Kalcare|Kalcare|hit@[15]|mAP|\w+:[NQOT]|`?python -m recsys .*|backbones fetch|public, max.*")

WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"[A-Za-z]{2,}[,;:]? [a-z]{2,}")
NO_WORDS = re.compile(r":material/\w+:|\{\w*\}|%[a-z]")


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_log(call: ast.Call) -> bool:
    """Whether a call writes to the server's log, which is English."""
    return isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "_log"


def literals(node: ast.AST) -> Iterator[ast.Constant]:
    """The strings in an expression that no gettext call contains."""
    if isinstance(node, ast.Call) and (name_of(node) in TRANSLATING or is_log(node)):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from literals(child)


def shown(tree: ast.AST) -> Iterator[ast.Constant]:
    """The literals passed to functions that show text."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or is_log(call):
            continue
        texts = [keyword.value for keyword in call.keywords if keyword.arg in TEXTS]
        if isinstance(call.func, ast.Attribute) and call.func.attr in SHOWING:
            texts += call.args[:1]
        for text in texts:
            yield from literals(text)


def untranslated(source: str) -> list[str]:
    """Words shown as they are in the code, and anything else in it that reads like a sentence."""
    tree = ast.parse(source)
    docstrings = {statement.value for statement in ast.walk(tree) if isinstance(statement, ast.Expr)}
    words = [literal.value for literal in shown(tree) if WORD.search(NO_WORDS.sub("", literal.value))]
    others = [literal.value for literal in literals(tree) if literal not in docstrings]
    found = dict.fromkeys(words + [text for text in others if SENTENCE.search(text)])
    return [text for text in found if not ALLOWED.fullmatch(text)]


class Texts(HTMLParser):
    """A template's own text, including attributes that are read aloud or shown on hover."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        spoken = {"alt", "title", "placeholder", "aria-label", "aria-description"}
        self.found += [value for name, value in attrs if name in spoken and value]


def words_of_template(source: str) -> list[str]:
    pieces = [piece for output in Environment().parse(source).find_all(nodes.Output) for piece in output.nodes]
    texts = Texts()
    texts.feed("".join(piece.data for piece in pieces if isinstance(piece, nodes.TemplateData)))
    texts.close()
    return [text.strip() for text in texts.found if WORD.search(text)]


def translated(source: str) -> set[str]:
    """The texts passed to gettext; Babel's own search misses those inside an f-string."""
    calls = [call for call in ast.walk(ast.parse(source)) if isinstance(call, ast.Call)]
    texts = [text for call in calls if name_of(call) in TRANSLATING for text in call.args[:1]]
    return {text.value for text in texts if isinstance(text, ast.Constant)}


def test_every_text_that_is_given_to_gettext_is_in_the_template_for_translators() -> None:
    with (ROOT / "locales" / "kalcare.pot").open("rb") as file:
        template = {message.id[0] if message.pluralizable else message.id for message in read_po(file)}
    assert {text for path in SCRIPTS for text in translated(path.read_text(encoding="utf-8"))} - template == set()


def test_every_text_in_the_code_goes_through_gettext() -> None:
    found = {str(path.relative_to(ROOT)): untranslated(path.read_text(encoding="utf-8")) for path in SCRIPTS}
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_no_template_has_words_of_its_own() -> None:
    found = {path.name: words_of_template(path.read_text(encoding="utf-8")) for path in TEMPLATES}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("st.title('Catalogue')", ["Catalogue"]),
        ("column.button(f'Search {name}')", ["Search "]),
        ("st.button(_('Search'), help='Finds it')", ["Finds it"]),
        ("st.markdown('**' + 'Verdict' + '**')", ["Verdict"]),
        ("st.tabs([_('One'), 'Two'])", ["Two"]),
        ("alt.Tooltip('name:N', title='Backbone')", ["Backbone"]),
        ("rows = {'state': 'Not ready yet'}", ["Not ready yet"]),
        ("st.title(_('Catalogue')); st.image(picture, alt=_('A photo'))", []),
        ("st.button(f'![{title}]({url})', key='a_key', icon=':material/image_search:')", []),
        ("def draw():\n    '''Draw what is there.'''", []),
    ],
)
def test_words_that_bypass_gettext_are_found(source: str, texts: list[str]) -> None:
    assert untranslated(source) == texts


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("<p>{{ name }} products</p>", ["products"]),
        ('<img alt="Picture of {{ name }}">', ["Picture of"]),
        ('<b class="kc-name" title="{{ name }}">{{ name }}</b> {% if x %}&nbsp;{% endif %}', []),
    ],
)
def test_words_in_a_template_are_found(source: str, texts: list[str]) -> None:
    assert words_of_template(source) == texts

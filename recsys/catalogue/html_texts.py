"""HTML in a shop's texts, read as a browser shows it."""

import html
import re
from html.parser import HTMLParser

ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|\w+);", re.IGNORECASE)  # as HTML has it: not `&reg` of `?id=1&region=2`
# https://html.spec.whatwg.org/multipage/indices.html#elements-3, and those that it calls obsolete
_WITHIN_WORDS = (
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
)  # fmt: skip
_UNSEEN = {
    "applet", "audio", "canvas", "datalist", "iframe", "noembed", "noframes", "noscript", "object", "script", "style",
    "svg", "template", "title", "video",
}  # fmt: skip
_OTHERS = (
    "address", "area", "article", "aside", "base", "basefont", "blockquote", "body", "br", "button", "caption",
    "center", "col", "colgroup", "dd", "details", "dialog", "dir", "div", "dl", "dt", "embed", "fieldset",
    "figcaption", "figure", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head",
    "header", "hgroup", "hr", "html", "img", "input", "label", "legend", "li", "link", "main", "map", "marquee",
    "math", "menu", "meta", "meter", "nav", "ol", "optgroup", "option", "output", "p", "param", "picture",
    "plaintext", "pre", "progress", "rp", "rt", "ruby", "search", "section", "select", "slot", "source", "summary",
    "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "track", "ul", "xmp",
)  # fmt: skip
_OF_OFFICE = r"\w+:\w+"  # <o:p>
_TAG = rf"/?(?:{'|'.join([*_WITHIN_WORDS, *_UNSEEN, *_OTHERS, _OF_OFFICE])})(?=[\s/>])|!--|!doctype\b|\?xml"
_SECTIONS = ("<![CDATA[", "]]>")
_CONDITION = re.compile(r"<!\[(?:if|else|endif)\b[^>\]]{0,200}\]>", re.IGNORECASE)  # of Office
_MARKUP = re.compile(rf"<(?:{_TAG})", re.IGNORECASE)
_NO_MARKUP = re.compile(rf"<(?!{_TAG})", re.IGNORECASE)


def has_markup(text: str) -> bool:
    """Whether a text contains HTML entities or tags."""
    return bool(ENTITY.search(text) or _MARKUP.search(text) or _CONDITION.search(text) or _SECTIONS[0] in text)


def plain_text(text: str) -> str:
    """The text as a browser would show it: entities decoded, even if encoded twice, and tags removed.

    Only HTML's own elements are tags: `<3 kids`, `<hemat>` and `<info@shop.test>` are text.
    """
    if not has_markup(text):
        return text
    for _ in range(2):
        text = _shown(text)
    return " ".join(_shown(text).split())


def _shown(text: str) -> str:
    if _SECTIONS[0] in text:
        text = text.replace(_SECTIONS[0], " ").replace(_SECTIONS[1], " ")
    text = _CONDITION.sub(" ", text)
    if "<" not in text:
        return html.unescape(text)
    ended, end, rest = text.rpartition(">")
    parser = _ShownText()
    parser.feed(_NO_MARKUP.sub("&lt;", ended + end) + rest.replace("<", "&lt;"))
    parser.close()
    return parser.shown()


class _ShownText(HTMLParser):
    """Collects what is seen of a text. Blocks are set apart by spaces; an element that is not closed hides nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._unseen: list[str] = []
        self._hidden: list[str] = []

    def shown(self) -> str:
        """The text, once all of it has been fed."""
        return "".join([*self._parts, *self._hidden])

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        self._set_apart(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN and tag in self._unseen:
            del self._unseen[self._unseen.index(tag) :]
            if not self._unseen:
                self._hidden.clear()
        self._set_apart(tag)

    def handle_data(self, data: str) -> None:
        (self._hidden if self._unseen else self._parts).append(data)

    def _set_apart(self, tag: str) -> None:
        if tag not in _WITHIN_WORDS and ":" not in tag:
            self._parts.append(" ")

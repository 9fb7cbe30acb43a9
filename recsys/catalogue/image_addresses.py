"""The address of a picture in a cell, freed of what shop systems put around it."""

import html
import json
import re

from recsys.catalogue.html_texts import ENTITY

_NOTHING = {"null", "none", "nan", "n/a", "no_selection", "-", "undefined"}
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
_MARKUP = (
    re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE),
    re.compile(r"<a\b[^>]*?\bhref\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE),
    re.compile(r"=\s*(?:HYPERLINK|IMAGE)\(\s*\"([^\"]+)\"", re.IGNORECASE),
    re.compile(r"!?\[[^\]]*\]\(\s*([^)\s]+)"),
)
_EXTENSION = r"\.(?:jpe?g|png|webp|avif|gif|hei[cf]|jfif)"
_NEXT_ADDRESS = re.compile(r"[\"']*[,|;\s][,|;\s\"']*(?=(?:https?:)?//|www\.)", re.IGNORECASE)
_SEPARATORS = ",|; \t\r\n"
_SCHEME = re.compile(r"(https?):[/\\]*(?=[^/\\])", re.IGNORECASE)
_FILES = re.compile(rf"(.+?{_EXTENSION})\s*[,|;\n]\s*\S.*{_EXTENSION}", re.IGNORECASE | re.DOTALL)
_AROUND = {'"': '"', "'": "'", "<": ">", "(": ")", "[": "]", "{": "}", "“": "”"}


def image_address(cell: str) -> tuple[str, int]:
    """The first address or path in a cell, and how many there are; the address is empty if the cell means none."""
    text = cell.translate(dict.fromkeys(map(ord, _INVISIBLE))).strip()
    for markup in _MARKUP:
        found = markup.search(text)
        if found:
            return _with_scheme(_decoded(found[1])), 1
    text = _unwrapped(text.strip(_SEPARATORS))
    if text.lower() in _NOTHING:
        return "", 0
    listed = _listed(text)
    if listed is not None:
        return (image_address(listed[0])[0], len(listed)) if listed else ("", 0)
    if _SCHEME.match(text) or "://" in text or text.lower().startswith(("//", "www.")):
        parts = _NEXT_ADDRESS.split(_decoded(text))
        return _with_scheme(_unwrapped(parts[0])), len(parts)
    several = _FILES.fullmatch(text)
    if several:
        return _with_scheme(several[1]), 2
    return _with_scheme(text), 1


def _unwrapped(text: str) -> str:
    while len(text) > 1 and _AROUND.get(text[0]) == text[-1] and _listed(text) is None:
        text = text[1:-1].strip()
    return text


def _listed(text: str) -> list[str] | None:
    """The addresses in a JSON list; None if it is not one."""
    if not (text.startswith("[") and text.endswith("]")):
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, list):
        return None
    found = [entry.get("src") or entry.get("url") if isinstance(entry, dict) else entry for entry in content]
    return [entry for entry in found if isinstance(entry, str)]


def _decoded(text: str) -> str:
    """The text with HTML entities and JSON's escaped slashes decoded, even if encoded twice."""
    for _ in range(2):
        text = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return text.replace("\\/", "/")


def _with_scheme(address: str) -> str:
    """A web address as a browser reads it: https if it has no scheme, two slashes, no backslashes."""
    if address.startswith("//") or address.lower().startswith("www."):
        address = f"https://{address.lstrip('/')}"
    found = _SCHEME.match(address)
    if not found:
        return address
    rest = re.sub(r"[\t\r\n]", "", address[found.end() :])
    if _SCHEME.match(rest):  # http://https://
        return _with_scheme(rest)
    path, mark, query = rest.partition("?")
    return f"{found[1]}://" + path.replace("\\", "/") + mark + query

"""The address of a picture in a cell, out of what shop systems put around it."""

import html
import json
import re

_NOTHING = {"null", "none", "nan", "n/a", "no_selection", "-", "undefined"}
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060"
_MARKUP = (
    re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE),
    re.compile(r"<a\b[^>]*?\bhref\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE),
    re.compile(r"=\s*(?:HYPERLINK|IMAGE)\(\s*\"([^\"]+)\"", re.IGNORECASE),
    re.compile(r"!?\[[^\]]*\]\(\s*([^)\s]+)"),
)
_EXTENSION = r"\.(?:jpe?g|png|webp|avif|gif|hei[cf]|jfif)"
_NEXT_ADDRESS = re.compile(r"\s*[,|;\s]\s*(?=(?:https?:)?//)", re.IGNORECASE)
_FILES = re.compile(rf"(.+?{_EXTENSION})\s*[,|;\n]\s*\S.*{_EXTENSION}", re.IGNORECASE | re.DOTALL)
_AROUND = {'"': '"', "'": "'", "<": ">", "(": ")", "[": "]", "{": "}", "“": "”"}


def image_address(cell: str) -> tuple[str, int]:
    """The first address or path in a cell, and how many there are; the address is empty where it stands for nothing."""
    text = cell.translate(dict.fromkeys(map(ord, _UNSEEN))).strip()
    for markup in _MARKUP:
        found = markup.search(text)
        if found:
            return _with_scheme(html.unescape(found[1])), 1
    text = _unwrapped(text)
    if text.lower() in _NOTHING:
        return "", 0
    listed = _listed(text)
    if listed is not None:
        return (image_address(listed[0])[0], len(listed)) if listed else ("", 0)
    if "://" in text or text.startswith("//"):
        parts = _NEXT_ADDRESS.split(html.unescape(text))
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
    """The addresses of a JSON list; None where it is none."""
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


def _with_scheme(address: str) -> str:
    if address.startswith("//"):
        return f"https:{address}"
    return f"https://{address}" if address.lower().startswith("www.") else address

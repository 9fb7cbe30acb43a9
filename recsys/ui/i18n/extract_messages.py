"""Finds the texts to translate in the code, for Babel: `make translations`.

Texts that visitors may read are literals with named parts: `_("Search")`, `Message("got {kind}", kind=...)`. Errors'
own messages, for the command line and the log, are left out.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from itertools import takewhile
from typing import BinaryIO

Extracted = tuple[int, str, str | tuple[str, ...], list[str]]  # line, function, texts, comments for translators


def messages(
    file: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, str]
) -> Iterator[Extracted]:
    """Yield the texts passed to the functions in `keywords`, anywhere in a Python file."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and (name := _name_of(node.func)) in keywords:
            texts = tuple(str(argument.value) for argument in takewhile(_is_text, node.args))  # type: ignore[attr-defined]
            if texts:
                yield node.lineno, name, texts if len(texts) > 1 else texts[0], []


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")

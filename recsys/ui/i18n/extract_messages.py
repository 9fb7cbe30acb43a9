"""Which texts of the code are for translators, for Babel: `make translations`.

Those that a visitor may read are given as they stand, with their parts by name: `_("Search")`,
`PhotoError("got {kind}", kind=...)`. What only the command line says is an f-string, and is left out.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from itertools import takewhile
from typing import BinaryIO

Found = tuple[int, str, str | tuple[str, ...], list[str]]  # line, function, texts, comments for translators


def messages(
    file: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, str]
) -> Iterator[Found]:
    """Yield what a Python file gives to the functions and errors named by `keywords`, wherever that is."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and (name := _name_of(node.func)) in keywords:
            texts = tuple(str(argument.value) for argument in takewhile(_is_text, node.args))  # type: ignore[attr-defined]
            if texts:
                yield node.lineno, name, texts if len(texts) > 1 else texts[0], []


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")

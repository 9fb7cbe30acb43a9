"""The shop's SQL, checked to be one query that reads."""

import re
from pathlib import Path

from recsys.errors import ExportError

# What may hold a semicolon or a word that is not code. Where databases read quotes differently this is the
# standard's reading; the transaction that the query runs in is read-only whatever is missed here.
_NO_CODE = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|\$(\w*)\$.*?\$\1\$", re.DOTALL
)
_READS = re.compile(r"[\s(]*(?:select|with)\b", re.IGNORECASE)
# Not `replace(` and `insert(`, which are functions, and not `o.update`, which is a column.
_WRITES = re.compile(
    r"(?<![\w.@$])(?:insert|update|delete|merge|into|create|alter|drop|truncate|grant|revoke|exec|execute)\b(?!\s*\()",
    re.IGNORECASE,
)


def read_query(path: Path) -> str:
    """Read a SQL file of UTF-8 text. Raises ExportError when it cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ExportError(f"Expected a file with a SQL query, cannot read {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ExportError(f"Expected UTF-8 text, got another encoding in {path}: save the query as UTF-8.") from None


def single_read(sql: str) -> str:
    """Return the query without a semicolon at its end.

    Raises ExportError unless it is one SELECT, or one WITH that ends in a SELECT.
    """
    code = _NO_CODE.sub(_blank, sql)
    if not code.strip(" \t\r\n;"):
        raise ExportError("Expected a SELECT, got an empty query: write one that gives the catalogue's columns.")
    end = len(code.rstrip().rstrip("; \t\r\n"))
    if ";" in code[:end]:
        raise ExportError("Expected one SELECT, got several statements: keep the one that gives the catalogue.")
    if not _READS.match(code):
        raise ExportError(f"Expected a SELECT, got a query that starts with {code.split()[0][:20].upper()!r}.")
    write = _WRITES.search(code)
    if write or "/*!" in sql or "/*M!" in sql:
        found = f"the word {write[0].upper()}" if write else "a comment that MySQL executes"
        raise ExportError(f"Expected a query that only reads, got {found}: quote it if it is a name.")
    return sql[:end] if ";" in code[end:] else sql


def _blank(no_code: re.Match[str]) -> str:
    """As many characters: spaces for a comment, marks that are part of no word for a string or a name."""
    return (" " if no_code[0].startswith(("--", "/*")) else "?") * len(no_code[0])

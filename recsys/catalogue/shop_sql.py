"""The shop's SQL, checked to be a single query that only reads."""

import logging
import re
from pathlib import Path
from types import MappingProxyType

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from recsys.errors import ExportError

# Text that may contain a semicolon or a word that is not code. Where databases read quotes differently, this follows
# the standard; whatever it misses, the query still runs in a read-only transaction.
_NO_CODE = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|\$(\w*)\$.*?\$\1\$", re.DOTALL
)
# SQLAlchemy's name of a database -> sqlglot's dialect.
_DIALECTS = MappingProxyType(
    {
        "postgresql": "postgres",
        "mysql": "mysql",
        "mariadb": "mysql",
        "sqlite": "sqlite",
        "mssql": "tsql",
        "oracle": "oracle",
    }
)
_CHANGES = (
    exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into, exp.Create, exp.Alter, exp.Drop, exp.TruncateTable,
    exp.Grant, exp.Command, exp.Lock,
)  # fmt: skip
_READS = re.compile(r"[\s(]*(?:select|with)\b", re.IGNORECASE)
# Not `replace(` and `insert(`, which are functions, nor `o.update`, which is a column.
_WRITES = re.compile(
    r"(?<![\w.@$])(?:insert|update|delete|merge|into|create|alter|drop|truncate|grant|revoke|exec|execute)\b(?!\s*\()",
    re.IGNORECASE,
)


def read_query(path: Path) -> str:
    """Read a SQL file of UTF-8 text. Raises ExportError if it cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ExportError(f"Expected a file with a SQL query, cannot read {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ExportError(f"Expected UTF-8 text, got another encoding in {path}: save the query as UTF-8.") from None


def single_read(sql: str, database: str = "") -> str:
    """Return the query without a final semicolon, parsed in the dialect of `database`, SQLAlchemy's name.

    Text that the parser does not know is judged by its words. Raises ExportError unless it is one SELECT, or one WITH
    that ends in a SELECT.
    """
    dialect = _DIALECTS.get(database)
    if dialect and "/*!" not in sql and "/*M!" not in sql and _is_single_read(sql, dialect):
        return _without_semicolons(sql, dialect)
    code = _NO_CODE.sub(_blank, sql)
    if not code.strip(" \t\r\n;"):
        raise ExportError("Expected a SELECT, got an empty query: write one that returns the catalogue's columns.")
    end = len(code.rstrip().rstrip("; \t\r\n"))
    if ";" in code[:end]:
        raise ExportError("Expected one SELECT, got several statements: keep the one that returns the catalogue.")
    if not _READS.match(code):
        raise ExportError(f"Expected a SELECT, got a query that starts with {code.split()[0][:20].upper()!r}.")
    write = _WRITES.search(code)
    if write or "/*!" in sql or "/*M!" in sql:
        found = f"the word {write[0].upper()}" if write else "a comment that MySQL executes"
        raise ExportError(f"Expected a query that only reads, got {found}: quote it if it is a name.")
    return sql[:end] if ";" in code[end:] else sql


def _is_single_read(sql: str, dialect: str) -> bool:
    """Whether the parser is sure that this is a single query that only reads."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # `single_read` reports what it does not know, in one line
    try:
        statements = [statement for statement in sqlglot.parse(sql, read=dialect) if statement is not None]
    except (SqlglotError, RecursionError):
        return False
    return len(statements) == 1 and isinstance(statements[0], exp.Query) and not any(statements[0].find_all(*_CHANGES))


def _without_semicolons(sql: str, dialect: str) -> str:
    end = None
    for token in reversed(Dialect.get_or_raise(dialect).tokenize(sql)):
        if token.token_type.name != "SEMICOLON":
            break
        end = token.start
    return sql[:end]


def _blank(no_code: re.Match[str]) -> str:
    """The same number of characters: spaces for a comment, non-word characters for a string or a name."""
    return (" " if no_code[0].startswith(("--", "/*")) else "?") * len(no_code[0])

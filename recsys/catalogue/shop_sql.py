"""The shop's SQL, checked to be a single query that only reads."""

import logging
import re
from pathlib import Path
from types import MappingProxyType

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from recsys.errors import ExportError

# In an unknown database: text that may contain a semicolon or a word that is not code, as the standard has it, ...
_NO_CODE = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|(?<![\w$])\$(\w*)\$.*?\$\1\$",
    re.DOTALL,
)
# ... and what makes some databases see it end elsewhere.
_ENDS_ELSEWHERE = re.compile(
    r"\\|#|--(?![\t-\r ])|/\*(?:(?!\*/).)*/\*|\[[^\]]*['\"`]|\bn?q'", re.DOTALL | re.IGNORECASE
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
_WORDS = "insert|update|delete|merge|into|create|alter|drop|truncate|grant|revoke"
# Not `replace(` and `insert(`, which are functions, nor `o.update`, which is a column.
_WRITES = re.compile(rf"(?<![\w.@$])(?:(?:{_WORDS})\b(?!\s*\()|exec(?:ute)?\b)", re.IGNORECASE)
# SQL Server needs no semicolon before a statement and no space between a number and a word: the parser takes `4 delete`
# and `4delete` for a number and its name. The server reserves these words, so that a name that is one must be quoted.
# A backslash continues a binary number on the next line.
_SQL_SERVER_WRITES = re.compile(
    r"\\|(?:(?<![\w@#$])(?<![\w?]\.)|(?<![\w@#$])[\d$][\w.]*?)"
    rf"(?:{_WORDS}|exec(?:ute)?|add|backup|bulk|checkpoint|commit|dbcc|deny|kill|next(?=\s+value\s+for\b)|opendatasource|"
    r"openquery|openrowset|raiserror|reconfigure|restore|revert|rollback|save|set|setuser|shutdown|trigger|updatetext|use|"
    r"waitfor|writetext)\b",
    re.IGNORECASE,
)
_DOUBTFUL_COMMENTS = ("/*!", "/*M!", "{#")  # MySQL executes the first two, and only the parser knows the third
_DOUBTFUL_DASHES = re.compile(r"--(?![\0-\x7f])\W")  # a comment for the parser, which takes any space, not for MySQL


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
    sql = re.sub(r"\r\n?", "\n", sql)  # not all databases end a comment at a lone return
    dialect = _DIALECTS.get(database)
    code = _code(sql, dialect) if dialect else _standard_code(sql)
    if not code.strip(" \t\n;"):
        raise ExportError("Expected a SELECT, got an empty query: write one that returns the catalogue's columns.")
    only_reads = _only_reads(sql, dialect) if dialect else None
    end = len(code.rstrip().rstrip("; \t\n"))
    if dialect == "tsql":
        _refuse_by_words(code[:end], _SQL_SERVER_WRITES)
    elif not only_reads:
        _refuse_by_words(code[:end], _WRITES)
    if only_reads is False:
        raise ExportError("Expected a query that only reads, got one that also locks or writes: leave that out.")
    return sql[:end] if ";" in code[end:] else sql


def _refuse_by_words(code: str, writes: re.Pattern[str]) -> None:
    if ";" in code:
        raise ExportError("Expected one SELECT, got several statements: keep the one that returns the catalogue.")
    if not _READS.match(code):
        first = code.split(maxsplit=1)[0][:20].upper()
        raise ExportError(f"Expected a SELECT, got a query that starts with {first!r}.")
    if write := writes.search(code):
        found = f"the word {write[0].upper()}"
        raise ExportError(f"Expected a query that only reads, got {found}: quote it if it is a name.")


def _only_reads(sql: str, dialect: str) -> bool | None:
    """Whether this is a single query that only reads; None if the parser does not know its syntax."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # `single_read` reports what it does not know, in one line
    try:
        parsed = sqlglot.parse(sql, read=dialect)
    except (SqlglotError, RecursionError):
        return None
    statements = [statement for statement in parsed if not isinstance(statement, exp.Semicolon | None)]
    return len(statements) == 1 and isinstance(statements[0], exp.Query) and not any(statements[0].find_all(*_CHANGES))


def _code(sql: str, dialect: str) -> str:
    """The query as `dialect` reads it, with spaces for its comments, and other signs for its texts and quoted names."""
    code, end, before = "", 0, None
    if dialect == "mysql" and _DOUBTFUL_DASHES.search(sql):
        raise ExportError("Expected a space after --, got a sign that MySQL may not take for one: write a plain space.")
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(sql)
    except SqlglotError:
        raise ExportError("Expected a query, got a text or comment in it that does not end: close it.") from None
    for token in tokens:
        _check_comments(sql[end : token.start])
        code += " " * (token.start - end)
        end = token.end + 1
        is_quoted = token.token_type == TokenType.IDENTIFIER or token.token_type.name.endswith("STRING")
        is_quoted = is_quoted and not sql[token.start].isdigit()  # SQL Server takes 0xkill for 0x and kill
        code += "?" * (end - token.start) if is_quoted else sql[token.start : end]
        # In PostgreSQL, the backslash escapes in both.
        if before == TokenType.BYTE_STRING and token.token_type == TokenType.STRING:
            raise ExportError("Expected a query, got an E'text' that another text continues: write it as one.")
        before = token.token_type
    _check_comments(sql[end:])
    return code + " " * (len(sql) - end)


def _standard_code(sql: str) -> str:
    """The same for an unknown database. Raises ExportError if it may see a semicolon or a word of a text as code."""
    code = _NO_CODE.sub(_blank, sql)
    hidden = "".join(sign if sign != blank else " " for sign, blank in zip(sql, code, strict=True))
    if (";" in hidden or _WRITES.search(hidden)) and _ENDS_ELSEWHERE.search(sql):
        raise ExportError("Expected one SELECT, got texts that databases read differently: leave ; and \\ out of them.")
    _check_comments(hidden)
    return code


def _check_comments(comments: str) -> None:
    if any(sign in comments for sign in _DOUBTFUL_COMMENTS):
        raise ExportError("Expected a query that only reads, got a comment that MySQL may execute: leave it out.")


def _blank(no_code: re.Match[str]) -> str:
    """The same number of characters: spaces for a comment, non-word characters for a string or a name."""
    return (" " if no_code[0].startswith(("--", "/*")) else "?") * len(no_code[0])

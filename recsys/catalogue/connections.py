"""Connections to a shop's database that cannot change it, and errors that never reveal its password."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, quote_plus, unquote

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from recsys.errors import ExportError

# The module that a driver fails to import -> the package to install.
DRIVER_PACKAGES = {
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
    "pymysql": "PyMySQL[rsa]",  # rsa: for MySQL 8's way of sending passwords
    "mysql": "mysql-connector-python",
    "mariadb": "mariadb",
    "pyodbc": "pyodbc",
    "pymssql": "pymssql",
    "oracledb": "oracledb",
    "cx_Oracle": "oracledb",
}
READ_ONLY_TRANSACTION = {
    "mysql": "START TRANSACTION READ ONLY",
    "mariadb": "START TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
EXAMPLE = "postgresql+psycopg://user:password@host/database"
LOCK_SECONDS = 30
SECRET_OPTION = re.compile(r"pass|pwd|secret|token|key|connect", re.IGNORECASE)
SECRET_SETTING = re.compile(r"\b(password|passwd|pwd)\s*=\s*(?:'[^']*'|[^\s;]+)", re.IGNORECASE)


def parse_database_url(text: str) -> URL:
    """Parse a database URL. Raises ExportError, which repeats no part of it."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ExportError(f"Expected a database address such as {EXAMPLE}, got none: correct it.") from None
    # An unescaped @ ends the password early, and the rest of it would show up as a host or database.
    if url.get_backend_name() != "sqlite" and "@" in f"{url.host}{url.database}":
        raise ExportError("Expected one @ in the database address, got several: write @ in a password as %40.")
    return url


@contextmanager
def read_only_connection(url: URL) -> Iterator[Connection]:
    """Connect so that nothing can be changed, and roll back at the end.

    Raises ExportError, without secrets, for every failure of the database, inside the block as well.
    """
    try:
        with _engine(url) as engine, _connected(engine, url) as connection:
            begin = READ_ONLY_TRANSACTION.get(engine.dialect.name)
            if begin:
                connection.exec_driver_sql(begin)
            yield connection
    except (SQLAlchemyError, UnicodeError) as error:
        raise _failure(error, url) from None


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite URL; None for other databases.

    Raises ExportError if there is no such file, since SQLite would create it.
    """
    if url.get_backend_name() != "sqlite":
        return None
    name = url.database or ""
    if name.startswith("file:"):
        name = unquote(name.removeprefix("file:").partition("?")[0])
    path = Path(name).absolute()
    if not path.is_file():
        raise ExportError(
            f"Expected a SQLite file, found none at {path}: write sqlite:///relative.db or sqlite:////absolute.db."
        )
    return path


@contextmanager
def _engine(url: URL) -> Iterator[Engine]:
    path = sqlite_file(url)
    with TemporaryDirectory() as folder:
        yield _sqlite_engine(path, Path(folder)) if path else _server_engine(url)


def _connected(engine: Engine, url: URL) -> Connection:
    try:
        return engine.connect().execution_options(postgresql_readonly=True)
    except (TypeError, ValueError, RuntimeError, OSError) as error:  # raised by drivers for options they do not know
        raise _failure(error, url) from None


def _sqlite_engine(path: Path, folder: Path) -> Engine:
    try:
        uri = _sqlite_uri(path, folder)
    except OSError as error:
        raise ExportError(f"Expected to read {path}, got: {error.strerror}.") from error
    return create_engine("sqlite://", creator=lambda: _open_sqlite(uri), poolclass=NullPool)


def _server_engine(url: URL) -> Engine:
    try:
        # PostgreSQL's SQL_ASCII, a database made without a language, would have its text come as bytes.
        options = {"client_encoding": "utf8"} if url.get_backend_name() == "postgresql" else {}
        return create_engine(url, poolclass=NullPool, **options)
    except NoSuchModuleError:
        name = url.drivername
        hint = f"write {name.replace('postgres', 'postgresql', 1)}" if name.startswith("postgres") else "correct it"
        raise ExportError(
            f"Expected a database that SQLAlchemy knows, got {name!r}: {hint}, or install the package that adds it."
        ) from None
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        package = DRIVER_PACKAGES.get(module, module)
        raise ExportError(
            f"Expected the driver for {url.drivername}, the module {module!r} is not installed: "
            f"run `.venv/bin/python -m pip install '{package}'`."
        ) from None
    except ImportError as error:
        raise ExportError(f"Expected the driver for {url.drivername} to load, got: {error}. Reinstall it.") from None


def _open_sqlite(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return connection


def _sqlite_uri(path: Path, folder: Path) -> str:
    """The URI that opens a database file without creating any file next to it."""
    path = path.resolve()
    if not _has_write_ahead_log(path) or path.with_name(f"{path.name}-shm").exists():
        return f"file:{quote(str(path))}?mode=ro"
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or log.stat().st_size == 0:  # nobody has it open: everything is in the one file
        return f"file:{quote(str(path))}?mode=ro&immutable=1"
    # Left by a crash: reading it would create a third file, so a copy is read.
    copy = folder / "shop.sqlite"
    shutil.copyfile(path, copy)
    shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))
    return f"file:{quote(str(copy))}"


def _has_write_ahead_log(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(20)[18:20] == b"\x02\x02"  # the format's "file format write/read version"


def _shown(url: URL) -> str:
    """The URL without its password and without its options, which can contain another one."""
    return url.set(query={}).render_as_string(hide_password=True)


def _failure(error: Exception, url: URL) -> ExportError:
    # Use the driver's own message: SQLAlchemy's would repeat the whole query.
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = " ".join(str(cause).split()).rstrip(".") or type(cause).__name__
    return ExportError(
        f"Expected rows from {_shown(url)}, got: {_without_secrets(said, url)}. "
        "Check the address, the access rights and the query."
    )


def _without_secrets(text: str, url: URL) -> str:
    options = url.normalized_query.items()
    secrets = [value for name, values in options if SECRET_OPTION.search(name) for value in values]
    for secret in filter(None, [url.password, *secrets]):
        for spelling in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}:
            text = text.replace(spelling, "***")
    return SECRET_SETTING.sub(r"\1=***", text)

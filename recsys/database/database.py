"""Transactions on the records: whole or not at all, by any number of threads and processes."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.orm import Session

from recsys.database.copies import copy_database
from recsys.database.engines import WAIT, WRITES, make_engine, sqlite_path, take_turn
from recsys.database.schema import bring_up_to_date, create_sqlite_file
from recsys.database.storage_errors import failures_described
from recsys.errors import RecordsError

WAIT_SECONDS = 10.0
_UPDATING = (
    f"Expected to open {{path}}, but another process has been bringing it up to date for {WAIT_SECONDS:.0f} seconds: "
    "wait until it is done, then try again."
)
_BUSY = f"Expected to write to {{path}}, but others have been doing so for {WAIT_SECONDS:.0f} seconds: try again."


class Database:
    """The records' database, its tables up to date; `open_database` gives one. Threads may share it.

    Every method raises RecordsError where the database refuses.
    """

    def __init__(self, url: URL, engine: Engine) -> None:
        self.url = url
        self._engine = engine

    @contextmanager
    def reading(self, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[Session]:
        """Read in one transaction, which sees one state of everything; no writer but another program is waited for."""
        with self._transaction({WAIT: wait_seconds}) as session:
            yield session

    @contextmanager
    def writing(self, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[Session]:
        """Write in one transaction: when the block has ended all of it is on the disk, or, after an error, nothing.

        Writers wait for each other before they begin, `wait_seconds` at most.
        """
        with self._transaction({WRITES: True, WAIT: wait_seconds}) as session:
            yield session

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Be alone in the block, among all threads and processes that ask for their turn."""
        path = sqlite_path(self.url)
        if path is not None:
            with _file_locked(path.with_name(f"{path.name}.turn.lock"), _BUSY.format(path=path)):
                yield
            return
        with failures_described(self.url), self._engine.execution_options(**{WAIT: WAIT_SECONDS}).begin() as connection:
            take_turn(connection)
            yield

    @contextmanager
    def _transaction(self, options: Mapping[str, object]) -> Iterator[Session]:
        engine = self._engine.execution_options(**options)
        with failures_described(self.url), Session(engine) as session, session.begin():
            session.connection()  # begins the transaction now, not with the first statement
            yield session


def open_database(url: URL) -> Database:
    """Open the database at `url`; make it where there is none, and bring its tables up to date.

    What a SQLite file held before its tables are changed is kept beside it, as `<name>-before-<revision>.db`.
    Any number of processes may do this at the same time. Raises RecordsError.
    """
    engine = make_engine(url)
    with failures_described(url), _only_one(url, engine) as connection:
        bring_up_to_date(connection, partial(_copy_aside, url))
    return Database(url, engine)


def _copy_aside(url: URL, revision: str) -> None:
    path = sqlite_path(url)
    if path is not None:
        copy_database(url, path.with_name(f"{path.stem}-before-{revision}.db"))


@contextmanager
def _only_one(url: URL, engine: Engine) -> Iterator[Connection]:
    """A transaction for changing tables, in which no other process is at the same time."""
    path = sqlite_path(url)
    with ExitStack() as stack:
        if path is not None:
            stack.enter_context(_file_locked(path.with_name(f"{path.name}.lock"), _UPDATING.format(path=path)))
            create_sqlite_file(path)
        options = {WRITES: True, WAIT: WAIT_SECONDS}
        yield stack.enter_context(engine.execution_options(**options).begin())


@contextmanager
def _file_locked(lock: Path, busy: str) -> Iterator[None]:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock_file = FileLock(lock, timeout=WAIT_SECONDS, poll_interval=0.01)
        lock_file.acquire()
    except Timeout:
        raise RecordsError(busy) from None
    except OSError as error:
        raise RecordsError(
            f"Expected to keep records in {lock.parent}, but the machine refused: {error.strerror or error}. "
            "Mend that, then try again."
        ) from error
    try:
        yield
    finally:
        lock_file.release()

"""Transactions on the records: all or nothing, from any number of threads and processes."""

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
    """The records database, with up-to-date tables; made by `open_database`. Threads may share it.

    Every method raises RecordsError if the database fails.
    """

    def __init__(self, url: URL, engine: Engine) -> None:
        self.url = url
        self._engine = engine

    @contextmanager
    def reading(self, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[Session]:
        """Read in one transaction, from one consistent state, without waiting for other writers of this app."""
        with self._transaction({WAIT: wait_seconds}) as session:
            yield session

    @contextmanager
    def writing(self, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[Session]:
        """Write in one transaction: at the end of the block everything is on disk, or, after an error, nothing.

        Writers wait for each other before they start, at most `wait_seconds`.
        """
        with self._transaction({WRITES: True, WAIT: wait_seconds}) as session:
            yield session

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Run the block alone among all threads and processes that ask for their turn."""
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
            session.connection()  # starts the transaction now, not at the first statement
            yield session


def open_database(url: URL) -> Database:
    """Open the database at `url`; create it if there is none, and bring its tables up to date.

    A SQLite file's contents are first saved next to it, as `<name>-before-<revision>.db`, if its tables will change.
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
    """A transaction for changing tables, held by one process at a time."""
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
            "Fix that, then try again."
        ) from error
    try:
        yield
    finally:
        lock_file.release()

"""Locks shared by processes on several machines: PostgreSQL's, which end with the connection that holds them."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Lock

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import SQLAlchemyError

from recsys.database.engines import WAIT, make_engine
from recsys.database.storage_errors import failures_described

_OURS = 490_162  # the first of each lock's two numbers; any number not used by others
# A machine that has died without notice loses its locks after this time.
_KEEPALIVE = {"idle": 10, "interval": 5, "count": 3}
_HAS_LOCK = text(
    "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database AS here ON here.oid = pg_locks.database "
    "WHERE here.datname = current_database() AND locktype = 'advisory' "
    "AND classid = :ours AND objid = :number AND objsubid = 2 AND granted = :granted)"
)


class TakenLocks:
    """Locks that this process holds until it releases them, ends, or loses the connection. Threads may share it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = Lock()

    def are_kept(self) -> bool:
        """Whether they are still held: not if the database was restarted or cannot be reached."""
        with self._lock:
            try:
                self._connection.exec_driver_sql("SELECT 1")
                self._connection.commit()
            except SQLAlchemyError:
                return False
        return True

    def release(self) -> None:
        """Release the locks."""
        with self._lock, suppress(SQLAlchemyError):  # a lost connection holds none
            self._connection.close()


class Locks:
    """The locks of a PostgreSQL database, by name. Every method raises RecordsError if the database fails."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engine = make_engine(url)

    def take(self, *names: str) -> TakenLocks | None:
        """Take all of the locks; None if another process has one of them, or waits for it."""
        with self._locking() as connection:
            numbers = sorted(map(_number, names))
            tries = (connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_OURS}, {one})") for one in numbers)
            if not all(one.scalar() for one in tries):
                connection.close()
                return None
        return TakenLocks(connection)

    def wait_for(self, *names: str, seconds: float) -> TakenLocks:
        """Take all of the locks as soon as they are released. Raises RecordsError after `seconds`, too."""
        with self._locking(seconds) as connection:
            for one in sorted(map(_number, names)):  # always in the same order, to prevent deadlocks
                connection.exec_driver_sql(f"SELECT pg_advisory_lock({_OURS}, {one})")
        return TakenLocks(connection)

    def is_taken(self, name: str) -> bool:
        """Whether any process has the lock."""
        return self._has_lock(name, granted=True)

    def is_waited_for(self, name: str) -> bool:
        """Whether any process waits for the lock."""
        return self._has_lock(name, granted=False)

    @contextmanager
    def _locking(self, seconds: float = 0.0) -> Iterator[Connection]:
        """A connection that stays open after the block, outside of any transaction, unless the block fails."""
        with failures_described(self._url), ExitStack() as stack:
            connection = stack.enter_context(self._engine.execution_options(**{WAIT: seconds}).connect())
            for name, value in _KEEPALIVE.items():
                connection.exec_driver_sql(f"SET tcp_keepalives_{name} = {value}")
            yield connection
            if not connection.closed:
                connection.commit()
            stack.pop_all()

    def _has_lock(self, name: str, *, granted: bool) -> bool:
        with failures_described(self._url), self._engine.connect() as connection:
            asked = {"ours": _OURS, "number": _number(name), "granted": granted}
            return bool(connection.execute(_HAS_LOCK, asked).scalar())


def _number(name: str) -> int:
    """The second number of a lock: 31 bits of the name's hash."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") >> 1

"""Who owns a job: a lock on a file of this machine and, if records are in a database, a lock there as well.

The operating system releases a file's lock when its owner dies, in any way; the database's ends with its owner's
connection. A process started to do a job owns it from the first moment: it inherits the file's lock, and the database's
is held for it until it waits for that lock itself.
"""

import fcntl
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from recsys.errors import RecordsError

if TYPE_CHECKING:
    from recsys.database.locks import Locks, TakenLocks

TAKES_OVER = "RECSYS_JOB_TAKES_OVER"
"""The variable that tells a job's process which of the database's locks are held for it."""

_HAND_OVER_SECONDS, _HAND_OVER_LOOK_SECONDS = 60.0, 0.1
_TRIES, _TRY_SECONDS = 20, 0.01  # checking whether a job runs takes its lock for an instant


class HeldLocks:
    """The locks of a job and its kind, held until the block ends, or by the process that takes them over."""

    def __init__(
        self, names: Sequence[str], files: Sequence[IO[bytes]], shared: "Locks | None", taken: "TakenLocks | None"
    ) -> None:
        self._names, self._files, self._shared, self._taken = names, files, shared, taken

    def __enter__(self) -> "HeldLocks":
        return self

    def __exit__(self, *_failure: object) -> None:
        for file in self._files:
            file.close()
        if self._taken is not None:
            self._taken.release()

    @property
    def numbers(self) -> list[int]:
        """The files' descriptors: a lock belongs to the open file, so a child that inherits it has the lock, too."""
        return [file.fileno() for file in self._files]

    @property
    def told(self) -> dict[str, str]:
        """The environment variables for a process that takes over."""
        return {TAKES_OVER: ",".join(self._names)} if self._taken is not None else {}

    def are_kept(self) -> bool:
        """Whether they are still held: not if the database was restarted or cannot be reached."""
        return self._taken is None or self._taken.are_kept()

    def hand_over(self, process: "subprocess.Popen[bytes]") -> None:
        """Leave them to a process that has inherited the files; also wait for it, so that no zombie stays."""
        threading.Thread(target=self._see_off, args=(process, self._taken), daemon=True).start()
        self._taken = None

    def _see_off(self, process: "subprocess.Popen[bytes]", taken: "TakenLocks | None") -> None:
        """Hold the database's locks until the process waits for them: it is next in line."""
        if taken is not None and self._shared is not None:
            with suppress(RecordsError):  # then there are no locks to hold
                while process.poll() is None and not any(map(self._shared.is_waited_for, self._names)):
                    time.sleep(_HAND_OVER_LOOK_SECONDS)
            taken.release()
        process.wait()


class JobLocks:
    """The locks of the jobs in `folder`, and the `shared` ones of the database. Every method raises RecordsError."""

    def __init__(self, folder: Path, shared: "Locks | None") -> None:
        self._folder, self._shared = folder, shared

    def has_owner(self, name: str) -> bool:
        """Whether any process owns the job."""
        return self._is_locked(name) or (self._shared is not None and self._shared.is_taken(name))

    def take(self, *names: str) -> HeldLocks | None:
        """Take all of the locks; None if another process has one of them."""
        with ExitStack() as stack:
            files = []
            for name in names:
                if (file := self._locked(name)) is None:
                    return None
                files.append(stack.enter_context(file))
            taken = self._shared.take(*names) if self._shared is not None else None
            if taken is None and self._shared is not None:
                return None
            stack.pop_all()
        return HeldLocks(names, files, self._shared, taken)

    def take_over(self, name: str, number: int) -> HeldLocks:
        """Take over what `HeldLocks.hand_over` leaves to this process: the numbered file and the database's locks."""
        names = os.environ.get(TAKES_OVER, name).split(",")
        with ExitStack() as stack:
            file = stack.enter_context(os.fdopen(number, "ab"))
            taken = self._shared.wait_for(*names, seconds=_HAND_OVER_SECONDS) if self._shared is not None else None
            stack.pop_all()
        return HeldLocks(names, [file], self._shared, taken)

    def _is_locked(self, name: str) -> bool:
        try:
            with self._path(name).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def _locked(self, name: str) -> IO[bytes] | None:
        """The job's lock file, locked until it is closed; None if another process has it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = self._path(name).open("ab")
        for _ in range(_TRIES):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                time.sleep(_TRY_SECONDS)
        lock.close()
        return None

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

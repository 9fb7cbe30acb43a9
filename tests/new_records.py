"""New records for a test: a copy of a database that was made once, because the migrations take 25 ms of CPU."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL

from recsys.database.database import Database, open_database


@cache
def _made_once() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "records.db"
        open_database(URL.create("sqlite", database=str(file)))
        return file.read_bytes()


def new_records(url: URL) -> Database:
    """Open a new SQLite database at `url`, where there is none yet."""
    file = Path(str(url.database))
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as content:
        content.write(_made_once())
    return open_database(url)

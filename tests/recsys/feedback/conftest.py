from pathlib import Path

import pytest
from sqlalchemy import URL

from recsys.database.database import Database, open_database


@pytest.fixture
def url(tmp_path: Path) -> URL:
    """The URL of a database that does not exist yet."""
    return URL.create("sqlite", database=str(tmp_path / "records.db"))


@pytest.fixture
def database(url: URL) -> Database:
    return open_database(url)

from pathlib import Path

import pytest
from sqlalchemy import URL

from recsys.database.database import Database
from tests.new_records import new_records


@pytest.fixture
def url(tmp_path: Path) -> URL:
    """The URL of a database that does not exist yet."""
    return URL.create("sqlite", database=str(tmp_path / "records" / "records.db"))


@pytest.fixture
def database(url: URL) -> Database:
    return new_records(url)

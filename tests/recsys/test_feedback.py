import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import URL

from recsys.database.database import open_database
from recsys.errors import RecordsError
from recsys.feedback import record_search
from recsys.survey.participants import has_searched


def test_a_visitor_has_searched_after_the_first_search_and_is_not_kept_by_name(tmp_path: Path) -> None:
    database = open_database(URL.create("sqlite", database=str(tmp_path / "records.db")))
    for _ in range(2):
        record_search(database, "the-cookie-of-somebody")
    with database.reading() as session:
        assert has_searched(session, "the-cookie-of-somebody")
    assert b"the-cookie-of-somebody" not in (tmp_path / "records.db").read_bytes()


def test_a_search_waits_a_second_for_the_records_and_no_longer(tmp_path: Path) -> None:
    database = open_database(URL.create("sqlite", database=str(tmp_path / "records.db")))
    with sqlite3.connect(tmp_path / "records.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordsError, match="locked"):
            record_search(database, "somebody")

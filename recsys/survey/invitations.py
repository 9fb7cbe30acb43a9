"""Invitations: links that each let one person answer once."""

import csv
import io
import os
import secrets
from pathlib import Path

from sqlalchemy import insert

from embeddings.files import atomic_write
from recsys.database.database import Database
from recsys.errors import SurveyError
from recsys.survey.participants import hashed
from recsys.survey.survey_tables import Invitation

PARAMETER = "invitation"
"""The link's parameter with the invitation's token."""

_COLUMNS = ("number", "link")


def invite(database: Database, count: int, out: Path, address: str) -> None:
    """Make `count` invitations and write their links to the survey page at `address` into the new file `out`.

    The links are only in that file: what is stored of them does not allow anybody to answer. Either all of them are
    made or none. Raises SurveyError if the file exists, and RecordsError.
    """
    if out.exists():
        raise SurveyError(
            f"Expected a new file, but {out} exists: name another, since its links are stored nowhere else."
        )
    tokens = [secrets.token_urlsafe(16) for _ in range(count)]
    keys = sorted(hashed(token) for token in tokens)  # the same stored order, whatever the links' order
    try:
        with database.writing() as session:
            session.execute(insert(Invitation), [{"key": key, "is_used": False} for key in keys])
            _write_links(tokens, out, address)
    except BaseException:
        if out.is_file():
            out.unlink()  # its links would not work
        raise


def _write_links(tokens: list[str], out: Path, address: str) -> None:
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(_COLUMNS)
    rows.writerows(
        (number, f"{address.rstrip('/')}/survey?{PARAMETER}={token}") for number, token in enumerate(tokens, 1)
    )
    with atomic_write(out) as file:
        os.fchmod(file.fileno(), 0o600)  # a link lets its reader answer in somebody's place
        file.write(text.getvalue().encode())

import csv
import stat
from pathlib import Path

import pytest

from recsys.database.database import Database
from recsys.errors import RecordsError, SurveyError
from recsys.survey.invitations import invite
from recsys.survey.summary import Invitations, count_invitations


def count(database: Database) -> Invitations:
    with database.reading() as session:
        return count_invitations(session)


def test_every_person_gets_a_link_of_their_own(database: Database, tmp_path: Path) -> None:
    invite(database, 52, tmp_path / "invites.csv", "https://kalcare.example/shop/")
    with (tmp_path / "invites.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, 53)]
    addresses, tokens = zip(*(row["link"].split("?invitation=") for row in rows), strict=True)
    assert set(addresses) == {"https://kalcare.example/shop/survey"}
    assert len(set(tokens)) == 52
    assert all(len(token) == 22 for token in tokens)
    assert count(database) == Invitations(52, 0)


def test_the_links_are_readable_by_their_owner_only(database: Database, tmp_path: Path) -> None:
    invite(database, 1, tmp_path / "invites.csv", "http://app")
    assert stat.S_IMODE((tmp_path / "invites.csv").stat().st_mode) == 0o600


def test_a_file_of_links_is_never_overwritten(database: Database, tmp_path: Path) -> None:
    invite(database, 2, tmp_path / "invites.csv", "http://app")
    before = (tmp_path / "invites.csv").read_bytes()
    with pytest.raises(SurveyError, match="Expected a new file"):
        invite(database, 2, tmp_path / "invites.csv", "http://app")
    assert (tmp_path / "invites.csv").read_bytes() == before
    assert count(database).total == 2


def test_if_the_links_cannot_be_written_there_are_no_invitations(database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError):
        invite(database, 2, tmp_path / "file" / "invites.csv", "http://app")
    assert count(database).total == 0


def test_if_the_invitations_cannot_be_saved_there_are_no_links(database: Database, tmp_path: Path) -> None:
    Path(str(database.url.database)).unlink()
    with pytest.raises(RecordsError, match="it is gone"):
        invite(database, 2, tmp_path / "invites.csv", "http://app")
    assert not (tmp_path / "invites.csv").exists()

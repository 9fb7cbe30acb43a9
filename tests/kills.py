"""Work that is killed at random moments: `python -m tests.kills --times 100 [import embed backup migration answer]`.

After each kill nothing is lost and nothing half-written is read; in the end the work continues to completion.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from skimage import data
from sqlalchemy import URL

from embeddings.errors import VectorsError
from embeddings.models.backbones import BUNDLED_CHOICE
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import images_of, load_catalogue
from recsys.database.copies import copy_database, problems_in
from recsys.database.database import open_database
from recsys.database.schema import create_sqlite_file
from recsys.errors import CatalogueError
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.search.kept_vectors import fitting_vectors, vectors_folder, vectors_store
from recsys.search.networks import networks_of
from recsys.settings import Settings
from recsys.survey.admission import Respondent
from recsys.survey.participants import hashed, note_search
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import read_responses
from tests.recsys.database.older_records import make_older_records
from tests.recsys.survey.answers import ALL_FOR_IT
from tests.small_shop import write_shop

OTHER_SHOP = slice(1, 13)  # the rows of the CSV that the shop's other version has


@dataclass(frozen=True)
class Case:
    """Work for a process that is killed; `prepare` is called before each run, `check` after it.

    `finish` is called after a last, undisturbed run. Checks raise AssertionError.
    """

    work: Callable[[], object]
    check: Callable[[], None]
    finish: Callable[[], None]
    prepare: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Outcome:
    """How often the work was killed, out of how many runs; the other runs had ended."""

    killed: int
    times: int


def kill(case: Case, times: int, rng: random.Random) -> Outcome:
    """Run the work several times in a process that is killed, and once more until it ends."""
    seconds, killed = 0.0, 0
    for _ in range(2):  # the first run may compile what later ones find
        case.prepare()
        started = time.monotonic()
        _done(_begun(case.work))
        seconds = time.monotonic() - started
    for _ in range(times):
        case.prepare()
        started = time.monotonic()
        child = _begun(case.work)
        time.sleep(rng.uniform(0, seconds))
        os.kill(child, signal.SIGKILL)
        was_killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        if not was_killed:
            seconds = time.monotonic() - started  # the machine is faster now
        killed += was_killed
        case.check()
    case.prepare()
    _done(_begun(case.work))
    case.check()
    case.finish()
    return Outcome(killed, times)


def importing(folder: Path) -> Case:
    """An import, alternating between two versions of a shop, into one cache."""
    cache = folder / "home" / "cache"
    csv = _shop(folder)
    lines = csv.read_text(encoding="utf-8").splitlines()
    other = csv.with_name("other.csv")
    other.write_text("\n".join([lines[0], *lines[OTHER_SHOP]]) + "\n", encoding="utf-8")
    versions = [csv, other]

    def work() -> None:
        import_catalogue(versions[0], cache)

    def check() -> None:
        try:
            catalogue = load_catalogue(cache)
        except CatalogueError:
            assert not (cache / "catalogue.json").exists()
            return
        assert len(catalogue.products) in (len(lines) - 1, 12)
        kept = images_of(cache)
        for key in catalogue.image_keys:
            assert kept.study_path(key).is_file()
            assert kept.display_path(key).is_file()

    def finish() -> None:
        assert not list(cache.rglob("*.part"))

    return Case(work, check, finish, prepare=versions.reverse)


def embedding(folder: Path, networks: Path | None = None) -> Case:
    """Encoding a catalogue's pictures, with compiled networks in the folder `networks`."""
    cache = folder / "home" / "cache"
    import_catalogue(_shop(folder), cache)
    if networks is not None:
        (cache / "networks").symlink_to(networks)
    catalogue, vectors = load_catalogue(cache), vectors_folder(cache, BUNDLED_CHOICE)
    identity = networks_of(Settings(home=folder / "home")).identity(BUNDLED_CHOICE)

    def prepare() -> None:
        with suppress(VectorsError):  # if it was done, done again from the start
            vectors_store(cache, BUNDLED_CHOICE).version()
            shutil.rmtree(vectors)

    def work() -> None:
        embed_catalogue(catalogue, cache, BUNDLED_CHOICE, networks_of(Settings(home=folder / "home")))

    def check() -> None:
        with suppress(VectorsError):
            store = vectors_store(cache, BUNDLED_CHOICE)
            assert len(store.matrix(store.version())) == len(catalogue.products)

    def finish() -> None:
        fitting_vectors(cache, BUNDLED_CHOICE, catalogue, identity)
        assert not list(vectors.glob(".*.part"))

    return Case(work, check, finish, prepare)


def backing_up(folder: Path) -> Case:
    """Copies of the records that replace an older copy, while records keep being added."""
    url = URL.create("sqlite", database=str(folder / "records.db"))
    database, copy = open_database(url), folder / "copy.db"
    counts = [0]

    def prepare() -> None:
        with database.writing() as session:
            for number in range(counts[-1], counts[-1] + 200):
                note_search(session, str(number))
        counts.append(counts[-1] + 200)

    def check() -> None:
        assert problems_in(folder / "records.db") == []
        if copy.exists():
            assert problems_in(copy) == []
            assert _rows(copy, "select count(*) from survey_participants")[0][0] in counts

    def finish() -> None:
        assert _rows(copy, "select count(*) from survey_participants") == [(counts[-1],)]

    return Case(lambda: copy_database(url, copy), check, finish, prepare)


def migrating(folder: Path) -> Case:
    """Bringing an older version's records up to date, each time from the start."""
    path = folder / "records.db"
    url, older = URL.create("sqlite", database=str(path)), folder / "older.db"
    create_sqlite_file(older)
    responses = make_older_records(URL.create("sqlite", database=str(older)), "0002")

    def prepare() -> None:
        for one in folder.glob("records*"):
            one.unlink()
        shutil.copyfile(older, path)

    def check() -> None:
        assert problems_in(path) == []
        for kept in folder.glob("records-before-*.db"):
            assert problems_in(kept) == []
        with open_database(url).reading() as session:
            assert read_responses(session) == responses

    return Case(lambda: open_database(url), check, lambda: None, prepare)


def answering(folder: Path) -> Case:
    """People who answer the poll, each of whom is thanked."""
    path, thanks = folder / "records.db", folder / "thanks"
    database = open_database(URL.create("sqlite", database=str(path)))
    people = [0]
    thanks.touch()

    def prepare() -> None:
        people[0] += 5
        with database.writing() as session:
            for person in range(people[0] - 5, people[0]):
                note_search(session, str(person))

    def work() -> None:
        poll = Poll(database, "open", step=5)
        with thanks.open("ab", buffering=0) as file:
            for person in range(people[0] - 5, people[0]):
                poll.submit(Respondent(str(person)), ALL_FOR_IT, str(person))
                file.write(f"{person}\n".encode())

    def check() -> None:
        assert problems_in(path) == []
        answered = {row[0] for row in _rows(path, "select remark from survey_responses")}
        marked = {row[0] for row in _rows(path, "select key from survey_participants where has_answered")}
        assert set(thanks.read_text().split()) <= answered
        assert marked <= {hashed(person) for person in answered}
        counts = _rows(path, "select count(*) from survey_answers group by response")
        assert counts == [(len(QUESTIONS),)] * len(_rows(path, "select key from survey_responses"))

    def finish() -> None:
        last = {str(person) for person in range(people[0] - 5, people[0])}
        assert last <= set(thanks.read_text().split())

    return Case(work, check, finish, prepare)


CASES: dict[str, Callable[[Path], Case]] = {
    "import": importing,
    "embed": embedding,
    "backup": backing_up,
    "migration": migrating,
    "answer": answering,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill work at random moments, and check what it leaves.")
    parser.add_argument("names", nargs="*", choices=[[], *CASES], help="what is killed; all of it where none is named")
    parser.add_argument("--times", type=int, default=100)
    chosen = parser.parse_args()
    for name in chosen.names or CASES:
        with tempfile.TemporaryDirectory() as folder:
            outcome = kill(CASES[name](Path(folder)), chosen.times, random.Random(2026))
        sys.stdout.write(f"{name}: killed {outcome.killed} of {outcome.times} times, nothing lost or half written\n")
        sys.stdout.flush()


def _begun(work: Callable[[], object]) -> int:
    """Start the work in another process; return its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  # a fork must not go on as its parent
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return child


def _done(child: int) -> None:
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, f"Expected the work to end well, got exit status {status}"


def _shop(folder: Path) -> Path:
    photographs = {name: np.asarray(getattr(data, name)()) for name in ("chelsea", "coffee", "astronaut", "rocket")}
    (folder / "shop").mkdir()
    return write_shop(folder / "shop", photographs)


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


if __name__ == "__main__":
    main()

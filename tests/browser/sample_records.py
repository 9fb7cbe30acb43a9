"""Made-up people for the README's pictures: their poll answers, searches, and ratings."""

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from recsys.catalogue.products import load_catalogue
from recsys.database.database import Database, open_database
from recsys.database.engines import records_address
from recsys.feedback.recording import Mark, Search, mark_match, record_search
from recsys.num_matches import NUM_MATCHES
from recsys.settings import Settings
from recsys.survey.admission import Respondent
from recsys.survey.participants import note_search
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS

NUM_PEOPLE = 60
LIKELIHOODS = {"preference": 0.38, "easier": 0.85, "intuitive": 0.8, "faster": 0.66, "coming_back": 0.9}
SOURCES = ("camera", "camera", "camera", "upload", "upload", "paste", "sample", "product")
LABEL = f"Sample data: {NUM_PEOPLE} made-up people in a demo data home."


def fill(home: Path) -> None:
    """Add made-up people who search and answer within two weeks."""
    chance, database = random.Random(2), open_database(records_address(Settings(home=home)))
    product_ids = [product.product_id for product in load_catalogue(home / "cache").products]
    for person in range(NUM_PEOPLE):
        day = date.today() - timedelta(int(chance.triangular(0, 13, 9)))
        _answer(database, str(person), day, chance)
        for _ in range(chance.randint(1, 6)):
            _search(database, day, product_ids, chance)


def _answer(database: Database, person: str, day: date, chance: random.Random) -> None:
    with database.writing() as session:
        note_search(session, person)
    answers = {
        question.key: question.choices[chance.random() > LIKELIHOODS.get(question.key, 0.5)] for question in QUESTIONS
    }
    Poll(database, "open", today=lambda: day).submit(Respondent(person), answers, "Sample answer")


def _search(database: Database, day: date, product_ids: list[str], chance: random.Random) -> None:
    found = tuple(chance.sample(product_ids, NUM_MATCHES))
    search = Search(day, chance.choice(SOURCES), found, chance.uniform(0.8, 2), chance.uniform(4, 9))
    if chance.random() < 0.2:
        search = replace(search, source="text", encode_ms=None)
    else:
        backbone = chance.choice(("EfficientNetLite0", "EfficientNetLite0", "EfficientNetLite1"))
        search = replace(search, backbone=backbone, ranking="cosine")
    record_search(database, search, None)
    if chance.random() < 0.4:
        for rank in range(1, NUM_MATCHES + 1):
            is_similar = chance.random() < 0.9 - 0.12 * rank
            mark_match(database, search, rank, Mark(), Mark(is_it=is_similar and rank == 1, is_similar=is_similar))

"""Visitors read a plain sentence for every known error; what the error says itself is for whoever runs the app."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

import embeddings
import recsys
from embeddings.errors import KalcareError, PhotoError, PhotoProblem
from embeddings.messages import Message
from recsys.catalogue.report import ImportRefusedError
from recsys.errors import CatalogueError, LostPictureError, PhotoSetError
from recsys.indexing.progress import Job, JobState, Stage
from recsys.ui.i18n.translations import LOCALES
from recsys.ui.shell.plain_words import STOPPED, failed_job_in_plain_words, plain_words

OPERATORS = "Expected RECSYS_HOME at /srv/shop.db, got none: run `make setup`."
NOT_FOR_VISITORS = re.compile(r"\bExpected\b|RECSYS_|AWS_|\bmake \w+-|python -m|(?<!\w)/\w")
BARE = plain_words(KalcareError(OPERATORS))


def import_everything() -> None:
    """Import every module that could define an error."""
    for package in (embeddings, recsys):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            source = module.module_finder.find_spec(module.name).loader.get_source(module.name)
            if re.search(r"^class \w+Error\(", source, re.MULTILINE):
                importlib.import_module(module.name)


def classes_below(base: type[KalcareError]) -> Iterator[type[KalcareError]]:
    for one in base.__subclasses__():
        yield one
        yield from classes_below(one)


import_everything()
CLASSES = sorted(set(classes_below(KalcareError)), key=lambda one: one.__name__)


def error_of(kind: type[KalcareError]) -> KalcareError:
    """An error of that class with a text that only whoever runs the app should read."""
    error = kind.__new__(kind)
    KalcareError.__init__(error, OPERATORS)
    return error


def test_all_classes_are_looked_at() -> None:
    assert {"WeightsError", "LostPictureError", "JobError", "ImportRefusedError"} <= {one.__name__ for one in CLASSES}


@pytest.mark.parametrize("kind", [one for one in CLASSES if one not in (PhotoError, PhotoSetError)])
def test_every_class_of_error_has_a_plain_sentence(kind: type[KalcareError]) -> None:
    text = str(plain_words(error_of(kind)))
    assert not NOT_FOR_VISITORS.search(text)
    assert "`" not in text
    assert re.fullmatch(r"[A-Z].*\.", text)
    assert text != str(BARE)  # which is for a class without a sentence


@pytest.mark.parametrize("problem", PhotoProblem)
def test_a_photo_that_cannot_be_used_is_described_in_its_own_words(problem: PhotoProblem) -> None:
    error = PhotoError("Expected {limit} of /srv, got {size}, {sides}.", problem=problem, limit=1, size=2, sides="3x3")
    assert not NOT_FOR_VISITORS.search(str(plain_words(error)))


def test_photos_that_cannot_be_measured_are_described_in_the_words_of_their_error() -> None:
    message = Message("Choose at most {number} photos at a time.", number=3)
    assert plain_words(PhotoSetError(message)) is message


def test_a_subclass_has_its_own_sentence_or_the_one_of_its_base() -> None:
    of_its_base = plain_words(error_of(CatalogueError))
    assert plain_words(error_of(LostPictureError)) is not of_its_base
    assert plain_words(error_of(ImportRefusedError)) is of_its_base


def test_no_text_for_translators_is_for_whoever_runs_the_app() -> None:
    with (LOCALES / "kalcare.pot").open("rb") as file:
        texts = [message.id[-1] if message.pluralizable else message.id for message in read_po(file)]
    assert [text for text in texts if NOT_FOR_VISITORS.search(text)] == []


def failed(*kinds: str, failure: str | Message = OPERATORS) -> Job:
    message = failure if isinstance(failure, Message) else Message(failure)
    return Job("work", JobState.FAILED, Stage.ENCODING, 1, 2, 0.0, 0.0, message, kinds)


@pytest.mark.parametrize("kind", ["", "NextVersionsError"])
def test_a_job_that_failed_for_another_reason_has_stopped(kind: str) -> None:
    assert failed_job_in_plain_words(failed(kind)) is STOPPED


def test_a_job_that_failed_is_described_as_its_error_is() -> None:
    assert "could not be downloaded" in str(failed_job_in_plain_words(failed("DownloadError", "WeightsError")))
    assert "cannot be read" in str(failed_job_in_plain_words(failed("PictureError", "CatalogueError")))
    message = Message("None of the rows can be measured.")
    assert failed_job_in_plain_words(failed("PhotoSetError", failure=message)) is message

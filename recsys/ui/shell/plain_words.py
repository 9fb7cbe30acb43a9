"""What visitors read when something fails: one plain sentence per class of error; its own message is for the log."""

from types import MappingProxyType

from embeddings.errors import (
    AddressError,
    DownloadError,
    KalcareError,
    NetworkError,
    PhotoError,
    UnknownBackboneError,
    VectorsError,
    WeightsError,
)
from embeddings.messages import Message
from recsys.errors import (
    CatalogueError,
    EngineError,
    EvaluationError,
    ExportError,
    LostPictureError,
    PhotoSetError,
    RecordsError,
    SettingsError,
    SurveyError,
    UnknownProductError,
)
from recsys.indexing.jobs import JobError
from recsys.indexing.progress import Job
from recsys.ui.photo.photo_problems import photo_problem

_UNKNOWN = Message("Something isn't working at the moment. Tell whoever runs this app.")
_SET_UP_WRONGLY = Message("This app isn't set up correctly. Tell whoever runs it.")
STOPPED = Message("It stopped before it was done.")
"""What visitors read of a job that failed, if nothing else is known."""

_SENTENCES = MappingProxyType(
    {
        AddressError: Message("The shop's data cannot be reached at the moment. Try again in a few minutes."),
        CatalogueError: Message("The shop's products cannot be read at the moment."),
        DownloadError: Message("The weights could not be downloaded. Try again in a few minutes."),
        EngineError: Message("The catalogue's pictures could not be encoded."),
        EvaluationError: Message("The photos could not be measured."),
        ExportError: Message("The shop's database cannot be read at the moment."),
        JobError: Message("Someone else has already started this. Wait until it is done."),
        LostPictureError: Message("The product's picture is lost or damaged."),
        NetworkError: Message("This backbone's network cannot be used."),
        RecordsError: Message("Answers and ratings cannot be read or saved at the moment. Try again in a few minutes."),
        SettingsError: _SET_UP_WRONGLY,
        SurveyError: Message("These answers cannot be saved."),
        UnknownBackboneError: _SET_UP_WRONGLY,
        UnknownProductError: Message("This product is no longer in the catalogue."),
        VectorsError: Message("The catalogue has not been encoded with this backbone, or has changed since."),
        WeightsError: Message("This backbone's weights are missing or cannot be used."),
    }
)


def plain_words(error: KalcareError) -> Message:
    """The error in words for visitors."""
    if isinstance(error, PhotoError):
        return photo_problem(error)
    if isinstance(error, PhotoSetError):
        return error.message
    return next((_SENTENCES[one] for one in type(error).__mro__ if one in _SENTENCES), _UNKNOWN)


def failed_job_in_plain_words(job: Job) -> Message:
    """Why a job failed, in words for visitors."""
    if job.failure and PhotoSetError.__name__ in job.failure_kinds:
        return job.failure
    sentences = {one.__name__: sentence for one, sentence in _SENTENCES.items()}
    return next((sentences[kind] for kind in job.failure_kinds if kind in sentences), STOPPED)

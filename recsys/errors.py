"""The errors raised by `recsys`; the base of the tree is in `embeddings.errors`."""

from dataclasses import dataclass
from pathlib import Path

from embeddings.errors import KalcareError, Remedy
from embeddings.messages import Message


@dataclass(frozen=True)
class EncodeCatalogue(Remedy):
    """Encode the catalogue with a backbone, and describe it."""

    backbone: str


@dataclass(frozen=True)
class ImportCatalogue(Remedy):
    """Import a shop's products."""


@dataclass(frozen=True)
class ImportAgain(Remedy):
    """Import a shop's products once more, which replaces what is lost, damaged or outdated."""


@dataclass(frozen=True)
class BuildDemo(Remedy):
    """Build the demo shop."""


@dataclass(frozen=True)
class FetchCatalogue(Remedy):
    """Fetch the products that another machine shared."""


class SettingsError(KalcareError):
    """A setting that cannot be used as it is."""


class CatalogueError(KalcareError):
    """A catalogue that is missing, damaged or busy, or that the request would harm."""


class LostPictureError(CatalogueError):
    """A stored picture that is lost or damaged; `image_key` says which."""

    def __init__(self, path: Path, image_key: str) -> None:
        super().__init__(f"Expected the picture {path}, which is lost or damaged.", remedies=(ImportAgain(),))
        self.path = path
        self.image_key = image_key

    def __reduce__(self) -> tuple[type["LostPictureError"], tuple[Path, str]]:
        return type(self), (self.path, self.image_key)  # for pickling, from another process


class UnknownProductError(CatalogueError):
    """A product that is not in the catalogue, or no longer."""


class EngineError(KalcareError):
    """A cluster that cannot be reached, or that does not encode what it was given."""


class ExportError(KalcareError):
    """A shop's database, query or output file that does not yield a catalogue."""


class EvaluationError(KalcareError):
    """Labelled queries that cannot be evaluated."""


class PhotoSetError(EvaluationError):
    """Photos sent to be measured that cannot be; the message is for the person who sent them."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)


class RecordsError(KalcareError):
    """The records database is locked, full, missing, damaged, or cannot be reached."""


class SurveyError(KalcareError):
    """Incomplete answers to the poll, or invitations that cannot be made."""

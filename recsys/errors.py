"""The errors that products raise; the base of the tree is in `embeddings.errors`."""

from dataclasses import dataclass

from embeddings.errors import KalcareError, Remedy


@dataclass(frozen=True)
class EncodeCatalogue(Remedy):
    """Encode the catalogue with a backbone, and describe it where the backbone can."""

    backbone: str


@dataclass(frozen=True)
class ImportCatalogue(Remedy):
    """Import a shop's products."""


@dataclass(frozen=True)
class BuildDemo(Remedy):
    """Build the demo shop."""


class SettingsError(KalcareError):
    """A setting that cannot be used as it stands."""


class CatalogueError(KalcareError):
    """A catalogue that is missing, damaged, busy, or would be harmed by what was asked."""


class ExportError(KalcareError):
    """A shop's database, query or output file that does not give a catalogue."""


class EvaluationError(KalcareError):
    """Labelled queries that cannot be evaluated."""


class RecordsError(KalcareError):
    """The records' database: locked, full, gone, damaged, or not to be reached."""


class SurveyError(KalcareError):
    """Answers to the poll that are not complete, or invitations that cannot be made."""

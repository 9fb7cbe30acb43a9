"""The errors that products raise; the base of the tree is in `embeddings.errors`."""

from embeddings.errors import KalcareError


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

"""The base of the error tree, and the errors that pictures and vectors raise.

Every message says what was expected, what came, and what to do; callers show it as it is.
"""


class KalcareError(Exception):
    """A known failure with a message for the user; anything else is a bug."""


class PhotoError(KalcareError):
    """A picture that cannot be used: its format, size or content."""


class UnknownBackboneError(KalcareError):
    """A name that is no backbone's."""


class WeightsError(KalcareError):
    """A weights file that is not there, is not what it should be, or does not fit its network."""


class NetworkError(KalcareError):
    """A network that could not be built, compiled or run."""


class VectorsError(KalcareError):
    """Stored vectors that are not there, are damaged, or do not belong to what they are used for."""

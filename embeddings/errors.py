"""The base of the error tree, and the errors that pictures and vectors raise.

Every message says what was expected, what came, and what to do; callers show it as it is.
"""

from enum import Enum

from embeddings.messages import Message


class KalcareError(Exception):
    """A known failure with a message for the user; anything else is a bug.

    What can happen to a visitor of the app names its changing parts, so that it can be translated:
    `PhotoError("Expected at least {side} pixels, got {got}.", side=32, got=7)`. The rest may be any text.
    """

    def __init__(self, text: str | Message, /, **parts: object) -> None:
        self.message = text if isinstance(text, Message) else Message(text, **parts)
        super().__init__(str(self.message))


class PhotoProblem(Enum):
    """What is wrong with a picture, for whoever words it otherwise than the message does."""

    OTHER_FORMAT, TOO_MANY_BYTES, TOO_MANY_PIXELS, TOO_SMALL, DAMAGED, BUSY = range(6)


class PhotoError(KalcareError):
    """A picture that cannot be used: its format, size or content."""

    def __init__(self, text: str, /, *, problem: PhotoProblem = PhotoProblem.DAMAGED, **parts: object) -> None:
        super().__init__(text, **parts)
        self.problem = problem


class UnknownBackboneError(KalcareError):
    """A name that is no backbone's."""


class WeightsError(KalcareError):
    """A weights file that is not there, is not what it should be, or does not fit its network."""


class NetworkError(KalcareError):
    """A network that could not be built, compiled or run."""


class VectorsError(KalcareError):
    """Stored vectors that are not there, are damaged, or do not belong to what they are used for."""

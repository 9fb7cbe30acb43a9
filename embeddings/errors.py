"""The base of the error tree, and the errors about pictures and vectors.

Every message says what was expected and what came; an error carries its remedies, phrased where it is shown.
"""

from dataclasses import dataclass
from enum import Enum

from embeddings.messages import Message


class Remedy:
    """What to do about an error: commands phrase it as a command, pages as a button or a plain sentence."""


@dataclass(frozen=True)
class FetchWeights(Remedy):
    """Get a backbone's official weights."""

    backbone: str


@dataclass(frozen=True)
class AddWeights(Remedy):
    """Supply a weights file for a backbone, obtained elsewhere."""

    backbone: str


@dataclass(frozen=True)
class UseMirror(Remedy):
    """Get weights from another address."""


@dataclass(frozen=True)
class InstallRequirements(Remedy):
    """Install the packages of the app once more, whole."""


@dataclass(frozen=True)
class InstallCluster(Remedy):
    """Install the packages that several machines need to work together."""


class KalcareError(Exception):
    """A known failure with a message for whoever runs the app; anything else is a bug.

    Visitors get the sentence of the error's class instead. Any one of the `remedies` is enough.
    """

    def __init__(self, text: str | Message, /, *, remedies: tuple[Remedy, ...] = ()) -> None:
        self.message = text if isinstance(text, Message) else Message(text)
        self.remedies = remedies
        super().__init__(str(self.message))


class PhotoProblem(Enum):
    """What is wrong with a picture, for code that words it differently from the message."""

    OTHER_FORMAT, TOO_MANY_BYTES, TOO_MANY_PIXELS, TOO_SMALL, DAMAGED, BUSY = range(6)


class PhotoError(KalcareError):
    """A picture that cannot be used: its format, size or content; `parts` are inserted into the text by name."""

    def __init__(self, text: str, /, *, problem: PhotoProblem = PhotoProblem.DAMAGED, **parts: object) -> None:
        super().__init__(Message(text, **parts))
        self.problem = problem


class UnknownBackboneError(KalcareError):
    """A name that is not a backbone's."""


class WeightsError(KalcareError):
    """A weights file that is missing, is not what it should be, or does not fit its network."""


class DownloadError(WeightsError):
    """Official weights that cannot be downloaded, or are not what was published."""


class NetworkError(KalcareError):
    """A network that could not be built, compiled or run."""


class VectorsError(KalcareError):
    """Stored vectors that are missing, damaged, or do not belong to what they are used for."""


class AddressError(KalcareError, OSError):
    """What several machines share at an address, whose server does not answer or refuses."""

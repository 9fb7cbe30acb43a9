"""What is wrong with a picture, in plain words for the visitor who chose it."""

from types import MappingProxyType

from embeddings.errors import PhotoError, PhotoProblem
from embeddings.imaging.photos import ACCEPTED_FORMATS
from embeddings.messages import Message

_SENTENCES = MappingProxyType(
    {
        PhotoProblem.OTHER_FORMAT: Message(
            "This file isn't a picture we can read. Choose a {formats} or {last_format} file."
        ),
        PhotoProblem.TOO_MANY_BYTES: Message("This file is too large ({size}). Choose one of at most {limit}."),
        PhotoProblem.TOO_MANY_PIXELS: Message(
            "This picture is too large. Choose one of at most {limit} megapixels, or take a photo."
        ),
        PhotoProblem.TOO_SMALL: Message("This picture is too small ({sides} pixels). Choose a larger one."),
        PhotoProblem.DAMAGED: Message(
            "This picture is damaged or incomplete. Download it again, or take another photo."
        ),
        PhotoProblem.BUSY: Message("Many large pictures are being read right now. Please try again in a minute."),
    }
)


def photo_problem(error: PhotoError) -> Message:
    """The error in words for visitors."""
    formats = {"formats": ", ".join(ACCEPTED_FORMATS[:-1]), "last_format": ACCEPTED_FORMATS[-1]}
    return Message(_SENTENCES[error.problem].text, **formats | error.message.parts)

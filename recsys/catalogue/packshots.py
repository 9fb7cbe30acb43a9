"""Reading the stored pictures of a data home's products."""

from pathlib import Path

from embeddings.errors import PhotoError
from embeddings.imaging.photos import RGB, decode_own
from recsys.catalogue.products import ImageFolder
from recsys.errors import LostPictureError


def kept_packshot(images: ImageFolder, image_key: str) -> RGB:
    """Read a stored picture: (height, width, 3). Raises LostPictureError if it is lost or damaged."""
    return _read(images.display_path(image_key), image_key)


def kept_study_picture(images: ImageFolder, image_key: str) -> RGB:
    """Read a stored picture as the study resized it: (240, 240, 3). Raises LostPictureError as `kept_packshot` does."""
    return _read(images.study_path(image_key), image_key)


def _read(path: Path, image_key: str) -> RGB:
    try:
        return decode_own(path.read_bytes())
    except (OSError, PhotoError):
        raise LostPictureError(path, image_key) from None

"""Reading the stored pictures of a data home's products."""

from pathlib import Path

from embeddings.errors import PhotoError
from embeddings.imaging.photos import RGB, decode_own
from recsys.catalogue.products import ImageFolder
from recsys.errors import LostPictureError


def kept_packshot(images: ImageFolder, image_key: str) -> RGB:
    """Read a stored picture: (height, width, 3). Raises LostPictureError if it is lost or damaged."""
    return kept_picture(images.display_path(image_key), image_key)


def kept_picture(path: Path, image_key: str) -> RGB:
    """Read a file of a stored picture, (height, width, 3), as `kept_packshot` does."""
    try:
        return decode_own(path.read_bytes())
    except (OSError, PhotoError):
        raise LostPictureError(path, image_key) from None

"""The pictures that a data home keeps of its products, read."""

from embeddings.errors import PhotoError
from embeddings.imaging.photos import RGB, decode_own
from recsys.catalogue.products import ImageFolder
from recsys.errors import LostPictureError


def kept_packshot(images: ImageFolder, image_key: str) -> RGB:
    """Read a kept picture: (height, width, 3). Raises LostPictureError when it is lost or damaged."""
    path = images.display_path(image_key)
    try:
        return decode_own(path.read_bytes())
    except (OSError, PhotoError):
        raise LostPictureError(path, image_key) from None

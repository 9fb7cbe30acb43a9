"""A catalogue's stored pictures: checked by decoding, stored in two sizes, removed when unused."""

import os
from collections.abc import Container
from hashlib import sha256
from pathlib import Path

from embeddings.files import atomic_write
from embeddings.imaging.photos import decode_photo, encode_jpeg, resize_as_studied, shrink_within
from recsys.catalogue.products import ImageFolder

STUDY_QUALITY = 97  # above 42 dB on detailed photographs; 95 falls to 40
DISPLAY_QUALITY = 88
DISPLAY_SIDE = 640
LARGEST_SIDE = 4096  # larger pictures are shrunk while being decoded; invisible at the study's 240 pixels
_START_OF_JPEG, _END_OF_JPEG = b"\xff\xd8", b"\xff\xd9"


def is_kept(images: ImageFolder, image_key: str) -> bool:
    """Whether both sizes of a picture exist and are complete, unlike after a power cut or with a full disk."""
    return _is_whole(images.study_path(image_key)) and _is_whole(images.display_path(image_key))


def keep_picture(images: ImageFolder, data: bytes) -> str:
    """Check a picture by decoding it, store its two sizes, and return its image key.

    Raises PhotoError if it is not a usable picture, OSError if it cannot be stored.
    """
    image_key = sha256(data).hexdigest()
    if is_kept(images, image_key):
        return image_key
    photo = decode_photo(data, max_side=LARGEST_SIDE)
    study = encode_jpeg(resize_as_studied(photo), quality=STUDY_QUALITY)
    display = encode_jpeg(shrink_within(photo, DISPLAY_SIDE), quality=DISPLAY_QUALITY)
    # One sync per picture would dominate the import; pictures damaged by a power cut are fetched again.
    with atomic_write(images.study_path(image_key), sync=False) as file:
        file.write(study)
    with atomic_write(images.display_path(image_key), sync=False) as file:
        file.write(display)
    return image_key


def remove_unused(images: ImageFolder, used_keys: Container[str]) -> None:
    """Delete every file whose picture is not among `used_keys`, including leftovers of killed imports."""
    for path in images.folder.glob("*/*"):
        if path.suffix != ".jpg" or path.stem not in used_keys:
            path.unlink(missing_ok=True)


def forget_picture(images: ImageFolder, image_key: str) -> None:
    """Delete both sizes of a picture that cannot be decoded, so that it is fetched again."""
    for path in (images.study_path(image_key), images.display_path(image_key)):
        path.unlink(missing_ok=True)


def _is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            if file.read(len(_START_OF_JPEG)) != _START_OF_JPEG:
                return False
            file.seek(-len(_END_OF_JPEG), os.SEEK_END)
            return file.read() == _END_OF_JPEG
    except OSError:  # missing or empty
        return False

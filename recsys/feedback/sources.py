"""What a search can start from."""

from enum import StrEnum


class Source(StrEnum):
    """A photo, by its source, a product of the catalogue, or words; the values are stored in the records."""

    UPLOAD = "upload"
    CAMERA = "camera"
    PASTE = "paste"
    SAMPLE = "sample"
    PRODUCT = "product"
    TEXT = "text"


TAKEN = (Source.UPLOAD, Source.CAMERA, Source.PASTE)
"""The sources of a visitor's own photo."""

"""What a search can start from."""

from enum import StrEnum


class Source(StrEnum):
    """A photo, by how it came, a product of the catalogue, or words; the values are what the records hold."""

    UPLOAD = "upload"
    CAMERA = "camera"
    PASTE = "paste"
    SAMPLE = "sample"
    PRODUCT = "product"
    TEXT = "text"


TAKEN = (Source.UPLOAD, Source.CAMERA, Source.PASTE)
"""How a visitor's own photo comes."""

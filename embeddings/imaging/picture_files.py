"""Common to the picture formats after reading: a file with nothing in it but pixels."""

from dataclasses import dataclass

MAX_PROFILE_BYTES = 4 * 1024 * 1024  # the largest ones, of printers, have two


@dataclass(frozen=True)
class PictureFile:
    """A picture's file without anything outside its pixels that may be faulty, and what was read from that.

    `sides` are those that decoding produces, (width, height), or None if only the decoder knows them. `alternative` is
    the same picture with other bytes after a missing end: if every pixel is there, both decode to the same.
    """

    data: bytes
    sides: tuple[int, int] | None = None
    profile: bytes | None = None
    exif: bytes | None = None
    bytes_per_pixel: float = 5  # at the peak of decoding
    num_scans: int = 1
    alternative: bytes | None = None


class DamagedPictureError(ValueError):
    """Bytes in which some or all of the pixels cannot be found."""

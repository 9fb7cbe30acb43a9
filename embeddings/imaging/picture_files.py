"""What the formats of pictures have in common once they are read: a file with nothing in it but pixels."""

from dataclasses import dataclass

MAX_PROFILE_BYTES = 4 * 1024 * 1024  # the largest of printers have two


@dataclass(frozen=True)
class PictureFile:
    """A picture's file, without what may be faulty beside its pixels, and what was read from that.

    `sides` are those that decoding really makes, (width, height), or None where only the decoder tells.
    `alternative` is the same picture with other bytes after its end, where the end is missing: if every pixel
    is there, it decodes to the same.
    """

    data: bytes
    sides: tuple[int, int] | None = None
    profile: bytes | None = None
    exif: bytes | None = None
    bytes_per_pixel: float = 5  # at the peak of decoding
    num_scans: int = 1
    alternative: bytes | None = None


class DamagedPictureError(ValueError):
    """Bytes in which the pixels cannot be found, or not all of them."""

"""JPEG's markers (ITU T.81, annex B): which segments the pixels need, and whether all scans are there."""

import re
from dataclasses import dataclass, field

from embeddings.imaging.picture_files import MAX_PROFILE_BYTES, DamagedPictureError, PictureFile

_END = b"\xff\xd9"
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_TABLES = {0xC4, 0xCC, 0xDB, 0xDC, 0xDD}
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"
MAX_SCANS = 300  # progressive files have about ten
_MAX_COMPONENTS = 4  # of a scan (B.2.3)
_PADDING = 512  # this many zeros at the end are left by an interrupted transfer, and are not pixels

# Appended if the end is missing: some bits, then every restart marker that a decoder may wait for.
_NOISE = bytes(range(7, 247, 4)) + bytes(range(3, 251, 31))
_OTHER_END = _NOISE + b"".join(bytes([0xFF, 0xD0 + number]) + _NOISE for number in range(8)) + _END


@dataclass
class _Walk:
    """What has been found so far in a file."""

    kept: list[bytes] = field(default_factory=lambda: [b"\xff\xd8"])
    exif: bytes | None = None
    profile_parts: dict[int, bytes] = field(default_factory=dict)
    sides: tuple[int, int] | None = None
    components: tuple[int, ...] = ()
    is_progressive: bool = False
    missing: set[tuple[int, int]] = field(default_factory=set)  # (component, coefficient) not yet exact
    num_scans: int = 0
    is_ended: bool = False


def read_jpeg(data: bytes) -> PictureFile:
    """Read a JPEG up to the end of its last scan, or of the first beyond MAX_SCANS.

    Raises DamagedPictureError if a scan is missing.
    """
    walk = _Walk()
    position = 2
    while 0 <= (position := data.find(b"\xff", position)) < len(data) - 3:
        marker = data[position + 1]
        if marker in {0x00, 0x01, 0xFF} or 0xD0 <= marker <= 0xD7:
            position += 1 if marker == 0xFF else 2
            continue
        segment = data[position : position + 2 + int.from_bytes(data[position + 2 : position + 4])]
        if marker == 0xD9 or not _take(walk, marker, segment):
            walk.is_ended = marker == 0xD9
            break
        position += len(segment)
        if marker == 0xDA:
            position = _take_scan(walk, data, position)
            if walk.num_scans > MAX_SCANS:
                walk.is_ended = True
                break
    else:
        walk.is_ended = data[-2:] == _END
    return _picture_file(walk)


def _take(walk: _Walk, marker: int, segment: bytes) -> bool:
    """Record a segment; False if the picture is over and a trailer of something else starts."""
    body = segment[4:]
    if marker in _FRAMES and walk.sides is None and len(body) >= 6:
        walk.sides = (int.from_bytes(body[3:5]), int.from_bytes(body[1:3]))
        walk.components = tuple(body[6 : 6 + 3 * body[5] : 3])
        walk.is_progressive = marker in _PROGRESSIVE
        walk.missing = {(component, number) for component in walk.components for number in range(64)}
    elif marker == 0xDA:
        num_components, scanned = body[0] if body else 0, {*body[1:-3:2]}
        if num_components > _MAX_COMPONENTS or len(body) != 4 + 2 * num_components or not scanned <= {*walk.components}:
            return False
        first, last, approximation = body[-3], body[-2], body[-1] & 15
        if approximation == 0:
            walk.missing -= {(component, n) for component in scanned for n in range(first, min(last, 63) + 1)}
        walk.num_scans += 1
    elif marker in {0xE1, 0xE2}:
        _take_metadata(walk, body)
        return True
    elif marker == 0xE0 or 0xE3 <= marker <= 0xEF or marker == 0xFE:
        if not (body.startswith(b"JFIF\0") and len(body) >= 14) and not (body.startswith(b"Adobe") and len(body) >= 12):
            return True
    elif marker not in _TABLES:
        return walk.num_scans == 0 and 0xF0 <= marker <= 0xFD
    walk.kept.append(segment)
    return True


def _take_metadata(walk: _Walk, body: bytes) -> None:
    if body.startswith(_EXIF) and walk.exif is None:
        walk.exif = body
    elif body.startswith(_ICC) and len(body) > 14:
        walk.profile_parts.setdefault(body[12], body[14:])


def _take_scan(walk: _Walk, data: bytes, start: int) -> int:
    """Record a scan's data; return where it ends."""
    following = _NEXT_MARKER.search(data, start)
    end = following.start() if following else len(data)
    scan = data[start:end] if following else data[start:].rstrip(b"\xff")  # in a scan, a 0 follows each of its own
    filled = scan.rstrip(b"\0")
    if following is None and len(scan) - len(filled) > _PADDING:
        scan = filled + b"\0"
    walk.kept.append(scan)
    return end


def _picture_file(walk: _Walk) -> PictureFile:
    if walk.num_scans == 0 or walk.sides is None or (not walk.is_ended and walk.missing):
        raise DamagedPictureError("no scan, or not all of them")
    pixels = b"".join(walk.kept)
    profile = b"".join(part for _, part in sorted(walk.profile_parts.items()))
    return PictureFile(
        pixels + _END,
        walk.sides,
        profile if 0 < len(profile) <= MAX_PROFILE_BYTES else None,
        walk.exif,
        bytes_per_pixel=2 * len(walk.components) if walk.is_progressive else 0,
        num_scans=walk.num_scans,
        alternative=None if walk.is_ended else pixels + _OTHER_END,
    )

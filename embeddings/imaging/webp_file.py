"""WebP's chunks (RFC 9649): the first picture's, with the sides in its own data, not those the canvas claims."""

import struct
from collections.abc import Iterator

from embeddings.imaging.picture_files import DamagedPictureError, PictureFile

_ALPHA, _ANIMATION = 0x10, 0x02
_BYTES_PER_PIXEL = 16  # two canvases of the decoder, its result, and Pillow's picture


def read_webp(data: bytes) -> PictureFile:
    """Read a WebP's first picture. Raises DamagedPictureError if there is none, or not all of it."""
    chunks: dict[bytes, bytes] = {}
    for name, body in _chunks(data, 12):
        chunks.setdefault(name, body)
    exif = chunks.get(b"EXIF")
    profile = chunks.get(b"ICCP")
    header = chunks.get(b"VP8X", b"")
    if len(header) >= 10 and header[0] & _ANIMATION and b"ANMF" in chunks:
        kept = [_chunk(b"VP8X", bytes([header[0] & (_ALPHA | _ANIMATION)]) + header[1:10])]
        kept += [_chunk(name, chunks[name]) for name in (b"ANIM", b"ANMF") if name in chunks]
        sides = (1 + int.from_bytes(header[4:7], "little"), 1 + int.from_bytes(header[7:10], "little"))
    else:
        name = b"VP8L" if b"VP8L" in chunks else b"VP8 "
        if name not in chunks:
            raise DamagedPictureError("no picture")
        sides = _sides(name, chunks[name])
        kept = [_chunk(name, chunks[name])]
        if name == b"VP8 " and b"ALPH" in chunks:
            canvas = b"".join((side - 1).to_bytes(3, "little") for side in sides)
            kept = [_chunk(b"VP8X", bytes([_ALPHA, 0, 0, 0]) + canvas), _chunk(b"ALPH", chunks[b"ALPH"]), *kept]
    body = b"WEBP" + b"".join(kept)
    return PictureFile(_chunk(b"RIFF", body), sides, profile, exif, bytes_per_pixel=_BYTES_PER_PIXEL)


def _chunks(data: bytes, position: int) -> Iterator[tuple[bytes, bytes]]:
    """The complete chunks."""
    while position + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, position)
        body = data[position + 8 : position + 8 + length]
        if len(body) < length:
            return
        yield name, body
        position += 8 + length + length % 2


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _sides(name: bytes, body: bytes) -> tuple[int, int]:
    if name == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    if name == b"VP8 " and len(body) >= 10:
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise DamagedPictureError("no header")

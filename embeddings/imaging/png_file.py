"""PNG's chunks (PNG specification, 3rd edition): those that the pixels need, and profile and EXIF if intact."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from embeddings.imaging.picture_files import MAX_PROFILE_BYTES, DamagedPictureError, PictureFile

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\0\0\0\0IEND\xaeB`\x82"
_TRANSPARENCY_LENGTHS = {0: range(2, 3), 2: range(6, 7), 3: range(1, 257)}  # by colour type


@dataclass(frozen=True)
class _Chunk:
    name: bytes
    body: bytes
    stored: bytes  # with length, name and checksum

    @property
    def is_critical(self) -> bool:
        return not self.name[0] & 0x20

    @property
    def is_sound(self) -> bool:
        """Whether the content has its checksum, as far as that is there."""
        end = 8 + len(self.body)
        return zlib.crc32(memoryview(self.stored)[4:end]).to_bytes(4).startswith(self.stored[end:])

    @property
    def is_whole(self) -> bool:
        return len(self.stored) == 12 + len(self.body) and self.is_sound


def read_png(data: bytes) -> PictureFile:
    """Read a PNG: a faulty ancillary chunk, or a missing or faulty end, does not affect its pixels.

    Raises DamagedPictureError if a critical chunk does not have its checksum. Decoders do not check it, nor always
    zlib's, which is after the last pixel.
    """
    critical: list[bytes] = []
    ancillary: dict[bytes, _Chunk] = {}
    sides, colour_type = None, -1
    for chunk in _chunks(data):
        if chunk.is_critical:
            if not chunk.is_sound:
                raise DamagedPictureError(f"another checksum than {chunk.name.decode()}'s")
            if chunk.name == b"IDAT" and b"IDAT" not in ancillary:
                ancillary[b"IDAT"] = chunk
                critical += _transparency(ancillary, colour_type)
            elif chunk.name == b"IHDR" and sides is None and len(chunk.body) == 13:
                width, height, colour_type = struct.unpack(">IIxB3x", chunk.body)
                sides = (width, height)
            critical.append(chunk.stored)
        elif chunk.is_whole:
            ancillary.setdefault(chunk.name, chunk)
    exif = ancillary.get(b"eXIf")
    return PictureFile(
        b"".join([_SIGNATURE, *critical, _END]), sides, _profile(ancillary.get(b"iCCP")), exif.body if exif else None
    )


def _chunks(data: bytes) -> Iterator[_Chunk]:
    position = len(_SIGNATURE)
    while position + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        if name == b"IEND" or not (name.isalpha() and name.isascii()):
            return
        stored = data[position : position + 12 + length]
        yield _Chunk(name, stored[8 : 8 + length], stored)
        position += 12 + length


def _transparency(ancillary: dict[bytes, _Chunk], colour_type: int) -> list[bytes]:
    chunk = ancillary.get(b"tRNS")
    fits = chunk is not None and len(chunk.body) in _TRANSPARENCY_LENGTHS.get(colour_type, ())
    return [chunk.stored] if chunk is not None and fits else []


def _profile(chunk: _Chunk | None) -> bytes | None:
    if chunk is None:
        return None
    compressed = chunk.body.partition(b"\0")[2][1:]
    inflating = zlib.decompressobj()
    try:
        profile = inflating.decompress(compressed, MAX_PROFILE_BYTES)
    except zlib.error:
        return None
    return None if inflating.unconsumed_tail else profile or None

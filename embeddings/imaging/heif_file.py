"""AVIF's and HEIC's boxes (ISO/IEC 14496-12, 23008-12): the coded sides, not those that the file claims."""

import re
import struct
from collections.abc import Callable, Iterator

from embeddings.imaging.picture_files import DamagedPictureError, PictureFile

_AV1_FIRST_BYTES, _HEVC_FIRST_BYTES = 128, 4096
_SEQUENCE_HEADER, _HEVC_SPS = 1, 33
_SidesOf = Callable[[bytes], tuple[int, int] | None]


def read_avif(data: bytes) -> PictureFile:
    """Read an AVIF's sides from its AV1 sequence headers."""
    return _read(data, _av1_sides, bytes_per_pixel=12)


def read_heic(data: bytes) -> PictureFile:
    """Read a HEIC's sides from its HEVC parameter sets."""
    return _read(data, _hevc_sides, bytes_per_pixel=7)


def without_metadata(data: bytes) -> bytes:
    """The same file with its EXIF and XMP items hidden, for a decoder that fails on errors in them."""
    return re.sub(rb"(infe.{8})(Exif|mime)", rb"\1skip", data, flags=re.DOTALL)


def _read(data: bytes, sides_of: _SidesOf, *, bytes_per_pixel: float) -> PictureFile:
    """The file, and the sides of its largest coded picture: a tile, if it is made of tiles."""
    try:
        coded = [sides_of(part) for part in _coded_parts(data)]
    except (struct.error, IndexError, ValueError):
        raise DamagedPictureError("no boxes") from None
    largest = max((sides for sides in coded if sides), key=lambda sides: sides[0] * sides[1], default=None)
    return PictureFile(data, largest, bytes_per_pixel=bytes_per_pixel)


class _Bits:
    """A reader of single bits, and of AV1's and HEVC's codes."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data)
        self._left = 8 * len(data)

    def read(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise DamagedPictureError("a header ends early")
        return (self._value >> self._left) & ((1 << count) - 1)

    def exp_golomb(self) -> int:
        zeros = 0
        while not self.read(1):
            zeros += 1
        return (1 << zeros) - 1 + self.read(zeros)


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of the contents of each box."""
    while start + 8 <= end:
        length, name = struct.unpack_from(">I4s", data, start)
        header = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, start + 8)
            header = 16
        stop = end if length == 0 else min(start + length, end)
        if stop < start + header:
            return
        yield name, start + header, stop
        start = stop


def _coded_parts(data: bytes) -> Iterator[bytes]:
    """The start of every coded picture, and the decoder configurations."""
    containers = {b"iprp": 0, b"ipco": 0, b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0, b"meta": 4}
    pending = [(0, len(data), b"")]
    while pending:
        start, end, _ = pending.pop()
        for name, first, last in _boxes(data, start, end):
            if name in containers:
                pending.append((first + containers[name], last, name))
            elif name in {b"av1C", b"hvcC"}:
                yield name + data[first:last]
            elif name == b"stsd":  # a track's: its configuration follows the fixed fields of a picture's entry
                for kind in (b"av1C", b"hvcC"):
                    found = data.find(kind, first, last)
                    if found >= 0:
                        yield kind + data[found + 4 : last]
            elif name in {b"stco", b"co64"}:
                width, count = (4 if name == b"stco" else 8), int.from_bytes(data[first + 4 : first + 8])
                for number in range(min(count, 1)):
                    place = first + 8 + number * width
                    offset = int.from_bytes(data[place : place + width])
                    yield data[offset : offset + _HEVC_FIRST_BYTES]
            elif name == b"iloc":
                yield from (
                    data[offset : offset + min(length, _HEVC_FIRST_BYTES)]
                    for offset, length in _extents(data[first:last], data)
                )


def _extents(iloc: bytes, data: bytes) -> Iterator[tuple[int, int]]:
    """Where the first extent of each item is, (offset, length)."""
    version = iloc[0]
    offset_size, length_size, base_size = iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4
    index_size = iloc[5] & 15 if version else 0
    id_size = 4 if version == 2 else 2
    idat = data.find(b"idat") + 4
    position = 6

    def number(size: int) -> int:
        nonlocal position
        position += size
        return int.from_bytes(iloc[position - size : position])

    for _ in range(number(id_size)):
        number(id_size)
        method = number(2) & 15 if version else 0
        number(2)
        base = number(base_size)
        for extent in range(number(2)):
            number(index_size)
            offset, length = number(offset_size), number(length_size)
            if position > len(iloc):
                return
            if extent == 0:
                yield (idat if method == 1 else 0) + base + offset, length or len(data)


def _av1_sides(part: bytes) -> tuple[int, int] | None:
    """The largest frame allowed by the first AV1 sequence header; None if there is none."""
    data = part[8:] if part.startswith(b"av1C") else part[:_AV1_FIRST_BYTES]
    position = 0
    while position < len(data):
        header = data[position]
        position += 2 if header & 4 else 1
        if not header & 2 or header & 0x80:
            return None
        size, shift = 0, 0
        while position < len(data):
            size |= (data[position] & 127) << shift
            shift += 7
            position += 1
            if not data[position - 1] & 128:
                break
        if header >> 3 & 15 == _SEQUENCE_HEADER:
            return _sequence_sides(_Bits(data[position : position + size]))
        position += size
    return None


def _sequence_sides(bits: _Bits) -> tuple[int, int]:
    """After `sequence_header_obu` of the AV1 specification, 5.5.1."""
    bits.read(4)  # profile, still_picture
    if bits.read(1):  # reduced_still_picture_header
        bits.read(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    return bits.read(width_bits) + 1, bits.read(height_bits) + 1


def _skip_operating_points(bits: _Bits) -> None:
    delay_bits = 0
    if bits.read(1):  # timing_info
        bits.read(64)
        if bits.read(1):
            bits.exp_golomb()
        if bits.read(1):  # decoder_model_info
            delay_bits = bits.read(5) + 1
            bits.read(42)
    has_delays = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:
            bits.read(1)
        if delay_bits and bits.read(1):
            bits.read(2 * delay_bits + 1)
        if has_delays and bits.read(1):
            bits.read(4)


def _hevc_sides(part: bytes) -> tuple[int, int] | None:
    """The sides in the first HEVC sequence parameter set; None if there is none."""
    for unit in _configured_units(part[4:]) if part.startswith(b"hvcC") else _units(part, 0, 4):
        if len(unit) > 4 and unit[0] >> 1 & 63 == _HEVC_SPS:
            return _parameter_sides(_Bits(unit[2:].replace(b"\0\0\3", b"\0\0")))
    return None


def _units(data: bytes, position: int, length_size: int) -> Iterator[bytes]:
    while position + length_size < len(data):
        length = int.from_bytes(data[position : position + length_size])
        yield data[position + length_size : position + length_size + length]
        position += length_size + length


def _configured_units(record: bytes) -> Iterator[bytes]:
    position = 23
    for _ in range(record[22]):
        count = int.from_bytes(record[position + 1 : position + 3])
        position += 3
        for _ in range(count):
            length = int.from_bytes(record[position : position + 2])
            yield record[position + 2 : position + 2 + length]
            position += 2 + length


def _parameter_sides(bits: _Bits) -> tuple[int, int]:
    """After `seq_parameter_set_rbsp` of ITU-T H.265, 7.3.2.2."""
    bits.read(4)
    num_layers = bits.read(3)
    bits.read(1 + 88 + 8)
    present = [(bits.read(1), bits.read(1)) for _ in range(num_layers)]
    if num_layers:
        bits.read(2 * (8 - num_layers))
    for has_profile, has_level in present:
        bits.read(88 * has_profile + 8 * has_level)
    bits.exp_golomb()
    if bits.exp_golomb() == 3:
        bits.read(1)
    return bits.exp_golomb(), bits.exp_golomb()

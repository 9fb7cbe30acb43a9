"""Faults outside the pixels are ignored; missing pixels are refused; claims in a header are not believed."""

import resource
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from itertools import product

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from skimage import data

from embeddings.errors import PhotoError
from embeddings.imaging.budget import DecodingBudget, budget_for
from embeddings.imaging.heif_file import read_avif, read_heic
from embeddings.imaging.photos import MAX_DECODED, decode_own, decode_photo

PHOTO = Image.fromarray(np.ascontiguousarray(data.chelsea()[20:276, 60:420]))


def encoded(picture: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes, *, fault: int = 0) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content) ^ fault)


JPEGS = {
    "baseline": encoded(PHOTO, "JPEG"),
    "optimized": encoded(PHOTO, "JPEG", optimize=True),
    "progressive": encoded(PHOTO, "JPEG", progressive=True),
    "restarts": encoded(PHOTO, "JPEG", restart_marker_blocks=7),
    "gray": encoded(PHOTO.convert("L"), "JPEG", progressive=True),
    "CMYK": encoded(PHOTO.convert("CMYK"), "JPEG"),
}
PNG = encoded(PHOTO, "PNG")
TRAILER = b"SEFH\xff\xd8\xff\xe1trailer" + bytes(range(256)) * 40


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("max_side", [None, 90])
def test_a_jpeg_without_its_end_marker_is_shown(name: str, max_side: int | None) -> None:
    whole = decode_photo(JPEGS[name], max_side=max_side)
    for trailer in (b"", b"\xff", b"\xff" * 20, b"\xff" * 4096, b"\0" * 4096, TRAILER):
        np.testing.assert_array_equal(decode_photo(JPEGS[name][:-2] + trailer, max_side=max_side), whole)


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_without_some_of_its_pixels_is_refused(name: str) -> None:
    for share, trailer in product([0.3, 0.6, 0.9, 0.97], [b"", b"\0" * 4096, b"\xff" * 20, b"\xff" * 4096]):
        with pytest.raises(PhotoError, match="a damaged or incomplete one"):
            decode_photo(JPEGS[name][: int(len(JPEGS[name]) * share)] + trailer)


@pytest.mark.parametrize("name", ["progressive", "gray"])
def test_a_progressive_jpeg_that_ends_between_two_scans_is_refused(name: str) -> None:
    whole = JPEGS[name]
    with pytest.raises(PhotoError, match="a damaged or incomplete one"):
        decode_photo(whole[: whole.rindex(b"\xff\xda")])


BODIES = (b"", b"JFIF\0", b"Adobe", b"Exif\0\0II*\0\xff\xff\xff\xff", b"ICC_PROFILE\0\1\1", b"Photoshop 3.0\0" * 9)


@pytest.mark.parametrize("marker", [0xE0, 0xE1, 0xE2, 0xE3, 0xED, 0xEE, 0xEF, 0xFE])
def test_a_faulty_segment_outside_the_pixels_of_a_jpeg_is_ignored(marker: int) -> None:
    whole = JPEGS["baseline"]
    photo = decode_photo(whole)
    for body in BODIES:
        segment = bytes([0xFF, marker]) + struct.pack(">H", 2 + len(body)) + body
        np.testing.assert_array_equal(decode_photo(whole[:2] + segment + whole[2:]), photo)


CONTENTS = (b"", b"a", b"a\0\0" + zlib.compress(bytes(20_000_000)), bytes(2_000_000))


@pytest.mark.parametrize(
    "name", [b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"pHYs", b"gAMA", b"cHRM", b"tRNS", b"eXIf", b"acTL"]
)
def test_a_faulty_or_huge_chunk_outside_the_pixels_of_a_png_is_ignored(name: bytes) -> None:
    for content, fault in product(CONTENTS, [0, 1]):
        with_chunk = PNG[:33] + chunk(name, content, fault=fault) + PNG[33:]
        np.testing.assert_array_equal(decode_photo(with_chunk), np.asarray(PHOTO))
        np.testing.assert_array_equal(decode_photo(with_chunk[:-12]), np.asarray(PHOTO))  # without its end


PALETTE_PNG = encoded(PHOTO.quantize(64), "PNG")


@pytest.mark.parametrize("num_components", [1, 3, 255])
def test_a_jpeg_of_nothing_but_scans_is_refused_or_read_at_once(num_components: int) -> None:
    components = bytes([num_components]) + b"\x01\x00" * num_components
    scan = b"\xff\xda" + (len(components) + 5).to_bytes(2) + components + b"\x00\xff\x00" + b"\x00"
    scans = scan * (9_000_000 // len(scan))
    start = time.process_time()
    with suppress(PhotoError):
        decode_photo(encoded(PHOTO, "JPEG")[:-2] + scans + b"\xff\xd9")
    assert time.process_time() - start < 2


@pytest.mark.parametrize("name", [b"IHDR", b"PLTE", b"IDAT"])
def test_a_png_whose_pixels_do_not_have_their_checksum_is_refused(name: bytes) -> None:
    place = PALETTE_PNG.rindex(name) - 4
    end = place + 12 + struct.unpack_from(">I", PALETTE_PNG, place)[0]
    for changed in {end - 5, end - 4, end - 1}:  # the last byte of the content, or of the name, and the checksum
        damaged = bytearray(PALETTE_PNG)
        damaged[changed] ^= 1
        with pytest.raises(PhotoError, match="a damaged or incomplete one"):
            decode_photo(bytes(damaged))


def test_a_png_with_one_other_bit_is_refused_or_looks_the_same() -> None:
    whole = decode_photo(PALETTE_PNG)
    for place in range(len(PALETTE_PNG) - 1500, len(PALETTE_PNG)):  # zlib's own checksum is often not reached
        damaged = bytearray(PALETTE_PNG)
        damaged[place] ^= 1 << place % 8
        with suppress(PhotoError):
            np.testing.assert_array_equal(decode_photo(bytes(damaged)), whole)


def test_a_png_that_ends_within_its_last_checksum_is_shown() -> None:
    for missing in range(12, 17):
        np.testing.assert_array_equal(decode_photo(PALETTE_PNG[:-missing]), decode_photo(PALETTE_PNG))


def test_a_webp_whose_last_chunk_is_cut_is_shown() -> None:
    whole = encoded(PHOTO, "WEBP", lossless=True, exif=b"Exif\0\0" + bytes(500), xmp=b"<x/>" * 99)
    np.testing.assert_array_equal(decode_photo(whole[:-200]), np.asarray(PHOTO))
    with pytest.raises(PhotoError, match="a damaged or incomplete one"):
        decode_photo(whole[: len(whole) // 2])


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'  # noqa: E501


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "AVIF"])
def test_the_orientation_of_xmp_turns_nothing(file_format: str) -> None:
    assert decode_photo(encoded(PHOTO, file_format, xmp=XMP)).shape == (256, 360, 3)


@pytest.mark.parametrize("arithmetic_marker", [0xC9, 0xCA])
def test_the_frames_of_arithmetic_coding_are_known(arithmetic_marker: int) -> None:
    whole = JPEGS["baseline"]
    place = whole.index(b"\xff\xc0")
    with pytest.raises(PhotoError, match="damaged"):  # the bits are Huffman codes: refused, with no other error
        decode_photo(whole[:place] + bytes([0xFF, arithmetic_marker]) + whole[place + 2 : place + 200])


def lying(content: bytes) -> bytes:
    """The AVIF or HEIC with 100x100 as its claimed sides."""
    place, changed = 0, bytearray(content)
    while (place := changed.find(b"ispe", place)) >= 0:
        place += 8
        changed[place : place + 8] = struct.pack(">II", 100, 100)
    return bytes(changed)


def test_the_sides_that_an_avif_or_heic_claims_are_not_believed() -> None:
    buffer = BytesIO()
    pillow_heif.from_pillow(Image.new("L", (400, 304))).save(buffer, quality=10)
    assert read_heic(lying(buffer.getvalue())).sides == (400, 304)
    for options in ({}, {"save_all": True, "append_images": [PHOTO]}):
        assert read_avif(lying(encoded(PHOTO, "AVIF", speed=10, **options))).sides == PHOTO.size
    with pytest.raises(PhotoError, match="damaged"):
        decode_photo(lying(buffer.getvalue()))


def test_a_phones_fifty_megapixels_are_accepted() -> None:
    photo = decode_photo(encoded(Image.new("RGB", (8160, 6144), "orange"), "JPEG"), max_side=1280)
    assert photo.shape == (964, 1280, 3)
    np.testing.assert_allclose(photo[500, 600], (255, 165, 0), atol=6)
    assert MAX_DECODED / read_heic(b"").bytes_per_pixel > 8160 * 6144  # a HEIC of that size takes a minute to make


def test_large_and_transparent_is_flattened_in_bands_as_in_one_piece() -> None:
    alpha = np.tile(np.linspace(0, 255, 1801).astype(np.uint8), (1303, 1))
    cutout = PHOTO.resize((1801, 1303))
    cutout.putalpha(Image.fromarray(alpha))
    content = encoded(cutout, "PNG", compress_level=1)
    whole = Image.fromarray(decode_photo(content)).resize((200, 145), Image.Resampling.BOX)
    assert np.abs(decode_photo(content, max_side=200).astype(float) - np.asarray(whole)).mean() < 2


def test_a_picture_made_by_the_app_may_have_any_sides() -> None:
    assert decode_own(encoded(Image.new("RGB", (640, 25)), "JPEG")).shape == (25, 640, 3)
    with pytest.raises(PhotoError, match="a damaged file"):
        decode_own(JPEGS["baseline"][:2000])


def test_the_budget_is_spent_in_the_order_of_asking_and_never_exceeded() -> None:
    budget = DecodingBudget(100)
    order, held, most = [], [0], [0]

    def spend(number: int) -> None:
        with budget.spend(60 if number % 2 else 40):
            held[0] += 60 if number % 2 else 40
            most[0] = max(most[0], held[0])
            order.append(number)
            time.sleep(0.02)
            held[0] -= 60 if number % 2 else 40

    with ThreadPoolExecutor(8) as pool, budget.spend(100):
        for number in range(8):
            pool.submit(spend, number)
            time.sleep(0.02)
    assert order == list(range(8))
    assert most[0] <= 100


def test_waiting_too_long_for_memory_is_an_error() -> None:
    budget = DecodingBudget(10, patience_seconds=0.01)
    with budget.spend(10), pytest.raises(PhotoError, match="try again in a minute"), budget.spend(1):
        pass
    with budget.spend(10):  # the one that gave up holds nothing
        pass


def test_a_phones_photo_does_not_wait_behind_giants() -> None:
    with budget_for(MAX_DECODED).spend(MAX_DECODED), budget_for(MAX_DECODED // 10).spend(1):
        assert decode_photo(JPEGS["baseline"]).shape == (256, 360, 3)


def test_giants_are_decoded_one_after_another() -> None:
    bomb = encoded(Image.new("P", (5000, 5000)), "PNG", transparency=bytes(256))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with ThreadPoolExecutor(20) as pool:
        shapes = {photo.shape for photo in pool.map(lambda _: decode_photo(bomb, max_side=1280), range(3))}
    assert shapes == {(1280, 1280, 3)}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB

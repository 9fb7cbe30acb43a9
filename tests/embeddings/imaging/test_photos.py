import random
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from skimage import data

from embeddings.errors import PhotoError
from embeddings.imaging.photos import (
    ACCEPTED_EXTENSIONS,
    ACCEPTED_FORMATS,
    MAX_PHOTO_BYTES,
    RGB,
    averaged_within,
    decode_photo,
    encode_jpeg,
    read_photo,
    resize_as_studied,
    resize_square,
    shrink_within,
)

PHOTO = Image.fromarray(np.ascontiguousarray(data.chelsea()[20:280, 60:420]))  # a cat, 360x260
PIXELS = np.asarray(PHOTO)
ALPHA = np.tile(np.linspace(0, 255, 360).astype(np.uint8), (260, 1))  # transparent on the left
CUTOUT = Image.fromarray(np.dstack([PIXELS, ALPHA]))
GRAY16 = np.asarray(PHOTO.convert("L")).astype(np.uint16) * 257 + np.arange(360, dtype=np.uint16) % 97


def encoded(picture: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def as_heic(picture: Image.Image, **options: object) -> bytes:
    buffer = BytesIO()
    pillow_heif.from_pillow(picture).save(buffer, **options)
    return buffer.getvalue()


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(samples: np.ndarray, depth: int, colour_type: int, *chunks: bytes) -> bytes:
    """A PNG written by hand, for what Pillow cannot write; samples are (height, width, channels)."""
    height, width = samples.shape[:2]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))
    rows = b"".join(b"\0" + row.astype(f">u{depth // 8}").tobytes() for row in samples)
    body = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + body + chunk(b"IEND", b"")


def gif(canvas: tuple[int, int], frame: tuple[int, int]) -> bytes:
    """A GIF with almost no data that claims these sizes."""
    sizes = struct.pack("<HH", *canvas) + b"\0\0\0," + struct.pack("<HHHHB", 0, 0, *frame, 0)
    return b"GIF89a" + sizes + b"\2\2\x4c\1\0;"


def icc_profile(space: bytes, tags: dict[bytes, bytes], connection: bytes = b"XYZ ") -> bytes:
    """A colour profile after ICC.1:2001-04."""
    body, table = b"", struct.pack(">I", len(tags))
    for name, content in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    white = struct.pack(">iii", *(round(value * 65536) for value in (0.9642, 1, 0.8249)))
    head = bytes(4) + b"\x02\x40\0\0" + (b"prtr" if space == b"CMYK" else b"mntr") + space + connection
    head += bytes(12) + b"acsp" + bytes(28) + white + bytes(48)
    return struct.pack(">I", 4 + len(head + table + body)) + head + table + body


def adobe_rgb_profile() -> bytes:
    def column(*xyz: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(value * 65536) for value in xyz))

    gamma = b"curv" + struct.pack(">IIH", 0, 1, 0x0233)
    columns = {
        b"rXYZ": column(0.60974, 0.31111, 0.01947),
        b"gXYZ": column(0.20528, 0.62567, 0.06087),
        b"bXYZ": column(0.14919, 0.06322, 0.74457),
    }
    return icc_profile(b"RGB ", {**columns, b"rTRC": gamma, b"gTRC": gamma, b"bTRC": gamma})


def black_ink_profile() -> bytes:
    """A CMYK profile in which black alone prints, L* from 100 down to 0: unlike any plain conversion."""
    ramp = struct.pack(">HH", 0, 65535)
    paper, ink = struct.pack(">HHH", 0xFF00, 0x8000, 0x8000), struct.pack(">HHH", 0, 0x8000, 0x8000)
    lut = b"mft2\0\0\0\0" + bytes([4, 3, 2, 0]) + struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    lut += struct.pack(">HH", 2, 2) + ramp * 4 + (paper + ink) * 8 + ramp * 3
    return icc_profile(b"CMYK", {b"A2B0": lut}, connection=b"Lab ")


def adobe_rgb_to_srgb(pixels: np.ndarray) -> np.ndarray:
    """The conversion after the two standards' own matrices (Adobe RGB (1998) 4.3.6; IEC 61966-2-1)."""
    to_xyz = np.array([[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]])
    to_srgb = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    linear = np.clip((pixels / 255) ** 2.19921875 @ (to_srgb @ to_xyz).T, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def over_white(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    opacity = alpha[..., None] / 255
    return pixels * opacity + 255 * (1 - opacity)


def difference(photo: RGB, expected: np.ndarray) -> float:
    """The mean absolute difference in grey levels."""
    assert photo.dtype == np.uint8
    assert photo.flags.c_contiguous
    assert photo.shape == expected.shape
    return float(np.abs(photo.astype(float) - expected).mean())


GRAY = np.asarray(PHOTO.convert("L"))[..., None].repeat(3, axis=2)
QUANTIZED = PHOTO.quantize(64)
FRAMES = {"save_all": True, "append_images": [PHOTO.rotate(180)]}

LOSSLESS = {
    "PNG": lambda: (encoded(PHOTO, "PNG"), PIXELS),
    "animated PNG": lambda: (encoded(PHOTO, "PNG", **FRAMES), PIXELS),
    "grayscale PNG": lambda: (encoded(PHOTO.convert("L"), "PNG"), GRAY),
    "1-bit PNG": lambda: (encoded(PHOTO.convert("1"), "PNG"), np.asarray(PHOTO.convert("1").convert("RGB"))),
    "palette PNG": lambda: (encoded(QUANTIZED, "PNG"), np.asarray(QUANTIZED.convert("RGB"))),
    "WebP": lambda: (encoded(PHOTO, "WEBP", lossless=True), PIXELS),
    "animated WebP": lambda: (encoded(PHOTO, "WEBP", lossless=True, **FRAMES), PIXELS),
    "GIF": lambda: (encoded(QUANTIZED, "GIF"), np.asarray(QUANTIZED.convert("RGB"))),
    "grayscale GIF": lambda: (encoded(PHOTO.convert("L"), "GIF"), GRAY),
}
LOSSY = {
    "JPEG": lambda: (encoded(PHOTO, "JPEG", quality=95), PIXELS, 2),
    "progressive JPEG": lambda: (encoded(PHOTO, "JPEG", quality=95, progressive=True), PIXELS, 2),
    "grayscale JPEG": lambda: (encoded(PHOTO.convert("L"), "JPEG", quality=95), GRAY, 1.5),
    "MPO": lambda: (encoded(PHOTO, "MPO", quality=95, **FRAMES), PIXELS, 2),
    "WebP": lambda: (encoded(PHOTO, "WEBP", quality=95), PIXELS, 2.5),
    "AVIF": lambda: (encoded(PHOTO, "AVIF", quality=90), PIXELS, 2),
    "animated AVIF": lambda: (encoded(PHOTO, "AVIF", quality=90, **FRAMES), PIXELS, 2),
    "grayscale AVIF": lambda: (encoded(PHOTO.convert("L"), "AVIF", quality=90), GRAY, 1.5),
    "HEIC": lambda: (as_heic(PHOTO, quality=90), PIXELS, 2),
    "HEIC of tiles": lambda: (as_heic(PHOTO, quality=90, tile_size=128), PIXELS, 2),
    "grayscale HEIC": lambda: (as_heic(PHOTO.convert("L"), quality=90), GRAY, 1.5),
    "10-bit HEIC": lambda: (as_heic(Image.fromarray(GRAY16), quality=90), GRAY, 1.5),
}


@pytest.mark.parametrize("name", LOSSLESS)
def test_a_lossless_picture_decodes_to_its_pixels(name: str) -> None:
    content, expected = LOSSLESS[name]()
    np.testing.assert_array_equal(decode_photo(content), expected)


@pytest.mark.parametrize("name", LOSSY)
def test_a_lossy_picture_decodes_close_to_its_pixels(name: str) -> None:
    content, expected, tolerance = LOSSY[name]()
    assert difference(decode_photo(content), expected) < tolerance


CUTOUTS = {
    "PNG": lambda: (encoded(CUTOUT, "PNG"), 0.51),
    "lossless WebP": lambda: (encoded(CUTOUT, "WEBP", lossless=True, exact=True), 0.51),
    "WebP": lambda: (encoded(CUTOUT, "WEBP", quality=95), 3),
    "AVIF": lambda: (encoded(CUTOUT, "AVIF", quality=90), 2),
    "HEIC": lambda: (as_heic(CUTOUT, quality=90), 2),
}


@pytest.mark.parametrize("name", CUTOUTS)
def test_what_is_transparent_becomes_white(name: str) -> None:
    content, tolerance = CUTOUTS[name]()
    assert difference(decode_photo(content), over_white(PIXELS, ALPHA)) < tolerance


def test_a_transparent_gray_png_becomes_white_where_it_is_transparent() -> None:
    content = encoded(CUTOUT.convert("LA"), "PNG")
    assert difference(decode_photo(content), over_white(GRAY, ALPHA)) < 0.51


def test_a_palette_png_becomes_white_by_the_alpha_of_its_colours() -> None:
    alphas = bytes(range(0, 256, 4))
    expected = over_white(np.asarray(QUANTIZED.convert("RGB")), np.frombuffer(alphas, np.uint8)[np.asarray(QUANTIZED)])
    assert difference(decode_photo(encoded(QUANTIZED, "PNG", transparency=alphas)), expected) < 0.51


def test_an_animated_gif_gives_its_first_frame_on_white() -> None:
    frames = [PHOTO.rotate(180).quantize(64)]
    content = encoded(QUANTIZED, "GIF", transparency=7, save_all=True, append_images=frames, optimize=False)
    expected = np.where((np.asarray(QUANTIZED) == 7)[..., None], 255, np.asarray(QUANTIZED.convert("RGB")))
    np.testing.assert_array_equal(decode_photo(content), expected)


@pytest.mark.parametrize(
    ("colour_type", "channels"),
    [(0, ["gray"]), (2, ["gray"] * 3), (4, ["gray", "opaque"]), (6, ["gray"] * 3 + ["opaque"])],
)
def test_a_16_bit_png_is_scaled_and_not_clipped(colour_type: int, channels: list[str]) -> None:
    planes = {"gray": GRAY16, "opaque": np.full_like(GRAY16, 65535)}
    photo = decode_photo(png(np.dstack([planes[channel] for channel in channels]), 16, colour_type))
    np.testing.assert_allclose(photo, (GRAY16 / 257)[..., None].repeat(3, axis=2), atol=1)


def test_the_transparent_value_of_a_16_bit_gray_png_becomes_white() -> None:
    value = int(GRAY16[100, 100])
    photo = decode_photo(png(GRAY16[..., None], 16, 0, chunk(b"tRNS", struct.pack(">H", value))))
    np.testing.assert_array_equal(photo[value == GRAY16], 255)
    assert difference(photo, GRAY) < 2


def cmyk_jpeg(inks: np.ndarray, *, as_ycck: bool) -> bytes:
    """An Adobe JPEG, inverted as theirs are; as YCCK its first three inks are stored as luma and chroma."""
    if as_ycck:
        luma_chroma = np.asarray(Image.fromarray(np.ascontiguousarray(inks[..., :3])).convert("YCbCr"))
        inks = np.dstack([255 - luma_chroma, inks[..., 3]])
    picture = Image.frombytes("CMYK", inks.shape[1::-1], inks.tobytes())
    content = bytearray(encoded(picture, "JPEG", quality=95, subsampling=0))
    content[content.index(b"Adobe") + 11] = 2 if as_ycck else 0
    return bytes(content)


@pytest.mark.parametrize("as_ycck", [False, True])
def test_a_cmyk_jpeg_is_neither_a_negative_nor_miscoloured(as_ycck: bool) -> None:
    inks = np.dstack([255 - PIXELS, np.full_like(ALPHA, 40)])
    expected = PIXELS * ((255 - 40) / 255)
    assert difference(decode_photo(cmyk_jpeg(inks, as_ycck=as_ycck)), expected) < 2


TURNED = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: np.rot90,  # upright once turned clockwise
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels, -1),
}


@pytest.mark.parametrize("file_format", ["JPEG", "MPO", "PNG", "WEBP", "AVIF", "HEIC"])
def test_a_picture_taken_sideways_is_turned_upright_once(file_format: str) -> None:
    upright = np.asarray(PHOTO.resize((144, 104)))
    for orientation, turned in TURNED.items():
        stored = Image.fromarray(np.ascontiguousarray(turned(upright)))
        if file_format == "HEIC":
            content = as_heic(stored, quality=90, exif=exif_of(orientation))
        else:
            content = encoded(stored, file_format, quality=95, exif=exif_of(orientation))
        assert difference(decode_photo(content), upright) < 4, orientation
        assert decode_photo(content, max_side=90).shape == (65, 90, 3)


def test_a_damaged_orientation_leaves_the_picture_as_it_is() -> None:
    content = encoded(PHOTO, "PNG", exif=exif_of(6)[:-9])
    np.testing.assert_array_equal(decode_photo(content), PIXELS)


@pytest.mark.parametrize("max_side", [None, 360])
def test_an_adobe_rgb_picture_comes_out_in_srgb(max_side: int | None) -> None:
    content = encoded(PHOTO, "PNG", icc_profile=adobe_rgb_profile())
    expected = adobe_rgb_to_srgb(PIXELS)
    assert np.abs(expected - PIXELS).mean() > 3
    assert difference(decode_photo(content, max_side=max_side), expected) < 1


@pytest.mark.parametrize(("black", "expected"), [(0, 255), (51, 198), (128, 118), (204, 48)])
def test_a_cmyk_picture_follows_its_profile(black: int, expected: int) -> None:
    inks = np.random.default_rng(1).integers(0, 256, (64, 64, 4), np.uint8)
    inks[..., 3] = black
    content = encoded(Image.frombytes("CMYK", (64, 64), inks.tobytes()), "JPEG", icc_profile=black_ink_profile())
    np.testing.assert_allclose(decode_photo(content), expected, atol=3)  # L* 100, 80, 50, 20 in sRGB


@pytest.mark.parametrize("profile", [b"damaged", adobe_rgb_profile()[:200], black_ink_profile()])
def test_an_unusable_profile_is_ignored(profile: bytes) -> None:
    np.testing.assert_array_equal(decode_photo(encoded(PHOTO, "PNG", icc_profile=profile)), PIXELS)


def test_a_profile_of_another_mode_is_ignored() -> None:
    content = encoded(PHOTO.convert("L"), "PNG", icc_profile=adobe_rgb_profile())
    np.testing.assert_array_equal(decode_photo(content), GRAY)


def test_shrinking_while_decoding_is_not_seen_in_the_studys_picture() -> None:
    large = Image.fromarray(np.tile(data.coffee(), (7, 7, 1)))  # 4200x2800: decoded at half its size
    content = encoded(large, "JPEG", quality=90)
    whole, shrunk = decode_photo(content), decode_photo(content, max_side=1280)
    assert whole.shape == (2800, 4200, 3)
    assert shrunk.shape == (853, 1280, 3)
    assert difference(resize_as_studied(shrunk), resize_as_studied(whole)) < 0.3
    assert difference(shrunk, shrink_within(whole, 1280)) < 1


@pytest.mark.parametrize("max_side", [360, 361, 5000])
def test_a_picture_is_never_enlarged(max_side: int) -> None:
    np.testing.assert_array_equal(decode_photo(encoded(PHOTO, "PNG"), max_side=max_side), PIXELS)
    np.testing.assert_array_equal(shrink_within(PIXELS, max_side), PIXELS)
    np.testing.assert_array_equal(averaged_within(PIXELS, max_side), PIXELS)


def test_averaging_gives_each_pixel_the_mean_of_those_it_stands_for() -> None:
    height, width = (length // 4 for length in PIXELS.shape[:2])
    picture = PIXELS[: 4 * height, : 4 * width]
    means = picture.reshape(height, 4, width, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(averaged_within(picture, max(height, width)), means, atol=0.51)


def test_a_thin_picture_keeps_a_pixel_when_shrunk() -> None:
    thin = Image.new("RGB", (32, 9000), "red")
    assert decode_photo(encoded(thin, "JPEG"), max_side=100).shape == (100, 1, 3)


def test_the_studys_resize_is_pillows_bicubic_squash() -> None:
    expected = np.asarray(PHOTO.resize((240, 240), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(resize_as_studied(PIXELS), expected)
    assert resize_square(PIXELS, 32).shape == (32, 32, 3)


def test_a_picture_of_the_wanted_size_stays_as_pillow_too_leaves_it() -> None:
    square = resize_square(PIXELS, 48)
    same = np.asarray(Image.fromarray(square).resize((48, 48), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(resize_square(square, 48), same)


def test_an_encoded_photo_decodes_to_itself_in_full_colour() -> None:
    content = encode_jpeg(PIXELS, quality=95)
    assert difference(decode_photo(content), PIXELS) < 1.5
    with Image.open(BytesIO(content)) as picture:
        assert [component[1:3] for component in picture.layer] == [(1, 1)] * 3  # no chroma subsampling


def vp8l(width: int, height: int) -> bytes:
    """A lossless WebP that claims these sides, and contains nothing else."""
    body = b"\x2f" + (width - 1 | (height - 1) << 14).to_bytes(4, "little") + bytes(13)
    return b"RIFF" + struct.pack("<I", 12 + len(body)) + b"WEBPVP8L" + struct.pack("<I", len(body)) + body


PROGRESSIVE = encoded(PHOTO, "JPEG", progressive=True)
LAST_SCAN = PROGRESSIVE[PROGRESSIVE.rindex(b"\xff\xda") : -2]

REFUSED = {
    "nothing": (b"", "an empty file"),
    "a web page named .jpg": (b"\n<!DOCTYPE html><title>404</title>", "a web page (HTML), 34 bytes"),
    "a drawing": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "a drawing (SVG)"),
    "a document": (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a PostScript file (EPS)"),
    "TIFF": (b"II*\0" + bytes(99), "a TIFF or raw picture"),
    "BMP": (b"BM" + bytes(2000), "a BMP picture"),
    "a video": (b"\0\0\0\x18ftypmp42" + bytes(99), "a video"),
    "a text": ("Produk habis, maaf é".encode(), "a text"),
    "noise": (bytes(range(256)), "a file of an unknown kind"),
    "too small": (encoded(Image.new("L", (500, 31)), "PNG"), "a PNG of 500x31"),
    "a bomb": (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 20000, 20000, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(99))),
        "at most 64 megapixels, got a PNG of 20000x20000",
    ),
    "a GIF with a giant canvas": (gif((65535, 65535), (1, 1)), "a GIF of 65535x65535"),
    "a GIF with a large frame": (gif((100, 100), (10000, 10000)), "a GIF of 10000x10000"),
    "a GIF with a giant frame": (gif((100, 100), (65535, 65535)), "a GIF of several times that"),
    "endless scans": (
        encoded(PHOTO, "JPEG", progressive=True)[:-2] + LAST_SCAN * 400 + b"\xff\xd9",
        "at most 300 scans",
    ),
    "a WebP of a few bytes that claims much": (vp8l(7070, 7070), "at most 28 megapixels, got a WebP of 7070x7070"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_reported_in_one_line(name: str) -> None:
    content, received = REFUSED[name]
    with pytest.raises(PhotoError) as refusal:
        decode_photo(content)
    message = str(refusal.value)
    assert received in message
    assert message.startswith("Expected ")
    assert "\n" not in message
    assert ": " in message  # the remedy


def test_the_refusal_lists_every_accepted_format() -> None:
    with pytest.raises(PhotoError, match="JPEG, PNG, WebP, AVIF, GIF or HEIC"):
        decode_photo(b"%PDF")
    assert {extension.upper() for extension in ACCEPTED_EXTENSIONS} >= {name.upper() for name in ACCEPTED_FORMATS}


@pytest.mark.parametrize("content", [encoded(PHOTO, "JPEG"), encoded(PHOTO, "PNG"), as_heic(PHOTO)])
def test_a_truncated_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PhotoError, match="a damaged or incomplete one"):
        decode_photo(content[: len(content) // 2])


def test_a_file_may_have_ten_mebibytes_and_not_a_byte_more() -> None:
    content = encoded(PHOTO, "JPEG")
    whole = content + bytes(10 * 1024 * 1024 - len(content))
    assert len(whole) == MAX_PHOTO_BYTES
    assert decode_photo(whole).shape == PIXELS.shape
    with pytest.raises(PhotoError, match=r"at most 10 MB, got 10\.1 MB"):
        decode_photo(whole + b"\0")


@pytest.mark.parametrize(("width", "fits"), [(12_800, True), (12_801, False)])
def test_a_picture_may_have_64_megapixels_and_not_a_column_more(width: int, fits: bool) -> None:
    content = encoded(Image.new("1", (width, 5000)), "PNG")
    if fits:
        assert decode_photo(content, max_side=64).shape == (25, 64, 3)
    else:
        with pytest.raises(PhotoError, match="at most 64 megapixels, got a PNG of 12801x5000"):
            decode_photo(content)


def test_a_photo_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "foto susu é.jpg").write_bytes(encoded(PHOTO, "JPEG", quality=95))
    assert difference(read_photo(tmp_path / "foto susu é.jpg"), PIXELS) < 2.5
    with pytest.raises(PhotoError, match=r"gone\.jpg, which cannot be read: No such file"):
        read_photo(tmp_path / "gone.jpg")


def test_a_shops_messy_files_show_the_same_product_or_are_refused(grocery: Path) -> None:
    folder = grocery / "images" / "messy"
    plain = read_photo(folder / "foto susu é.jpg").astype(float)
    for name in ("cmyk.jpg", "rotated.jpg", "transparent.png"):
        assert difference(read_photo(folder / name), plain) < 3
    gray = plain @ [0.299, 0.587, 0.114]
    assert difference(read_photo(folder / "gray16.png"), gray[..., None].repeat(3, axis=2)) < 3
    assert read_photo(folder / "animated.gif").shape == (120, 120, 3)
    for name in ("bomb.png", "empty.jpg", "page.jpg", "truncated.jpg"):
        with pytest.raises(PhotoError):
            read_photo(folder / name)


def one_of_each_format() -> list[bytes]:
    small = PHOTO.resize((72, 52))
    options = {"exif": exif_of(6), "icc_profile": adobe_rgb_profile()}
    formats = ["JPEG", "PNG", "WEBP", "AVIF"]
    pictures = [encoded(small, name, **options) for name in formats]
    pictures += [encoded(CUTOUT.resize((72, 52)), "PNG"), encoded(small, "JPEG", progressive=True)]
    pictures += [encoded(small.quantize(16), "PNG", transparency=bytes(16))]
    return [*pictures, as_heic(small), encoded(small.quantize(16), "GIF", transparency=3, comment=b"hello")]


def damaged(content: bytes, rng: random.Random) -> bytes:
    """The same file truncated, or with a few bytes changed, removed or inserted."""
    start, length = rng.randrange(len(content)), rng.randint(1, 20)
    kind = rng.randrange(4)
    if kind == 0:
        return content[:start]
    if kind == 1:
        return content[:start] + content[start + length :]
    if kind == 2:
        return content[:start] + rng.randbytes(length) + content[start:]
    changed = bytearray(content)
    for _ in range(length // 3 + 1):
        changed[rng.randrange(min(len(content), 400))] = rng.choice([0, 255, rng.randrange(256)])
    return bytes(changed)


def with_right_checksums(content: bytes) -> bytes:
    """The PNG with every chunk's checksum corrected, so that damage is not caught by it."""
    fixed, start = content[:8], 8
    while start + 12 <= len(content):
        length = int.from_bytes(content[start : start + 4], "big")
        fixed += chunk(content[start + 4 : start + 8], content[start + 8 : start + 8 + length])
        start += 12 + length
    return fixed


def test_damaged_files_give_a_photo_or_a_photo_error_and_nothing_else() -> None:
    rng = random.Random(2023)
    outcomes = {"photo": 0, "refused": 0}
    for content in one_of_each_format():
        for _ in range(250):
            tampered = damaged(content, rng)
            if content.startswith(b"\x89PNG"):
                tampered = with_right_checksums(tampered)
            try:
                photo = decode_photo(tampered, max_side=rng.choice([None, 40]))
            except PhotoError:
                outcomes["refused"] += 1
            else:
                outcomes["photo"] += 1
                assert photo.dtype == np.uint8
                assert photo.ndim == 3
                assert photo.shape[2] == 3
    assert min(outcomes.values()) > 400


def test_threads_decode_the_same_as_one_after_another() -> None:
    pictures = one_of_each_format() * 8
    alone = [decode_photo(content) for content in pictures]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(decode_photo, pictures))
    for photo, expected in zip(together, alone, strict=True):
        np.testing.assert_array_equal(photo, expected)

"""From a picture's bytes to an RGB array: every format of phones and shops, checked before it is decoded."""

import math
import re
import struct
import warnings
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from embeddings.errors import PhotoError, PhotoProblem
from embeddings.imaging.budget import budget_for
from embeddings.imaging.heif_file import read_avif, read_heic, without_metadata
from embeddings.imaging.jpeg_file import MAX_SCANS, read_jpeg
from embeddings.imaging.picture_files import PictureFile
from embeddings.imaging.png_file import read_png
from embeddings.imaging.webp_file import read_webp
from embeddings.messages import Message

RGB = NDArray[np.uint8]  # (height, width, 3)

MAX_PHOTO_BYTES = 10 * 1024 * 1024  # of a file from anywhere; callers may set a lower limit
MAX_PIXELS = 64_000_000  # what phones call 50 megapixels is 50.1
MAX_DECODED = 450_000_000  # bytes of memory while one picture is decoded: the formats differ in what they need
MIN_SIDE = 32
STUDY_SIDE = 240
QUERY_SIDE = 1280  # a phone's photo is decoded no larger than this: enough for 240x240, and for a crop of it

_MAX_SCANNED_PIXELS = 1_500_000_000  # each scan is a pass over the picture: 30 of 50 megapixels
_BAND = 256  # rows flattened at a time

# No other format is ever opened. Pillow's classes are called directly, not through `Image.open`: that fails on a large
# picture before its size is known, and opens more than the first picture, a JPEG, of a phone's MPO.
_OPENERS: MappingProxyType[str, Callable[[BytesIO], ImageFile.ImageFile]] = MappingProxyType(
    {
        "JPEG": JpegImageFile,
        "PNG": PngImageFile,
        "WebP": WebPImageFile,
        "AVIF": AvifImageFile,
        "GIF": GifImageFile,
        "HEIC": HeifImageFile,
    }
)
_READERS: MappingProxyType[str, Callable[[bytes], PictureFile]] = MappingProxyType(
    {
        "JPEG": read_jpeg,
        "PNG": read_png,
        "WebP": read_webp,
        "AVIF": read_avif,
        "GIF": PictureFile,
        "HEIC": read_heic,
    }
)
ACCEPTED_FORMATS = tuple(_OPENERS)
ACCEPTED_EXTENSIONS = ("jpg", "jpeg", "jfif", "png", "webp", "avif", "gif", "heic", "heif")

# How a file starts -> what it is: an accepted format, or a description. The first match counts.
_KINDS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(beginning, re.DOTALL), kind)
    for beginning, kind in (
        (rb"\xff\xd8\xff", "JPEG"),
        (rb"\x89PNG\r\n\x1a\n", "PNG"),
        (rb"GIF8[79]a", "GIF"),
        (rb"RIFF....WEBP", "WebP"),
        (rb"....ftyp(.{4}){0,40}?(avif|avis)", "AVIF"),
        (rb"....ftyp(.{4}){0,40}?(hei[cmsx]|hev[cmsx]|mif1|msf1)", "HEIC"),
        (rb"....ftyp|RIFF....AVI |\x1aE\xdf\xa3", "a video"),
        (rb"%PDF", "a PDF document"),
        (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript file (EPS)"),
        (rb"II\*\0|MM\0\*", "a TIFF or raw picture"),
        (rb"BM", "a BMP picture"),
        (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture"),
        (rb"PK\x03\x04", "a ZIP archive or an Office document"),
        (rb"(?i)(\xef\xbb\xbf)?\s*<(.{0,900}?<)?(!doctype )?html\b", "a web page (HTML)"),
        (rb"(?i)(\xef\xbb\xbf)?\s*<(.{0,900}?<)?svg\b", "a drawing (SVG)"),
        (rb"[\t-\r -~\x80-\xff]+\Z", "a text"),
        (rb"\Z", "an empty file"),
        (rb"", "a file of an unknown kind"),
    )
)

# The errors of Pillow and its decoders for damaged or hostile bytes.
_DECODER_FAILURES = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, RuntimeError, AssertionError,
    ArithmeticError, MemoryError, struct.error, zlib.error,
)  # fmt: skip

_EIGHT_OF_SIXTEEN_BITS = ((np.arange(65536) + 128) // 257).astype(np.uint8)

_UPRIGHT = MappingProxyType(  # by EXIF orientation
    dict(enumerate((
        Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270, Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90,
    ), start=2))
)  # fmt: skip


def decode_photo(data: bytes, *, max_side: int | None = None, max_bytes: int = MAX_PHOTO_BYTES) -> RGB:
    """Decode a picture into an upright sRGB array of shape (height, width, 3), dtype uint8.

    Transparency becomes white; of an animation the first frame is used. With `max_side` (pixels) the picture is shrunk,
    keeping its aspect, so that its longer side is at most that; it is never enlarged. Raises PhotoError, in one line,
    if the bytes are too many, no accepted format, or damaged, or if the picture is too large or too small; the limits
    are checked before any pixel is decoded. Faults outside the pixels are ignored. Pictures that need much memory wait
    for one another.
    """
    size = _size_of(len(data))
    if len(data) > max_bytes:
        raise PhotoError(
            "Expected a picture of at most {limit}, got {size}: save it smaller.",
            problem=PhotoProblem.TOO_MANY_BYTES,
            limit=_size_of(max_bytes),
            size=size,
        )
    kind = next(kind for beginning, kind in _KINDS if beginning.match(data[:1024]))
    if kind not in _OPENERS:
        raise PhotoError(
            "Expected a picture ({formats} or {last_format}), got {kind}, {size}: save it in one of these formats.",
            problem=PhotoProblem.OTHER_FORMAT,
            formats=", ".join(ACCEPTED_FORMATS[:-1]),
            last_format=ACCEPTED_FORMATS[-1],
            kind=kind,
            size=size,
        )
    _ignore_warnings_of_pillow()
    try:
        return _decoded_within_budget(kind, data, max_side)
    except Image.DecompressionBombError:  # a GIF so large that its class already refused it
        raise PhotoError(
            "Expected a picture of at most {limit} megapixels, got a {kind} of several times that: shrink it first.",
            problem=PhotoProblem.TOO_MANY_PIXELS,
            limit=_max_pixels(PictureFile(b"")) / 1e6,
            kind=kind,
        ) from None
    except _DECODER_FAILURES:
        raise PhotoError(
            "Expected a whole {kind} picture, got a damaged or incomplete one, {size}: "
            "download or photograph it again.",
            kind=kind,
            size=size,
        ) from None


def decode_own(data: bytes) -> RGB:
    """Decode a JPEG made by this app, with sides of any length. Raises PhotoError if it is damaged."""
    try:
        return np.asarray(JpegImageFile(BytesIO(data)).convert("RGB"))
    except _DECODER_FAILURES:
        raise PhotoError("Expected a picture that was kept, got a damaged file: make it again.") from None


def read_photo(path: Path) -> RGB:
    """Read and decode a query photo, its longer side at most QUERY_SIDE pixels; raises PhotoError as `decode_photo`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PHOTO_BYTES + 1)
    except OSError as error:
        raise PhotoError(f"Expected a picture at {path}, which cannot be read: {error.strerror}.") from None
    return decode_photo(data, max_side=QUERY_SIDE)


def resize_as_studied(photo: RGB) -> RGB:
    """Squash a photo to 240x240 with Pillow's bicubic filter, as the study did: (240, 240, 3)."""
    return resize_square(photo, STUDY_SIDE)


def resize_square(photo: RGB, side: int) -> RGB:
    """Squash a photo to (side, side, 3), bicubic; one of that size already, such as a stored one, stays as it is."""
    if photo.shape == (side, side, 3):
        return photo
    return np.asarray(Image.fromarray(photo).resize((side, side), Image.Resampling.BICUBIC))


def shrink_within(photo: RGB, side: int) -> RGB:
    """Shrink a photo, keeping its aspect, so that neither side is longer than `side`; never enlarge it."""
    return np.asarray(_shrunk(Image.fromarray(photo), side))


def averaged_within(photo: RGB, side: int) -> RGB:
    """Shrink like `shrink_within`, but by averaging areas: less than half the time, if exact pixels do not matter."""
    scale = side / max(photo.shape[:2])
    if scale >= 1:
        return photo
    height, width = (max(1, round(length * scale)) for length in photo.shape[:2])
    return np.asarray(cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def encode_jpeg(photo: RGB, *, quality: int) -> bytes:
    """Encode an RGB array as JPEG without chroma subsampling; `quality` is Pillow's, 1 to 100."""
    buffer = BytesIO()
    Image.fromarray(photo).save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def _decoded_within_budget(kind: str, data: bytes, max_side: int | None) -> RGB:
    """Decode a picture of a known kind, waiting until there is memory for it."""
    file = _READERS[kind](data)
    if file.sides:
        _check_pixels(kind, file.sides, file)
        _check_scans(file)
    picture = _opened(kind, file)
    _check_pixels(kind, picture.size, file)
    _check_sides(kind, picture.size)
    if max_side is not None and isinstance(picture, JpegImageFile):
        # JPEG decodes much faster to a half, a quarter or an eighth; with half as much again left to shrink, the
        # difference is invisible.
        spare = 1.5 * max_side / max(picture.size)
        picture.draft(None, (math.ceil(picture.width * spare), math.ceil(picture.height * spare)))
    coded = math.prod(file.sides or picture.size)
    cost = round(file.bytes_per_pixel * coded + (5 if max_side else 12) * math.prod(picture.size))
    with budget_for(cost).spend(cost):
        photo = _decoded(picture, file, max_side)
        if file.alternative is not None:
            other = _decoded(_redrafted(file.alternative, picture), file, max_side)
            if not np.array_equal(photo, other):
                raise OSError("its two readings differ")  # reported as damaged, like decoder errors
        return photo


def _opened(kind: str, file: PictureFile) -> ImageFile.ImageFile:
    try:
        picture = _OPENERS[kind](BytesIO(file.data))
    except _DECODER_FAILURES:
        if kind not in {"AVIF", "HEIC"}:
            raise
        picture = _OPENERS[kind](BytesIO(without_metadata(file.data)))
    picture.decodermaxblock = max(len(file.data), picture.decodermaxblock)  # arithmetic coding cannot be cut in blocks
    return picture


def _redrafted(data: bytes, like: ImageFile.ImageFile) -> ImageFile.ImageFile:
    """A JPEG opened to be decoded at another one's size."""
    picture = JpegImageFile(BytesIO(data))
    picture.decodermaxblock = max(len(data), picture.decodermaxblock)
    picture.draft(None, like.size)
    return picture


def _max_pixels(file: PictureFile) -> int:
    return min(MAX_PIXELS, int(MAX_DECODED / file.bytes_per_pixel)) if file.bytes_per_pixel else MAX_PIXELS


def _check_pixels(name: str, sides: tuple[int, int], file: PictureFile) -> None:
    """Raise PhotoError if a picture has too many pixels for its format."""
    width, height = sides
    if width * height > _max_pixels(file):
        raise PhotoError(
            "Expected a picture of at most {limit} megapixels, got a {kind} of {sides}: shrink it first.",
            problem=PhotoProblem.TOO_MANY_PIXELS,
            limit=_max_pixels(file) // 1_000_000,
            kind=name,
            sides=f"{width}x{height}",
        )


def _check_sides(name: str, sides: tuple[int, int]) -> None:
    """Raise PhotoError if a picture is too small."""
    width, height = sides
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            "Expected a picture of at least {limit} pixels, got a {kind} of {sides}: use a larger one.",
            problem=PhotoProblem.TOO_SMALL,
            limit=f"{MIN_SIDE}x{MIN_SIDE}",
            kind=name,
            sides=f"{width}x{height}",
        )


def _check_scans(file: PictureFile) -> None:
    """Raise PhotoError if a JPEG would be decoded over and over: a scan of a few bytes costs a full pass."""
    most = min(MAX_SCANS, _MAX_SCANNED_PIXELS // math.prod(file.sides or (1, 1)))
    if file.num_scans > most:
        raise PhotoError("Expected a JPEG of at most {limit} scans, got more: save it as a plain one.", limit=most)


def _decoded(picture: ImageFile.ImageFile, file: PictureFile, max_side: int | None) -> RGB:
    """The opened picture, decoded, shrunk, in sRGB and upright."""
    picture.load()
    profile = file.profile or picture.info.get("icc_profile")
    orientation = _orientation_of(file.exif or picture.info.get("exif"))
    flat = _flattened_in_bands(picture, max_side) if max_side else _flattened(picture)
    small = flat if max_side is None else _shrunk(flat, max_side)
    upright = _in_srgb(small, profile)  # after shrinking: a quarter of a second for 12 megapixels
    turned = upright.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else upright
    return np.ascontiguousarray(turned, dtype=np.uint8)


def _flattened_in_bands(picture: Image.Image, max_side: int) -> Image.Image:
    """The picture flattened, and reduced by whole numbers if it is large, without a second copy of its size."""
    factor = int(max(picture.size) / (1.5 * max_side))
    if factor < 2:
        return _flattened(picture)
    rows = factor * max(1, _BAND // factor)
    bands = []
    for top in range(0, picture.height, rows):
        band = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        band.info = picture.info
        bands.append(_flattened(band).reduce(factor))
    whole = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    for number, band in enumerate(bands):
        whole.paste(band, (0, number * (rows // factor)))
    return whole


def _flattened(picture: Image.Image) -> Image.Image:
    """The picture as L, RGB or CMYK, with white in place of transparency."""
    if picture.mode.startswith("I"):
        values = np.asarray(picture)
        gray = _EIGHT_OF_SIXTEEN_BITS[values]  # `convert` would turn everything but the darkest values white
        gray[values == picture.info.get("transparency", -1)] = 255
        return Image.fromarray(gray)
    if picture.has_transparency_data:
        layer = picture if picture.mode in ("LA", "RGBA") else picture.convert("RGBA")
        ground = Image.new(layer.mode[:-1], layer.size, "white")
        ground.paste(layer.convert(ground.mode), mask=layer.getchannel("A"))
        return ground
    if picture.mode in ("L", "RGB", "CMYK"):
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    """The picture with no side longer than `side`, bicubic."""
    longer = max(picture.size)
    if longer <= side:
        return picture
    width, height = (max(1, round(length * side / longer)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.BICUBIC)


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB: by its colour profile if usable, otherwise by its mode alone."""
    if not profile:
        return picture.convert("RGB")
    srgb = ImageCms.createProfile("sRGB")
    try:
        converted = ImageCms.profileToProfile(picture, BytesIO(profile), srgb, outputMode="RGB")
    except ImageCms.PyCMSError:  # damaged, or of another mode, such as an RGB profile in a grayscale picture
        converted = None
    return converted or picture.convert("RGB")


def _orientation_of(data: bytes | None) -> int:
    """The EXIF orientation, 1 (upright) if none can be read; XMP's is ignored, as browsers do."""
    if not data:
        return 1
    exif = Image.Exif()
    try:
        exif.load(data)
        return int(exif.get(ExifTags.Base.Orientation, 1))
    except _DECODER_FAILURES:
        return 1


def _ignore_warnings_of_pillow() -> None:
    """Keep Pillow's warnings about damaged metadata off the screen, and from becoming errors.

    `warnings.catch_warnings` would do so for the length of a call, but not with several threads.
    """
    if warnings.filters[:1] != [("ignore", None, Warning, re.compile(r"PIL\."), 0)]:
        warnings.filterwarnings("ignore", module=r"PIL\.")


def _size_of(num_bytes: int) -> Message:
    if num_bytes < 1024**2:
        return Message("{number} bytes", number=num_bytes)
    # Rounded up, so that one byte too many does not look like the limit.
    return Message("{size} MB", size=-(-num_bytes * 10 // 1024**2) / 10)

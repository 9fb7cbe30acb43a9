"""The worst misses as one picture: each photo, the product it shows, and what was found instead."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from embeddings.errors import PhotoError
from embeddings.files import atomic_write
from embeddings.imaging.photos import read_photo
from recsys.catalogue.products import Product
from recsys.evaluation.labelled_photos import LabelledPhoto
from recsys.evaluation.runs import QueryOutcome
from recsys.num_matches import NUM_MATCHES
from recsys.search.gallery import Gallery

_SIDE, _GAP, _MARGIN, _HEADING = 180, 16, 24, 110
_TITLE_SIZE, _TEXT_SIZE, _LINE_HEIGHT, _NAME_LINES = 26, 15, 19, 2
_CELL_HEIGHT = _SIDE + (1 + _NAME_LINES) * _LINE_HEIGHT + 2 * _GAP
_GROUND, _INK, _QUIET, _RIGHT, _EMPTY = "#ffffff", "#1b1f1d", "#59615d", "#12705f", "#e6e8e7"


def worst_misses(outcomes: Sequence[QueryOutcome], count: int) -> list[QueryOutcome]:
    """The queries whose product ranked lowest, the worst first; none whose product came first."""
    return sorted(_misses(outcomes), key=lambda outcome: -outcome.rank)[:count]


def num_misses(outcomes: Sequence[QueryOutcome]) -> int:
    """How many of the queries did not find their product first."""
    return len(_misses(outcomes))


def draw_contact_sheet(
    title: str, misses: Sequence[QueryOutcome], queries: Sequence[LabelledPhoto], gallery: Gallery
) -> Image.Image:
    """Draw one row per miss: the photo, the right product with its rank, and the found ones with their similarities."""
    photos = {query.name: query.photo for query in queries}
    width = 2 * _MARGIN + (2 + NUM_MATCHES) * (_SIDE + _GAP)
    sheet = Image.new("RGB", (width, _HEADING + len(misses) * _CELL_HEIGHT), _GROUND)
    draw = ImageDraw.Draw(sheet)
    title = fitted_lines(title, "bold", _TITLE_SIZE, width - 2 * _MARGIN, 1)[0]
    draw.text((_MARGIN, _MARGIN), title, _INK, font("bold", _TITLE_SIZE))
    for column, heading in ((0, "photo"), (1, "right product"), (2, "found instead, with similarity")):
        draw.text((_left(column), _HEADING - 2 * _LINE_HEIGHT), heading, _QUIET, font("medium", _TEXT_SIZE))
    for row, miss in enumerate(misses):
        _draw_row(sheet, _HEADING + row * _CELL_HEIGHT, miss, photos.get(miss.photo, Path(miss.photo)), gallery)
    return sheet


def write_contact_sheet(path: Path, sheet: Image.Image) -> None:
    """Write the sheet atomically, as PNG if the name ends in `.png`, else as JPEG. OSError passes through."""
    buffer = BytesIO()
    if path.suffix.lower() == ".png":
        sheet.save(buffer, "PNG")
    else:
        sheet.save(buffer, "JPEG", quality=90, subsampling=0)
    with atomic_write(path) as file:
        file.write(buffer.getvalue())


def fitted_lines(text: str, face: str, size: int, width: int, count: int) -> list[str]:
    """Break a text into at most `count` lines of at most `width` pixels; an ellipsis replaces the rest."""
    measure = font(face, size).getlength
    lines: list[str] = []
    rest = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    while rest and len(lines) < count:
        length = next(length for length in range(len(rest), 0, -1) if length == 1 or measure(rest[:length]) <= width)
        if length < len(rest):
            length = rest.rfind(" ", 1, length + 1) if " " in rest[1 : length + 1] else length
        line, rest = rest[:length].rstrip(), rest[length:].lstrip()
        lines.append(line)
    if rest:
        line = lines[-1]
        while line and measure(f"{line}…") > width:
            line = line[:-1]
        lines[-1] = f"{line.rstrip()}…"
    return lines or [""]


@lru_cache
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """Roboto's `bold` or `medium` face at a size in pixels."""
    file = files("font_roboto").joinpath("files", f"Roboto-{face.title()}.ttf")
    return ImageFont.truetype(BytesIO(file.read_bytes()), size, layout_engine=ImageFont.Layout.BASIC)


def _misses(outcomes: Sequence[QueryOutcome]) -> list[QueryOutcome]:
    return [outcome for outcome in outcomes if outcome.rank > 1]


def _draw_row(sheet: Image.Image, top: int, miss: QueryOutcome, photo: Path, gallery: Gallery) -> None:
    products = gallery.catalogue.by_id
    right = products[miss.product_id]
    _draw_cell(sheet, (_left(0), top), photo, (miss.group or "photo", Path(miss.photo).name))
    _draw_cell(sheet, (_left(1), top), gallery.display_path(right), (f"rank {miss.rank:,}", right.name), is_right=True)
    for place, found in enumerate(miss.found[:NUM_MATCHES], start=1):
        product: Product = products[found.product_id]
        texts = (f"{place}:  {found.similarity:.3f}", product.name)
        corner = (_left(1 + place), top)
        _draw_cell(sheet, corner, gallery.display_path(product), texts, is_right=product == right)


def _left(column: int) -> int:
    """The left edge of a column; the found products are set a little apart."""
    return _MARGIN + column * (_SIDE + _GAP) + (_GAP if column > 1 else 0)


def _draw_cell(
    sheet: Image.Image, corner: tuple[int, int], path: Path, texts: tuple[str, str], *, is_right: bool = False
) -> None:
    """Draw a picture with a short bold text below it, and a name in at most two lines."""
    left, top = corner
    draw = ImageDraw.Draw(sheet)
    picture = _picture(path)
    sheet.paste(picture, (left + (_SIDE - picture.width) // 2, top + _SIDE - picture.height))
    if is_right:
        draw.rectangle((left - 3, top - 3, left + _SIDE + 2, top + _SIDE + 2), outline=_RIGHT, width=3)
    y = top + _SIDE + 6
    (short,) = fitted_lines(texts[0], "bold", _TEXT_SIZE, _SIDE, 1)
    draw.text((left, y), short, _RIGHT if is_right else _INK, font("bold", _TEXT_SIZE))
    for line in fitted_lines(texts[1], "medium", _TEXT_SIZE, _SIDE, _NAME_LINES):
        y += _LINE_HEIGHT
        draw.text((left, y), line, _QUIET, font("medium", _TEXT_SIZE))


def _picture(path: Path) -> Image.Image:
    """The picture, as large as fits into a cell; an empty square if it is lost."""
    try:
        picture = Image.fromarray(read_photo(path))
    except PhotoError:
        return Image.new("RGB", (_SIDE, _SIDE), _EMPTY)
    scale = _SIDE / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.BICUBIC)

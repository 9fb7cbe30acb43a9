"""The typefaces of the labels: open fonts from Python packages, so that no system font matters."""

from functools import lru_cache
from importlib.resources import files
from io import BytesIO

from PIL import ImageFont

FACES = {
    "black": ("font_roboto", "Roboto-Black.ttf"),
    "bold": ("font_roboto", "Roboto-Bold.ttf"),
    "medium": ("font_roboto", "Roboto-Medium.ttf"),
    "slanted": ("font_roboto", "Roboto-BlackItalic.ttf"),
    "light": ("font_roboto", "Roboto-Light.ttf"),
    "serif": ("font_source_serif_pro", "SourceSerifPro-Bold.ttf"),
    "serif-black": ("font_source_serif_pro", "SourceSerifPro-Black.ttf"),
    "serif-italic": ("font_source_serif_pro", "SourceSerifPro-SemiboldIt.ttf"),
    "round": ("font_fredoka_one", "FredokaOne-Regular.ttf"),
    "hand": ("font_amatic_sc", "AmaticSC-Bold.ttf"),
}
MEASURE = 100


@lru_cache(maxsize=len(FACES))
def _font_file(face: str) -> bytes:
    package, name = FACES[face]
    return files(package).joinpath("files", name).read_bytes()


@lru_cache(maxsize=600)
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """Load a face at a size in pixels."""
    # The basic layout engine is much quicker, and Latin labels need no shaping.
    return ImageFont.truetype(BytesIO(_font_file(face)), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4000)
def _width(face: str, text: str) -> float:
    return font(face, MEASURE).getlength(text) / MEASURE


def fitting_size(face: str, lines: tuple[str, ...], width: float, height: float, leading: float = 1.12) -> int:
    """The largest size in whole pixels at which `lines` fit into `width` x `height` pixels."""
    widest = max(_width(face, line) for line in lines)
    return max(5, int(min(width / max(widest, 0.1), height / (leading * len(lines)))))


@lru_cache(maxsize=4000)
def wrapped(face: str, text: str, aspect: float, max_lines: int = 4) -> tuple[str, ...]:
    """Break `text` into the lines that can be set largest in a box of that width/height."""
    words = text.split()
    candidates = [_balanced(face, words, count) for count in range(1, min(max_lines, len(words)) + 1)]
    return max(candidates, key=lambda lines: fitting_size(face, lines, 1000 * aspect, 1000))


def _balanced(face: str, words: list[str], count: int) -> tuple[str, ...]:
    target = _width(face, " ".join(words)) / count
    lines: list[list[str]] = [[]]
    for word in words:
        line = " ".join([*lines[-1], word])
        if lines[-1] and len(lines) < count and _width(face, line) > target * 1.15:
            lines.append([])
        lines[-1].append(word)
    return tuple(" ".join(line) for line in lines)

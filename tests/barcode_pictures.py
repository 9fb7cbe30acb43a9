"""Barcodes drawn by GS1's tables, independently of the reader under test."""

import numpy as np
from PIL import Image

from embeddings.imaging.photos import RGB

_ODD = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]
_RIGHT = ["".join("10"[int(bit)] for bit in code) for code in _ODD]
_EVEN = [code[::-1] for code in _RIGHT]
_PARITIES = ["OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE", "OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO"]


def barcode(gtin: str, *, module: int = 3, height: int = 150) -> RGB:
    """An EAN-13, EAN-8 or UPC-A with its quiet zones, black on white; `module` is its thinnest bar in pixels."""
    first, digits = ("", gtin) if len(gtin) == 8 else (gtin.zfill(13)[0], gtin.zfill(13)[1:])
    half = len(digits) // 2
    parity = _PARITIES[int(first)] if first else "OOOO"
    left = [(_ODD if side == "O" else _EVEN)[int(digit)] for digit, side in zip(digits[:half], parity, strict=True)]
    right = [_RIGHT[int(digit)] for digit in digits[half:]]
    modules = "0" * 11 + "101" + "".join(left) + "01010" + "".join(right) + "101" + "0" * 11
    row = np.repeat(np.array([255 * (bit == "0") for bit in modules], np.uint8), module)
    return np.repeat(np.tile(row, (height, 1))[..., np.newaxis], 3, axis=2)


def photo_with(picture: RGB, *, angle: float = 0, middle: tuple[int, int] = (320, 420)) -> RGB:
    """A gray photo of 640x840 with a picture on it, rotated about its middle at (x, y)."""
    turned = Image.fromarray(picture).convert("RGBA").rotate(angle, Image.Resampling.BICUBIC, expand=True)
    photo = Image.new("RGB", (640, 840), (150, 140, 130))
    photo.paste(turned, (middle[0] - turned.width // 2, middle[1] - turned.height // 2), turned)
    return np.asarray(photo)

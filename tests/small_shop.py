"""A small real shop: a CSV and its pictures."""

from collections.abc import Mapping
from pathlib import Path

from embeddings.imaging.photos import RGB, encode_jpeg

WITH_BARCODE, GTIN = "coffee-0", "4006381333931"
"""The only product with a barcode number."""


def write_shop(folder: Path, photographs: Mapping[str, RGB]) -> Path:
    """Write four products for each photograph, with its quarters as pictures; return the CSV."""
    rows = ["product_id,name,brand,category,price,currency,image_url,description,gtin"]
    for name, photo in photographs.items():
        height, width = photo.shape[0] // 2, photo.shape[1] // 2
        for quarter in range(4):
            top, left = quarter // 2 * height, quarter % 2 * width
            product_id = f"{name}-{quarter}"
            picture = encode_jpeg(photo[top : top + height, left : left + width], quality=95)
            (folder / f"{product_id}.jpg").write_bytes(picture)
            gtin = GTIN if product_id == WITH_BARCODE else ""
            texts = f"Product {product_id},Brand {quarter},{name},15000,IDR,{product_id}.jpg,A quarter"
            rows.append(f"{product_id},{texts},{gtin}")
    (folder / "catalogue.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder / "catalogue.csv"


def some_products(shop_csv: Path, size: int) -> Path:
    """Write a shop's first products next to it; return their CSV."""
    lines = shop_csv.read_text(encoding="utf-8").splitlines()
    path = shop_csv.with_name("some.csv")
    path.write_text("\n".join(lines[: size + 1]) + "\n", encoding="utf-8")
    return path

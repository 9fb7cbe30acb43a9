"""The column names of common shop systems, translated to ours."""

from collections.abc import Sequence
from types import MappingProxyType

# By system: its column -> ours. It is recognised if it has all required columns.
_SYSTEMS: MappingProxyType[str, dict[str, str]] = MappingProxyType(
    {
        "Shopify": {
            "handle": "product_id", "title": "name", "body (html)": "description", "vendor": "brand",
            "type": "category", "variant price": "price", "image src": "image_url",
            "variant barcode": "gtin",
        },
        "Google's product feed": {
            "id": "product_id", "title": "name", "description": "description", "link": "product_url",
            "image_link": "image_url", "price": "price", "brand": "brand", "product_type": "category",
        },
        "Magento": {
            "sku": "product_id", "name": "name", "description": "description", "base_image": "image_url",
            "image": "image_url", "price": "price", "categories": "category", "manufacturer": "brand",
        },
        "WooCommerce": {
            "id": "product_id", "name": "name", "description": "description", "images": "image_url",
            "regular price": "price", "categories": "category", "brands": "brand",
            "gtin, upc, ean, or isbn": "gtin",
        },
    }
)  # fmt: skip
KNOWN_COLUMNS = frozenset(column for system in _SYSTEMS.values() for column in system)
PICTURE_COLUMNS = tuple(name for system in _SYSTEMS.values() for name, ours in system.items() if ours == "image_url")


def translated_header(header: Sequence[str], required: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The header with a shop system's names translated, and the system's name; unchanged if none is recognised."""
    if set(required) <= set(header):
        return tuple(header), ""
    for system, names in _SYSTEMS.items():
        ours = {names[column] for column in header if column in names}
        if set(required) <= ours:
            taken: set[str] = set()
            translated = []
            for column in header:
                name = names.get(column, column if column not in required else f"{column} of the shop's")
                translated.append(column if name in taken else name)
                taken.add(name)
            return tuple(translated), system
    return tuple(header), ""

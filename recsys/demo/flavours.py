"""Flavours, scents and kinds: each with its accent colour and its illustration."""

from dataclasses import dataclass

from recsys.demo.colours import Colour, colour


@dataclass(frozen=True)
class Flavour:
    """One variant of a line. `label` is what the name says, empty for a line without flavours."""

    label: str
    accent: Colour
    motif: str


def _family(prefix: str, *rows: tuple[str, str, str]) -> tuple[Flavour, ...]:
    return tuple(Flavour(f"{prefix}{name}", colour(accent), motif) for name, accent, motif in rows)


FAMILIES = {
    "milk": _family(
        "Rasa ",
        ("Cokelat", "6b3f22", "chocolate"), ("Vanila", "e8b93c", "vanilla"), ("Stroberi", "e2476a", "strawberry"),
        ("Madu", "e89a1c", "honey"), ("Pisang", "e6c531", "banana"), ("Original", "4a90c8", "milk"),
        ("Mocca", "8a5a3c", "coffee"),
    ),
    "shake": _family(
        "Rasa ",
        ("Cokelat", "5b3420", "chocolate"), ("Vanila", "ddb04a", "vanilla"), ("Kopi Susu", "8c5f3e", "coffee"),
        ("Matcha", "6d9a35", "matcha"), ("Stroberi", "d83f5f", "strawberry"), ("Cookies & Cream", "4c4f5c", "cookie"),
        ("Pisang", "e3be2c", "banana"), ("Kelapa", "5fa8a0", "coconut"), ("Alpukat", "7c9a3a", "avocado"),
    ),
    "fruit": _family(
        "Rasa ",
        ("Jeruk", "f28a1c", "citrus"), ("Lemon", "e9cf2a", "citrus"), ("Mangga", "f2a02e", "mango"),
        ("Anggur", "6f3c92", "grapes"), ("Apel", "76b040", "apple"), ("Stroberi", "de3c55", "strawberry"),
        ("Beri Hitam", "4a3278", "berries"), ("Semangka", "e2495a", "melon"), ("Nanas", "e5b52c", "pineapple"),
        ("Jeruk Nipis", "93bd33", "citrus"),
    ),
    "herb": _family(
        "",
        ("Jahe Merah", "b8452a", "root"), ("Kunyit Asam", "e0921c", "root"), ("Temulawak", "c9a227", "root"),
        ("Daun Kelor", "4f8a3c", "sprig"), ("Madu Hitam", "7a4a18", "honey"), ("Daun Sirsak", "3c7a52", "sprig"),
        ("Rosela", "a8294a", "flower"), ("Sereh Wangi", "8fa83a", "oats"), ("Kurma", "6a3820", "date"),
    ),
    "adult": _family(
        "",
        ("Dewasa", "2f7fc1", "capsule"), ("Wanita", "d0487f", "heart"), ("Pria", "2c5fa8", "shield"),
        ("Lansia 50+", "7a58a8", "sun"), ("Remaja", "38a08a", "drop"),
    ),
    "bone": _family(
        "",
        ("Tulang & Sendi", "4a86b8", "bone"), ("Ibu Hamil", "d8639a", "heart"), ("Aktif", "e87a2c", "flame"),
        ("Lansia 50+", "7a58a8", "shield"), ("Laut Dalam", "2a8aa8", "fish"),
    ),
    "scent": _family(
        "",
        ("Lidah Buaya", "5fa56a", "aloe"), ("Lavender", "8a6cb8", "flower"), ("Mawar", "d8587a", "flower"),
        ("Susu & Madu", "e0aa4a", "honey"), ("Teh Hijau", "7aa045", "matcha"), ("Kelapa", "5aa39a", "coconut"),
        ("Kamomil", "e0c04a", "flower"),
    ),
    "wound": _family(
        "",
        ("Kain Elastis", "d09a6a", "plaster"), ("Anti Air", "2f8fc1", "drop"), ("Transparan", "6aa5b8", "shield"),
        ("Motif Anak", "ee7a3c", "bear"), ("Kulit Sensitif", "8fb58a", "heart"), ("Antiseptik", "c23a3a", "plaster"),
    ),
    "cereal": _family(
        "",
        ("Cokelat", "603820", "chocolate"), ("Almond", "b8743c", "almond"), ("Madu & Gandum", "dc9f2c", "oats"),
        ("Pisang", "e2c030", "banana"), ("Kurma", "74401f", "date"), ("Beri", "7a3a86", "berries"),
        ("Kelapa", "4f9f98", "coconut"), ("Kedelai", "7fa545", "pod"),
    ),
    "sweet": _family(
        "",
        ("Original", "5aa56a", "sprig"), ("Vanila", "e0b544", "vanilla"), ("Kelapa", "5aa39a", "coconut"),
        ("Jahe", "c98a3a", "root"), ("Biksu", "9ab54a", "melon"),
    ),
    "grain": _family(
        "",
        ("Putih", "6fa0b8", "rice"), ("Merah", "b0413a", "rice"), ("Hitam", "4a3a5c", "rice"),
        ("Cokelat", "9a6a3c", "oats"),
    ),
    "savoury": _family(
        "Rasa ",
        ("Jamur", "9a7a5c", "mushroom"), ("Jagung", "e8bc2c", "corn"), ("Wortel", "ea7f2a", "carrot"),
        ("Tom Yum", "d0432c", "chili"), ("Bayam", "4f9a4a", "sprig"),
    ),
    "veggie": _family(
        "",
        ("Bayam", "4f9a4a", "sprig"), ("Wortel", "ea7f2a", "carrot"), ("Jagung", "e8bc2c", "corn"),
        ("Jamur", "9a7a5c", "mushroom"), ("Pedas", "cf3a2c", "chili"), ("Kedelai", "7fa545", "pod"),
    ),
    "ointment": _family(
        "",
        ("Lidah Buaya", "5fa56a", "aloe"), ("Propolis", "d99a2c", "honey"), ("Povidone", "8a4a2c", "drop"),
        ("Klorheksidin", "3a8fc1", "shield"), ("Anak", "ee7a3c", "bear"), ("Kulit Sensitif", "d88aa0", "heart"),
    ),
    "gauze": _family(
        "",
        ("Katun", "8fb0a0", "pod"), ("Kulit Sensitif", "d88aa0", "heart"), ("Berperekat", "d09a6a", "plaster"),
        ("Elastis", "3a8fc1", "shield"), ("Antiseptik", "c23a3a", "drop"),
    ),
    "honey": _family(
        "",
        ("Hutan", "a8641c", "honey"), ("Kelengkeng", "e0a02c", "honey"), ("Hitam", "5c3a1c", "honey"),
        ("Jahe", "c9802c", "root"), ("Lemon", "e9cf2a", "citrus"), ("Kurma", "74401f", "date"),
    ),
    "spice": _family(
        "",
        ("Kayu Manis", "a05a2c", "cinnamon"), ("Pare", "6aa03a", "sprig"), ("Kunyit", "e0921c", "root"),
        ("Lansia 50+", "7a58a8", "heart"),
    ),
    "kids": _family(
        "Rasa ",
        ("Jeruk", "f48a22", "bear"), ("Stroberi", "e64a68", "rabbit"), ("Anggur", "7f4aa5", "elephant"),
        ("Mangga", "f4a52e", "lion"), ("Apel", "78b544", "rabbit"), ("Madu", "e69a22", "bear"),
    ),
    "kidmilk": _family(
        "Rasa ",
        ("Vanila", "f0c03c", "bear"), ("Madu", "ef9a22", "lion"), ("Cokelat", "7a4826", "bear"),
        ("Stroberi", "ea5a7c", "rabbit"), ("Original", "4a9ad0", "elephant"),
    ),
}  # fmt: skip

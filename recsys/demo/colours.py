"""Colours as RGB triples, and what a designer does with them."""

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
INK: Colour = (38, 36, 42)


def colour(code: str) -> Colour:
    """Read a colour such as `1f6fb5`."""
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Blend two colours; `share` in 0..1 is the second one's part."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def lighter(base: Colour, share: float) -> Colour:
    """Blend towards white."""
    return mix(base, WHITE, share)


def darker(base: Colour, share: float) -> Colour:
    """Blend towards black."""
    return mix(base, (0, 0, 0), share)


def luminance(base: Colour) -> float:
    """How bright a colour looks, 0..1 (Rec. 601 luma)."""
    return (0.299 * base[0] + 0.587 * base[1] + 0.114 * base[2]) / 255


def ink_on(background: Colour, ink: Colour = INK) -> Colour:
    """White or `ink`, whichever reads better on a background."""
    return WHITE if luminance(background) < 0.6 else ink

"""The illustrations that labels carry: fruit, leaves, signs and animals."""

from functools import lru_cache

from PIL import Image

from recsys.demo.colours import Colour
from recsys.demo.motifs.fruit import FRUIT
from recsys.demo.motifs.kitchen import KITCHEN
from recsys.demo.motifs.pantry import PANTRY
from recsys.demo.motifs.signs import SIGNS
from recsys.demo.motifs.sketch import Sketch

MOTIFS = {**FRUIT, **PANTRY, **KITCHEN, **SIGNS}


@lru_cache(maxsize=96)
def _drawn(name: str, accent: Colour) -> Image.Image:
    sketch = Sketch()
    MOTIFS[name](sketch, accent)
    return sketch.lit()


@lru_cache(maxsize=400)
def motif(name: str, accent: Colour, size: int) -> Image.Image:
    """An illustration of `size` x `size` pixels, RGBA; not to be changed by the caller."""
    return _drawn(name, accent).resize((size, size), Image.Resampling.BOX, reducing_gap=2.0)

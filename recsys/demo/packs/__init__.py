"""The packs: each shape draws itself around its label."""

from collections.abc import Callable

from PIL import Image

from recsys.demo.labels.panel import Design
from recsys.demo.packs.boxes import blister, carton
from recsys.demo.packs.films import bar, pouch, sachet, tube
from recsys.demo.packs.vessels import bottle, jar, pump, tin

SHAPES: dict[str, Callable[[Design, int], Image.Image]] = {
    "carton": carton, "tin": tin, "bottle": bottle, "pouch": pouch, "sachet": sachet, "tube": tube, "jar": jar,
    "blister": blister, "bar": bar, "pump": pump,
}  # fmt: skip

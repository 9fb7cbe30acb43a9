"""Learning a backbone's patch space from the catalogue: `python -m recsys.indexing.training BACKBONE [FILE.npz]`.

Packshots are staged as phone photos, and the map is learned from the network's output for both: no visitor's photo and
no label is used. The file ships with the product, at `Backbone.patch_space`: from then on the backbone's pictures are
compared patch by patch, once `embed` has described them again.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import KalcareError, NetworkError
from embeddings.features.descriptions import patches_of
from embeddings.files import atomic_write
from embeddings.imaging.framing import FRAMED, middle, pad_to_square, product_square, trim
from embeddings.imaging.photos import RGB, resize_square
from embeddings.imaging.staging import staged_photo
from embeddings.models.backbones import Backbone, backbone_named
from embeddings.models.compiled import KERAS_ENVIRONMENT
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.packshots import kept_packshot
from recsys.catalogue.products import images_of, load_catalogue
from recsys.indexing.calibration import ACROSS, tile, tile_packshots
from recsys.indexing.prefetch import read_ahead
from recsys.search.networks import networks_of
from recsys.settings import Settings, load_settings

NUM_BLOCKS, NEIGHBOURS, VIEWS = 250, 8, 2
"""The number of groups of adjacent products in the catalogue, their size, and the staged photos of each."""

_SHARES = (FRAMED, 0.7)  # the parts of a staged photo that are used


def rows_to_learn_from(num_products: int) -> NDArray[np.int64]:
    """Groups of neighbours from all over the catalogue: a shop's neighbours are often one product in other flavours."""
    starts = np.linspace(0, max(0, num_products - NEIGHBOURS), NUM_BLOCKS).astype(np.int64)
    rows = np.unique(starts[:, np.newaxis] + np.arange(NEIGHBOURS))
    return rows[rows < num_products]


def staged_patches(
    image_keys: Sequence[str], read: Callable[[str], RGB], encoder: Encoder
) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """Describe packshots, which `read` gives by key, and their staged photos.

    Returns directions (n, 1 + VIEWS, p, d) and weights (n, 1 + VIEWS, p); the same each time.
    """
    backbone = encoder.backbone
    tiles = [tile(read(key)) for key in image_keys[:: max(1, len(image_keys) // 100)]]

    def staged(row: int) -> tuple[int, list[RGB]]:
        random, packshot = np.random.default_rng(row), read(image_keys[row])
        pictures = [product_square(trim(packshot))]
        for _ in range(VIEWS):
            around = tile_packshots([tiles[place] for place in random.integers(len(tiles), size=2 * ACROSS)])
            photo = middle(staged_photo(packshot, around, random), random.choice(_SHARES))
            pictures.append(pad_to_square(photo))
        return row, [resize_square(picture, backbone.input_side) for picture in pictures]

    shape = (len(image_keys), 1 + VIEWS, backbone.num_patches)
    directions, weights = np.empty((*shape, backbone.patch_dim), np.float16), np.empty(shape, np.float32)
    for row, pictures in read_ahead(range(len(image_keys)), staged):
        found = patches_of(encoder.feature_maps(pictures))
        directions[row], weights[row] = found.directions, found.weights
    return directions, weights


def train(backbone: Backbone, settings: Settings, networks: Networks, target: Path) -> None:
    """Learn the backbone's space from the data home's catalogue and write it to `target`.

    Raises NetworkError for a backbone without a layer for patches, CatalogueError or WeightsError.
    """
    if not backbone.patch_layer:
        raise NetworkError(f"Expected a backbone that names a layer for its patches, got {backbone.name}: name one.")
    catalogue, images = load_catalogue(settings.cache), images_of(settings.cache)
    keys = [catalogue.image_keys[row] for row in rows_to_learn_from(len(catalogue.products))]
    encoder = networks.encoder(backbone)
    directions, weights = staged_patches(keys, lambda key: kept_packshot(images, key), encoder)
    with TemporaryDirectory() as folder:
        source, learned = Path(folder) / "patches.npz", Path(folder) / "space.npz"
        np.savez(source, directions=directions, weights=weights, neighbours=NEIGHBOURS)
        _learn_in_child(source, learned)
        with atomic_write(target) as file:
            file.write(learned.read_bytes())


def _learn_in_child(source: Path, target: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "embeddings.models.keras_networks.patch_training", str(source), str(target)],
        cwd=Path(__file__).parents[2],
        env=os.environ | KERAS_ENVIRONMENT,
        check=True,
    )


def main() -> int:
    """Train as the arguments say."""
    name, *target = sys.argv[1:]
    try:
        backbone, settings = backbone_named(name), load_settings()
        train(backbone, settings, networks_of(settings), Path(target[0]) if target else backbone.patch_space)
    except KalcareError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

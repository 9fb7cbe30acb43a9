import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import NetworkError
from embeddings.features.descriptions import Patches, patches_of
from embeddings.features.patch_space import PatchSpace
from embeddings.imaging.framing import middle, pad_to_square, product_square, trim
from embeddings.imaging.photos import RGB, resize_square
from embeddings.imaging.staging import staged_photo
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder, Networks
from recsys.indexing import training
from recsys.indexing.training import NEIGHBOURS, NUM_BLOCKS, main, rows_to_learn_from, train
from recsys.search.refined.late_interaction import late_interaction
from recsys.settings import Settings

ROOT = Path(__file__).parents[3]


def clearness(space: PatchSpace, photos: Patches, packshots: Patches) -> float:
    """By how many spreads photos are more similar to their own packshots than to the next."""
    here, there = space.project(photos), space.project(packshots)
    cosines = np.einsum("gpd,fqd->gpfq", there.directions, here.directions)
    likeness = np.array(
        [late_interaction(cosines[:, :, [row]], there.weights, here.weights[[row]]) for row in range(len(photos))]
    )
    own = np.diag(likeness)
    others = np.where(np.eye(len(likeness), dtype=bool), -np.inf, likeness).max(axis=1)
    return float(((own - others) / likeness.std(axis=1)).mean())


@pytest.mark.parametrize("count", [1, 5, 16, 300, 5256])
def test_neighbours_from_all_over_a_catalogue_are_learned_from(count: int) -> None:
    rows = rows_to_learn_from(count)
    assert len(rows) == min(count, NUM_BLOCKS * NEIGHBOURS)
    assert (np.diff(rows) >= 1).all()
    assert (rows[0], rows[-1]) == (0, count - 1)


@pytest.mark.usefixtures("loaded_networks")
def test_a_learned_space_distinguishes_new_photos_more_clearly(
    described_home: Path,
    encoder: Encoder,
    bundled: Backbone,
    photographs: dict[str, RGB],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = tmp_path / "space.npz"
    monkeypatch.setenv("RECSYS_HOME", str(described_home))
    monkeypatch.setattr(training, "NUM_BLOCKS", 1)  # half of the shop: with all of it, a step takes four times as long
    monkeypatch.setattr(sys, "argv", ["training", bundled.name, str(target)])
    assert main() == 0
    with np.load(target) as stored:
        space = PatchSpace(stored["matrix"].astype(np.float32), stored["offset"].astype(np.float32))
    random = np.random.default_rng(99)  # photos it was not trained on
    photos, packshots = [], []
    for photo in photographs.values():
        height, width = photo.shape[0] // 2, photo.shape[1] // 2
        for top, left in ((0, 0), (0, width), (height, 0), (height, width)):
            quarter = np.ascontiguousarray(photo[top : top + height, left : left + width])
            staged = middle(staged_photo(quarter, photographs["rocket"], random), 0.85)
            photos.append(resize_square(pad_to_square(staged), bundled.input_side))
            packshots.append(resize_square(product_square(trim(quarter)), bundled.input_side))
    there = patches_of(np.stack([description.patches for description in encoder.describe(photos)]))
    here = patches_of(np.stack([description.patches for description in encoder.describe(packshots)]))
    centred = PatchSpace(np.eye(bundled.patch_dim, dtype=np.float32), -here.directions.mean(axis=(0, 1)))
    assert clearness(space, there, here) > clearness(centred, there, here)


def test_a_backbone_whose_weights_are_not_here_is_refused_in_one_line(described_home: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "recsys.indexing.training", "ResNet50", tmp_path / "space.npz"],
        cwd=ROOT,
        env={**os.environ, "RECSYS_HOME": str(described_home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("Error: Expected the weights of ResNet50")
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "space.npz").exists()


def test_a_backbone_that_names_no_layer_is_refused(
    described_home: Path, bundled: Backbone, networks: Networks, tmp_path: Path
) -> None:
    backbone = replace(bundled, patch_layer="")
    with pytest.raises(NetworkError, match="Expected a backbone that names a layer"):
        train(backbone, Settings(home=described_home), networks, tmp_path / "space.npz")
    assert not (tmp_path / "space.npz").exists()

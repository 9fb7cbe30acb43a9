"""Learns the space in which patches are compared: `python -m embeddings.models.keras_networks.patch_training IN OUT`.

The input contains `directions` (n, 1 + views, p, d) and `weights` (n, 1 + views, p): for each product its packshot's
patches and those of its staged photos, in groups of `neighbours` products that may be similar. Training finds a linear
map under which late interaction finds each photo's packshot among the batch's, and the other way round (the contrastive
loss of CLIP, Radford et al. 2021, arXiv:2103.00020, section 2.3). It starts from the packshots' principal axes and
takes few steps to stay near them: more steps fit the staged photos better, and real ones worse.
"""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

STEPS, RATE = 160, 2e-4
_BLOCKS = 8  # per batch: groups of products next to each other
_SHARPNESS = 30.0  # of the softmax over likenesses


class PatchMap(keras.Model):  # type: ignore[misc]  # Keras has no types
    """A learned linear map from directions (n, p, d) to unit vectors (n, p, d)."""

    def __init__(self, matrix: NDArray[np.float32], offset: NDArray[np.float32]) -> None:
        super().__init__()
        self.linear = keras.layers.Dense(matrix.shape[1])
        self.linear.build((None, None, matrix.shape[0]))
        self.linear.set_weights([matrix, offset])

    def call(self, directions: tf.Tensor) -> tf.Tensor:
        """Map the directions."""
        return tf.math.l2_normalize(self.linear(directions), -1)


def learned_map(
    directions: NDArray[np.floating[Any]],
    weights: NDArray[np.float32],
    neighbours: int,
    steps: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Learn the map's matrix (d, d) and offset (d,); seeded, so repeatable except for the order of sums."""
    network, optimizer = PatchMap(*_principal_axes(directions[:, 0].astype(np.float32))), keras.optimizers.Adam(RATE)
    random = np.random.default_rng(0)
    learn = tf.function(_step)
    blocks = max(1, len(directions) // neighbours)
    for _ in range(steps):
        starts = random.choice(blocks, min(_BLOCKS, blocks), replace=False) * neighbours
        rows = (starts[:, np.newaxis] + np.arange(neighbours)).ravel()
        rows = rows[rows < len(directions)]
        views = random.integers(1, directions.shape[1], len(rows))
        photos, packshots = (directions[rows, view].astype(np.float32) for view in (views, 0))
        learn(network, optimizer, photos, weights[rows, views], packshots, weights[rows, 0])
    matrix, offset = network.linear.get_weights()
    return matrix, offset


def _step(
    network: PatchMap,
    optimizer: keras.optimizers.Optimizer,
    photos: tf.Tensor,
    photo_weights: tf.Tensor,
    packshots: tf.Tensor,
    packshot_weights: tf.Tensor,
) -> None:
    with tf.GradientTape() as tape:
        cosines = tf.einsum("apd,bkd->abpk", network(photos), network(packshots))
        there = tf.einsum("abp,ap->ab", tf.reduce_max(cosines, 3), photo_weights)
        back = tf.einsum("abk,bk->ab", tf.reduce_max(cosines, 2), packshot_weights)
        scores = (there + back) / 2 * _SHARPNESS
        right = tf.range(tf.shape(scores)[0])
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(right, scores)
        losses += tf.nn.sparse_softmax_cross_entropy_with_logits(right, tf.transpose(scores))
        loss = tf.reduce_mean(losses)
    optimizer.apply_gradients(
        zip(tape.gradient(loss, network.trainable_variables), network.trainable_variables, strict=True)
    )


def _principal_axes(directions: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The map that centres directions (n, p, d) and turns them onto their principal axes."""
    flat = directions.reshape(-1, directions.shape[-1])
    mean = flat.mean(axis=0)
    _, axes = np.linalg.eigh((flat - mean).T @ (flat - mean))
    return axes.astype(np.float32), (-mean @ axes).astype(np.float32)


def learn(source: Path, target: Path, *, steps: int = STEPS) -> None:
    """Learn from the file `source`, and write the result to `target`."""
    keras.utils.set_random_seed(0)
    with np.load(source, allow_pickle=False) as stored:
        matrix, offset = learned_map(stored["directions"], stored["weights"], int(stored["neighbours"]), steps)
    np.savez(target, matrix=matrix.astype(np.float16), offset=offset.astype(np.float16))


if __name__ == "__main__":
    learn(Path(sys.argv[1]), Path(sys.argv[2]))

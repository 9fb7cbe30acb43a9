"""Pictures to rows: what is kept of a catalogue's pictures, made by this process or by another engine.

An engine decides where a network runs. Whoever asks it stores the rows as they come: resuming is not its task.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.features.describing import prepared_packshot
from embeddings.features.descriptions import packed
from embeddings.features.store import Records
from embeddings.imaging.local_features import LocalFeatures
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.packshots import kept_packshot, kept_study_picture
from recsys.catalogue.products import ImageFolder
from recsys.indexing.prefetch import read_ahead
from recsys.indexing.rates import Part, Waits

Vector = NDArray[np.float32]  # (dim,), of length 1
Read = Callable[[str], RGB]  # a picture by its key; raises LostPictureError


class Engine(Protocol):
    """A backbone's network at work on the pictures of a data home; it may yield rows in any order."""

    @property
    def precision(self) -> str:
        """The precision that the network runs with, known once there is a row."""

    @property
    def waits(self) -> Waits:
        """What is waited for; where other machines do the work, all of it counts as the network's."""

    def vectors(self, image_keys: Sequence[str]) -> Iterator[tuple[str, Vector]]:
        """Yield (image key, vector) for every key. Raises LostPictureError or NetworkError."""

    def descriptions(self, image_keys: Sequence[str]) -> Iterator[tuple[str, Records]]:
        """Yield (image key, record ()) for every key. Raises LostPictureError or NetworkError."""


StartEngine = Callable[[Backbone, Networks, ImageFolder], Engine]
"""Loads the backbone's network to encode these pictures. Raises WeightsError or NetworkError."""


class LocalEngine:
    """The network in this process, on all its cores; rows come in the order of the keys."""

    def __init__(self, backbone: Backbone, networks: Networks, images: ImageFolder) -> None:
        self._encoder = networks.catalogue_encoder(backbone)
        self._images = images
        self.waits = Waits()

    @property
    def precision(self) -> str:
        """The precision that the network runs with."""
        return self._encoder.precision

    def vectors(self, image_keys: Sequence[str]) -> Iterator[tuple[str, Vector]]:
        """Yield (image key, vector) for every key, as `Engine` does."""
        return encoded(self._encoder, image_keys, partial(kept_study_picture, self._images), self.waits)

    def descriptions(self, image_keys: Sequence[str]) -> Iterator[tuple[str, Records]]:
        """Yield (image key, record ()) for every key, as `Engine` does."""
        return described(self._encoder, image_keys, partial(kept_packshot, self._images), self.waits)


def encoded(
    encoder: Encoder, image_keys: Sequence[str], read: Read, waits: Waits | None = None
) -> Iterator[tuple[str, Vector]]:
    """Yield (image key, vector) in order, reading on threads of its own while the network runs."""
    waits = waits or Waits()

    def prepared(image_key: str) -> tuple[str, RGB]:
        with waits.at(Part.READING):
            return image_key, encoder.prepare(read(image_key))

    return encoder.encode_stream(waits.for_pictures(read_ahead(image_keys, prepared)))


def described(
    encoder: Encoder, image_keys: Sequence[str], read: Read, waits: Waits | None = None
) -> Iterator[tuple[str, Records]]:
    """Yield (image key, record ()) in order, reading and finding keypoints on threads while the network runs."""
    waits = waits or Waits()

    def prepared(image_key: str) -> tuple[tuple[str, LocalFeatures], RGB]:
        with waits.at(Part.READING):
            packshot = read(image_key)
        with waits.at(Part.KEYPOINTS):
            image, features = prepared_packshot(packshot, encoder.backbone.input_side)
        return (image_key, features), image

    pictures = waits.for_pictures(read_ahead(image_keys, prepared))
    for (image_key, features), description in encoder.describe_stream(pictures):
        yield image_key, packed(encoder.backbone, image_key, description, features)

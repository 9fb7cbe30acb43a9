"""From pictures to rows: a catalogue's vectors and descriptions, made by this process or by another engine.

An engine decides where a network runs. Its caller commits the rows as they come: resuming is not the engine's task.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from embeddings.features.describing import prepared_packshot
from embeddings.features.descriptions import packed
from embeddings.features.store import Records, Store, Written, batched, vector_type
from embeddings.imaging.local_features import LocalFeatures
from embeddings.imaging.photos import RGB
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from embeddings.models.runtime import Encoder, Networks
from recsys.catalogue.packshots import kept_picture
from recsys.catalogue.products import ImageFolder
from recsys.indexing.prefetch import read_ahead
from recsys.indexing.progress import Stage
from recsys.indexing.rates import Part, Waits

S = TypeVar("S")
T = TypeVar("T")

Read = Callable[[str], RGB]  # a picture by its key; raises LostPictureError


@dataclass(frozen=True)
class Kind:
    """A kind of rows: which picture each is made from, how, and how many one core makes per second.

    `make` yields a record () for every key, in order; the waits are those of a machine that works alone.
    """

    stage: Stage
    path: Callable[[ImageFolder, str], Path]
    make: Callable[[Encoder, Sequence[str], Read, Waits | None], Iterator[Records]]
    per_second: int


class Engine(Protocol):
    """A backbone's network working on the pictures of a data home; it may make rows in any order."""

    @property
    def waits(self) -> Waits:
        """The waits; if other machines do the work, all of it counts as the network's."""

    def send_pictures(self, image_keys: Sequence[str], progress: Callable[[int, int], None]) -> None:
        """Send pictures to where they are read, if that is elsewhere; `progress` is called with files sent and total.

        Raises LostPictureError.
        """

    def made(
        self, kind: Kind, image_keys: Sequence[str], store: Store, identity: NetworkIdentity
    ) -> Iterator[list[Written]]:
        """Make a row for every key, and have the store's writer write it there; yield what is to be committed.

        Raises LostPictureError or NetworkError.
        """

    def spread(self, do: Callable[[S], T], things: Iterable[S], /) -> Iterable[T]:
        """Apply a function to each item, where the rows are made, as `Spread` does."""


StartEngine = Callable[[Backbone, Networks, ImageFolder], Engine]
"""Loads the backbone's network to encode these pictures. Raises WeightsError or NetworkError."""


class LocalEngine:
    """The network in this process, on all its cores; rows come in the order of the keys."""

    def __init__(self, backbone: Backbone, networks: Networks, images: ImageFolder) -> None:
        self._encoder = networks.catalogue_encoder(backbone)
        self._images = images
        self.waits = Waits()

    def send_pictures(self, image_keys: Sequence[str], progress: Callable[[int, int], None]) -> None:
        """Do nothing: pictures are read where they are stored."""

    def made(
        self, kind: Kind, image_keys: Sequence[str], store: Store, identity: NetworkIdentity
    ) -> Iterator[list[Written]]:
        """Make a row for every key, as `Engine` does."""
        write = store.writer()
        rows = kind.make(self._encoder, image_keys, self._reader(kind), self.waits)
        for batch in batched(self.waits.for_rows(rows), store.batch_rows):
            with self.waits.storing():
                written = write(identity, self._encoder.precision, np.stack(batch))
            yield [written]

    def spread(self, do: Callable[[S], T], things: Iterable[S], /) -> Iterable[T]:
        """Apply a function to each item, in this process."""
        return map(do, things)

    def _reader(self, kind: Kind) -> Read:
        return lambda image_key: kept_picture(kind.path(self._images, image_key), image_key)


def encode(encoder: Encoder, image_keys: Sequence[str], read: Read, waits: Waits | None = None) -> Iterator[Records]:
    """Yield a record () with each vector, in order, reading on threads while the network runs."""
    waits = waits or Waits()

    def prepare(image_key: str) -> tuple[str, RGB]:
        with waits.at(Part.READING):
            return image_key, encoder.prepare(read(image_key))

    for row in encoder.encode_stream(waits.for_pictures(read_ahead(image_keys, prepare))):
        yield np.array(row, vector_type(encoder.backbone))


def describe(encoder: Encoder, image_keys: Sequence[str], read: Read, waits: Waits | None = None) -> Iterator[Records]:
    """Yield a record () with each description, in order, reading and finding keypoints on threads meanwhile."""
    waits = waits or Waits()

    def prepare(image_key: str) -> tuple[tuple[str, LocalFeatures], RGB]:
        with waits.at(Part.READING):
            packshot = read(image_key)
        with waits.at(Part.KEYPOINTS):
            image, features = prepared_packshot(packshot, encoder.backbone.input_side)
        return (image_key, features), image

    pictures = waits.for_pictures(read_ahead(image_keys, prepare))
    for (image_key, features), description in encoder.describe_stream(pictures):
        yield packed(encoder.backbone, image_key, description, features)


VECTORS = Kind(Stage.ENCODING, ImageFolder.study_path, encode, per_second=128)
DESCRIPTIONS = Kind(Stage.DESCRIBING, ImageFolder.display_path, describe, per_second=32)

"""The refined ranking: candidates by vector and by print, ordered by similar looks and agreeing print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.features.describing import PhotoDescription
from embeddings.features.descriptions import features_in
from embeddings.features.store import Records, Rows
from embeddings.imaging.framing import trim
from embeddings.imaging.photos import RGB
from embeddings.parallel import on_all_cores
from recsys.errors import LostPictureError
from recsys.search.explanation import NOTHING_AGREES, Agreement, Explanation, Size
from recsys.search.refined.aligned_regions import aligned_likeness
from recsys.search.refined.appearance import appearance_by
from recsys.search.refined.candidates import candidates_of
from recsys.search.refined.geometry import verify
from recsys.search.refined.kept_descriptions import Descriptions
from recsys.search.refined.print_index import PrintIndex
from recsys.search.refined.small_print import told_by_small_print

NUM_CANDIDATES = 64
NUM_VERIFIED = 24
_NUM_BY_PRINT = 40
_SAMPLE = 512

_CONFIRMING, _CLEARLY = 12, 1.5  # a variant carries the same brand's print, but less of it agrees
_BY_CHANCE = 4  # this many keypoints agree between any two pictures
_LOOKS_WEIGHT, _PRINT_WEIGHT, _VOTES_WEIGHT = 0.7, 0.65, 0.25  # in the score: print weighs most
_NUM_COMPARED, _REGIONS_WEIGHT, _SMALL_PRINT_WEIGHT = 4, 4.0, 12.0


@dataclass(frozen=True)
class RefinedOrder:
    """Candidates, best first: `rows`, `scores` and `likeness` (k,), and the keypoints that agree with the photo's.

    `likeness` is how similar they look, from -1 to 1. Candidates that are too unlikely to be verified have no agreeing
    keypoints. They were selected from `num_compared` products.
    """

    rows: Rows
    scores: NDArray[np.float64]
    likeness: NDArray[np.float32]
    agreements: tuple[Agreement, ...]
    num_compared: int

    @property
    def confirmed(self) -> bool:
        """Whether the print shows that the best is exactly this product: much agrees, far more than with any other."""
        counts = [len(agreement) for agreement in self.agreements]
        return bool(counts) and counts[0] >= max(_CONFIRMING, _CLEARLY * max(counts[1:], default=0))

    def verified(self, rank: int) -> tuple[Agreement, bool]:
        """What agrees with the candidate at a rank, from 1, and whether that confirms it as exactly this product."""
        if rank > len(self.agreements):
            return NOTHING_AGREES, False
        return self.agreements[rank - 1], rank == 1 and self.confirmed


_NO_CANDIDATES = RefinedOrder(np.empty(0, np.int64), np.empty(0), np.empty(0, np.float32), (), 0)


class RefinedIndex:
    """A gallery's descriptions, in one set or several in a row. Safe to share between threads."""

    def __init__(
        self,
        parts: Sequence[Descriptions],
        print_index: PrintIndex | None = None,
        own_picture: NDArray[np.bool_] | None = None,
        packshot: Callable[[int], RGB] | None = None,
    ) -> None:
        """Without a print index, which `embed` builds, find candidates by vector only.

        `own_picture`, (n,), are the rows with their own picture, None means all: others are never candidates.
        `packshot` gives the picture of a row; without it only keypoints distinguish variants.
        """
        self._parts = tuple(parts)
        self._ends = np.cumsum([len(part.image_keys) for part in parts])
        self._own_picture = np.ones(len(self), np.bool_) if own_picture is None else own_picture
        self._candidates = candidates_of(parts, self._own_picture)
        self._print, self._packshot = print_index, packshot
        self._appearance = appearance_by(parts[0].backbone, self._sample)

    def __len__(self) -> int:
        return int(self._ends[-1])

    @property
    def own_picture_rows(self) -> Rows:
        """The rows with their own picture."""
        return np.flatnonzero(self._own_picture)

    @property
    def has_all_candidates(self) -> bool:
        """Whether candidates are found by print as well, or every row with its own picture is one."""
        return self._print is not None or len(self.own_picture_rows) < NUM_CANDIDATES

    def order(self, photo: PhotoDescription, *, allowed: NDArray[np.bool_] | None = None) -> RefinedOrder:
        """Order the best candidates for a photo; `allowed`, (n,), says which rows are compared, None means all.

        Raises VectorsError if a description is damaged.
        """
        rows, by_print = self.candidates(photo, allowed=allowed)
        if not len(rows):
            return _NO_CANDIDATES
        records = self.read(rows)
        likeness = self.likeness(photo, records)  # (candidates,)
        verified = most_promising(likeness, by_print)
        found = verify(photo.features, [features_in(records[place]) for place in verified])
        agreeing = [NOTHING_AGREES] * len(rows)
        for place, agreement in zip(verified, found.agreements, strict=True):
            agreeing[place] = agreement
        votes = np.zeros(len(rows), np.float32)
        votes[verified] = found.votes
        scores = combined(likeness, np.array([len(agreement) for agreement in agreeing]), votes)
        scores += self._picture_scores(photo, rows, agreeing, scores)
        best = np.argsort(-scores, kind="stable")
        agreements = tuple(agreeing[place] for place in best)
        num_compared = int(self._allowed(allowed).sum())
        return RefinedOrder(rows[best], scores[best], likeness[best], agreements, num_compared)

    def candidates(
        self, photo: PhotoDescription, *, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, NDArray[np.float32]]:
        """The rows to compare in detail, (at most NUM_CANDIDATES,), and the votes by print for each.

        Placeholders, shared by many products, are left out: they would fill the list and mean nothing.

        Rows with most votes come first, the others are the nearest by vector. A gallery small enough to be compared
        completely needs no votes.
        """
        allowed = self._allowed(allowed)
        by_vector = self._candidates.top(photo.vector, NUM_CANDIDATES, allowed=allowed).rows
        if self._print is None or len(by_vector) < NUM_CANDIDATES:
            return by_vector, np.zeros(len(by_vector), np.float32)
        votes = np.where(allowed, self._print.votes(photo.features), 0)
        voted = np.flatnonzero(votes)  # a few thousand, however many there are
        by_print = voted[np.argsort(-votes[voted], kind="stable")[:_NUM_BY_PRINT]]
        rows = np.concatenate([by_print, by_vector[~np.isin(by_vector, by_print)]])[:NUM_CANDIDATES]
        return rows, votes[rows]

    def _allowed(self, allowed: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        return self._own_picture if allowed is None else allowed & self._own_picture

    def likeness(self, photo: PhotoDescription, records: Records) -> NDArray[np.float32]:
        """The similarity of a photo to each record: (len(records),), from -1 to 1."""
        return self._appearance.likeness(photo, records)

    def _picture_scores(
        self, photo: PhotoDescription, rows: Rows, agreeing: Sequence[Agreement], scores: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """What the first few candidates' pictures, laid over the photo's, add to their scores: (candidates,).

        Only those whose print agrees are compared, relative to the least similar of them, which gets nothing. A lost
        picture is left out.
        """
        added, packshot = np.zeros(len(rows)), self._packshot
        first = np.argsort(-scores, kind="stable")[:_NUM_COMPARED].tolist()
        places = [place for place in first if len(agreeing[place]) > _BY_CHANCE]
        if packshot is None or len(places) < 2:
            return added

        def compare(place: int) -> tuple[RGB, float | None] | None:
            try:
                product = trim(packshot(int(rows[place])))
            except LostPictureError:
                return None
            return product, aligned_likeness(photo.picture, product, agreeing[place])

        compared = dict(zip(places, on_all_cores(compare, places), strict=True))
        found = {place: of_place for place, of_place in compared.items() if of_place is not None}
        likeness = {place: alike for place, (_, alike) in found.items() if alike is not None}
        for place, alike in likeness.items():
            added[place] = _REGIONS_WEIGHT * (alike - min(likeness.values()))
        order = sorted(found, key=lambda place: -float(scores[place] + added[place]))
        told = told_by_small_print(photo.picture, [found[p][0] for p in order], [agreeing[p] for p in order])
        for place, more in zip(order, told, strict=True):
            added[place] += _SMALL_PRINT_WEIGHT * (more - min(told))
        return added

    def less_similar_half(self, row: int) -> NDArray[np.bool_]:
        """The half of the rows with their own picture that is less similar to `row`, (n,), by reduced vectors."""
        rows = self._candidates.like(row)
        rows = rows[self._own_picture[rows]]
        half = np.zeros(len(self), np.bool_)
        half[rows[len(rows) // 2 :]] = True
        return half

    def explain(self, photo: PhotoDescription, row: int, *, photo_size: Size, packshot_size: Size) -> Explanation:
        """Say where a photo and the packshot of a row agree; the sizes are those of the described pictures.

        Raises VectorsError if the description is damaged.
        """
        records = self.read(np.array([row]))
        (agreement,) = verify(photo.features, [features_in(records[0])]).agreements
        return Explanation(agreement, self._appearance.pairs(photo, records, photo_size, packshot_size))

    def read(self, rows: Rows) -> Records:
        """The descriptions of gallery rows: (len(rows),). Raises VectorsError if one is damaged."""
        if len(self._parts) == 1:
            return self._parts[0].read(rows)
        part_of = np.searchsorted(self._ends, rows, side="right")
        records = np.empty(len(rows), self._parts[0].store.dtype)
        for number, part in enumerate(self._parts):
            mine = part_of == number
            first = self._ends[number] - len(part.image_keys)
            records[mine] = part.read(rows[mine] - first)
        return records

    def _sample(self) -> Records:
        """The records of some products from all over the gallery."""
        rows = self.own_picture_rows if self._own_picture.any() else np.arange(len(self))
        return self.read(rows[np.unique(np.linspace(0, len(rows) - 1, _SAMPLE).astype(np.int64))])


def most_promising(likeness: NDArray[np.float32], by_print: NDArray[np.float32]) -> NDArray[np.int64]:
    """The places of the candidates to verify, (at most NUM_VERIFIED,)."""
    promise = _spread(likeness) + _spread(by_print)
    return np.argsort(-promise, kind="stable")[:NUM_VERIFIED]


def combined(
    likeness: NDArray[np.float32], num_agreeing: NDArray[np.int64], votes: NDArray[np.float32]
) -> NDArray[np.float64]:
    """The candidates' scores: likeness and votes in spreads, and the logarithm of the keypoints beyond chance.

    Votes count only if keypoints agree: on fruit, which has no print, they are noise.
    """
    counted = np.where(num_agreeing > _BY_CHANCE, votes, 0)
    looks = _LOOKS_WEIGHT * _spread(likeness)
    return looks + _VOTES_WEIGHT * _spread(counted) + _PRINT_WEIGHT * _worth(num_agreeing)


def _spread(values: NDArray[Any]) -> NDArray[np.float64]:
    """Values in units of their standard deviation."""
    spread = values.astype(np.float64) / max(float(values.std()), 1e-6)
    return np.asarray(spread)


def _worth(num_agreeing: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.log1p(np.maximum(num_agreeing - _BY_CHANCE, 0))

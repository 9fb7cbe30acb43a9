import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings.imaging.photos import RGB
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue.packshots import kept_picture
from recsys.catalogue.products import load_catalogue
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.indexing.rates import Part, Rate, Waits
from tests.command_line import recsys
from tests.kept import lose_kept


class Clock:
    """Seconds that pass only when somebody spends them."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def take(self, seconds: float) -> None:
        self.now += seconds


def test_waiting_for_pictures_is_shared_out_to_what_gets_them_ready() -> None:
    clock = Clock()
    waits = Waits(clock)

    def pictures() -> Iterator[int]:
        for number in range(4):
            with waits.at(Part.READING):
                clock.take(1)
            with waits.at(Part.KEYPOINTS):
                clock.take(3)
            yield number

    def rows() -> Iterator[int]:
        for number in waits.for_pictures(pictures()):
            clock.take(0.5)
            yield number

    for _row in waits.for_rows(rows()):
        with waits.storing():
            clock.take(0.5)
    rate = waits.rate(4)
    assert rate.per_second == 4 / 20
    assert rate.shares == {Part.KEYPOINTS: 0.6, Part.READING: 0.2, Part.NETWORK: 0.1, Part.STORING: 0.1}
    assert next(iter(rate.shares)) is Part.KEYPOINTS


def test_nothing_made_has_no_rate() -> None:
    assert Rate().per_second == 0
    assert set(Waits().rate(0).shares.values()) == {0}


def test_pictures_that_are_slow_to_read_limit_encoding(
    home: Path, bundled: Backbone, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(path: Path, image_key: str) -> RGB:
        time.sleep(0.3)
        return kept_picture(path, image_key)

    monkeypatch.setattr("recsys.indexing.encoding.kept_picture", slow)
    lose_kept(home / "cache")
    rate = embed_catalogue(load_catalogue(home / "cache"), home / "cache", bundled, networks).encoding
    assert rate.count == 16
    assert next(iter(rate.shares)) is Part.READING


@pytest.mark.usefixtures("quick_calibration")
def test_embed_says_how_fast_it_was_and_what_limited_it(home: Path) -> None:
    lose_kept(home / "cache")
    part = r"(reading pictures|finding keypoints|the network|storing)"
    kinds = [
        rf"\d+ {kind} a second, limited by {part} \(\d+% of the waiting(; {part} \d+%)?(, {part} \d+%)*\)"
        for kind in ("vectors", "descriptions")
    ]
    lines = recsys("embed", home=home).stderr.splitlines()
    assert [line for line in lines if re.fullmatch(rf"EfficientNetLite0: {'; '.join(kinds)}\.", line)]
    assert "a second, limited" not in recsys("embed", home=home).stderr

"""Two machines whose vectors and descriptions are in one bucket, each with its own data home."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest

from embeddings.errors import InstallCluster, VectorsError
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Networks
from recsys.catalogue import sharing
from recsys.catalogue.image_store import is_kept
from recsys.catalogue.import_lock import only_import
from recsys.catalogue.importer import import_catalogue
from recsys.catalogue.products import (
    CATALOGUE_FILE,
    Catalogue,
    catalogue_json,
    catalogue_path,
    images_of,
    load_catalogue,
    maker_mark,
)
from recsys.catalogue.sharing import SharedFiles
from recsys.errors import CatalogueError, LostPictureError
from recsys.indexing.catalogue_vectors import embed_catalogue
from recsys.indexing.preparation import encode_what_is_kept
from recsys.search.kept_vectors import fitting_vectors, vectors_folder, vectors_store
from recsys.search.rankings import REFINED
from recsys.search.recommender import Recommender
from recsys.settings import Settings, shared_address
from tests.command_line import ROOT, recsys
from tests.small_shop import some_products

pytestmark = pytest.mark.usefixtures("quick_calibration")


@pytest.fixture(scope="module")
def imported(shop_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that has the shop."""
    cache = tmp_path_factory.mktemp("imported")
    import_catalogue(shop_csv, cache)
    return cache


@pytest.fixture
def machines(imported: Path, bucket: str, tmp_path: Path) -> list[Settings]:
    """Two machines that share an address and have the same catalogue, as if the second had fetched it."""
    address = f"{bucket}{tmp_path}"
    machines = [Settings(home=tmp_path / name, cache_address=address) for name in ("one", "other")]
    for settings in machines:
        shutil.copytree(imported, settings.cache, dirs_exist_ok=True)
        assert shared_address(settings.cache) == address
    maker_mark(machines[0].cache).touch()
    return machines


def embedded(settings: Settings, bundled: Backbone, networks: Networks) -> int:
    """The number of the catalogue's pictures whose vectors a machine had to make."""
    return embed_catalogue(load_catalogue(settings.cache), settings.cache, bundled, networks).encoded


def test_a_copy_of_the_vectors_is_made_again_if_lost_and_one_of_too_few_is_reported(
    machines: list[Settings], bundled: Backbone, networks: Networks
) -> None:
    embedded(machines[0], bundled, networks)
    other = machines[1].cache
    assert Recommender(machines[1], networks).search_problem(bundled) is None
    assert len(list(vectors_folder(other, bundled).glob("vectors-*.npy"))) == 1
    shutil.rmtree(vectors_folder(other, bundled))
    assert Recommender(machines[1], networks).search_problem(bundled) is None
    fewer = Catalogue(load_catalogue(machines[0].cache).products[:9])
    embed_catalogue(fewer, machines[0].cache, bundled, networks)
    assert "7 of the pictures have no vector yet" in str(Recommender(machines[1], networks).search_problem(bundled))


def test_machines_without_the_new_catalogue_continue_with_the_old_one(
    machines: list[Settings], shop_csv: Path, bundled: Backbone, networks: Networks
) -> None:
    embedded(machines[0], bundled, networks)
    sender, fetcher = (SharedFiles(settings.cache) for settings in machines)
    sender.send()
    fetcher.fetch()
    import_some(shop_csv, machines[0], 9)
    embedded(machines[0], bundled, networks)
    here, there = (Recommender(settings, networks) for settings in machines)
    assert [machine.search_problem(bundled) for machine in (here, there)] == [None, None]
    assert [len(machine.catalogue.products) for machine in (here, there)] == [9, 16]
    identity = networks.identity(bundled)
    vectors = fitting_vectors(machines[0].cache, bundled, here.catalogue, identity)
    assert isinstance(vectors, np.memmap)
    np.testing.assert_array_equal(
        vectors, fitting_vectors(machines[1].cache, bundled, there.catalogue, identity)[: len(vectors)]
    )
    sender.send()
    fetcher.fetch()
    embedded(machines[0], bundled, networks)
    assert len(vectors_store(machines[0].cache, bundled).version().image_keys) == 9  # nobody searches the old one


@pytest.mark.parametrize("place", ["bucket", "folder"])
def test_a_machine_needs_no_data_of_its_own(
    place: str, shop_csv: Path, bundled: Backbone, networks: Networks, request: pytest.FixtureRequest
) -> None:
    tmp_path = request.getfixturevalue("tmp_path")
    address = f"{request.getfixturevalue('bucket')}{tmp_path}" if place == "bucket" else str(tmp_path / "shared")
    one, other = (Settings(home=tmp_path / name, cache_address=address) for name in ("one", "other"))
    sender, fetcher = SharedFiles(one.cache), SharedFiles(other.cache)
    with pytest.raises(CatalogueError, match="found none"):
        fetcher.fetch()
    import_catalogue(shop_csv, one.cache)
    assert f"no vectors in {address}" in str(Recommender(one, networks).search_problem(bundled))
    assert encode_what_is_kept(one.cache, bundled, networks, progress=lambda *_: None).encoded == 16
    assert sender.send() == 33  # sixteen pictures in two sizes, and the index of their print
    assert fetcher.fetch() == 36
    assert fetcher.fetch() == 0
    assert load_catalogue(other.cache) == load_catalogue(one.cache)
    photo = request.getfixturevalue("photographs")["coffee"][:200, 300:]
    here, there = (Recommender(settings, networks) for settings in (one, other))
    query = here.encode(photo, bundled, rankings=[REFINED], framed=photo)
    results = [machine.search(query, ranking=REFINED) for machine in (here, there)]
    found = [[match.product.product_id for match in result.matches] for result in results]
    assert found[0] == found[1]
    assert found[0][0] == "coffee-1"
    assert results[1].has_good_match
    assert there.gallery.packshot(3).tobytes() == here.gallery.packshot(3).tobytes()
    assert there.shortfall(REFINED, bundled) is None
    again = encode_what_is_kept(other.cache, bundled, networks, progress=lambda *_: None)
    assert (again.encoded, again.reused) == (0, 16)


def test_a_catalogue_is_fetched_after_the_pictures_that_it_needs(machines: list[Settings], shop_csv: Path) -> None:
    lines = shop_csv.read_text(encoding="utf-8").splitlines()
    shop_csv.with_name("fewer.csv").write_text("\n".join(lines[:9]) + "\n", encoding="utf-8")
    one, other = (SharedFiles(settings.cache) for settings in machines)
    one.send()
    shutil.rmtree(machines[1].cache)
    lost = images_of(machines[1].cache)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="the network"):
        patch.setattr(other._files, "fetch", stops_after(20, other._files.fetch))
        other.fetch()
    assert not catalogue_path(machines[1].cache).exists()
    other.fetch()
    assert all(is_kept(lost, key) for key in load_catalogue(machines[1].cache).image_keys)
    import_catalogue(shop_csv.with_name("fewer.csv"), machines[0].cache)
    one.send()
    other.fetch()
    assert len(load_catalogue(machines[1].cache).products) == 8


def test_a_machine_that_has_fetched_keeps_the_pictures_of_two_catalogues(
    machines: list[Settings], shop_csv: Path
) -> None:
    one, other = (SharedFiles(settings.cache) for settings in machines)
    folder = images_of(machines[1].cache).folder
    for size, kept in ((16, 32), (9, 32), (10, 20)):  # a picture is two files
        share_some(one, machines[0], shop_csv, size)
        other.fetch()
        assert len(load_catalogue(machines[1].cache).products) == size
        assert len(list(folder.rglob("*.jpg"))) == kept


def test_what_no_catalogue_needs_leaves_the_bucket_after_a_week(
    machines: list[Settings], shop_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000_000.0
    sender = SharedFiles(machines[0].cache, clock=lambda: now)
    pictures = []
    for days, size in ((0, 16), (0, 9), (6, 10), (7, 10), (8, 10)):  # the tenth is used again before it is removed
        now = 1_000_000.0 + days * 86_400
        share_some(sender, machines[0], shop_csv, size)
        pictures.append(len(names_in_bucket(machines[0], "images/")))
    assert pictures == [32, 32, 32, 32, 20]
    fetched = SharedFiles(Settings(home=machines[0].home / "new", cache_address=machines[0].cache_address).cache)
    assert fetched.fetch() == 21
    share_some(sender, machines[0], shop_csv, 5)
    now += 8 * 86_400
    monkeypatch.setattr(sharing, "_MOST_REMOVED", 6)
    share_some(sender, machines[0], shop_csv, 5)
    assert len(names_in_bucket(machines[0], "images/")) == 14  # and the rest next time
    share_some(sender, machines[0], shop_csv, 5)
    assert len(names_in_bucket(machines[0], "images/")) == 10


def test_an_index_of_print_leaves_as_a_picture_does(machines: list[Settings], shop_csv: Path) -> None:
    now = 1_000_000.0
    sender, fetcher = SharedFiles(machines[0].cache, clock=lambda: now), SharedFiles(machines[1].cache)
    folder = machines[0].cache / "print"
    folder.mkdir()
    for number, size in enumerate((9, 10, 11)):  # each catalogue has an index of its own
        now += 8 * 86_400
        (folder / f"print-0000000{number}.faiss").write_bytes(b"an index")
        (folder / "manifest.json").write_text(json.dumps({"file": f"print-0000000{number}.faiss"}))
        share_some(sender, machines[0], shop_csv, size)
        fetcher.fetch()
    assert names_in_bucket(machines[0], "print/print") == ["print/print-00000001.faiss", "print/print-00000002.faiss"]
    here = sorted(path.name for path in (machines[1].cache / "print").glob("*.faiss"))
    assert here == ["print-00000001.faiss", "print-00000002.faiss"]


def test_an_older_catalogue_is_fetched_completely_while_newer_ones_are_shared(
    machines: list[Settings], shop_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = SharedFiles(machines[0].cache)
    share_some(one, machines[0], shop_csv, 16)
    shutil.rmtree(machines[1].cache)
    other, newer = SharedFiles(machines[1].cache), iter((9, 5))
    read = other._files.read

    def reading(name: str) -> bytes:
        content = read(name)
        if name == CATALOGUE_FILE:
            for size in newer:
                share_some(one, machines[0], shop_csv, size)
        return content

    monkeypatch.setattr(other._files, "read", reading)
    other.fetch()
    catalogue = load_catalogue(machines[1].cache)
    assert len(catalogue.products) == 16
    assert all(is_kept(images_of(machines[1].cache), key) for key in catalogue.image_keys)
    other.fetch()
    assert len(load_catalogue(machines[1].cache).products) == 5


def test_a_picture_that_is_damaged_in_the_bucket_is_sent_again(machines: list[Settings]) -> None:
    sender = SharedFiles(machines[0].cache)
    assert [sender.send(), sender.send()] == [32, 0]
    sender._files.send(BytesIO(b"\xff\xd8"), names_in_bucket(machines[0], "images/")[0])
    assert sender.send() == 1


def test_a_catalogue_whose_picture_is_lost_is_not_shared(machines: list[Settings]) -> None:
    sender, images = SharedFiles(machines[0].cache), images_of(machines[0].cache)
    images.study_path(load_catalogue(machines[0].cache).image_keys[3]).unlink()
    with pytest.raises(LostPictureError):
        sender.send()
    assert not names_in_bucket(machines[0], CATALOGUE_FILE)


def test_a_catalogue_is_not_replaced_while_one_is_imported_here(machines: list[Settings]) -> None:
    SharedFiles(machines[0].cache).send()
    with only_import(machines[1].cache), pytest.raises(CatalogueError, match="no other import"):
        SharedFiles(machines[1].cache).fetch()


def test_what_was_imported_here_is_not_replaced_before_it_is_shared(machines: list[Settings], shop_csv: Path) -> None:
    one, other = (SharedFiles(settings.cache) for settings in machines)
    one.send()
    import_some(shop_csv, machines[0], 9)
    mine = load_catalogue(machines[0].cache)
    with pytest.raises(CatalogueError, match=r"run catalogue share, or remove .*made-here"):
        SharedFiles(machines[0].cache).fetch()
    assert load_catalogue(machines[0].cache) == mine
    one.send()
    other.fetch()
    share_some(other, machines[1], shop_csv, 5)  # now the other one makes it
    one.fetch()
    assert load_catalogue(machines[0].cache) == load_catalogue(machines[1].cache) != mine


@pytest.mark.parametrize("key", ["../../elsewhere/b", "b"])
def test_no_name_in_the_bucket_leads_out_of_the_cache(key: str, machines: list[Settings]) -> None:
    sender, fetcher = (SharedFiles(settings.cache) for settings in machines)
    sender.send()
    catalogue, before = load_catalogue(machines[0].cache), load_catalogue(machines[1].cache)
    strange = replace(catalogue, products=(*catalogue.products, replace(catalogue.products[0], image_key=key)))
    sender._files.send(BytesIO(catalogue_json(strange).encode()), CATALOGUE_FILE)
    sender._files.send(BytesIO(b"no picture"), f"images/240/{key}.jpg")
    with pytest.raises(CatalogueError, match="a damaged one: share it again"):
        fetcher.fetch()
    assert load_catalogue(machines[1].cache) == before
    assert not list(machines[1].home.rglob("b.jpg"))


def share_some(sender: SharedFiles, machine: Settings, shop_csv: Path, size: int) -> None:
    """Import the first products of the shop, and send them."""
    import_some(shop_csv, machine, size)
    sender.send()


def import_some(shop_csv: Path, machine: Settings, size: int) -> None:
    """Import the first products of the shop."""
    import_catalogue(some_products(shop_csv, size), machine.cache, allow_shrink=True)


@cache
def s3() -> Any:
    """A client of the bucket's server."""
    return boto3.client("s3")


def names_in_bucket(machine: Settings, prefix: str) -> list[str]:
    """The names of what a machine's address has that begin so."""
    bucket, _, root = machine.cache_address.removeprefix("s3://").partition("/")
    found = s3().list_objects_v2(Bucket=bucket, Prefix=f"{root}/{prefix}").get("Contents", [])
    return [one["Key"].removeprefix(f"{root}/") for one in found if not one["Key"].endswith("/")]


def stops_after(count: int, fetch: Callable[[str, Path], None]) -> Callable[[str, Path], None]:
    """Fetches so many files, and then no more."""
    left = iter(range(count))

    def fetching(name: str, path: Path) -> None:
        if next(left, None) is None:
            raise OSError("the network is gone")
        fetch(name, path)

    return fetching


def test_a_catalogue_without_an_address_is_not_shared(home: Path) -> None:
    shared = recsys("catalogue", "share", home=home)
    assert (shared.returncode, "Expected RECSYS_CACHE to be an address" in shared.stderr) == (1, True)


def test_the_command_line_shares_and_fetches(home: Path, shop_csv: Path, tmp_path: Path) -> None:
    address = str(tmp_path / "shared")
    nothing = recsys("catalogue", "fetch", home=tmp_path / "other", RECSYS_CACHE=address)
    assert (nothing.returncode, f"Expected a catalogue at {address}, found none" in nothing.stderr) == (1, True)
    imported = recsys("catalogue", "import", shop_csv, home=home, RECSYS_CACHE=address)
    assert (imported.returncode, imported.stderr.startswith("Note: records are in SQLite, so other ")) == (0, True)
    assert (
        recsys("catalogue", "share", home=home, RECSYS_CACHE=address).stdout == f"Shared at {address}: 32 new files.\n"
    )
    fetched = recsys("catalogue", "fetch", home=tmp_path / "other", RECSYS_CACHE=address)
    assert fetched.stdout == f"33 files fetched from {address}.\n"


def test_repeated_fetching_continues_after_a_damaged_catalogue(shop_csv: Path, tmp_path: Path) -> None:
    one, other = (Settings(home=tmp_path / name, cache_address=str(tmp_path / "shared")) for name in ("one", "other"))
    import_catalogue(shop_csv, one.cache)
    sender = SharedFiles(one.cache)
    sender.send()
    sender._files.send(BytesIO(b"{"), CATALOGUE_FILE)
    command = [sys.executable, "-m", "recsys", "catalogue", "fetch", "--every", "1"]
    variables = {**os.environ, "RECSYS_HOME": str(other.home), "RECSYS_CACHE": other.cache_address}
    with subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        assert "found a damaged one: share it again" in process.stderr.readline()
        sender.send()
        assert process.stdout.readline() == f"33 files fetched from {other.cache_address}.\n"
        process.terminate()
    assert load_catalogue(other.cache) == load_catalogue(one.cache)


def test_without_the_engine_one_line_says_what_to_install(
    machines: list[Settings], bundled: Backbone, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lance", None)
    with pytest.raises(VectorsError, match=r"^Expected Lance, .* found none") as caught:
        Recommender(machines[0], networks).load(bundled)
    assert caught.value.remedies == (InstallCluster(),)

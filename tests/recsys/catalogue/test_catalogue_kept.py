"""What an import never does to the existing catalogue, and how it repairs damage."""

from pathlib import Path

import pytest
from filelock import FileLock

from recsys.catalogue.image_store import is_kept
from recsys.catalogue.importer import import_catalogue, leave_out_lost
from recsys.catalogue.products import catalogue_path, images_of, load_catalogue
from recsys.catalogue.report import ImportRefusedError
from recsys.errors import CatalogueError
from tests.recsys.catalogue.local_shop import WriteCsv, counts, kept_files, local_shop
from tests.recsys.catalogue.shop_server import picture


@pytest.mark.parametrize("damage", [b"", None])
def test_a_kept_picture_that_was_damaged_or_lost_is_made_again(
    write_csv: WriteCsv, cache: Path, damage: bytes | None
) -> None:
    path = local_shop(write_csv, 1)
    import_catalogue(path, cache)
    kept = images_of(cache).study_path(load_catalogue(cache).image_keys[0])
    content = kept.read_bytes()
    kept.unlink() if damage is None else kept.write_bytes(damage)
    import_catalogue(path, cache)
    assert kept.read_bytes() == content


def test_an_import_that_would_remove_more_than_half_changes_nothing(write_csv: WriteCsv, cache: Path) -> None:
    import_catalogue(local_shop(write_csv, 5), cache)
    before = catalogue_path(cache).read_bytes()
    path = local_shop(write_csv, 2)
    with pytest.raises(ImportRefusedError, match=r"remove 3 of 5 .*--allow-shrink") as caught:
        import_catalogue(path, cache)
    assert catalogue_path(cache).read_bytes() == before
    assert caught.value.report.removed == 3
    assert counts(import_catalogue(path, cache, allow_shrink=True)) == (0, 2, 0, 3, 0)
    assert len(load_catalogue(cache).products) == 2


def test_half_of_a_catalogue_may_go(write_csv: WriteCsv, cache: Path) -> None:
    import_catalogue(local_shop(write_csv, 4), cache)
    assert counts(import_catalogue(local_shop(write_csv, 2), cache)) == (0, 2, 0, 2, 0)


@pytest.mark.parametrize("before", [0, 1])
def test_an_import_with_no_usable_row_changes_nothing_and_says_why(
    write_csv: WriteCsv, cache: Path, before: int
) -> None:
    if before:
        import_catalogue(local_shop(write_csv, before), cache)
    path = write_csv([("8", "Susu", "8.jpg"), ("9", "Teh", "file:///etc/hostname")])
    with pytest.raises(ImportRefusedError, match="none") as caught:
        import_catalogue(path, cache)
    assert [row.product_id for row in caught.value.report.skipped] == ["8", "9"]
    assert catalogue_path(cache).exists() == bool(before)


def test_pictures_of_the_previous_catalogue_stay_until_the_next_one(write_csv: WriteCsv, cache: Path) -> None:
    path = write_csv([("1", "Susu", "1.jpg")])
    keys = []
    for number in range(3):
        (path.parent / "1.jpg").write_bytes(picture(number, size=(64, 48 + number)))
        import_catalogue(path, cache)
        keys.append(load_catalogue(cache).image_keys[0])
        assert {name[4:-4] for name in kept_files(cache)} == set(keys[-2:])
    import_catalogue(path, cache)  # changes nothing, so the app may still show the previous one
    assert {name[4:-4] for name in kept_files(cache)} == set(keys[-2:])


def test_a_damaged_catalogue_is_replaced(write_csv: WriteCsv, cache: Path) -> None:
    path = local_shop(write_csv, 2)
    import_catalogue(path, cache)
    catalogue_path(cache).write_bytes(b'{"format": 1, "prod')
    assert counts(import_catalogue(path, cache)) == (2, 0, 0, 0, 0)


def test_two_imports_at_once_are_one_too_many(write_csv: WriteCsv, cache: Path) -> None:
    path = local_shop(write_csv, 1)
    cache.mkdir(parents=True)
    with FileLock(cache / ".import.lock"), pytest.raises(CatalogueError, match="no other import, but one is writing"):
        import_catalogue(path, cache)
    assert counts(import_catalogue(path, cache)) == (1, 0, 0, 0, 0)


def test_a_cache_that_cannot_be_written_leaves_the_old_catalogue(write_csv: WriteCsv, cache: Path) -> None:
    path = local_shop(write_csv, 1)
    import_catalogue(path, cache)
    before = catalogue_path(cache).read_bytes()
    (cache / "images").rename(cache / "gone")
    (cache / "images").write_bytes(b"")
    with pytest.raises(CatalogueError, match="Expected to write the catalogue") as caught:
        import_catalogue(path, cache)
    assert "\n" not in str(caught.value)
    assert catalogue_path(cache).read_bytes() == before


def test_a_truncated_stored_picture_is_noticed_left_out_and_downloaded_again(write_csv: WriteCsv, cache: Path) -> None:
    path = local_shop(write_csv, 3)
    (path.parent / "1.jpg").write_bytes(picture(900))
    import_catalogue(path, cache)
    key = load_catalogue(cache).image_keys[1]
    study = images_of(cache).study_path(key)
    study.write_bytes(study.read_bytes()[:300])
    assert [product.image_key for product in leave_out_lost(cache)] == [key]
    assert len(load_catalogue(cache).products) == 2
    assert leave_out_lost(cache) == ()
    assert counts(import_catalogue(path, cache)) == (1, 2, 0, 0, 0)
    assert is_kept(images_of(cache), key)

"""What every store must do, whatever its engine: the whole contract of `embeddings.features.store.Store`."""

import os
import pickle
import random
import resource
import shutil
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest
from pyarrow import fs

from embeddings.errors import VectorsError
from embeddings.features import checked_files, lance_store, local_copies
from embeddings.features.lance_rows import write_rows
from embeddings.features.lance_store import LanceStore
from embeddings.features.sqlite_store import SqliteStore
from embeddings.features.store import Records, Store, check_fit, check_unit_vectors, matrix_of
from embeddings.models.compiled import NetworkIdentity
from tests.small_disk import small_disk

NETWORK = NetworkIdentity("Tiny", "aa" * 32, "lite")
OTHER = replace(NETWORK, weights_sha256="bb" * 32)
TYPE = np.dtype([("key", "S64"), ("vector", "<f4", (8,)), ("patches", "i1", (30, 50)), ("num_points", "<u2")])
STORES: dict[str, Callable[[Path], Store]] = {
    "sqlite": lambda folder: SqliteStore(folder, "described", TYPE),
    "lance": lambda folder: LanceStore(str(folder / "described"), folder / "copies", TYPE, fresh_seconds=0),
    "lance in a bucket": lambda folder: LanceStore(
        f"s3://kalcare{folder}/described", folder / "copies", TYPE, fresh_seconds=0
    ),
}
IN_FILES = ("sqlite", "lance")

Opened = Callable[[Path], Store]


def key(number: int) -> str:
    return f"{number:064x}"


KEYS = tuple(map(key, range(5)))


def made(*image_keys: str) -> Records:
    """Records of these pictures, always the same."""
    records = np.zeros(len(image_keys), TYPE)
    for record, image_key in zip(records, image_keys, strict=True):
        rng = np.random.default_rng(zlib.crc32(image_key.encode()))
        record["key"], record["vector"] = image_key.encode(), rng.normal(size=8)
        record["vector"] /= np.linalg.norm(record["vector"])
        record["patches"], record["num_points"] = rng.integers(-127, 127, (30, 50)), rng.integers(256)
    return records


@pytest.fixture(params=STORES, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    """Which store is tested; for one in a bucket, its server runs."""
    if "bucket" in request.param:
        request.getfixturevalue("bucket")
    return str(request.param)


@pytest.fixture(scope="module")
def opened(name: str) -> Opened:
    """Opens the store of a folder, as each process does."""
    return STORES[name]


@pytest.fixture(scope="module")
def published(opened: Opened, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with five pictures published; only read."""
    folder = tmp_path_factory.mktemp("published")
    fill(opened(folder))
    return folder


@pytest.fixture
def store(published: Path, name: str, tmp_path: Path) -> Store:
    """A store of the test's own, with the same published."""
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    if "bucket" in name:
        system, bucket = fs.FileSystem.from_uri("s3://kalcare")
        for file in system.get_file_info(fs.FileSelector(f"{bucket}{published}", recursive=True)):
            if file.is_file:
                system.copy_file(file.path, file.path.replace(str(published), str(tmp_path)))
    return STORES[name](tmp_path)


@pytest.fixture
def reader(published: Path, opened: Opened) -> Store:
    """The published store, which other tests read as well."""
    return opened(published)


def assert_whole(store: Store, *image_keys: str) -> None:
    version = store.version()
    assert version.image_keys == image_keys
    np.testing.assert_array_equal(store.matrix(version), made(*image_keys)["vector"])
    assert store.read(version, image_keys).tobytes() == made(*image_keys).tobytes()


def test_published_rows_are_read_as_they_were_written(store: Store, opened: Opened, tmp_path: Path) -> None:
    for one in (store, opened(tmp_path)):
        assert_whole(one, *KEYS)
        assert (one.version().identity, one.version().precision) == (NETWORK, "f32")
        assert one.version().number == one.number() == store.number()


def test_vectors_are_mapped_and_read_only(reader: Store) -> None:
    matrix = reader.matrix(reader.version())
    assert isinstance(matrix, np.memmap)
    assert not matrix.flags.writeable


def test_records_come_in_the_order_that_was_asked_for(reader: Store) -> None:
    wanted = (KEYS[3], KEYS[0], KEYS[3])
    assert reader.read(reader.version(), wanted).tobytes() == made(*wanted).tobytes()
    assert len(reader.read(reader.version(), ())) == 0


def test_products_may_share_a_picture(store: Store) -> None:
    store.publish(NETWORK, (KEYS[1], KEYS[0], KEYS[1]))
    assert_whole(store, KEYS[1], KEYS[0], KEYS[1])


def test_an_empty_catalogue_has_an_empty_matrix(opened: Opened, tmp_path: Path) -> None:
    opened(tmp_path).publish(NETWORK, ())
    assert opened(tmp_path).matrix(opened(tmp_path).version()).shape == (0, 8)


def test_nothing_published_is_distinguished_from_damage(opened: Opened, tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match=f"^no vectors in .*{tmp_path}"):
        opened(tmp_path).version()
    opened(tmp_path).write(NETWORK, "f32", made(*KEYS))
    with pytest.raises(VectorsError, match=f"^no vectors in .*{tmp_path}"):
        opened(tmp_path).version()


def test_what_is_written_is_not_read_before_it_is_published(store: Store, opened: Opened, tmp_path: Path) -> None:
    before = store.number()
    opened(tmp_path).write(NETWORK, "f32", made(key(7)))
    opened(tmp_path).write(OTHER, "f32", made(KEYS[0]))
    assert store.number() == before
    assert_whole(store, *KEYS)
    opened(tmp_path).publish(NETWORK, (*KEYS, key(7)))
    assert store.number() != before
    assert_whole(store, *KEYS, key(7))


def test_a_reader_keeps_the_version_that_it_has_while_the_next_is_published(store: Store) -> None:
    before = store.version()
    matrix = store.matrix(before)
    store.write(OTHER, "bf16", made(key(8)))
    store.publish(OTHER, (key(8),))
    np.testing.assert_array_equal(matrix, made(*KEYS)["vector"])
    np.testing.assert_array_equal(store.matrix(before), matrix)
    assert store.read(before, KEYS).tobytes() == made(*KEYS).tobytes()
    assert_whole(store, key(8))


def test_rows_that_no_version_has_any_more_go(store: Store, tmp_path: Path) -> None:
    store.write(NETWORK, "f32", made(key(7)))  # of a process that is still running
    store.write(replace(NETWORK, pictures="none"), "f32", made(key(7)))
    for _ in range(2):
        assert store.kept(NETWORK) >= {*KEYS[:2], key(7)}
        store.publish(NETWORK, KEYS[:2])
    assert store.kept(NETWORK) == {*KEYS[:2], key(7)}
    assert store.kept(replace(NETWORK, pictures="none")) == set()
    for _ in range(2):
        store.write(OTHER, "f32", made(KEYS[4]))
        store.publish(OTHER, KEYS[4:])
    assert (store.kept(NETWORK), store.kept(OTHER)) == (set(), set(KEYS[4:]))
    assert len(list(tmp_path.rglob("*.npy"))) == 1


def test_a_picture_without_a_row_leaves_what_was_published(store: Store) -> None:
    before = store.number()
    with pytest.raises(VectorsError, match="1 of the pictures have no vector yet"):
        store.publish(NETWORK, (*KEYS, key(9)))
    with pytest.raises(VectorsError, match="5 of the pictures have no vector yet"):
        store.publish(OTHER, KEYS)
    assert store.number() == before
    assert_whole(store, *KEYS)
    with pytest.raises(VectorsError, match=r"some pictures \(1\) are not described"):
        store.read(store.version(), (KEYS[0], key(9)))


def test_what_is_no_unit_vector_is_never_published(store: Store) -> None:
    wrong = made(key(6))
    wrong["vector"] = np.nan
    store.write(NETWORK, "f32", wrong)
    with pytest.raises(VectorsError, match="row 1"):
        store.publish(NETWORK, (KEYS[0], key(6)))
    assert_whole(store, *KEYS)


def test_rows_say_what_precision_they_were_made_with(store: Store) -> None:
    store.write(NETWORK, "bf16", made(key(6)))
    store.publish(NETWORK, (*KEYS, key(6)))
    assert store.version().precision == "bf16, f32"
    check_fit(store.version(), NETWORK, KEYS)


@pytest.mark.parametrize(
    "network, keys, named",
    [
        (replace(NETWORK, backbone="Other"), KEYS, "another network"),
        (OTHER, KEYS, "another weights file"),
        (replace(NETWORK, preprocessing="caffe"), KEYS, "another preprocessing"),
        (replace(NETWORK, pictures="none"), KEYS, "another resizing"),
        (NETWORK, (*KEYS[1:], key(9)), "1 of the pictures have no vector yet"),
    ],
)
def test_what_no_longer_fits_is_named(
    reader: Store, network: NetworkIdentity, keys: tuple[str, ...], named: str
) -> None:
    with pytest.raises(VectorsError, match=named):
        check_fit(reader.version(), network, keys)


@pytest.mark.parametrize("rows", [(1, 0, 2, 3, 4), (2,), (2, 0, 2), ()])
def test_vectors_of_more_pictures_fit_and_are_found_by_their_keys(reader: Store, rows: tuple[int, ...]) -> None:
    version, keys = reader.version(), tuple(KEYS[row] for row in rows)
    check_fit(version, NETWORK, keys)
    np.testing.assert_array_equal(matrix_of(reader, version, keys), made(*keys)["vector"])


def test_only_what_is_there_and_of_this_network_is_kept(store: Store, opened: Opened, tmp_path: Path) -> None:
    opened(tmp_path).write(NETWORK, "f32", made(key(7)))
    assert store.kept(NETWORK) == {*KEYS, key(7)}
    assert store.kept(OTHER) == set()
    assert opened(tmp_path / "none").kept(NETWORK) == set()


@pytest.mark.parametrize("name", IN_FILES, indirect=True)
def test_nobody_else_can_read_the_files(opened: Opened, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        opened(tmp_path / "store").write(NETWORK, "f32", made(*KEYS))
        opened(tmp_path / "store").publish(NETWORK, KEYS)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("*")} == {0}


@pytest.mark.parametrize("damage", ["removed", "emptied", "cut short", "changed", "of other vectors"])
def test_a_matrix_that_is_lost_or_damaged_is_made_again_from_the_rows(
    store: Store, opened: Opened, tmp_path: Path, damage: str
) -> None:
    (path,) = tmp_path.rglob("*.npy")
    content = path.read_bytes()
    path.unlink()
    if damage == "of other vectors":
        np.save(path, made(*KEYS[::-1])["vector"])
    elif damage != "removed":
        damaged = {"emptied": b"", "cut short": content[:-9], "changed": content[:-9] + b"x" + content[-8:]}
        path.write_bytes(damaged[damage])
    assert_whole(opened(tmp_path), *KEYS)
    assert path.read_bytes() == content


def content_files(folder: Path) -> list[Path]:
    """What a store cannot rebuild: its files except matrices and locks."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if path.suffix not in {".npy", ".lock"} and path.stat().st_size]


def is_readable(store: Store) -> bool:
    """Whether everything is read as it was written; otherwise it must be refused in one line."""
    try:
        version = store.version()
        check_fit(version, NETWORK, KEYS)
        records = store.read(version, KEYS)
        np.testing.assert_array_equal(store.matrix(version), made(*KEYS)["vector"])
    except VectorsError as error:
        assert "\n" not in str(error)
        return False
    assert records.tobytes() == made(*KEYS).tobytes()
    return True


def fill(store: Store) -> None:
    """Write what is missing, and publish everything."""
    if missing := sorted({*KEYS} - store.kept(NETWORK)):
        store.write(NETWORK, "f32", made(*missing))
    store.publish(NETWORK, KEYS)


DAMAGES: dict[str, Callable[[bytearray, random.Random], None]] = {
    "a flipped bit": lambda content, rng: content.__setitem__(rng.randrange(len(content)), rng.randrange(256)),
    "cut short": lambda content, rng: content.__delitem__(slice(rng.randrange(len(content)), None)),
    "zeros": lambda content, rng: content.__setitem__(
        slice(place := rng.randrange(len(content)), place + 600), bytes(min(600, len(content) - place))
    ),
}


@pytest.mark.parametrize("name", IN_FILES, indirect=True)
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_noticed_and_mended_by_the_next_run(opened: Opened, tmp_path: Path, damage: str) -> None:
    whole = tmp_path / "whole"
    fill(opened(whole))
    rng, refused = random.Random(11), 0
    files = content_files(whole)
    for number, file in enumerate(files * (2 if len(files) > 1 else 60)):
        damaged = shutil.copytree(whole, tmp_path / str(number))
        path = damaged / file.relative_to(whole)
        content = bytearray(path.read_bytes())
        DAMAGES[damage](content, rng)
        path.write_bytes(content)
        for mapped in damaged.rglob("*.npy"):
            mapped.unlink()
        refused += not is_readable(opened(damaged))
        fill(opened(damaged))
        assert is_readable(opened(damaged))
    assert refused > 3  # much of a small store is empty pages


@pytest.mark.parametrize("name", IN_FILES, indirect=True)
def test_a_file_that_is_no_store_is_named_and_replaced(store: Store, opened: Opened, tmp_path: Path) -> None:
    for path in content_files(tmp_path):
        path.write_bytes(b"something else" * 1000)
    with pytest.raises(VectorsError, match=f"{tmp_path}.* is damaged"):
        opened(tmp_path).version()
    assert opened(tmp_path).number() != ""
    fill(opened(tmp_path))
    assert_whole(store, *KEYS)


@pytest.mark.parametrize("name", IN_FILES, indirect=True)
def test_a_removed_store_is_noticed_by_processes_that_have_it_open(
    store: Store, opened: Opened, tmp_path: Path
) -> None:
    for path in tmp_path.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(VectorsError, match="no vectors"):
        store.version()
    fill(opened(tmp_path))
    assert_whole(store, *KEYS)


STARTED = get_context("forkserver")  # importing everything once for all writers: the half second of each is saved
STARTED.set_forkserver_preload(["lance", __name__])


def write_and_publish(
    name: str, folder: Path, first: int, times: int, environment: dict[str, str], reports: Connection
) -> None:
    """Write 20 rows, seven at a time, and publish them, several times; report how far it is."""
    os.environ |= environment
    store = STORES[name](folder)
    keys = tuple(key(first + number) for number in range(20))
    for _ in range(times):
        for start in range(0, 20, 7):
            store.write(NETWORK, "f32", made(*keys[start : start + 7]))
            reports.send(f"{start + 7} written")
        store.publish(NETWORK, keys)
        reports.send("published")


@contextmanager
def work(name: str, folder: Path, first: int, times: int) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process that writes and publishes, and its reports."""
    reports, reported = STARTED.Pipe(duplex=False)
    process = STARTED.Process(
        target=write_and_publish, args=(name, folder, first, times, dict(os.environ), reported), daemon=True
    )
    process.start()
    reported.close()
    with reports:
        yield process, reports
        process.join()


def test_rows_written_before_a_kill_are_kept(name: str, tmp_path: Path) -> None:
    with work(name, tmp_path, 0, 1) as (process, reports):
        while reports.recv() != "14 written":
            pass
        process.kill()
    kept = STORES[name](tmp_path).kept(NETWORK)
    assert kept >= {key(number) for number in range(14)}


def test_a_version_is_complete_whenever_its_writer_is_killed(name: str, tmp_path: Path) -> None:
    rng = random.Random(3)
    for turn in range(8 if name in IN_FILES else 3):  # the bucket's server takes a second for each
        with work(name, tmp_path, 100 * (turn % 2), 1000) as (process, reports):
            while reports.recv() != "published":
                pass
            process.join(rng.uniform(0, 0.2))
            assert process.is_alive()
            process.kill()
        store = STORES[name](tmp_path)
        assert_whole(store, *(key(100 * (turn % 2) + number) for number in range(20)))


def test_rows_are_stored_once_their_writer_reports_where(store: Store, opened: Opened, tmp_path: Path) -> None:
    write = pickle.loads(pickle.dumps(store.writer()))
    written = [write(NETWORK, "f32", made(key(number))) for number in (7, 8, 9)]
    assert [one.num_rows for one in written] == [1, 1, 1]
    assert opened(tmp_path).kept(NETWORK) == set(KEYS)
    store.commit(pickle.loads(pickle.dumps(written[:2])))
    assert opened(tmp_path).kept(NETWORK) == {*KEYS, key(7), key(8)}
    store.publish(NETWORK, (*KEYS, key(8)))
    assert_whole(opened(tmp_path), *KEYS, key(8))


def test_two_concurrent_writers_lose_nothing_and_a_reader_sees_whole_versions(name: str, tmp_path: Path) -> None:
    versions = [tuple(key(first + number) for number in range(20)) for first in (0, 10)]
    store, seen, times = STORES[name](tmp_path), set(), 8 if name in IN_FILES else 3
    with work(name, tmp_path, 0, times) as (one, first), work(name, tmp_path, 10, times) as (other, second):
        working = [first, second]
        while working:
            for reports in wait(working):
                try:
                    reports.recv()
                except EOFError:
                    working.remove(reports)
            try:
                version = store.version()
            except VectorsError:
                continue
            assert version.image_keys in versions
            np.testing.assert_array_equal(store.matrix(version), made(*version.image_keys)["vector"])
            seen.add(version.number)
    assert (one.exitcode, other.exitcode) == (0, 0)
    assert len(seen) > 1
    assert store.kept(NETWORK) >= set(store.version().image_keys)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "2m") as folder:
        yield folder


@pytest.mark.parametrize("name", IN_FILES, indirect=True)
def test_a_full_disk_is_named_and_what_was_written_is_kept(opened: Opened, disk: Path) -> None:
    store = opened(disk / "store")
    fill(store)
    with (disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space left"):
        while True:
            filler.write(bytes(512))
    with pytest.raises(OSError, match="No space left"):
        for number in range(10, 3000):
            store.write(NETWORK, "f32", made(key(number)))
    assert_whole(store, *KEYS)
    with pytest.raises(OSError, match="No space left"):
        store.publish(NETWORK, KEYS * 2000)
    (disk / "filler").unlink()
    kept = sorted(opened(disk / "store").kept(NETWORK))
    assert set(KEYS) <= set(kept)
    store.publish(NETWORK, kept)
    assert_whole(store, *kept)


@pytest.mark.parametrize(
    ("name", "room"),
    [*(("sqlite", room) for room in (0, 4096, 20_000, 60_000)), ("lance", 0), ("lance", 4096)],
    indirect=["name"],
)
def test_a_write_that_fails_half_way_leaves_what_was_published(store: Store, room: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(OSError):
            for number in range(10, 3000):
                store.write(NETWORK, "f32", made(key(number)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert_whole(store, *KEYS)
    store.write(NETWORK, "f32", made(key(9)))
    store.publish(NETWORK, (key(9),))
    assert_whole(store, key(9))


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 2.0])
def test_what_is_no_unit_vector_is_refused(value: float) -> None:
    matrix = np.eye(3, dtype=np.float32)
    matrix[1] = value
    with pytest.raises(VectorsError, match="row 1"):
        check_unit_vectors(matrix)


def test_vectors_of_another_type_are_refused() -> None:
    with pytest.raises(VectorsError, match="float64"):
        check_unit_vectors(np.eye(3))


def test_what_was_read_once_is_read_again_without_the_address(tmp_path: Path) -> None:
    store = STORES["lance"](tmp_path)
    fill(store)
    assert is_readable(store)
    version = store.version()
    shutil.rmtree(tmp_path / "described")
    assert store.read(version, KEYS).tobytes() == made(*KEYS).tobytes()
    np.testing.assert_array_equal(store.matrix(version), made(*KEYS)["vector"])


def test_nobody_waits_for_an_unavailable_bucket(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LanceStore(f"{bucket}{tmp_path}/described", tmp_path, TYPE, fresh_seconds=0.01)
    fill(store)
    number = store.number()
    assert is_readable(store)
    version = store.version()
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts connections, and never responds
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        time.sleep(0.02)
        started = time.monotonic()
        assert store.number() == number
        assert store.read(version, KEYS).tobytes() == made(*KEYS).tobytes()
        np.testing.assert_array_equal(store.matrix(version), made(*KEYS)["vector"])
        assert time.monotonic() - started < 1


def test_another_version_in_a_bucket_is_seen_soon(bucket: str, tmp_path: Path) -> None:
    one, other = (
        LanceStore(f"{bucket}{tmp_path}/described", tmp_path / name, TYPE, fresh_seconds=0.1) for name in "ab"
    )
    fill(one)
    before = other.number()
    one.publish(NETWORK, KEYS[:2])
    deadline = time.monotonic() + 10
    while other.number() == before:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert other.number() == one.version().number


def test_a_file_that_nobody_commits_is_removed_after_a_week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lance_store, "_READ_FOR", lance_store.timedelta(microseconds=1))
    store, rows = STORES["lance"](tmp_path), tmp_path / "described" / "rows.lance"
    fill(store)
    before = set((rows / "data").iterdir())
    write_rows(str(rows), NETWORK, "f32", made(key(7)))
    (left,) = {*(rows / "data").iterdir()} - before
    for days, is_there in ((6, True), (8, False)):
        written = time.time() - days * 86_400
        os.utime(left, (written, written))
        fill(store)
        assert left.exists() is is_there
    assert_whole(STORES["lance"](tmp_path), *KEYS)


def test_replaced_versions_are_removed_by_the_first_publication_of_an_hour() -> None:
    minute = 60 * 10**9
    for now, is_first in ((2, False), (59, False), (60, True), (200, True)):
        assert lance_store._is_another_period(minute, now * minute) is is_first


def test_checked_rows_are_read_again_only_after_a_reader_found_damage(tmp_path: Path) -> None:
    store = STORES["lance"](tmp_path)
    for _ in range(2):
        fill(store)
    (path,) = (tmp_path / "described" / "rows.lance" / "data").iterdir()
    content, status = path.read_bytes(), path.stat()
    patches = made(KEYS[3])["patches"].tobytes()
    assert content.count(patches) == 1
    path.write_bytes(content.replace(patches, patches[::-1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert STORES["lance"](tmp_path).kept(NETWORK) == set(KEYS)
    with pytest.raises(VectorsError, match=f"the row of {KEYS[3]}"):
        store.read(store.version(), KEYS)
    assert STORES["lance"](tmp_path).kept(NETWORK) == {*KEYS} - {KEYS[3]}
    fill(STORES["lance"](tmp_path))
    assert_whole(STORES["lance"](tmp_path), *KEYS)


def test_what_was_written_before_an_interruption_is_not_checked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked_files, "_REMEMBER_SECONDS", 0)
    store = STORES["lance"](tmp_path)
    assert store.kept(NETWORK) == set()
    store.write(NETWORK, "f32", made(*KEYS))
    (path,) = (tmp_path / "described" / "rows.lance" / "data").iterdir()
    content, status = path.read_bytes(), path.stat()
    patches = made(KEYS[3])["patches"].tobytes()
    path.write_bytes(content.replace(patches, patches[::-1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert STORES["lance"](tmp_path).kept(NETWORK) == set(KEYS)
    os.utime(path)
    assert STORES["lance"](tmp_path).kept(NETWORK) == {*KEYS} - {KEYS[3]}


def test_copies_start_over_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_copies, "_MOST_RECORDS", 3)
    store = STORES["lance"](tmp_path)
    fill(store)
    for wanted in (KEYS[:2], KEYS[1:], KEYS[:1]):
        assert store.read(store.version(), wanted).tobytes() == made(*wanted).tobytes()
    assert SqliteStore(tmp_path / "copies", "described", TYPE).kept(NETWORK) == {KEYS[0]}


def test_files_of_an_older_version_are_named_and_go(tmp_path: Path) -> None:
    for name in ("vectors.npy", "manifest.json", "journal-00000000.bin", "refined/records-00000000.bin"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"old")
    store = STORES["sqlite"](tmp_path)
    with pytest.raises(VectorsError, match=f"those in {tmp_path} are of another version and have to be made again"):
        store.version()
    fill(store)
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == {"store.sqlite", "store.lock", "described"}


def test_damage_that_sqlite_quotes_in_its_error_is_named(tmp_path: Path) -> None:
    fill(STORES["sqlite"](tmp_path))
    path = tmp_path / "store.sqlite"
    path.write_bytes(path.read_bytes().replace(b"tablerows", b"tabler\xcews"))
    with pytest.raises(VectorsError, match="is damaged"):
        STORES["sqlite"](tmp_path).version()

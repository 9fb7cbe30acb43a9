"""Downloading official weights: from a server on loopback that behaves, and that misbehaves."""

import gc
import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from embeddings.errors import AddWeights, FetchWeights, UseMirror, WeightsError
from embeddings.models.backbones import BACKBONES, Backbone
from embeddings.models.weights import WeightsFolders, WeightsLibrary, WeightsState
from embeddings.models.weights_downloads import fetch_weights

CONTENT = b"weights" * 50_000
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class Mirror(BaseHTTPRequestHandler):
    """Responds by the first part of the path.

    Whole, short (fewer bytes than announced), other bytes, or missing; huge announces a terabyte, and endless never
    ends.
    """

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        kind = self.path.split("/")[1]
        self.send_response(404 if kind == "missing" else 200)
        if kind != "endless":
            self.send_header("Content-Length", str(10**12 if kind == "huge" else len(CONTENT)))
        self.end_headers()
        with suppress(ConnectionError):  # the client hangs up if it gets too much
            while kind == "endless":
                self.wfile.write(CONTENT)
            self.wfile.write({"short": CONTENT[:1000], "other": CONTENT[::-1]}.get(kind, CONTENT))

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[str]:
    Mirror.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
    gc.collect()


@pytest.fixture
def backbone() -> Backbone:
    return replace(BACKBONES["NASNetMobile"], weights_hash=f"md5:{MD5}")


@pytest.fixture
def empty_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsLibrary:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return WeightsLibrary(WeightsFolders(tmp_path / "fetched", tmp_path / "added"))


def fits(path: Path, sha256: str) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def fits_not(path: Path, sha256: str) -> None:
    raise WeightsError("no layer fits")


def left_over(library: WeightsLibrary) -> list[str]:
    return [path.name for path in library.folders.fetched.iterdir() if path.suffix != ".lock"]


def test_the_file_arrives_complete_with_its_progress(
    backbone: Backbone, empty_library: WeightsLibrary, mirror: str
) -> None:
    steps: list[tuple[int, int]] = []
    fetch_weights(backbone, empty_library, fits, mirror=f"{mirror}/whole/", progress=lambda *step: steps.append(step))
    assert Mirror.asked == [f"/whole/{backbone.weights_file}"]
    assert empty_library.fetched_path(backbone).read_bytes() == CONTENT
    assert empty_library.state(backbone) is WeightsState.OFFICIAL
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)


def test_what_is_there_is_not_fetched_again(backbone: Backbone, empty_library: WeightsLibrary, mirror: str) -> None:
    for _ in range(2):
        fetch_weights(backbone, empty_library, fits, mirror=f"{mirror}/whole")
    assert len(Mirror.asked) == 1


def test_two_processes_fetching_the_same_file_fetch_it_once(
    backbone: Backbone, empty_library: WeightsLibrary, mirror: str
) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: fetch_weights(backbone, empty_library, fits, mirror=f"{mirror}/whole"), range(2)))
    assert len(Mirror.asked) == 1


@pytest.mark.parametrize(
    "kind, said",
    [
        ("missing", "the server answered 404"),
        ("short", "stopped in the middle"),
        ("other", "the hash of the download is not the one that Keras publishes"),
        ("huge", "much larger than the file that Keras publishes"),
        ("endless", "much larger than the file that Keras publishes"),
    ],
)
def test_a_failed_download_leaves_nothing_and_names_three_ways(
    kind: str, said: str, backbone: Backbone, empty_library: WeightsLibrary, mirror: str
) -> None:
    with pytest.raises(WeightsError, match=said) as caught:
        fetch_weights(backbone, empty_library, fits, mirror=f"{mirror}/{kind}")
    assert caught.value.remedies == (FetchWeights("NASNetMobile"), UseMirror(), AddWeights("NASNetMobile"))
    assert len(str(caught.value).splitlines()) == 1
    assert left_over(empty_library) == []
    assert empty_library.state(backbone) is WeightsState.FETCHABLE


def test_a_server_that_is_not_there_is_said_to_be_out_of_reach(
    backbone: Backbone, empty_library: WeightsLibrary
) -> None:
    with pytest.raises(WeightsError, match="cannot be reached"):
        fetch_weights(backbone, empty_library, fits, mirror="http://127.0.0.1:9")


def test_a_file_that_does_not_fit_its_network_is_not_kept(
    backbone: Backbone, empty_library: WeightsLibrary, mirror: str
) -> None:
    with pytest.raises(WeightsError, match="no layer fits"):
        fetch_weights(backbone, empty_library, fits_not, mirror=f"{mirror}/whole")
    assert left_over(empty_library) == []


@pytest.mark.parametrize("content, num_asked", [(CONTENT, 0), (b"half a download", 1)])
def test_a_file_in_keras_own_cache_is_taken_if_it_is_the_published_one(
    content: bytes, num_asked: int, backbone: Backbone, empty_library: WeightsLibrary, mirror: str, tmp_path: Path
) -> None:
    (tmp_path / "keras" / "models").mkdir(parents=True)
    (tmp_path / "keras" / "models" / "nasnet_mobile_no_top.h5").write_bytes(content)
    fetch_weights(backbone, empty_library, fits, mirror=f"{mirror}/whole")
    assert empty_library.fetched_path(backbone).read_bytes() == CONTENT
    assert len(Mirror.asked) == num_asked


def test_a_fetched_file_that_changed_since_is_broken_until_it_is_fetched_again(
    backbone: Backbone, empty_library: WeightsLibrary, mirror: str
) -> None:
    fetch_weights(backbone, empty_library, fits, mirror=f"{mirror}/whole")
    empty_library.fetched_path(backbone).write_bytes(b"changed")
    assert empty_library.state(backbone) is WeightsState.BROKEN
    with pytest.raises(WeightsError, match="SHA-256") as caught:
        empty_library.file(backbone)
    assert caught.value.remedies == (FetchWeights("NASNetMobile"),)
    fetch_weights(backbone, empty_library, fits, mirror=f"{mirror}/whole")
    assert empty_library.state(backbone) is WeightsState.OFFICIAL

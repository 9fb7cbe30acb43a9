"""Downloading official weights: from Keras' own cache, a mirror, or Keras' address."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pooch
import requests
from filelock import FileLock

from embeddings.errors import AddWeights, DownloadError, FetchWeights, UseMirror, WeightsError
from embeddings.models.backbones import Backbone
from embeddings.models.weights import WeightsLibrary, matches_published_hash, remember, sha256_of

BytesDone = Callable[[int, int], None]  # called with the bytes received and the total

_TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 1 << 16
_SPARE = 2  # a file of more than twice the published size is a different one


class _TooLargeError(ValueError):
    """More bytes, received or announced, than the file can have."""


def fetch_weights(
    backbone: Backbone,
    library: WeightsLibrary,
    check: Callable[[Path, str], None],
    *,
    mirror: str = "",
    progress: BytesDone = lambda done, total: None,
) -> None:
    """Get the backbone's official weights into the library, unless they are there.

    `check` gets the file and its SHA-256 and raises WeightsError if it does not fit the network. A second process that
    wants the same file waits, and finds it there. Raises WeightsError if they cannot be downloaded, with the other ways
    to get them.
    """
    library.folders.fetched.mkdir(parents=True, exist_ok=True)
    with FileLock(library.folders.fetched / f"{backbone.name}.lock"):
        if library.state(backbone).is_here:
            return
        target = library.fetched_path(backbone)
        target.unlink(missing_ok=True)
        if not _copied_from_keras_cache(backbone, target):
            _download(backbone, target, mirror, progress)
        try:
            check(target, digest := sha256_of(target))
        except WeightsError:
            target.unlink()
            raise
        remember(target, digest)


def weights_address(backbone: Backbone, mirror: str = "") -> str:
    """The address of the official weights: Keras', or the same file name at a mirror."""
    return f"{mirror.rstrip('/')}/{backbone.weights_file}" if mirror else backbone.weights_url


def keras_cache() -> Path:
    """The folder in which Keras itself stores downloaded weights."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models"


def _copied_from_keras_cache(backbone: Backbone, target: Path) -> bool:
    cached = keras_cache() / backbone.keras_cache_file
    if not cached.is_file() or not matches_published_hash(backbone, cached):
        return False
    partial = target.with_name(f".{target.name}.part")
    shutil.copyfile(cached, partial)
    partial.replace(target)
    return True


def _download(backbone: Backbone, target: Path, mirror: str, progress: BytesDone) -> None:
    address = weights_address(backbone, mirror)
    meter = _Meter(progress, max_bytes=_SPARE * backbone.weights_bytes)
    downloader = pooch.HTTPDownloader(meter, _CHUNK_BYTES, timeout=_TIMEOUT_SECONDS)
    pooch.get_logger().setLevel("ERROR")  # its log is not for the user
    try:
        pooch.retrieve(address, backbone.weights_hash or None, target.name, target.parent, downloader=downloader)
    except (requests.RequestException, ValueError, OSError) as error:
        reason = _reason(error)
    else:
        return
    # Raised outside the block above: as this error's context, the other would keep pooch's connection open.
    raise DownloadError(
        f"Expected the weights of {backbone.name}, {backbone.weights_file}, at {address}, but {reason}.",
        remedies=(FetchWeights(backbone.name), UseMirror(), AddWeights(backbone.name)),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return f"nothing was received for {_TIMEOUT_SECONDS:g} s"
    if isinstance(error, requests.RequestException):
        return "the server cannot be reached, or stopped in the middle"
    if isinstance(error, OSError):
        return f"the machine refused: {error.strerror}"
    if isinstance(error, _TooLargeError):
        return "the download is much larger than the file that Keras publishes"
    return "the hash of the download is not the one that Keras publishes"


class _Meter:
    """The progress bar that pooch calls; it sets `total` to the announced size."""

    def __init__(self, progress: BytesDone, *, max_bytes: int) -> None:
        self.total = 0
        self._progress = progress
        self._max_bytes = max_bytes
        self._done = 0

    def update(self, num_bytes: int) -> None:
        """Count received bytes. Raises _TooLargeError, at the first one if too many are announced."""
        self._done += num_bytes
        if max(self._done, self.total) > self._max_bytes:
            raise _TooLargeError
        self._progress(min(self._done, self.total), self.total)

    def reset(self) -> None:
        """Start again: pooch does so when everything is here, and then counts it all at once."""
        self._done = 0

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

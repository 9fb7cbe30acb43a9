"""Many pictures at once: downloaded or read, checked, stored; one outcome per address."""

import os
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue

import anyio
from anyio import CapacityLimiter, to_thread
from anyio.from_thread import start_blocking_portal

from embeddings.errors import PhotoError
from embeddings.masking import mask
from recsys.catalogue.image_downloads import Downloader, DownloadLimits
from recsys.catalogue.image_store import keep_picture
from recsys.catalogue.local_files import PictureError, find_file, read_file
from recsys.catalogue.products import ImageFolder, ImageSource

MAX_DECODERS = 4  # threads; decoding a picture of 50 megapixels takes about 300 MB
SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)  # a single letter is a Windows drive


@dataclass(frozen=True)
class FetchOutcome:
    """The outcome of one address: where its stored picture came from, or why there is none."""

    image_url: str
    source: ImageSource | None
    reason: str = ""


def stored_address(image_url: str) -> str:
    """The address as it is stored: without its secrets, but distinct from addresses with other secrets."""
    masked = mask(image_url)
    return image_url if masked == image_url else f"{masked}#{sha256(image_url.encode()).hexdigest()[:12]}"


def is_web_address(image_url: str) -> bool:
    """Whether an address is a web address, not a path."""
    return image_url.lower().startswith(("http://", "https://"))


def fetch(
    image_urls: Sequence[str],
    known: Mapping[str, ImageSource],
    folder: Path,
    images: ImageFolder,
    limits: DownloadLimits,
) -> Generator[FetchOutcome, None, None]:
    """Fetch pictures in parallel and yield an outcome for each, as they finish.

    `known` contains, by address, the sources of stored pictures, which are fetched again only if they have changed.
    Paths are relative to `folder`. Closing the iterator cancels everything in progress. Raises OSError if a picture
    cannot be stored.
    """
    outcomes: SimpleQueue[FetchOutcome | OSError | None] = SimpleQueue()
    fetcher = _Fetcher(known, folder, images, limits, outcomes)
    # An event loop in its own thread: every wait can be cut short, by a deadline or by Ctrl-C.
    with start_blocking_portal() as portal:
        task = portal.start_task_soon(fetcher.fetch_all, image_urls)
        task.add_done_callback(lambda _: outcomes.put(None))
        while (outcome := outcomes.get()) is not None:
            if isinstance(outcome, OSError):
                raise outcome
            yield outcome
        task.result()


class _Fetcher:
    def __init__(
        self,
        known: Mapping[str, ImageSource],
        folder: Path,
        images: ImageFolder,
        limits: DownloadLimits,
        outcomes: "SimpleQueue[FetchOutcome | OSError | None]",
    ) -> None:
        self.known = known
        self.folder = folder
        self.images = images
        self.limits = limits
        self.outcomes = outcomes

    async def fetch_all(self, image_urls: Sequence[str]) -> None:
        remaining = iter(image_urls)
        decoders = CapacityLimiter(min(os.cpu_count() or 1, MAX_DECODERS))
        downloader = Downloader(self.limits)
        try:
            async with anyio.create_task_group() as group:
                for _ in range(self.limits.parallel):
                    group.start_soon(self._work, remaining, downloader, decoders)
        finally:
            await downloader.close()

    async def _work(self, remaining: Iterator[str], downloader: Downloader, decoders: CapacityLimiter) -> None:
        for image_url in remaining:  # one iterator, shared by all workers
            try:
                if is_web_address(image_url):
                    source = await self._from_web(image_url, downloader, decoders)
                else:
                    source = await to_thread.run_sync(self._from_folder, image_url, limiter=decoders)
                self.outcomes.put(FetchOutcome(image_url, source))
            except (PictureError, PhotoError) as error:
                self.outcomes.put(FetchOutcome(image_url, None, str(error)))
            except OSError as error:  # a picture that cannot be stored ends the import
                self.outcomes.put(error)

    async def _from_web(self, image_url: str, downloader: Downloader, decoders: CapacityLimiter) -> ImageSource:
        known = self.known.get(stored_address(image_url))
        download = await downloader.get(image_url, known)
        if known and download.data is None:
            return replace(known, etag=download.etag, last_modified=download.last_modified)
        image_key = await to_thread.run_sync(keep_picture, self.images, download.data or b"", limiter=decoders)
        return ImageSource(stored_address(image_url), image_key, download.etag, download.last_modified)

    def _from_folder(self, image_url: str) -> ImageSource:
        scheme = SCHEME.match(image_url)
        if scheme:
            raise PictureError(
                f"Expected http, https or a path relative to the CSV, got the scheme {scheme[1]!r}: not fetched."
            )
        file = find_file(self.folder, image_url)
        known = self.known.get(image_url)
        if known and known.last_modified == file.stamp:
            return known
        return ImageSource(image_url, keep_picture(self.images, read_file(file)), last_modified=file.stamp)

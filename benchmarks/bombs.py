"""Twenty pictures at once that cost far more than their size: memory, and how long others wait for their matches."""

import asyncio
import os
import struct
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import perf_counter, sleep

import numpy as np
import pillow_heif
from PIL import Image

from benchmarks.load import anonymous_megabytes
from benchmarks.server import running_app
from benchmarks.tabs import Tab, opened_tab
from benchmarks.timing import Verdict, at_most
from recsys.demo.growth import demo_folder

NUM_BOMBS = 20
SIDE = 7070  # two of them are 50 megapixels
LOOK_SECONDS, REST_SECONDS, NEARLY = 0.05, 60, 100  # within this many MB of rest counts as back


def bombs() -> dict[str, bytes]:
    """The pictures, by description."""
    plain = Image.new("RGB", (SIDE, SIDE), (10, 200, 30))
    clear = Image.new("RGBA", (SIDE, SIDE), (10, 200, 30, 128))
    noise = np.random.default_rng(0).integers(0, 255, (884, 884, 3), np.uint8)
    noisy = Image.fromarray(noise).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    palette = Image.new("P", (SIDE, SIDE))
    palette.putpalette([value for value in range(256) for _ in range(3)])
    avif = _encoded(plain, "AVIF", quality=30, speed=10)
    heic = _heic(plain.resize((SIDE // 2, SIDE // 2)))  # a larger one takes minutes to make
    return {
        "a WebP of 38 bytes": _claimed_webp(),
        "WebP without loss": _encoded(clear, "WEBP", lossless=True, method=0),
        "WebP": _encoded(noisy, "WEBP", quality=5, method=0),
        "PNG": _encoded(plain, "PNG", compress_level=9),
        "PNG with transparency": _encoded(clear, "PNG", compress_level=1),
        "PNG with a palette": _encoded(palette, "PNG", transparency=bytes(range(256))),
        "PNG of 16 bits": _encoded(Image.new("I;16", (SIDE, SIDE), 1234), "PNG"),
        "progressive JPEG": _encoded(noisy, "JPEG", quality=10, progressive=True),
        "CMYK JPEG": _encoded(noisy.convert("CMYK"), "JPEG", quality=8, progressive=True),
        "JPEG of 290 scans": _scanned(_encoded(Image.new("L", (SIDE, SIDE), 100), "JPEG", progressive=True)),
        "AVIF": avif,
        "AVIF that claims 100x100": _claiming(avif, 100),
        "HEIC": heic,
        "HEIC that claims 100x100": _claiming(heic, 100),
        "GIF": _encoded(palette, "GIF"),
    }


def run() -> Iterator[str | Verdict]:
    """Yield the lines of the report."""
    home = Path(os.environ.get("RECSYS_HOME", "data"))
    files = list(bombs().items())
    thrown = [files[number % len(files)] for number in range(NUM_BOMBS)]
    photos = [path.read_bytes() for path in sorted((demo_folder(home / "cache") / "samples").glob("*.jpg"))]
    if not photos:
        raise SystemExit(f"Expected the demo shop in {home}, found no sample photos: run python -m recsys demo first.")
    with running_app(home) as (address, process):
        memory = Memory(process.pid)
        alone, beside, refused, seconds = asyncio.run(_attack(address, thrown, photos, memory))
        back = memory.seconds_until_back()
    weight = sum(len(content) for _, content in thrown) / 1e6
    yield f"{NUM_BOMBS} pictures of {len(files)} kinds, {weight:.1f} MB in all"
    yield f"{refused} refused, {NUM_BOMBS - refused} searched, all done after {seconds:.1f} s"
    yield f"a search alone: {median(alone):.2f} s; meanwhile, of {len(beside)}: {median(beside):.2f} s"
    yield f"memory at rest {memory.rest:.0f} MB, at most {memory.most:.0f} MB, afterwards {memory.last:.0f} MB"
    yield at_most(800, "MB").line("memory above rest", memory.most - memory.rest)
    yield at_most(2, "s").line("the slowest search by somebody else meanwhile", max(beside))
    yield at_most(REST_SECONDS, "s").line(f"memory back to {NEARLY} MB above rest", back)


class Memory:
    """Watches the memory of a process, in MB: at rest, which is when `begin` is called, and at most since then."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = Event()
        self.rest = self.most = self.last = 0.0

    def begin(self) -> None:
        """Take the current memory as the memory at rest."""
        self.rest = self.most = self.now()
        Thread(target=self._watch, daemon=True).start()

    def now(self) -> float:
        """Anonymous memory: mapped files may be dropped at any time."""
        return anonymous_megabytes(self._pid)

    def seconds_until_back(self) -> float:
        """Wait until it is nearly at rest again, up to twice as long as allowed."""
        self._ended.set()
        started = perf_counter()
        while (last := self.now()) > self.rest + NEARLY and perf_counter() - started < 2 * REST_SECONDS:
            sleep(0.2)
        self.last = last
        return perf_counter() - started

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.most = max(self.most, self.now())


async def _attack(
    address: str, thrown: list[tuple[str, bytes]], photos: list[bytes], memory: Memory
) -> tuple[list[float], list[float], int, float]:
    """Seconds of searches alone and beside the bombs; how many bombs were refused, and seconds until all were."""
    async with opened_tab(address) as victim:
        search = partial(_search, victim, photos)
        for number in range(3):
            await search(number)
        alone = [await search(number) for number in range(3, 8)]
        async with AsyncExitStack() as stack:
            tabs = [await stack.enter_async_context(opened_tab(address)) for _ in thrown]
            await asyncio.sleep(5)  # the app tidies up when it is idle
            memory.begin()
            started = perf_counter()
            tasks = [
                asyncio.create_task(tab.send_photo(content)) for tab, (_, content) in zip(tabs, thrown, strict=True)
            ]
            beside: list[float] = []
            while not all(task.done() for task in tasks):
                beside.append(await search(8 + len(beside)))
            refusals = await asyncio.gather(*tasks)
        return alone, beside, sum(map(bool, refusals)), perf_counter() - started


async def _search(victim: Tab, photos: list[bytes], number: int) -> float:
    """Search with a photo that is different each time: bytes after the end of a JPEG are ignored."""
    started = perf_counter()
    if errors := await victim.send_photo(photos[number % len(photos)] + number.to_bytes(4)):
        raise RuntimeError(f"Expected matches, got {errors[0]}")
    return perf_counter() - started


def _encoded(picture: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def _heic(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    pillow_heif.from_pillow(picture).save(buffer, quality=10, enc_params={"preset": "ultrafast"})
    return buffer.getvalue()


def _claimed_webp() -> bytes:
    """A WebP with only a header, for 50 megapixels (RFC 9649, VP8L)."""
    sides = (SIDE - 1) | (SIDE - 1) << 14
    body = b"WEBPVP8L" + struct.pack("<IB", 18, 0x2F) + struct.pack("<I", sides) + bytes(13)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _claiming(heif: bytes, side: int) -> bytes:
    """The AVIF or HEIC with other sides in its header than its pixels have."""
    content, place = bytearray(heif), 0
    while (place := content.find(b"ispe", place)) >= 0:
        content[place + 8 : place + 16] = struct.pack(">II", side, side)
        place += 4
    return bytes(content)


def _scanned(jpeg: bytes) -> bytes:
    """The progressive JPEG with its last scan, and its tables, repeated many times."""
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:-2] + jpeg[last:-2] * 280 + b"\xff\xd9"

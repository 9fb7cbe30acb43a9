"""Writing a print index as one file that all processes map, with only some of its keypoints in memory at a time.

faiss reads the file as an index with external lists (`OnDiskInvertedLists`), which here follow the index in the same
file. Lists of its fast kind cannot be mapped in the form faiss stores them, but it scans them in blocks of 32 codes,
which can just as well come from a file.
"""

import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import faiss
import numpy as np
from numpy.typing import NDArray

_BLOCK = 32  # codes
_AT_ONCE = 1 << 21  # about how many keypoints are in memory at once: lists are assembled in groups of this size
_ALIGNED = 64  # bytes


class NewKeypoints(ExitStack):
    """The keypoints to add to an index's lists, stored in temporary files until they are written."""

    def __init__(self, index: Any, folder: Path, expected: int) -> None:
        """Create files in `folder` for some lists each, as many as the `expected` keypoints need."""
        super().__init__()
        self._index = index
        self._entry = np.dtype([("list", "<i4"), ("picture", "<i8"), ("code", "u1", index.code_size)])
        num_files = int(np.clip(expected // _AT_ONCE + 1, 1, index.nlist))
        self._files = [self.enter_context(tempfile.TemporaryFile(dir=folder)) for _ in range(num_files)]  # noqa: SIM115
        self.sizes = np.zeros(index.nlist, np.int64)

    def add(self, descriptors: NDArray[np.float32], pictures: NDArray[np.int64]) -> None:
        """Add keypoints (n, 128) and their pictures' numbers, (n,)."""
        entries = np.empty(len(descriptors), self._entry)
        entries["list"] = self._index.quantizer.search(descriptors, 1)[1][:, 0]
        entries["code"], entries["picture"] = self._index.pq.compute_codes(descriptors), pictures
        self.sizes += np.bincount(entries["list"], minlength=len(self.sizes))
        places = self._file_of(entries["list"])
        for place, file in enumerate(self._files):
            file.write(entries[places == place].tobytes())

    def lists(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
        """Yield the pictures (m,) and codes (m, bytes) to add to each list, in the lists' order."""
        numbers = np.arange(len(self.sizes))
        for place, file in enumerate(self._files):
            file.seek(0)
            entries = np.frombuffer(file.read(), self._entry)
            entries = entries[np.argsort(entries["list"], kind="stable")]
            ends = np.cumsum(self.sizes[self._file_of(numbers) == place])
            for part in np.split(entries, ends[:-1]):
                yield part["picture"], part["code"]

    def _file_of(self, lists: NDArray[Any]) -> NDArray[Any]:
        return lists.astype(np.int64) * len(self._files) // len(self.sizes)


def write_print(index: Any, new: NewKeypoints, file: IO[bytes]) -> int:
    """Write an index with its content and the additions; return the checksum. The index itself is unchanged."""
    checksum = 0
    for part in _content(index, new):
        checksum = zlib.crc32(part, checksum)
        file.write(part)
    return checksum


def _content(index: Any, new: NewKeypoints) -> Iterator[bytes]:
    before = index.invlists
    yield _head(index, [before.list_size(number) + more for number, more in enumerate(new.sizes.tolist())])
    for number, (pictures, codes) in enumerate(new.lists()):
        before_pictures, before_codes = _kept(index, number)
        yield _in_blocks(index, np.concatenate([before_codes, codes]))
        ids = np.concatenate([before_pictures, pictures])
        yield ids.tobytes() + bytes((_whole_blocks(len(ids)) - len(ids)) * ids.itemsize)


def _in_blocks(index: Any, codes: NDArray[np.uint8]) -> bytes:
    """Codes (n, bytes) in the blocks of 32 that faiss scans."""
    packer, blocks = index.get_CodePacker(), np.zeros((_whole_blocks(len(codes)), index.code_size), np.uint8)
    blocks[: len(codes)] = codes
    packed = np.zeros_like(blocks)
    for start in range(0, len(blocks), _BLOCK):
        packer.pack_all(faiss.swig_ptr(blocks[start:]), faiss.swig_ptr(packed[start:]))
    return packed.tobytes()


def _kept(index: Any, number: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """The pictures (n,) and codes (n, bytes) in a list of an index."""
    lists, packer, size = index.invlists, index.get_CodePacker(), index.invlists.list_size(number)
    if not size:
        return np.empty(0, np.int64), np.empty((0, index.code_size), np.uint8)
    blocks = faiss.rev_swig_ptr(lists.get_codes(number), _whole_blocks(size) * index.code_size)
    codes = np.empty((_whole_blocks(size), index.code_size), np.uint8)
    for start in range(0, len(codes), _BLOCK):
        packer.unpack_all(faiss.swig_ptr(blocks[start * index.code_size :]), faiss.swig_ptr(codes[start:]))
    return faiss.rev_swig_ptr(lists.get_ids(number), size).copy(), codes[:size]


def _head(index: Any, sizes: Sequence[int]) -> bytes:
    """The index without its lists, and their positions in the file: right behind it."""
    before, total, length, head = index.invlists, index.ntotal, 0, b""
    index.own_invlists, index.ntotal = False, sum(sizes)
    for _ in range(2):  # the first time only for its length, which does not depend on the positions in it
        places = _places(sizes, index.code_size, length)
        index.replace_invlists(places, False)
        head = faiss.serialize_index(index).tobytes()
        length = -(-len(head) // _ALIGNED) * _ALIGNED
    index.replace_invlists(before, True)
    index.ntotal = total
    return head.ljust(length, b"\0")


def _places(sizes: Sequence[int], code_size: int, start: int) -> Any:
    lists: Any = faiss.OnDiskInvertedLists()
    lists.nlist, lists.code_size = len(sizes), code_size
    for size in sizes:
        place = faiss.OnDiskOneList()
        place.size, place.capacity, place.offset = size, _whole_blocks(size), start
        lists.lists.push_back(place)
        start += place.capacity * (code_size + 8)  # a picture's number takes 8 bytes
    lists.totsize = start
    return lists


def _whole_blocks(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK

"""Counts the bytes that pass through a port: a separate process forwards everything to another port.

`python -m benchmarks.passing HOST:PORT` prints the port that it listens on. For each line of standard input, until it
ends, it prints how many bytes have gone there and back so far.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Passing:
    """A port of 127.0.0.1 that forwards to another, and counts."""

    port: int
    process: "subprocess.Popen[str]"

    def num_bytes(self) -> tuple[int, int]:
        """The bytes sent to the other port so far, and the bytes received."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        sent, received = json.loads(self.process.stdout.readline())
        return sent, received


@contextmanager
def counted(address: str) -> Iterator[Passing]:
    """Count the bytes that pass to an address, HOST:PORT, while the block runs."""
    command = [sys.executable, "-m", "benchmarks.passing", address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield Passing(int(process.stdout.readline()), process)
        process.stdin.close()


class _Counting:
    def __init__(self, address: str) -> None:
        self._host, _, self._port = address.rpartition(":")
        self.passed = [0, 0]

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._host, int(self._port))
        await asyncio.gather(self._copy(reader, there[1], 0), self._copy(there[0], writer, 1))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: int) -> None:
        try:
            while block := await reader.read(_BLOCK):
                self.passed[way] += len(block)
                writer.write(block)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


async def _main(address: str) -> None:
    counting = _Counting(address)
    server = await asyncio.start_server(counting.pass_on, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    while await asyncio.to_thread(sys.stdin.readline):
        sys.stdout.write(f"{json.dumps(counting.passed)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))

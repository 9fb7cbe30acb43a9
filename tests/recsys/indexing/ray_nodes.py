"""A Ray cluster on this machine: two nodes of one core, the first of which is the head.

As a program it runs until standard input ends, because Ray leaves files open, which only a process of its own may. It
prints the address, and the process of each node.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from tests.command_line import ROOT

_SYSTEM_CONFIG = {  # a killed node is soon noticed, workers do not give way to the other tests, and none start unused
    "health_check_period_ms": 500,
    "health_check_failure_threshold": 3,
    "worker_niceness": 0,
    "prestart_worker_first_driver": False,
}


@dataclass(frozen=True)
class Nodes:
    """A cluster's address, and the process of each of its nodes."""

    address: str
    raylets: tuple[psutil.Process, ...]

    def workers(self) -> list[psutil.Process]:
        """What encodes now."""
        raylets = [raylet for raylet in self.raylets if raylet.is_running()]
        processes = [process for raylet in raylets for process in raylet.children()]
        return [process for process in processes if _is_encoding(process)]


def _is_encoding(process: psutil.Process) -> bool:
    try:
        return process.cmdline()[:1] == ["ray::_done"]
    except psutil.NoSuchProcess:
        return False


@contextmanager
def running_nodes() -> Iterator[Nodes]:
    """A new cluster while the block runs."""
    command = [sys.executable, "-m", "tests.recsys.indexing.ray_nodes"]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    environment = {**os.environ, "GRPC_ENABLE_FORK_SUPPORT": "0"}  # else a head that is busy may fail to fork
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=nowhere, text=True, cwd=ROOT, env=environment
    ) as process:
        assert process.stdin
        assert process.stdout
        said = json.loads(process.stdout.readline())
        yield Nodes(said["address"], tuple(map(psutil.Process, said["raylets"])))
        process.stdin.close()


def main() -> None:
    from ray.cluster_utils import Cluster  # noqa: PLC0415  # a second, which the tests' own process need not spend

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    of_all = {"num_cpus": 1, "include_log_monitor": False}
    head = {"ray_client_server_port": port, "include_dashboard": False, "no_monitor": True}
    cluster = Cluster(initialize_head=True, head_node_args={**of_all, **head, "_system_config": _SYSTEM_CONFIG})
    nodes = [cluster.head_node, cluster.add_node(**of_all)]
    raylets = [node.all_processes["raylet"][0].process.pid for node in nodes]
    sys.stdout.write(f"{json.dumps({'address': f'ray://127.0.0.1:{port}', 'raylets': raylets})}\n")
    sys.stdout.flush()
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    main()

"""A Ray cluster on this machine whose head does no work, with two nodes of one core, until standard input ends.

Prints the address, and the process of each node. Ray leaves files open, which only a process of its own may.
"""

import json
import socket
import sys

from ray.cluster_utils import Cluster


def main() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    head = {
        "num_cpus": 0,
        "ray_client_server_port": port,
        "include_dashboard": False,
        "_system_config": {  # a killed node is soon noticed, and workers do not give way to the other tests
            "health_check_period_ms": 500,
            "health_check_failure_threshold": 3,
            "worker_niceness": 0,
        },
    }
    cluster = Cluster(initialize_head=True, head_node_args=head)
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    raylets = [node.all_processes["raylet"][0].process.pid for node in nodes]
    sys.stdout.write(f"{json.dumps({'address': f'ray://127.0.0.1:{port}', 'raylets': raylets})}\n")
    sys.stdout.flush()
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    main()

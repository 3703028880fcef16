"""What a test is run by, and where: its folders, devices and servers."""

from __future__ import annotations

import os
import sys
import tempfile
import unittest
from functools import cache
from pathlib import Path
from typing import Any

from evergraph import protos
from evergraph.graph.graph import Graph
from evergraph.session.session import Session


def main(argv: list[str] | None = None) -> None:
    """Run the tests of the program, as `unittest.main`, and exit.

    Args:
      argv: the program's name and arguments; by default those of the process. Flags that were
        defined by `tf.flags` are parsed first.
    """
    from evergraph.v1.flags import FLAGS

    rest = FLAGS(sys.argv if argv is None else argv, known_only=True)
    unittest.main(module="__main__", argv=rest)


@cache
def get_temp_dir() -> str:
    """Return a folder for what tests write; it is the same all the time, and is not removed.

    The environment variable `TEST_TMPDIR` says in which folder it is.
    """
    return tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))


def test_src_dir_path(relative_path: str) -> str:
    """Return the path of a file beside the program that runs."""
    program = getattr(sys.modules["__main__"], "__file__", None)
    return str(Path(program or "").resolve().parent / relative_path)


def _gpus() -> list[Any]:
    with Session(graph=Graph()) as session:
        return [d for d in session.list_devices() if d.device_type == "GPU"]


def is_gpu_available(
    cuda_only: bool = False, min_cuda_compute_capability: tuple[int, int] | None = None
) -> bool:
    """Whether the backend that sessions have by default has a GPU.

    Args:
      cuda_only, min_cuda_compute_capability: accepted for compatibility: backends do not tell.
    """
    del cuda_only, min_cuda_compute_capability
    return bool(_gpus())


def gpu_device_name() -> str:
    """Return the name of the first GPU, such as `/device:GPU:0`; empty if there is none."""
    return "/device:GPU:0" if _gpus() else ""


def is_built_with_cuda() -> bool:
    """Whether evergraph itself was built for CUDA: never, backends bring what they need."""
    return False


is_built_with_rocm = is_built_with_gpu_support = is_built_with_cuda


def is_built_with_xla() -> bool:
    """Whether evergraph itself has XLA: never, the JAX backend brings it."""
    return False


def assert_equal_graph_def(
    actual: protos.GraphDef,
    expected: protos.GraphDef,
    checkpoint_v2: bool = False,
    hash_table_shared_name: bool = False,
) -> None:
    """Check that two graphs have the same nodes, in any order, and the same functions.

    Args:
      actual, expected: the graphs.
      checkpoint_v2, hash_table_shared_name: accepted for compatibility.

    Raises:
      TypeError: one is no `GraphDef`.
      AssertionError: they differ; the message names a node.
    """
    del checkpoint_v2, hash_table_shared_name
    graphs = []
    for what, given in (("actual", actual), ("expected", expected)):
        if not isinstance(given, protos.GraphDef):
            raise TypeError(f"Expected tf.GraphDef for {what}, got {type(given).__name__}")
        graphs.append({node.name: _text(node) for node in given.node})
    got, want = graphs
    for name in sorted(got.keys() | want.keys()):
        if got.get(name) != want.get(name):
            raise AssertionError(
                f"node '{name}' differs: got {got.get(name, 'none')}, "
                f"expected {want.get(name, 'none')}"
            )


def _text(node: protos.NodeDef) -> str:
    inputs = sorted(i for i in node.input if i.startswith("^"))
    plain = protos.NodeDef()
    plain.CopyFrom(node)
    del plain.input[:]
    plain.input.extend([i for i in node.input if not i.startswith("^")] + inputs)
    attributes = sorted(plain.attr.items())
    plain.ClearField("attr")
    return f"{plain}{attributes}"


def create_local_cluster(
    num_workers: int,
    num_ps: int,
    protocol: str = "grpc",
    worker_config: protos.ConfigProto | None = None,
    ps_config: protos.ConfigProto | None = None,
) -> tuple[list[Any], list[Any]]:
    """Start servers in this process, and return those of the workers and of the parameter servers.

    Args:
      num_workers, num_ps: how many there are of each.
      protocol: of their targets.
      worker_config, ps_config: their configurations.
    """
    import socket

    from evergraph.v1.training.server_lib import ClusterSpec, Server

    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(num_workers + num_ps)]
    addresses = [f"localhost:{s.getsockname()[1]}" for s in held]
    for each in held:
        each.close()
    jobs = {"worker": addresses[:num_workers], "ps": addresses[num_workers:]}
    cluster = ClusterSpec({job: tasks for job, tasks in jobs.items() if tasks})
    configs = {"worker": worker_config, "ps": ps_config}
    started: dict[str, list[Any]] = {
        job: [
            Server(cluster, job, task, protocol, configs[job], start=True)
            for task in range(len(tasks))
        ]
        for job, tasks in jobs.items()
    }
    return started["worker"], started["ps"]

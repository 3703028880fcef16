"""The entry point of the JAX backend. JAX itself is imported when a session asks for it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata, util
from typing import Any

from evergraph.plugin import Backend, BackendInfo, SessionConfig, hookimpl, usable_cpus

_REMEDY = 'pip install "evergraph[jax]"'


@hookimpl
def evergraph_backend(config: SessionConfig) -> Backend:
    """Create the backend."""
    _apply(config)
    with _threads(config.proto.intra_op_parallelism_threads or usable_cpus()):
        from evergraph_jax.backend import JaxBackend

        return JaxBackend(config)


def _apply(config: SessionConfig) -> None:
    """Set what JAX reads when it starts; later it is too late."""
    if "jax" in sys.modules:
        return
    options = config.proto.gpu_options
    if options.allow_growth:
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if options.per_process_gpu_memory_fraction:
        fraction = str(options.per_process_gpu_memory_fraction)
        os.environ.setdefault("XLA_PYTHON_CLIENT_MEM_FRACTION", fraction)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Let XLA's CPU start this many threads, if it starts now: by itself it knows no quota.

    What the environment says counts. Processes that are started later are not told.
    """
    if count <= 0 or "NPROC" in os.environ or "PJRT_NPROC" in os.environ:
        yield
        return
    os.environ["PJRT_NPROC"] = str(count)
    try:
        yield
    finally:
        os.environ.pop("PJRT_NPROC", None)


@hookimpl
def evergraph_backend_info() -> BackendInfo:
    """Describe the backend, without importing JAX."""
    if util.find_spec("jax") is None:
        return BackendInfo(available=False, reason="jax is not installed", remedy=_REMEDY)
    return BackendInfo(version=f"jax {metadata.version('jax')}", remedy=_REMEDY)


@hookimpl
def evergraph_commands(commands: Any) -> None:
    """Add `export`."""
    parser = commands.add_parser("export", help="write a model for another compiler")
    parser.add_argument("model", help="a SavedModel's directory, or a GraphDef (.pb, .pbtxt)")
    # The only form so far; named, so that another one is no surprise.
    parser.add_argument("--stablehlo", action="store_true", required=True, help="XLA's text")
    parser.add_argument("--shape", action="append", default=[], metavar="NAME=2,3")
    parser.add_argument("--signature", help="by default serving_default, or the only one")
    parser.add_argument("--tag", action="append", help="of the graph in a SavedModel")
    parser.add_argument("--output", metavar="FILE.mlir", help="by default the standard output")
    parser.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    # JAX is imported when it is needed.
    from evergraph_jax.exporting import export

    return export(options)

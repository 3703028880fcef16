"""All that a backend or plugin may import from evergraph."""

from __future__ import annotations

import pluggy

from evergraph import errors
from evergraph.discovery import create_backend
from evergraph.dtypes import DType, as_dtype
from evergraph.hooks import BackendInfo
from evergraph.op import Registry, ShapeError, define
from evergraph.runtime.backend import (
    API_VERSION,
    Backend,
    Device,
    Executable,
    SessionConfig,
)
from evergraph.runtime.cpus import affinity, usable_cpus
from evergraph.runtime.executor import HostExecutable
from evergraph.runtime.hosting import HOST_ONLY, PLANNED
from evergraph.runtime.interpreter import Interpreter
from evergraph.runtime.kernels import KernelTable, bind, numpy_table
from evergraph.runtime.monitor import Monitor, NodeEvent, Observer, StepObserver
from evergraph.runtime.program import Node, NodeError, NotCompilableError, Program
from evergraph.runtime.statics import OF_SHAPE
from evergraph.xp import NUMPY, Namespace, check_now, failure_text

__all__ = [
    "API_VERSION",
    "HOST_ONLY",
    "NUMPY",
    "OF_SHAPE",
    "PLANNED",
    "Backend",
    "BackendInfo",
    "DType",
    "Device",
    "Executable",
    "HostExecutable",
    "Interpreter",
    "KernelTable",
    "Monitor",
    "Namespace",
    "Node",
    "NodeError",
    "NodeEvent",
    "NotCompilableError",
    "Observer",
    "Program",
    "Registry",
    "SessionConfig",
    "ShapeError",
    "StepObserver",
    "affinity",
    "as_dtype",
    "bind",
    "check_now",
    "create_backend",
    "define",
    "errors",
    "failure_text",
    "hookimpl",
    "numpy_table",
    "usable_cpus",
]

#: Marks a function as an implementation of a hook (`evergraph_backend` …).
hookimpl = pluggy.HookimplMarker("evergraph")

"""What a plugin that offers session targets may import from evergraph, beside `plugin`."""

from __future__ import annotations

from evergraph.discovery import add_commands, session_target
from evergraph.graph.device import DeviceSpec
from evergraph.graph.exporter import Changes
from evergraph.graph.graph import Graph
from evergraph.graph.importer import extend_graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.hooks import SessionTarget
from evergraph.op import registry
from evergraph.runtime.context import Cancellation, Watch
from evergraph.runtime.failures import bare_message, located
from evergraph.runtime.monitor import NodeEvent, StepObserver
from evergraph.runtime.place import unplaced
from evergraph.runtime.prune import prune
from evergraph.runtime.resources import Containers, Resources
from evergraph.session.arguments import backend_name, check_device_count, seconds
from evergraph.session.contract import SessionEngine, SessionPartialRun, SessionStep
from evergraph.session.devices import DeviceAttributes
from evergraph.session.engine import Engine
from evergraph.session.explain import Explanation, NodePlacement
from evergraph.session.feeds import check_feedable, converter
from evergraph.session.handles import HANDLE_OPS, KeptValues, TensorHandle, handle_releaser
from evergraph.session.metadata import described
from evergraph.session.results import Release, releaser

__all__ = [
    "HANDLE_OPS",
    "Cancellation",
    "Changes",
    "Containers",
    "DeviceAttributes",
    "DeviceSpec",
    "Engine",
    "Explanation",
    "Graph",
    "KeptValues",
    "NodeEvent",
    "NodePlacement",
    "Operation",
    "Release",
    "Resources",
    "SessionEngine",
    "SessionPartialRun",
    "SessionStep",
    "SessionTarget",
    "StepObserver",
    "Tensor",
    "TensorHandle",
    "Watch",
    "add_commands",
    "backend_name",
    "bare_message",
    "check_device_count",
    "check_feedable",
    "converter",
    "described",
    "extend_graph",
    "handle_releaser",
    "located",
    "prune",
    "registry",
    "releaser",
    "seconds",
    "session_target",
    "unplaced",
]

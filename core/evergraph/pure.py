"""What a graph computes, as one program without state: of what is fed, and of its parameters."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from evergraph.errors import FailedPreconditionError, UnimplementedError
from evergraph.graph.graph import Graph
from evergraph.graph.tensor import Tensor
from evergraph.model import Model
from evergraph.runtime.backend import on_host
from evergraph.runtime.interpreter import host_positions
from evergraph.runtime.place import Placer
from evergraph.runtime.plan import plan
from evergraph.runtime.program import Program, Slot
from evergraph.runtime.prune import prune
from evergraph.runtime.stages import Plan, Stage
from evergraph.runtime.statics import OF_SHAPE
from evergraph.runtime.unused import drop_unused
from evergraph.saved_model.opening import open_model, read_model
from evergraph.session.base import BaseSession
from evergraph.session.engine import Engine
from evergraph.session.feeds import feed_tensor
from evergraph.session.fetches import Fetches
from evergraph.shapes import TensorShape
from evergraph.tensor_proto import make_ndarray

#: What they check or write is not part of what is computed.
_LEFT_OUT: Final = ("Assert", "PrintV2", "NoOp")


@dataclass(frozen=True)
class PureProgram:
    """A program of what is fed, and of parameters, that changes nothing.

    Attributes:
      program: takes what is fed, and then the parameters; those at `program.static` decide shapes.
      feeds: the names of what is fed, in order.
      shapes: their static shapes.
      params: the values of variables, and the floating-point constants of more than one element,
        by name, in order.
      rebuild: from the outputs to the structure of the fetches.
    """

    program: Program
    feeds: tuple[str, ...]
    shapes: tuple[TensorShape, ...]
    params: Mapping[str, np.ndarray[Any, Any]]
    rebuild: Callable[[list[Any]], Any]


def pure_program(
    source: Any, fetches: Any = None, feeds: Sequence[Any] | None = None
) -> PureProgram:
    """Return what a graph computes as a program without state.

    Args:
      source: the path of a model, as `evergraph.load` takes it; a `Model`; a session, whose
        variables are taken; or a graph without variables.
      fetches: tensors or names, in any structure; by default the outputs of the model's signature:
        the only one, or a dict.
      feeds: tensors or names; by default the inputs of the signature.

    Raises:
      ValueError, TypeError: a fetch or a feed is none of the graph.
      UnimplementedError: what is fetched changes variables, draws random numbers, or waits.
      FailedPreconditionError: a variable has no value.
      OpError: the model cannot be read, or a placeholder is not fed.
    """
    if isinstance(source, str | os.PathLike):
        model = Model(open_model(read_model(source)), "numpy")
        try:
            return pure_program(model, fetches, feeds)
        finally:
            model.close()
    graph, session = _graph_of(source)
    if isinstance(source, Model):
        outputs = source.outputs
        only = next(iter(outputs.values())) if len(outputs) == 1 else outputs
        fetches = only if fetches is None else fetches
        feeds = list(source.inputs.values()) if feeds is None else feeds
        names = {tensor: name for name, tensor in source.inputs.items()}
    else:
        names = {}
    wanted = Fetches(graph, fetches)
    fed = [feed_tensor(graph, feed) for feed in feeds or ()]
    engine = session._engine if session is not None else None
    if not isinstance(engine, Engine):
        engine = None
    constants = _parameters(graph, wanted, fed)
    planned = _planned(graph, wanted, [*fed, *constants])
    program = _program(planned)
    count = len(fed)
    shaping = {constants[i - count] for i in program.static if count <= i < count + len(constants)}
    if shaping:
        # A constant that decides a shape is no parameter.
        constants = [tensor for tensor in constants if tensor not in shaping]
        planned = _planned(graph, wanted, [*fed, *constants])
        program = _program(planned)
    params = {t.op.name: make_ndarray(t.op.get_attr("value")) for t in constants}
    for stage in planned.stages:
        params |= _values(stage, engine)
    return PureProgram(
        program,
        tuple(names.get(tensor, tensor.name.removesuffix(":0")) for tensor in fed),
        tuple(tensor.shape for tensor in fed),
        params,
        wanted.rebuild,
    )


def _graph_of(source: Any) -> tuple[Graph, BaseSession | None]:
    if isinstance(source, Model):
        return source.graph, source.session
    if isinstance(source, BaseSession):
        return source.graph, source
    if isinstance(source, Graph):
        return source, None
    raise TypeError(f"expected a path, a Model, a session or a Graph, got {source!r}")


def _parameters(graph: Graph, wanted: Fetches, fed: Sequence[Tensor]) -> list[Tensor]:
    """Return the constants that count as parameters."""
    needed = [t.op for t in wanted.tensors if t not in fed] + wanted.operations
    operations = prune(needed, set(fed), graph._unordered)
    return [
        op.outputs[0]
        for op in operations
        if op.type == "Const"
        and op.outputs[0] not in fed
        and op.outputs[0].dtype.is_floating
        and (op.outputs[0].shape.num_elements() or 0) > 1
    ]


def _planned(graph: Graph, wanted: Fetches, fed: Sequence[Tensor]) -> Plan:
    # Whoever runs the program says where.
    placer = Placer(["/job:localhost/replica:0/task:0/device:CPU:0"], True)
    planned = plan(graph, wanted.tensors, wanted.operations, fed, placer, True)
    drop_unused(planned)
    for stage in planned.stages:
        _check_pure(stage, planned)
    return planned


def _check_pure(stage: Stage, planned: Plan) -> None:
    streams = [r.op for r in stage.reads.values() if r.variable.seeds is not None]
    if streams:
        raise UnimplementedError(
            None, streams[0], f"'{streams[0].name}' draws random numbers: it has a state"
        )
    for variable in stage.writes:
        raise UnimplementedError(
            None, None, f"what is fetched changes the variable '{variable.name}'"
        )
    if stage.event:
        op = planned.origin(stage.nodes[0])
        raise UnimplementedError(
            None, op, f"'{op.name}' ({op.type}) waits for others, or calls Python"
        )


def _program(planned: Plan) -> Program:
    reads = [(slot, read) for stage in planned.stages for slot, read in stage.reads.items()]
    constants = dict(planned.constants)
    for stage in planned.stages:
        constants |= dict.fromkeys(stage.flags, np.bool_(True))
    nodes = tuple(node for node in planned.nodes if node.type not in _LEFT_OUT)
    program = Program(
        nodes,
        (*planned.feeds, *(slot for slot, _ in reads)),
        tuple(planned.types[s][0].base_dtype for s in planned.feeds)
        + tuple(read.variable.dtype for _, read in reads),
        tuple(planned.outputs),
        constants,
    )
    return replace(program, static=_static(program))


def _static(program: Program) -> frozenset[int]:
    """Return the positions of inputs that decide shapes."""
    producers = {slot: node for node in program.nodes for slot in node.outputs}
    positions = {slot: i for i, slot in enumerate(program.inputs)}
    waiting = [n.inputs[p] for n in program.nodes for p in host_positions(n)]
    seen: set[Slot] = set()
    while waiting:
        slot = waiting.pop()
        if slot not in seen and slot in producers and producers[slot].type not in OF_SHAPE:
            waiting.extend(producers[slot].inputs)
        seen.add(slot)
    return frozenset(positions[slot] for slot in seen if slot in positions)


def _values(stage: Stage, engine: Engine | None) -> dict[str, np.ndarray[Any, Any]]:
    found = {}
    for read in stage.reads.values():
        variable = read.variable
        cell = None if engine is None else engine.resources.cell(variable)
        if engine is None or cell is None or cell.value is None:
            raise FailedPreconditionError(
                None, read.op, f"variable '{variable.name}' has no value; give a session that has"
            )
        found[variable.name] = np.array(on_host(engine.backend, cell.value))
    return found

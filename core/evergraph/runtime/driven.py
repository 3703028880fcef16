"""Conditionals and loops that the host drives: their blocks run in pieces, on either side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from evergraph.errors import OpError
from evergraph.runtime.backend import Backend, on_host
from evergraph.runtime.kernels import Block, KernelTable
from evergraph.runtime.monitor import Monitor
from evergraph.runtime.program import Node, NodeError, NotCompilableError, Program

if TYPE_CHECKING:
    from evergraph.runtime.transaction import Part

#: Cuts a part anew so that some of its nodes, with blocks, are driven from the host.
Divided: TypeAlias = "Callable[[Part, list[Node]], list[Part]]"


class Driven:
    """Runs a node with blocks; called with the inputs of its program, it returns the outputs.

    Args:
      node: the conditional or the loop.
      program: it is the only node of.
      table: has the node's kernel, for the host.
      blocks: for each block its pieces, compiled.
      backend: whose arrays there are.
      divided: see `run_parts`.

    Attributes:
      blocks: as given; a part that could not be compiled is several after the first run.
    """

    def __init__(
        self,
        node: Node,
        program: Program,
        table: KernelTable,
        blocks: list[list[Part]],
        backend: Backend,
        divided: Divided,
    ) -> None:
        self.program = program
        self._node = node
        self._table = table
        self.blocks = blocks
        self._backend = backend
        self._divided = divided

    def __call__(self, inputs: Sequence[Any], monitor: Monitor | None = None) -> Sequence[Any]:
        store = dict(self.program.constants)
        store.update(zip(self.program.inputs, inputs, strict=True))
        blocks = [self._block(i, monitor) for i in range(len(self.blocks))]
        call = self._table.control(self._node, blocks)
        predicate, *others = arguments = [store[s] for s in self._node.inputs]
        try:
            # An array of a library need not be true or false by itself.
            outputs = call(on_host(self._backend, predicate), *others)
        except OpError:
            raise  # not a node's: the run is to stop
        except Exception as error:
            raise NodeError(0, error, arguments) from error
        found = dict(zip(self._node.outputs, outputs, strict=True))
        return [found[s] for s in self.program.outputs]

    def _block(self, number: int, monitor: Monitor | None) -> Block:
        block = self._node.blocks[number]
        place = {id(node): i for i, node in enumerate(block.nodes)}

        def step(part: Part, given: list[Any]) -> Sequence[Any]:
            inner = None
            if monitor is not None:
                monitor.check()
                inner = monitor.of(number, part.piece.nodes)
            return part.executable(given, inner)

        def run(inputs: Sequence[Any]) -> Sequence[Any]:
            store = dict(block.constants)
            store.update(zip(block.inputs, inputs, strict=True))
            try:
                parts = run_parts(self.blocks[number], store, self._backend, step, self._divided)
            except PartError as failed:
                error = failed.error
                error.index = place[id(failed.part.piece.nodes[error.index])]
                error.block = number
                raise error from error.error
            self.blocks[number] = parts
            results = [store[s] for s in block.outputs]
            if self._node.type == "_Loop":
                results[0] = on_host(self._backend, results[0])
            return results

        return run


class PartError(Exception):
    """A part failed.

    Attributes:
      part: the part.
      error: of its node.
    """

    def __init__(self, part: Part, error: NodeError) -> None:
        super().__init__(str(error))
        self.part = part
        self.error = error


def run_parts(
    parts: list[Part],
    store: dict[int, Any],
    backend: Backend,
    run: Callable[[Part, list[Any]], Sequence[Any]],
    divided: Divided,
) -> list[Part]:
    """Run parts, one after the other.

    Args:
      parts: the parts.
      store: values by slot: what they take, and what they give.
      backend: whose arrays there are.
      run: from a part and its inputs to its outputs.
      divided: cuts a part anew so that some of its nodes are driven from the host.

    Returns:
      The parts; one that could not be compiled is several now.

    Raises:
      PartError: a node failed.
    """
    left = list(parts)
    ran: list[Part] = []
    while left:
        part = left.pop(0)
        try:
            outputs = run(part, taken(part, store, backend))
        except NodeError as error:
            nodes = _not_compilable(part, error)
            if not nodes:
                raise PartError(part, error) from error
            left = [*divided(part, nodes), *left]
            continue
        store.update(zip(part.program.outputs, outputs, strict=True))
        ran.append(part)
    return parts if len(ran) == len(parts) else ran


def _not_compilable(part: Part, error: NodeError) -> list[Node]:
    """Return the nodes, one inside the other, of which the innermost cannot be compiled."""
    nodes = [part.piece.nodes[error.index]]
    while isinstance(error.error, NodeError):
        error = error.error
        nodes.append(nodes[-1].blocks[error.block].nodes[error.index])
    return nodes if isinstance(error.error, NotCompilableError) else []


def taken(part: Part, store: dict[int, Any], backend: Backend) -> list[Any]:
    """Return the inputs of a part, those on the host that must be."""
    inputs = [store[s] for s in part.program.inputs]
    for i in part.to_host:
        inputs[i] = on_host(backend, inputs[i])
    return inputs

"""The contexts that operations of conditionals are made in: what comes from outside is switched.

The nodes are those of TensorFlow's control flow of version 1: Switch, Merge, Enter …
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor

if TYPE_CHECKING:
    from evergraph.graph.graph import Graph


class ControlFlowContext:
    """A branch of a conditional, or a loop, while its operations are made.

    Args:
      graph: the graph.

    Attributes:
      outer: the context around it, or None.
      known: the tensors that may be used inside as they are.
      outside: for tensors from outside, what stands for them inside.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.outer: ControlFlowContext | None = graph._control_flow_context
        self.known: set[Tensor] = set()
        self.outside: dict[Tensor, Tensor] = {}

    @property
    def pivot(self) -> Tensor:
        """The tensor that is there if, and only if, the context runs."""
        raise NotImplementedError

    @property
    def loop(self) -> Any:
        """The innermost loop that this is, or is inside of."""
        return None if self.outer is None else self.outer.loop

    def inside(self, value: Tensor) -> Tensor:
        """Return what stands for a tensor inside of the context."""
        raise NotImplementedError

    def add(self, op: Operation) -> None:
        """Take in a new operation: connect its inputs to what stands for them."""
        raise NotImplementedError

    def add_inner(self, op: Operation) -> None:
        """Take in an operation of a context inside."""
        self.known.update(op._outputs)
        if self.outer is not None:
            self.outer.add_inner(op)

    def leave(self, results: Iterable[Tensor]) -> None:
        """Let the context around know the results."""
        if self.outer is not None:
            self.outer.known.update(results)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Make operations inside of the context."""
        with self.graph._in_context(self):
            yield

    def _reconnect(self, op: Operation) -> None:
        with self.graph.name_scope(f"{op.name}/"):
            for index, tensor in enumerate(op._inputs):
                stands = self.inside(tensor)
                if stands is not tensor:
                    op._connect(index, stands)

    def _cut_controls(self, op: Operation) -> tuple[list[Operation], list[Operation]]:
        """Take away what an operation of a loop waits for outside of it.

        Returns:
          What it still waits for, and what it does not.
        """
        loop = self.loop
        if loop is None:
            return list(op._control_inputs), []
        inner: list[Operation] = []
        external: list[Operation] = []
        for source in op._control_inputs:
            context = context_of(source)
            (inner if context is not None and context.loop is loop else external).append(source)
        if external:
            op._control_inputs = tuple(inner)
        return inner, external


class ConditionContext(ControlFlowContext):
    """A branch of a conditional.

    Args:
      predicate: a scalar bool.
      pivot: see `ControlFlowContext.pivot`.
      branch: 1 for what runs if it is true, 0 for the other one.
    """

    def __init__(self, predicate: Tensor, pivot: Tensor, branch: int) -> None:
        super().__init__(predicate.graph)
        self.predicate = predicate
        self.branch = branch
        self._pivot = pivot
        self.known |= {predicate, pivot}
        self._take_outer(predicate)

    @property
    def pivot(self) -> Tensor:
        """The tensor that is there if the branch runs."""
        return self._pivot

    def _take_outer(self, predicate: Tensor) -> None:
        if self.outer is not None:
            self.outer.inside(predicate)

    def inside(self, value: Tensor) -> Tensor:
        """Return what stands for a tensor: an output of a Switch, if it is from outside."""
        if value in self.known:
            return self.outside.get(value, value)
        self.known.add(value)
        result = value
        if self.outer is not None:
            result = self.outer.inside(value)
            self.known.add(result)
            self.outside[result] = result
        with self.graph.control_dependencies(None):
            result = switched(result, self.predicate)[self.branch]
        if self.outer is not None:
            self.outer.add_inner(result._op)
        self.graph.prevent_fetching(result._op)
        result._op._control_flow_context = self
        context: ControlFlowContext | None = self
        while context is not None:
            context.known.add(result)
            context = context.outer
        self.outside[value] = result
        return result

    def result(self, value: Tensor) -> Tensor:
        """Return what stands for a tensor that the branch gives."""
        if value in self.known:
            return self.outside.get(value, value)
        self.known.add(value)
        result = value
        if self.outer is not None:
            result = self.outer.inside(value)
            self.known.add(result)
            self.outside[result] = result
        result = switched(result, self.predicate)[self.branch]
        self.outside[value] = result
        return result

    def add(self, op: Operation) -> None:
        """Take in a new operation: what it takes from outside is switched."""
        if op._inputs:
            self._reconnect(op)
            self._cut_controls(op)
        else:
            self._cut_controls(op)
            if not any(_is_inside(source, self) for source in op._control_inputs):
                op._wait_for([self._pivot._op])
        context: ControlFlowContext | None = self
        while context is not None:
            context.known.update(op._outputs)
            context = context.outer
        if self.outer is not None or not leaves_loop(op):
            self.graph.prevent_fetching(op)
        if self.outer is not None:
            self.outer.add_inner(op)


def _is_inside(op: Operation, context: ControlFlowContext) -> bool:
    found: ControlFlowContext | None = op._control_flow_context
    while found is not None and found is not context:
        found = found.outer
    return found is context


def leaves_loop(op: Operation) -> bool:
    """Whether an operation hands on a final value of a loop."""
    return op._type in ("Exit", "RefExit")


def switched(data: Tensor, predicate: Tensor, name: str = "Switch") -> tuple[Tensor, Tensor]:
    """Return the tensor if a predicate is false, and if it is true; a reference stays one."""
    from evergraph.builder import build

    kind = "RefSwitch" if data._dtype._is_ref_dtype else "Switch"
    with data.graph.colocate_with(data, ignore_existing=True):
        no, yes = build(kind, {"data": data, "pred": predicate}, name)
    return no, yes


def merged(tensors: Iterable[Tensor], name: str | None = None) -> Tensor:
    """Return the tensor that is there; references stay references."""
    from evergraph.builder import build

    inputs = list(tensors)
    reference = all(t.dtype._is_ref_dtype for t in inputs)
    kind = "RefMerge" if reference else "Merge"
    result: Tensor = build(kind, {"inputs": inputs}, name or "Merge")[0]
    return result


def context_of(op: Operation) -> ControlFlowContext | None:
    """Return the context of an operation's outputs: an Exit is outside of its loop."""
    context: ControlFlowContext | None = op._control_flow_context
    return context.outer if context is not None and leaves_loop(op) else context

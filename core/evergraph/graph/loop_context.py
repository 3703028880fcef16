"""The context that operations of a loop are made in: what comes from outside enters it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evergraph.graph.contexts import ControlFlowContext, context_of, leaves_loop
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor

if TYPE_CHECKING:
    from evergraph.graph.graph import Graph


class LoopContext(ControlFlowContext):
    """A loop, while its operations are made.

    Args:
      graph: the graph.
      name: of its frame, made unique.
      parallel_iterations: how many iterations TensorFlow may run at once; here it is only kept.
      maximum_iterations: the most iterations there may be, a tensor; or None.
      back_prop: whether gradients of it may be taken.
      swap_memory: accepted for compatibility.
      gradient: what is known of the gradient that the loop computes, if it does.

    Attributes:
      exits: its results.
      test: the output of its LoopCond.
    """

    def __init__(
        self,
        graph: Graph,
        name: str = "while_context",
        parallel_iterations: int = 10,
        maximum_iterations: Tensor | None = None,
        back_prop: bool = True,
        swap_memory: bool = False,
        gradient: Any = None,
    ) -> None:
        super().__init__(graph)
        self.name = graph.unique_name(name)
        self.parallel_iterations = parallel_iterations
        self.maximum_iterations = maximum_iterations
        self.back_prop = back_prop
        self.swap_memory = swap_memory
        self.gradient = gradient
        self.exits: list[Tensor] = []
        self.enters: list[Tensor] = []
        self.test: Tensor | None = None
        #: How many iterations there have been, once a gradient has asked.
        self.count: Tensor | None = None
        #: What is there in the condition, and in the body.
        self.condition_pivot: Tensor | None = None
        self.body_pivot: Tensor | None = None

    @property
    def pivot(self) -> Tensor:
        """The tensor that is there in every iteration."""
        pivot = self.condition_pivot if self.body_pivot is None else self.body_pivot
        assert pivot is not None, "the loop has no variable yet"
        return pivot

    @property
    def loop(self) -> LoopContext:
        """The loop itself."""
        return self

    def inside(self, value: Tensor) -> Tensor:
        """Return what stands for a tensor: an output of an Enter, if it is from outside."""
        if value in self.known or value._op._control_flow_context is self:
            return self.outside.get(value, value)
        self.known.add(value)
        saved = self._saved(value)
        if saved is not None:
            self.outside[value] = saved
            return saved
        result = value if self.outer is None else self.outer.inside(value)
        with self.graph.control_dependencies(None):
            entered = self.enter(result, constant=True)
            entered.set_shape(result.shape)
            if self.outer is not None:
                self.outer.add_inner(entered._op)
        self.settle([entered])
        self.known.add(entered)
        self.outside[value] = entered
        return entered

    def _saved(self, value: Tensor) -> Tensor | None:
        """Return what a forward loop has saved for the one that computes its gradient."""
        context = self.graph._control_flow_context
        loop = None if context is None else context.loop
        if loop is None or loop.gradient is None:
            return None
        if loop_of(value._op) is not loop.gradient.forward:
            return None
        saved: Tensor = loop.gradient.real_value(value)
        return saved

    def enter(self, value: Tensor, constant: bool) -> Tensor:
        """Return an Enter of the loop."""
        from evergraph.builder import build

        arguments = {
            "data": value,
            "frame_name": self.name,
            "is_constant": constant,
            "parallel_iterations": self.parallel_iterations,
        }
        kind = "RefEnter" if value._dtype._is_ref_dtype else "Enter"
        result: Tensor = build(kind, arguments)
        self.graph.prevent_feeding(result)
        return result

    def settle(self, enters: list[Tensor]) -> None:
        """Let Enter operations lie in the loop, and wait for nothing that does not."""
        for entered in enters:
            op = entered._op
            op._control_flow_context = self
            op._wait_for([c for c in self.graph._awaited_for(op) if self._is_around(c)])
            self.enters.append(entered)

    def _is_around(self, op: Operation) -> bool:
        """Whether an operation is in a context around the loop, within the next loop."""
        wanted = context_of(op)
        context, last = self.outer, None if self.outer is None else self.outer.loop
        while context is not wanted:
            if context is None or context is last:
                return False
            context = context.outer
        return True

    def add(self, op: Operation) -> None:
        """Take in a new operation: what it takes from outside enters the loop."""
        if op._inputs:
            self._reconnect(op)
            _, external = self._cut_controls(op)
            if self._is_free(op):
                op._wait_for([self.pivot._op])
        else:
            inner, external = self._cut_controls(op)
            if not inner:
                op._wait_for([self.pivot._op])
        self.known.update(op._outputs)
        if external:
            self._wait_for_external(op, external)
        if self.outer is not None or not leaves_loop(op):
            self.graph.prevent_fetching(op)
            for output in op._outputs:
                self.graph.prevent_feeding(output)
        if self.outer is not None:
            self.outer.add_inner(op)

    def _is_free(self, op: Operation) -> bool:
        """Whether nothing keeps an operation from running when the loop does not."""
        if op._control_inputs:
            return False
        return all(is_constant_enter(t._op) for t in op._inputs)

    def _wait_for_external(self, op: Operation, external: list[Operation]) -> None:
        """Wait for operations outside by tensors that enter the loop."""
        from evergraph.builder import build

        with self.graph.control_dependencies(None), self.entered():
            awaited = [
                build("Identity", {"input": source._outputs[0]})._op
                for source in external
                if source._outputs
            ]
        op._wait_for(awaited)


def loop_of(op: Operation) -> LoopContext | None:
    """Return the innermost loop that an operation's outputs are in."""
    context = context_of(op)
    found: LoopContext | None = None if context is None else context.loop
    return found


def is_constant_enter(op: Operation) -> bool:
    """Whether an operation hands a value on into all iterations of a loop."""
    return op._type in ("Enter", "RefEnter") and bool(op._attributes["is_constant"])

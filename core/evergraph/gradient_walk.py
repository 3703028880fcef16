"""The walk back through a graph that gives every operation the gradients of its outputs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from evergraph import dtypes
from evergraph.builder import build
from evergraph.gradient_functions import gradient_of, zeros_for, zeros_like
from evergraph.graph.contexts import ControlFlowContext
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.loop_context import LoopContext
from evergraph.graph.operation import Operation
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.loop_gradients import gradient_of_loop, trainable
from evergraph.slices import IndexedSlices

#: From an operation and the gradients of its outputs to the gradients of its inputs.
Gradient = Callable[..., Any]


class Walk:
    """The walk from `ys` back to `xs`.

    A loop counts as a whole: see `loop_gradients`.

    Args:
      ys, xs: the tensors.
      stopped: by `id`: tensors that count as constants.
      gate, colocate: see `gradients`.
      loop: where the walk is inside of a loop: the loop, which it does not leave.
    """

    def __init__(
        self,
        ys: list[Tensor],
        xs: list[Tensor],
        stopped: set[int],
        gate: bool,
        colocate: bool,
        loop: LoopContext | None = None,
    ) -> None:
        self._gate = gate
        self._colocate = colocate
        self._stopped = stopped
        self._wanted = set(xs)
        self._ends = {x._op for x in xs} if loop is not None else set()
        self._parts: dict[Tensor, list[Any]] = {}
        self._around = _with_outer(loop or _current_loop())
        self._between = self._on_the_way(ys, xs)
        self._units: dict[Operation | LoopContext, list[Operation]] = {}
        for op in self._between:
            self._units.setdefault(self._unit(op), []).append(op)
        # How many operations between still have to give their gradients to the outputs of each.
        self._pending: dict[Operation | LoopContext, int] = dict.fromkeys(self._units, 0)
        for source in self._edges():
            self._pending[source] += 1
        roots = {self._unit(y._op) for y in ys if y._op in self._between}
        self._ready = deque(u for u in self._units if u in roots and not self._pending[u])
        self._queued = set(self._ready)

    def _on_the_way(self, ys: list[Tensor], xs: list[Tensor]) -> dict[Operation, None]:
        """Return the operations on a differentiable path from xs to ys, the latest first."""
        reached: set[Operation] = set()
        queue = deque(x._op for x in xs)
        while queue:
            op = queue.popleft()
            if op in reached:
                continue
            reached.add(op)
            for output in op._outputs:
                if trainable(output):
                    queue.extend(output.consumers())
        between: set[Operation] = set()
        stack = [y._op for y in ys]
        while stack:
            op = stack.pop()
            if op not in reached or op in between:
                continue
            between.add(op)
            if op not in self._ends:
                stack.extend(t._op for t in op._inputs if id(t) not in self._stopped)
        return dict.fromkeys(sorted(between, key=lambda op: -op._id))

    def _unit(self, op: Operation) -> Operation | LoopContext:
        """Return the outermost loop that an operation is in, apart from those around the walk."""
        found: Operation | LoopContext = op
        context = op._control_flow_context
        while context is not None and context not in self._around:
            if context.loop is context:
                found = context
            context = context.outer
        return found

    def _edges(
        self, unit: Operation | LoopContext | None = None
    ) -> Iterator[Operation | LoopContext]:
        """Return what gives each input of a unit, or of all of them, from another unit."""
        for this, ops in self._units.items() if unit is None else [(unit, self._units[unit])]:
            for op in ops:
                if op in self._ends:
                    continue
                for t in op._inputs:
                    if t._op in self._between and id(t) not in self._stopped:
                        source = self._unit(t._op)
                        if source is not this:
                            yield source

    def seed(self, y: Tensor, gradient: Any) -> None:
        """Add the gradient of an output."""
        self._parts.setdefault(y, []).append(gradient)

    def run(self) -> None:
        """Give every operation between the gradients of its outputs, once all are known."""
        ready = self._ready
        while ready:
            unit = ready.popleft()
            if isinstance(unit, Operation):
                self._pass_operation(unit)
            else:
                self._pass_loop(unit)
            for source in self._edges(unit):
                self._pending[source] -= 1
                if not self._pending[source] and source not in self._queued:
                    self._queued.add(source)
                    ready.append(source)

    def _pass_operation(self, op: Operation) -> None:
        sums = [self._sum(t) for t in op._outputs]
        if op in self._ends or self._is_source_only(op) or all(g is None for g in sums):
            return
        for t, g in zip(op._inputs, self._differentiate(op, sums), strict=True):
            if g is not None:
                self._parts.setdefault(t, []).append(g)

    def _pass_loop(self, loop: LoopContext) -> None:
        ops = self._units[loop]
        exits = [op for op in ops if op._type in ("Exit", "RefExit")]
        known = {op: self._sum(op._outputs[0]) for op in exits if op._control_flow_context is loop}
        if all(g is None for g in known.values()):
            return
        found = gradient_of_loop(loop, known, set(ops), zeros_like, self._inside)
        for t, g in found.items():
            self._parts.setdefault(t, []).append(g)

    def _inside(
        self, ys: list[Tensor], dys: list[Any], xs: list[Tensor], loop: LoopContext
    ) -> list[Any]:
        """Differentiate tensors of an iteration of a loop by others."""
        walk = Walk(ys, xs, self._stopped, self._gate, self._colocate, loop)
        for y, dy in zip(ys, dys, strict=True):
            walk.seed(y, dy)
        walk.run()
        return [walk.result(x) for x in xs]

    def _is_source_only(self, op: Operation) -> bool:
        """Whether nothing behind the operation is of interest."""
        return not any(t._op in self._between for t in op._inputs) and not any(
            t in self._wanted for t in op._inputs
        )

    def _differentiate(self, op: Operation, sums: list[Any]) -> Sequence[Any]:
        try:
            function = gradient_of(op)
        except LookupError:
            raise LookupError(
                "No gradient defined for operation"
                f"'{op.name}' (op type: {op.type}). In general every operation must have an "
                "associated `@tf.RegisterGradient` for correct autodiff, which this op is lacking. "
                "If you want to pretend this operation is a constant in your program, you may "
                "insert `tf.stop_gradient`. This can be useful to silence the error in cases where "
                "you know gradients are not needed, e.g. the forward pass of tf.custom_gradient."
            ) from None
        if function is None:
            return [None] * len(op._inputs)
        # An output that nobody differentiates has a gradient of zeros, if another one has one.
        dys = [
            zeros_for(t) if g is None and trainable(t) else g
            for t, g in zip(op._outputs, sums, strict=True)
        ]
        graph = op._graph
        place = graph.colocate_with(op, True) if self._colocate else nullcontext()
        with graph.name_scope(f"{op._name}_grad"), place:
            found = function(op, *dys)
            gradients = list(found) if isinstance(found, list | tuple) else [found]
            if len(gradients) != len(op._inputs):
                raise ValueError(
                    f"Num gradients {len(gradients)} generated for op {op.node_def} do not match "
                    f"num inputs {len(op._inputs)}"
                )
            if self._gate:
                gradients = _gated(gradients)
        for t, g in zip(op._inputs, gradients, strict=True):
            _check(op, t, g)
        return gradients

    def _sum(self, t: Tensor) -> Any:
        parts = self._parts.get(t)
        if not parts:
            return None
        if len(parts) > 1:
            self._parts[t] = parts = [_aggregated(t, parts)]
        return parts[0]

    def result(self, x: Tensor) -> Any:
        """Return the gradient of a source."""
        return self._sum(x)


def _current_loop() -> LoopContext | None:
    context = get_default_graph()._control_flow_context
    loop: LoopContext | None = None if context is None else context.loop
    return loop


def _with_outer(context: ControlFlowContext | None) -> set[ControlFlowContext]:
    found = set()
    while context is not None:
        found.add(context)
        context = context.outer
    return found


def _gated(gradients: list[Any]) -> list[Any]:
    tensors = [g for g in gradients if isinstance(g, Tensor)]
    if len(tensors) < 2:
        return gradients
    graph = get_default_graph()
    with graph.control_dependencies([t.op for t in tensors]):
        return [build("Identity", {"input": g}) if isinstance(g, Tensor) else g for g in gradients]


def _check(op: Operation, t: Tensor, g: Any) -> None:
    if not isinstance(g, Tensor) or t._dtype is dtypes.resource:
        return
    if not g.shape.is_compatible_with(t.shape):
        raise ValueError(
            "Incompatible shapes between op input and calculated input gradient. Forward "
            f"operation: {op.name}. Original input shape: {t.shape}. Calculated input gradient "
            f"shape: {g.shape}"
        )
    if g._dims is None or (t._dims is not None and None in g._dims):
        g.set_shape(t.shape)


def _aggregated(t: Tensor, parts: list[Any]) -> Any:
    """Return the sum of the gradients of a tensor; it is sparse if all of them are."""
    if all(isinstance(p, IndexedSlices) for p in parts):
        axis = convert_to_tensor(0, dtypes.int32)
        indices = [p.indices for p in parts]
        if len({i.dtype for i in indices}) > 1:
            indices = [build("Cast", {"x": i, "DstT": dtypes.int64}) for i in indices]
        values = build("ConcatV2", {"values": [p.values for p in parts], "axis": axis})
        where = build("ConcatV2", {"values": indices, "axis": axis})
        return IndexedSlices(values, where, parts[0].dense_shape)
    dense = [convert_to_tensor(p) for p in parts]
    with t._op._graph.colocate_with(dense[0].op):
        return build("AddN", {"inputs": dense}, "AddN")

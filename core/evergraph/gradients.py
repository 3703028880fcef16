"""`tf.gradients`: nodes that compute the derivatives of tensors, walking back through the graph."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from enum import Enum
from functools import partial
from typing import Any, Final

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.contexts import ConditionContext, ControlFlowContext, switched
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.loop_context import LoopContext
from evergraph.graph.operation import Operation
from evergraph.graph.operators import scope
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.loop_gradients import gradient_of_loop, trainable
from evergraph.op import no_gradient, registry
from evergraph.slices import IndexedSlices
from evergraph.vocabulary import vocabulary

#: From an operation and the gradients of its outputs to the gradients of its inputs.
Gradient = Callable[..., Any]


class UnconnectedGradients(Enum):
    """What `gradients` returns for an input that the outputs do not depend on."""

    NONE = "none"
    ZERO = "zero"


class Builders:
    """The namespace that gradients are written in: a function for every op type.

    `tf.MatMul(x, y, transpose_a=True)`: inputs in the order of the OpDef, attributes by name.
    """

    def __getattr__(self, type: str) -> Callable[..., Any]:
        signature = vocabulary().get(type)
        if signature is None:
            raise AttributeError(f"there is no op {type!r}")
        names = [a.name for a in signature.inputs]

        def function(*inputs: Any, name: str | None = None, **attributes: Any) -> Any:
            return build(type, {**dict(zip(names, inputs, strict=True)), **attributes}, name)

        function.__name__ = type
        setattr(self, type, function)
        return function

    def constant(self, value: Any, dtype: Any = None) -> Tensor:
        """Return a constant."""
        return convert_to_tensor(value, dtype)

    def constant_value(self, x: Tensor) -> Any:
        """Return the value of a tensor as a NumPy array where it is known, else None."""
        return constant_value(x)

    def shape(self, x: Tensor, out_type: Any = "int32", name: str | None = None) -> Tensor:
        """Return the shape of a tensor: a constant where it is known."""
        dims = x._dims
        if dims is None or None in dims:
            shape: Tensor = self.Shape(x, out_type=out_type, name=name)
            return shape
        return convert_to_tensor(list(dims), out_type, name=name)

    def slices(self, values: Tensor, indices: Tensor, dense_shape: Tensor) -> IndexedSlices:
        """Return the gradient of gathered rows."""
        return IndexedSlices(values, indices, dense_shape)


BUILDERS: Final = Builders()


def zeros_for(t: Tensor) -> Tensor:
    """Return the gradient of an output that nobody differentiates, where another one has one.

    Where a branch is not taken, what it takes from outside has a gradient of zeros.
    """
    op = t._op
    context = op._control_flow_context
    if op._type not in ("Switch", "RefSwitch") or not isinstance(context, ConditionContext):
        return _zeros(t)
    other = switched(op._inputs[0], context.predicate)[1 - context.branch]
    return _zeros(other, t)


def _of_switch(op: Operation, no: Any, yes: Any) -> list[Any]:
    """Return the gradient of whichever branch has run."""
    from evergraph.v1.conditions import merged

    if isinstance(op._control_flow_context, ConditionContext):
        pair = [convert_to_tensor(no), convert_to_tensor(yes)]
    else:
        pair = [switched(convert_to_tensor(g), op._inputs[1])[i] for i, g in enumerate((no, yes))]
    return [merged(pair, "cond_grad"), None]


def _of_merge(op: Operation, dy: Any, _: Any) -> Sequence[Any]:
    """Return the gradient for the branch that has run."""
    context = op._inputs[0]._op._control_flow_context
    dy = convert_to_tensor(dy)
    if isinstance(context, ConditionContext):
        return switched(dy, context.predicate, "cond_grad")
    index = op._outputs[1]
    return [
        switched(dy, BUILDERS.Equal(index, convert_to_tensor(i)))[1] for i in range(len(op._inputs))
    ]


def _of_reading(op: Operation, dy: Any) -> Any:
    del op
    return dy


#: Gradients of op types that planning takes care of, so that no family defines them.
_PLANNED: Final[dict[str, Gradient]] = {
    "Merge": _of_merge,
    "ReadVariableOp": _of_reading,
    "RefMerge": _of_merge,
    "RefSwitch": _of_switch,
    "Switch": _of_switch,
    # Those of a loop around the walk, which lets gradients pass.
    "Enter": _of_reading,
    "RefEnter": _of_reading,
}

#: Gradients that users registered, by name: an op type, or a name of `gradient_override_map`.
_registered: dict[str, Gradient | None] = {}


def register(name: str, function: Gradient | None) -> None:
    """Register a gradient under a name; None says that there is none.

    Raises:
      KeyError: the name has a gradient.
    """
    known = registry().get(name)
    if name in _registered or (known is not None and known.gradient is not None):
        raise KeyError(f"Registering two gradient with name '{name}'!")
    _registered[name] = function


def gradient_of(op: Operation) -> Gradient | None:
    """Return the gradient of an operation; None if it has none by definition.

    Raises:
      LookupError: no gradient is known.
    """
    name = op._attributes.get("_gradient_op_type", op._type)
    if isinstance(name, bytes):
        name = name.decode()
    if name in _registered:
        return _registered[name]
    known = registry().get(name)
    found = None if known is None else known.gradient
    if found is not None:
        return None if found is no_gradient else partial(found, BUILDERS)
    if name in _PLANNED:
        return _PLANNED[name]
    if not op._inputs:
        return None
    raise LookupError(f"gradient registry has no entry for: {name}")


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: int | None = None,
    stop_gradients: Any = None,
    unconnected_gradients: UnconnectedGradients = UnconnectedGradients.NONE,
) -> list[Any]:
    """Return the derivatives of the sum of `ys` with respect to each of `xs`.

    Args:
      ys: a tensor or a list of tensors.
      xs: a tensor or a list of tensors; variables are meant by what they convert to.
      grad_ys: the gradients of `ys`; ones unless given.
      name: the scope of the new nodes.
      colocate_gradients_with_ops: put the gradient of an operation on its device.
      gate_gradients: wait for all gradients of an operation before any is used.
      aggregation_method: accepted for compatibility: sums are sums.
      stop_gradients: tensors that count as constants.
      unconnected_gradients: what stands for a gradient that is not there.

    Returns:
      A tensor, an IndexedSlices or None for each of `xs`.

    Raises:
      LookupError: an operation in between has no gradient.
      TypeError: a type is not one that can be differentiated.
      ValueError: shapes or numbers of gradients do not fit.
    """
    del aggregation_method
    ys, xs = _as_list(ys), _as_list(xs)
    stops = _as_list(stop_gradients) if stop_gradients is not None else []
    given = [None] * len(ys) if grad_ys is None else _as_list(grad_ys)
    if len(given) != len(ys):
        raise ValueError(f"Passed {len(given)} grad_ys for {len(ys)} ys")
    with scope(name or "gradients", values=(*ys, *xs, *given, *stops)):
        ys = [convert_to_tensor(y, name="y") for y in ys]
        sources = [_source(x) for x in xs]
        stopped = {id(_source(t)) for t in stops}
        walk = _Walk(ys, sources, stopped, gate_gradients, colocate_gradients_with_ops)
        for i, (y, dy) in enumerate(zip(ys, given, strict=True)):
            walk.seed(y, _initial(y, dy, i))
        walk.run()
        found = [walk.result(x) for x in sources]
        if UnconnectedGradients(unconnected_gradients) is UnconnectedGradients.ZERO:
            found = [_zeros(x) if g is None else g for x, g in zip(sources, found, strict=True)]
        return found


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _source(x: Any) -> Tensor:
    """Return the tensor that the gradient is taken of: a resource variable's is its handle."""
    if isinstance(x, Tensor):
        return x
    handle = getattr(x, "handle", None)
    if isinstance(handle, Tensor):
        return handle
    if isinstance(x, IndexedSlices):
        return x.values
    return convert_to_tensor(x, name="x", as_ref=True)


def _initial(y: Tensor, dy: Any, index: int) -> Any:
    if dy is None:
        if y.dtype.base_dtype.is_complex:
            raise TypeError(
                f"Gradients of complex tensors ({y}) must set grad_ys (y.dtype = {y.dtype!r})"
            )
        name = f"grad_ys_{index}"
        one = convert_to_tensor(1, y.dtype.base_dtype, name=f"{name}/Const")
        return BUILDERS.Fill(BUILDERS.shape(y, name=f"{name}/Shape"), one, name=name)
    if isinstance(dy, IndexedSlices):
        return dy
    dy = convert_to_tensor(dy, name=f"grad_ys_{index}")
    theirs, ours = dy.dtype.base_dtype, y.dtype.base_dtype
    floating = ours.is_floating or ours.is_complex
    if floating and theirs is not ours:
        raise TypeError(
            f"Gradient type {theirs.name} generated for tensor {y.name} with type {ours.name} is "
            "not the same"
        )
    return dy


def _zeros(x: Tensor, handle: Tensor | None = None) -> Tensor:
    """Return zeros like a tensor, or like the variable of a handle."""
    if x.dtype is not dtypes.resource:
        zeros: Tensor = BUILDERS.ZerosLike(x)
        return zeros
    source = x if handle is None else handle
    while source._op._type != "VarHandleOp":
        source = source._op._inputs[0]
    dtype = source._op._attributes["dtype"]
    of_variable: Tensor = BUILDERS.Fill(BUILDERS.VariableShape(x), convert_to_tensor(0, dtype))
    return of_variable


class _Walk:
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
                if _trainable(output):
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
        found = gradient_of_loop(loop, known, set(ops), _zeros, self._inside)
        for t, g in found.items():
            self._parts.setdefault(t, []).append(g)

    def _inside(
        self, ys: list[Tensor], dys: list[Any], xs: list[Tensor], loop: LoopContext
    ) -> list[Any]:
        """Differentiate tensors of an iteration of a loop by others."""
        walk = _Walk(ys, xs, self._stopped, self._gate, self._colocate, loop)
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
            zeros_for(t) if g is None and _trainable(t) else g
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


_trainable = trainable


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

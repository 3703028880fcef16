"""`Optimizer`: gradients of a loss, applied to variables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from evergraph import dtypes
from evergraph.builder import build, build_operation
from evergraph.gradients import gradients
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.slices import IndexedSlices
from evergraph.v1.flow import group
from evergraph.v1.training import slots
from evergraph.v1.training.slots import is_resource
from evergraph.v1.variables import Variable
from evergraph.vocabulary import vocabulary


class Optimizer:
    """Changes variables by the gradients of a loss. Subclasses say how.

    A subclass overrides `_apply_dense` and `_apply_sparse` for reference variables,
    `_resource_apply_dense` and `_resource_apply_sparse` for resource variables, and perhaps
    `_create_slots`, `_prepare` and `_finish`.

    Args:
      use_locking: whether updates are atomic; here every step is.
      name: prefix of the operations, and name of most slots.

    Raises:
      ValueError: the name is empty.
    """

    GATE_NONE: Final = 0
    GATE_OP: Final = 1
    GATE_GRAPH: Final = 2

    def __init__(self, use_locking: bool, name: str) -> None:
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        self._slots: dict[str, dict[Any, Any]] = {}
        self._non_slots: dict[Any, Any] = {}

    def get_name(self) -> str:
        """Return the name."""
        return self._name

    def minimize(
        self,
        loss: Any,
        global_step: Any = None,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Any:
        """Return an operation that makes the loss smaller.

        Args:
          loss: a tensor.
          global_step: a variable that is counted up after the update.
          var_list: what may change; by default all trainable variables.
          gate_gradients: `GATE_NONE`, `GATE_OP` or `GATE_GRAPH`: what waits for what.
          aggregation_method: as for `tf.gradients`.
          colocate_gradients_with_ops: accepted for compatibility.
          name: of the operation.
          grad_loss: the gradient of the loss, if it is not 1.

        Raises:
          ValueError: no variable has a gradient, or what is given is no variable.
        """
        pairs = self.compute_gradients(
            loss,
            var_list=var_list,
            gate_gradients=gate_gradients,
            aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
            grad_loss=grad_loss,
        )
        if not any(g is not None for g, _ in pairs):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not "
                f"support gradients, between variables {[str(v) for _, v in pairs]} and loss "
                f"{loss}."
            )
        return self.apply_gradients(pairs, global_step=global_step, name=name)

    def compute_gradients(
        self,
        loss: Any,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Any, Any]]:
        """Return pairs of a gradient (None if there is none) and its variable; see `minimize`."""
        del colocate_gradients_with_ops
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise ValueError(
                "gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, "
                f"Optimizer.GATE_GRAPH.  Not {gate_gradients}"
            )
        _check_differentiable([loss] if grad_loss is None else [loss, grad_loss])
        graph = get_default_graph()
        if var_list is None:
            variables = graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)
            variables += graph.get_collection(GraphKeys.TRAINABLE_RESOURCE_VARIABLES)
        else:
            variables = _flat(var_list)
        if not variables:
            raise ValueError("No variables to optimize.")
        for v in variables:
            _check_variable(v)
        found = gradients(
            loss,
            variables,
            grad_ys=grad_loss,
            gate_gradients=gate_gradients == self.GATE_OP,
            aggregation_method=aggregation_method,
        )
        if gate_gradients == self.GATE_GRAPH:
            from evergraph.v1.flow import tuple as gated

            found = gated(found)
        pairs = list(zip(found, variables, strict=True))
        _check_differentiable(
            [v for g, v in pairs if g is not None and v.dtype is not dtypes.resource]
        )
        return pairs

    def apply_gradients(
        self, grads_and_vars: Iterable[Any], global_step: Any = None, name: str | None = None
    ) -> Any:
        """Return an operation that applies gradients, the second half of `minimize`.

        Args:
          grads_and_vars: pairs, as `compute_gradients` gives them.
          global_step: a variable that is counted up after the update.
          name: of the operation; by default the optimizer's.

        Raises:
          TypeError: a gradient is none, or what it belongs to is no variable.
          ValueError: no variable has a gradient.
        """
        pairs = tuple(grads_and_vars)
        if not pairs:
            raise ValueError("No variables provided.")
        converted = []
        for g, v in pairs:
            _check_variable(v)
            if g is not None and not isinstance(g, Tensor | IndexedSlices):
                g = convert_to_tensor(g)
            converted.append((g, v))
        variables = [v for g, v in converted if g is not None]
        if not variables:
            names = [v.name for _, v in converted]
            raise ValueError(f"No gradients provided for any variable: {names}.")
        graph = get_default_graph()
        with graph.control_dependencies(None):  # their initial values wait for nothing
            self._create_slots(variables)
        updates: list[Any] = []
        with graph.name_scope(name or self._name) as scope:
            self._prepare()
            for g, v in converted:
                if g is None:
                    continue
                with graph.name_scope(f"update_{v.op.name}"), graph.colocate_with(v.op):
                    updates.append(self._update(g, v))
            if global_step is None:
                applied = self._finish(updates, scope)
            else:
                with graph.control_dependencies([self._finish(updates, "update")]):
                    applied = _counted_up(global_step, scope)
            if isinstance(applied, Tensor):
                applied = applied.op
            operations = graph.get_collection_ref(GraphKeys.TRAIN_OP)
            if applied not in operations:
                operations.append(applied)
            return applied

    def _update(self, g: Any, v: Any) -> Any:
        if is_resource(v):
            if isinstance(g, IndexedSlices):
                if v.constraint is not None:
                    raise RuntimeError("Cannot use a constraint function on a sparse variable.")
                return self._resource_apply_sparse_duplicate_indices(g.values, v, g.indices)
            update = self._resource_apply_dense(g, v)
        elif isinstance(g, IndexedSlices):
            if v.constraint is not None:
                raise RuntimeError("Cannot use a constraint function on a sparse variable.")
            return self._apply_sparse_duplicate_indices(g, v)
        else:
            update = self._apply_dense(g, v)
        if v.constraint is None:
            return update
        with get_default_graph().control_dependencies([update]):
            return v.assign(v.constraint(v))

    # Slots

    def get_slot(self, var: Any, name: str) -> Any:
        """Return the slot of that name of a variable, or None."""
        return self._slots.get(name, {}).get(_key(var))

    def get_slot_names(self) -> list[str]:
        """Return the names of the slots, sorted."""
        return sorted(self._slots)

    def variables(self) -> list[Any]:
        """Return the variables that the optimizer keeps, in the default graph, by name."""
        graph = get_default_graph()
        found = [v for v in self._non_slots.values() if v.op.graph is graph]
        found += [
            v for named in self._slots.values() for v in named.values() if v.op.graph is graph
        ]
        return sorted(found, key=lambda v: str(v.name))

    def _slot_dict(self, slot_name: str) -> dict[Any, Any]:
        return self._slots.setdefault(slot_name, {})

    def _get_or_make_slot(self, var: Any, val: Any, slot_name: str, op_name: str) -> Any:
        named = self._slot_dict(slot_name)
        if _key(var) not in named:
            named[_key(var)] = slots.create_slot(var, val, op_name)
        return named[_key(var)]

    def _get_or_make_slot_with_initializer(
        self, var: Any, initializer: Any, shape: Any, dtype: Any, slot_name: str, op_name: str
    ) -> Any:
        named = self._slot_dict(slot_name)
        if _key(var) not in named:
            named[_key(var)] = slots.create_slot_with_initializer(
                var, initializer, shape, dtype, op_name
            )
        return named[_key(var)]

    def _zeros_slot(self, var: Any, slot_name: str, op_name: str) -> Any:
        named = self._slot_dict(slot_name)
        if _key(var) not in named:
            named[_key(var)] = slots.create_zeros_slot(var, op_name)
        return named[_key(var)]

    def _create_non_slot_variable(self, initial_value: Any, name: str, colocate_with: Any) -> Any:
        """Create a variable that belongs to no other one, once per graph."""
        key = name, colocate_with.graph
        if key not in self._non_slots:
            with get_default_graph().colocate_with(colocate_with.op):
                self._non_slots[key] = Variable(
                    initial_value,
                    name=name,
                    trainable=False,
                    use_resource=is_resource(colocate_with),
                )
        return self._non_slots[key]

    def _get_non_slot_variable(self, name: str, graph: Any = None) -> Any:
        return self._non_slots.get((name, graph))

    # What subclasses override

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        """Create the slots of the variables."""

    def _prepare(self) -> None:
        """Create the tensors that all updates share."""

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        """Return an operation that does all updates."""
        return group(*update_ops, name=name_scope)

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        """Return an operation that applies a gradient to a reference variable."""
        raise NotImplementedError

    def _resource_apply_dense(self, grad: Any, handle: Any) -> Any:
        """Return an operation that applies a gradient to a resource variable."""
        raise NotImplementedError

    def _apply_sparse(self, grad: Any, var: Any) -> Any:
        """Return an operation that applies rows, each given once, to a reference variable."""
        raise NotImplementedError

    def _resource_apply_sparse(self, grad: Any, handle: Any, indices: Any) -> Any:
        """Return an operation that applies rows, each given once, to a resource variable."""
        raise NotImplementedError

    def _apply_sparse_duplicate_indices(self, grad: Any, var: Any) -> Any:
        """Sum the rows that are given more than once, and apply them."""
        values, indices = summed_rows(grad.values, grad.indices)
        return self._apply_sparse(IndexedSlices(values, indices, grad.dense_shape), var)

    def _resource_apply_sparse_duplicate_indices(self, grad: Any, handle: Any, indices: Any) -> Any:
        values, unique = summed_rows(grad, indices)
        return self._resource_apply_sparse(values, handle, unique)

    # For subclasses

    def _call_if_callable(self, param: Any) -> Any:
        return param() if callable(param) else param

    def _valid_dtypes(self) -> set[Any]:
        """Return the types that a loss may have."""
        return {dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64}

    def _apply(self, kind: str, var: Any, grad: Any, **arguments: Any) -> Any:
        """Return the op of TensorFlow that applies a gradient in one step.

        Args:
          kind: the end of its type, as in `ApplyMomentum`.
          var: the variable.
          grad: a tensor; or IndexedSlices, whose rows are given once.
          **arguments: its other inputs and attributes; variables, and tensors, which are cast to
            the variable's type.
        """
        resource = is_resource(var)
        dtype = var.dtype.base_dtype
        sparse = isinstance(grad, IndexedSlices)
        type = f"{'Resource' if resource else ''}{'Sparse' if sparse else ''}Apply{kind}"
        signature = vocabulary().get(type)
        assert signature is not None
        names = {a.name: a.is_ref or a.dtype is dtypes.resource for a in signature.inputs}
        given = {"var": var, **arguments}
        if sparse:
            given |= {"grad": grad.values, "indices": grad.indices}
        else:
            # ApplyGradientDescent and its kin call the scaled gradient so.
            given["delta" if "delta" in names and "grad" not in names else "grad"] = grad
        if "use_locking" in signature.attributes:
            given["use_locking"] = self._use_locking
        for name, value in given.items():
            if names.get(name):
                given[name] = value.handle if resource else value._ref()
            elif isinstance(value, Tensor | Variable) and name not in _AS_THEY_ARE:
                given[name] = cast(value, dtype)
        op = build_operation(type, given)
        return op if resource else op.outputs[0].op


_AS_THEY_ARE: Final = {"grad", "delta", "indices", "global_step"}


def summed_rows(values: Any, indices: Any) -> tuple[Any, Any]:
    """Return rows with those summed that have the same index, and the indices, each once."""
    unique, positions = build("Unique", {"x": indices})
    count = build("Shape", {"input": unique})[0]
    summed = build(
        "UnsortedSegmentSum", {"data": values, "segment_ids": positions, "num_segments": count}
    )
    return summed, unique


def scatter_added(variable: Any, indices: Any, updates: Any) -> Any:
    """Return the value of a variable after rows have been added to it."""
    if not is_resource(variable):
        return build("ScatterAdd", {"ref": variable._ref(), "indices": indices, "updates": updates})
    added = build_operation(
        "ResourceScatterAdd",
        {"resource": variable.handle, "indices": indices, "updates": updates},
    )
    with get_default_graph().control_dependencies([added]):
        return variable.value()


def colocated(variable: Any) -> AbstractContextManager[None]:
    """Return a context manager that places what is made where a variable is."""
    return get_default_graph().colocate_with(variable.op)


def _counted_up(global_step: Any, name: str) -> Any:
    with colocated(global_step):
        if is_resource(global_step):
            one = convert_to_tensor(1, dtype=global_step.dtype)
            arguments = {"resource": global_step.handle, "value": one}
            return build_operation("AssignAddVariableOp", arguments, name)
        return (
            global_step.assign_add(1, name=name)
            if isinstance(global_step, Variable)
            else build("AssignAdd", {"ref": global_step, "value": 1}, name)
        )


def _key(variable: Any) -> Any:
    return variable.op.graph, variable.op.name


def _flat(variables: Any) -> list[Any]:
    if isinstance(variables, dict):
        return [v for key in sorted(variables) for v in _flat(variables[key])]
    if isinstance(variables, list | tuple | set):
        return [v for part in variables for v in _flat(part)]
    if hasattr(variables, "_get_variable_list"):
        return list(variables._get_variable_list())
    return [variables]


def _check_variable(v: Any) -> None:
    if not isinstance(v, Variable) and not (
        isinstance(v, Tensor) and v.op.type in ("VarHandleOp", "Variable", "VariableV2")
    ):
        raise NotImplementedError(f"Trying to optimize unsupported type {v!r}")


def _check_differentiable(tensors: Iterable[Any]) -> None:
    for t in tensors:
        dtype = t.dtype.base_dtype
        if not (dtype.is_floating or dtype.is_complex):
            raise ValueError(f"Invalid type {dtype!r} for {t.name}, expected: floating point.")

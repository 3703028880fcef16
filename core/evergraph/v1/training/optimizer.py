"""`tf.train.Optimizer`: gradients of a loss, and what applies them to variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from evergraph import dtypes
from evergraph.builder import build, build_operation
from evergraph.gradients import gradients
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.graph import Graph
from evergraph.graph.operators import scope
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.slices import IndexedSlices
from evergraph.v1 import flow, state
from evergraph.v1.framework import init_scope
from evergraph.v1.resource_variable import ResourceVariable
from evergraph.v1.training import slots
from evergraph.v1.variable_lists import trainable_variables
from evergraph.v1.variable_scopes import get_variable, variable_scope
from evergraph.v1.variables import Variable

_FLOATS: Final = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)


class Optimizer:
    """The base class of optimizers.

    A subclass says which slots a variable has (`_create_slots`), converts its parameters to tensors
    (`_prepare`), and makes what updates a variable: `_apply_dense` and `_apply_sparse` for
    references, `_resource_apply_dense` and `_resource_apply_sparse` for resource variables.

    Args:
      use_locking: kept in the nodes; every step is a transaction anyway.
      name: the name of the node that applies gradients, and of the slots.
      use_own_namescope_for_non_slot_vars: whether variables that belong to none of the optimized
        ones lie in a scope of that name.

    Raises:
      ValueError: there is no name.
    """

    #: Gradients are used as they come.
    GATE_NONE = 0
    #: All gradients of an operation are computed before one of them is used.
    GATE_OP = 1
    #: All gradients are computed before one of them is used.
    GATE_GRAPH = 2

    def __init__(
        self, use_locking: bool, name: str, use_own_namescope_for_non_slot_vars: bool = False
    ) -> None:
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        self._non_slot_variable_scope: Any = None
        if use_own_namescope_for_non_slot_vars:
            with variable_scope(None, default_name=name) as own:
                self._non_slot_variable_scope = own
        #: By the name of the slot, and the graph and name of the variable.
        self._slots: dict[str, dict[Any, Any]] = {}
        self._non_slot_dict: dict[tuple[str, Graph], Any] = {}

    def get_name(self) -> str:
        """Return the name of the optimizer."""
        return self._name

    # What users call

    def minimize(
        self,
        loss: Any,
        global_step: Any = None,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: int | None = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Any:
        """Return an operation that changes variables so as to make a loss smaller.

        The arguments are those of `compute_gradients` and `apply_gradients`.

        Raises:
          ValueError: the loss depends on none of the variables.
        """
        pairs = self.compute_gradients(
            loss,
            var_list,
            gate_gradients,
            aggregation_method,
            colocate_gradients_with_ops,
            grad_loss,
        )
        if all(gradient is None for gradient, _ in pairs):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not "
                f"support gradients, between variables {[str(v) for _, v in pairs]} and loss "
                f"{loss}."
            )
        return self.apply_gradients(pairs, global_step, name)

    def compute_gradients(
        self,
        loss: Any,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: int | None = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Any, Any]]:
        """Return pairs of gradients (None where there is none) and variables.

        Args:
          loss: the tensor to make smaller, or a function without arguments that returns it.
          var_list: the variables, by default all trainable ones.
          gate_gradients: one of GATE_NONE, GATE_OP and GATE_GRAPH.
          aggregation_method: accepted for compatibility: sums are sums.
          colocate_gradients_with_ops: put the gradient of an operation on its device.
          grad_loss: the gradient of the loss, by default ones.

        Raises:
          ValueError: there are no variables, or a type has no gradients.
        """
        gates = (Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH)
        if gate_gradients not in gates:
            raise ValueError(
                "gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, "
                f"Optimizer.GATE_GRAPH.  Not {gate_gradients}"
            )
        if callable(loss):
            loss = loss()
        self._assert_valid_dtypes([loss] if grad_loss is None else [loss, grad_loss])
        if var_list is None:
            more = get_default_graph().get_collection(GraphKeys.TRAINABLE_RESOURCE_VARIABLES)
            variables = trainable_variables() + more
        else:
            variables = list(_flat(var_list))
        if not variables:
            raise ValueError("No variables to optimize.")
        found: Sequence[Any] = gradients(
            loss,
            [_target(v) for v in variables],
            grad_ys=grad_loss,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
            gate_gradients=gate_gradients == Optimizer.GATE_OP,
            aggregation_method=aggregation_method,
        )
        if gate_gradients == Optimizer.GATE_GRAPH:
            found = flow.tuple(found)
        pairs = list(zip(found, variables, strict=True))
        self._assert_valid_dtypes(
            [v for g, v in pairs if g is not None and v.dtype is not dtypes.resource]
        )
        return pairs

    def apply_gradients(
        self, grads_and_vars: Any, global_step: Any = None, name: str | None = None
    ) -> Any:
        """Return an operation that applies gradients to variables.

        Args:
          grads_and_vars: pairs of gradients (tensors, `IndexedSlices` or None) and variables.
          global_step: a variable that is incremented afterwards.
          name: the name of the operation, by default the optimizer's.

        Raises:
          TypeError: a gradient is neither a tensor nor an `IndexedSlices`.
          ValueError: there are no variables, or none of them has a gradient.
        """
        pairs = [(_as_gradient(g), v) for g, v in tuple(grads_and_vars)]
        if not pairs:
            raise ValueError("No variables provided.")
        for _, variable in pairs:
            _target(variable)
        with_gradient = [v for g, v in pairs if g is not None]
        if not with_gradient:
            names = [str(v) for _, v in pairs]
            raise ValueError(f"No gradients provided for any variable: {names}.")
        graph = get_default_graph()
        with init_scope():
            self._create_slots(with_gradient)
        with scope(name, self._name) as name:
            self._prepare()
            updates = []
            for gradient, variable in pairs:
                if gradient is not None:
                    own = graph.name_scope(f"update_{variable.op.name}")
                    with own, graph.colocate_with(variable):
                        updates.append(self._update(gradient, variable))
            if global_step is None:
                done = self._finish(updates, name)
            else:
                with graph.control_dependencies([self._finish(updates, "update")]):
                    done = _incremented(global_step, name)
        done = done.op if isinstance(done, Tensor) else done
        applied = graph.get_collection_ref(GraphKeys.TRAIN_OP)
        if done not in applied:
            applied.append(done)
        return done

    def get_slot(self, var: Any, name: str) -> Any:
        """Return the slot of that name of a variable, or None."""
        return self._slots.get(name, {}).get(_key(var))

    def get_slot_names(self) -> list[str]:
        """Return the names of the slots."""
        return sorted(self._slots)

    def variables(self) -> list[Any]:
        """Return the variables that the optimizer has made in the default graph, by name."""
        made = [*self._non_slot_variables(), *(v for s in self._slots.values() for v in s.values())]
        graph = get_default_graph()
        return sorted((v for v in made if v.op.graph is graph), key=lambda v: v.name)

    # What subclasses define

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        """Make the slots of the variables."""

    def _prepare(self) -> None:
        """Convert parameters to tensors, before gradients are applied."""

    def _apply_dense(self, grad: Tensor, var: Any) -> Any:
        """Return what applies a gradient to a reference variable."""
        raise NotImplementedError

    def _resource_apply_dense(self, grad: Tensor, handle: Any) -> Any:
        """Return what applies a gradient to a resource variable."""
        raise NotImplementedError

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        """Return what applies a gradient of rows, each there once, to a reference variable."""
        raise NotImplementedError

    def _resource_apply_sparse(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        """Return what applies a gradient of rows, each there once, to a resource variable."""
        raise NotImplementedError

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        """Return what applies a gradient of rows to a reference variable."""
        values, indices = _summed(grad.values, grad.indices)
        return self._apply_sparse(IndexedSlices(values, indices, grad.dense_shape), var)

    def _resource_apply_sparse_duplicate_indices(
        self, grad: Tensor, handle: Any, indices: Tensor
    ) -> Any:
        """Return what applies a gradient of rows to a resource variable."""
        values, indices = _summed(grad, indices)
        return self._resource_apply_sparse(values, handle, indices)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        """Return what is done when all updates are; also, what is to happen after them."""
        return flow.group(*update_ops, name=name_scope)

    def _valid_dtypes(self) -> set[Any]:
        """Return the types that losses, variables and gradients may have."""
        return set(_FLOATS)

    # What subclasses call

    def _slot_dict(self, slot_name: str) -> dict[Any, Any]:
        return self._slots.setdefault(slot_name, {})

    def _get_or_make_slot(self, var: Any, val: Any, slot_name: str, op_name: str) -> Any:
        """Return a slot, made with an initial value if there is none yet."""
        named = self._slot_dict(slot_name)
        if _key(var) not in named:
            named[_key(var)] = slots.create_slot(var, val, op_name)
        return named[_key(var)]

    def _get_or_make_slot_with_initializer(
        self, var: Any, initializer: Any, shape: Any, dtype: Any, slot_name: str, op_name: str
    ) -> Any:
        """Return a slot, made of a shape and type if there is none yet."""
        named = self._slot_dict(slot_name)
        if _key(var) not in named:
            make = slots.create_slot_with_initializer
            named[_key(var)] = make(var, initializer, shape, dtype, op_name)
        return named[_key(var)]

    def _zeros_slot(self, var: Any, slot_name: str, op_name: str) -> Any:
        """Return a slot, made of zeros if there is none yet."""
        named = self._slot_dict(slot_name)
        if _key(var) not in named:
            named[_key(var)] = slots.create_zeros_slot(var, op_name)
        return named[_key(var)]

    def _create_non_slot_variable(self, initial_value: Any, name: str, colocate_with: Any) -> Any:
        """Return a variable that belongs to no other, made if there is none in the graph yet."""
        graph = colocate_with.graph
        made = self._non_slot_dict.get((name, graph))
        if made is not None:
            return made
        kind = isinstance(colocate_with, ResourceVariable)
        with get_default_graph().colocate_with(colocate_with):
            if self._non_slot_variable_scope is None:
                made = Variable(initial_value, name=name, trainable=False, use_resource=kind)
            else:
                with graph.name_scope(""), variable_scope(self._non_slot_variable_scope):
                    made = get_variable(
                        name, initializer=initial_value, trainable=False, use_resource=kind
                    )
        self._non_slot_dict[name, graph] = made
        return made

    def _get_non_slot_variable(self, name: str, graph: Graph) -> Any:
        return self._non_slot_dict.get((name, graph))

    def _non_slot_variables(self) -> list[Any]:
        return list(self._non_slot_dict.values())

    def _call_if_callable(self, param: Any) -> Any:
        """Return a parameter, or what it returns if it is a function."""
        return param() if callable(param) else param

    def _assert_valid_dtypes(self, tensors: Sequence[Any]) -> None:
        valid = self._valid_dtypes()
        for t in tensors:
            if t.dtype.base_dtype not in valid:
                raise ValueError(
                    f"Invalid type {t.dtype.base_dtype!r} for {t.name}, expected: {list(valid)}."
                )

    def _update(self, gradient: Any, variable: Any) -> Any:
        """Return what applies a gradient to a variable of either kind, and its constraint."""
        handle = isinstance(variable, ResourceVariable)
        if isinstance(gradient, IndexedSlices):
            if variable.constraint is not None:
                raise RuntimeError("Cannot use a constraint function on a sparse variable.")
            if handle:
                return self._resource_apply_sparse_duplicate_indices(
                    gradient.values, variable, gradient.indices
                )
            return self._apply_sparse_duplicate_indices(gradient, variable)
        if not isinstance(variable, Variable):
            raise NotImplementedError("Trying to update a Tensor ", variable)
        apply = self._resource_apply_dense if handle else self._apply_dense
        update = apply(gradient, variable)
        if variable.constraint is None:
            return update
        with get_default_graph().control_dependencies([update]):
            return variable.assign(variable.constraint(variable))


def _key(var: Any) -> tuple[Graph, str]:
    return var.op.graph, var.op.name


def _flat(structure: Any) -> Iterator[Any]:
    if isinstance(structure, list | tuple):
        for item in structure:
            yield from _flat(item)
    elif isinstance(structure, Mapping):
        for key in sorted(structure):
            yield from _flat(structure[key])
    else:
        yield structure


def _target(v: Any) -> Any:
    """Return what the gradient with respect to a variable, or tensor, is taken of."""
    if isinstance(v, ResourceVariable | Tensor):
        return v
    if isinstance(v, Variable):
        return v._ref()  # type: ignore[attr-defined]  # a reference variable
    raise NotImplementedError("Trying to optimize unsupported type ", v)


def _as_gradient(g: Any) -> Any:
    if g is None or isinstance(g, IndexedSlices):
        return g
    try:
        return convert_to_tensor(g)
    except TypeError:
        raise TypeError(
            f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {g}"
        ) from None


def _summed(values: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """Return rows and indices of which each is there once."""
    once, which = build("Unique", {"x": indices})
    count = shape_of(once)[0]
    arguments = {"data": values, "segment_ids": which, "num_segments": count}
    return build("UnsortedSegmentSum", arguments), once


def _incremented(global_step: Any, name: str) -> Any:
    with get_default_graph().colocate_with(global_step):
        if isinstance(global_step, ResourceVariable):
            one = convert_to_tensor(1, global_step.dtype)
            arguments = {"resource": global_step.handle, "value": one}
            return build_operation("AssignAddVariableOp", arguments, name)
        return state.assign_add(global_step, 1, name=name)

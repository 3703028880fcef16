"""`RefVariable`: a variable that the graph holds a reference to; TensorFlow 1's default."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from evergraph import protos
from evergraph.builder import build
from evergraph.dtypes import DType
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operation import Operation
from evergraph.graph.operators import scope
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1.framework import init_scope
from evergraph.v1.guards import guarded
from evergraph.v1.saved_slices import stripped
from evergraph.v1.variable_modes import checked_modes
from evergraph.v1.variables import Variable, check_slices


class RefVariable(Variable):
    """A variable behind a reference: it is read when what consumes it runs; see `tf.Variable`."""

    _variable: Tensor
    _snapshot: Tensor

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: str | None = None,
        constraint: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ) -> None:
        del expected_shape
        if variable_def:
            if initial_value:
                raise ValueError("variable_def and initial_value are mutually exclusive.")
            from evergraph.v1.variable_defs import restore_ref_variable

            restore_ref_variable(self, variable_def, import_scope)
            return
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        collections = checked_collections(collections)
        if constraint is not None and not callable(constraint):
            raise ValueError("The `constraint` argument must be a callable.")
        self._synchronization, self._aggregation, self._trainable = checked_modes(
            synchronization, aggregation, trainable, name
        )
        self._constraint = constraint
        self._caching_device = caching_device
        with init_scope():
            self._build(initial_value, validate_shape, caching_device, name, dtype, shape)
            add_to_collections(self, collections)

    def _build(
        self,
        initial_value: Any,
        validate_shape: bool,
        caching_device: Any,
        name: str | None,
        dtype: Any,
        shape: Any,
    ) -> None:
        graph = get_default_graph()
        by_function = callable(initial_value)
        with scope(name, "Variable", () if by_function else (initial_value,)) as name:
            with ExitStack() as stack:
                if by_function:
                    stack.enter_context(located_at(name[:-1]))
                    initial_value = initial_value_from(initial_value, dtype)
                else:
                    initial_value = convert_to_tensor(initial_value, dtype, "initial_value")
                    check_not_in_control_flow(
                        initial_value,
                        f"Initializer for variable {name} is from inside a control-flow construct, "
                        "such as a loop or conditional. When creating a variable inside a loop or "
                        "conditional, use a lambda as the initializer.",
                    )
                self._initial_value = initial_value
                if shape is None:
                    shape = initial_value.shape if validate_shape else TensorShape(None)
                arguments = {"shape": shape, "dtype": initial_value.dtype.base_dtype}
                self._variable = build("VariableV2", arguments, name)
            self._name = self._variable.name
            if validate_shape and not initial_value.shape.is_fully_defined():
                raise ValueError(f"initial_value must have a shape specified: {initial_value}")
            arguments = {"ref": self._variable, "value": guarded(name, initial_value)}
            self._initializer_op = build(
                "Assign", arguments | {"validate_shape": validate_shape}
            ).op
            where = (
                graph.colocate_with(self._variable.op)
                if caching_device is None
                else graph.device(caching_device)
            )
            with where:
                self._snapshot = build("Identity", {"input": self._variable}, "read")

    @property
    def dtype(self) -> DType:
        """The type, a reference type."""
        return self._variable.dtype

    @property
    def shape(self) -> TensorShape:
        """The static shape."""
        return self._variable.shape

    def set_shape(self, shape: Any) -> None:
        """Add what is known to the static shape."""
        self._variable.set_shape(shape)
        self._snapshot.set_shape(shape)

    @property
    def op(self) -> Operation:
        """The operation that stands for the variable."""
        return self._variable.op

    def value(self) -> Tensor:
        """Return the tensor of the value, always the same one."""
        return self._snapshot

    def read_value(self) -> Tensor:
        """Return a new tensor of the value."""
        result: Tensor = build("Identity", {"input": self._variable}, "read")
        return result

    def _ref(self) -> Tensor:
        return self._variable

    def _as_graph_element(self) -> Tensor:
        return self._variable

    def _dense_var_to_tensor(
        self, dtype: Any = None, name: str | None = None, as_ref: bool = False
    ) -> Tensor:
        del name
        if dtype is not None and not dtype.is_compatible_with(self.dtype):
            raise ValueError(
                f"Incompatible type conversion requested to type '{dtype.name}' for variable of "
                f"type '{self.dtype.name}'"
            )
        return self._variable if as_ref else self._snapshot

    # Changes

    def _change(
        self, type: str, value: Any, use_locking: Any, name: str | None, read_value: bool
    ) -> Any:
        arguments = {"ref": self._variable, "value": value, "use_locking": use_locking}
        result = build(type, arguments, name)
        return result if read_value else result.op

    def assign(
        self, value: Any, use_locking: Any = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Return what sets the value when it runs: the reference, or the operation."""
        return self._change("Assign", value, use_locking, name, read_value)

    def assign_add(
        self, delta: Any, use_locking: Any = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Return what adds to the value when it runs: the reference, or the operation."""
        return self._change("AssignAdd", delta, use_locking, name, read_value)

    def assign_sub(
        self, delta: Any, use_locking: Any = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Return what subtracts from the value when it runs: the reference, or the operation."""
        return self._change("AssignSub", delta, use_locking, name, read_value)

    def count_up_to(self, limit: int) -> Any:
        """Return what adds 1 when it runs, and fails at the limit; its value is the one before."""
        return build("CountUpTo", {"ref": self._variable, "limit": limit})

    def _scatter(self, how: str, sparse_delta: Any, use_locking: bool, name: str | None) -> Any:
        check_slices(sparse_delta, "sparse_delta is not IndexedSlices: {}")
        arguments = {
            "ref": self._variable,
            "indices": sparse_delta.indices,
            "updates": sparse_delta.values,
            "use_locking": use_locking,
        }
        return build(f"Scatter{how}", arguments, name)

    def _scatter_nd(self, how: str, indices: Any, updates: Any, name: str | None) -> Any:
        arguments = {
            "ref": self._variable,
            "indices": indices,
            "updates": updates,
            "use_locking": True,
        }
        return build(f"ScatterNd{how}", arguments, name)

    def batch_scatter_update(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Return what replaces rows batch by batch: the leading dimensions of the indices."""
        from evergraph.v1.state import batch_scatter_update

        return batch_scatter_update(
            self, sparse_delta.indices, sparse_delta.values, use_locking, name
        )

    def _assign_slice(self, arguments: dict[str, Any], name: str | None) -> Any:
        return build("StridedSliceAssign", {"ref": self._variable, **arguments}, name)

    def to_proto(self, export_scope: str | None = None) -> protos.VariableDef | None:
        """Return a `VariableDef`, with names relative to a scope; None if it lies outside."""
        if export_scope is not None and not self._variable.name.startswith(export_scope):
            return None
        found = protos.VariableDef(
            variable_name=stripped(self._variable.name, export_scope),
            initializer_name=stripped(self.initializer.name, export_scope),
            snapshot_name=stripped(self._snapshot.name, export_scope),
        )
        describe(self, found, export_scope)
        return found


# What is common to the constructors of both kinds


def checked_collections(collections: Any) -> list[Any]:
    """Return the collections that a variable is to be in; ValueError if they are no list."""
    if collections is None:
        return [GraphKeys.GLOBAL_VARIABLES]
    if not isinstance(collections, list | tuple | set):
        raise ValueError(
            "collections argument to Variable constructor must be a list, tuple, or set. Got "
            f"{collections} of type {type(collections)}"
        )
    return list(collections)


def add_to_collections(variable: Variable, collections: list[Any]) -> None:
    """Add a variable to its collections, and to that of the trainable ones if it is one."""
    if variable.trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
        collections = [*collections, GraphKeys.TRAINABLE_VARIABLES]
    get_default_graph().add_to_collections(collections, variable)


def located_at(name: str) -> Any:
    """Return a context that places nodes beside a node of that name, which need not exist yet."""
    place = protos.AttrValue()
    place.list.s.append(f"loc:@{name}".encode())
    return get_default_graph()._attr_scope({"_class": place})


def initial_value_from(initial_value: Callable[[], Any], dtype: Any) -> Tensor:
    """Return the tensor that a function makes, its nodes under `Initializer`."""
    graph = get_default_graph()
    with graph.name_scope("Initializer"), graph.device(None):
        return convert_to_tensor(initial_value(), dtype, "initial_value")


def check_not_in_control_flow(initial_value: Tensor, message: str) -> None:
    """Raise ValueError if a tensor is made inside a loop or a condition."""
    if initial_value.op._control_flow_context is not None:
        raise ValueError(message)


def describe(variable: Variable, found: protos.VariableDef, export_scope: str | None) -> None:
    """Add to a `VariableDef` what is the same for both kinds."""
    if variable.initial_value is not None:
        found.initial_value_name = stripped(variable.initial_value.name, export_scope)
    found.trainable = variable.trainable
    found.synchronization = variable.synchronization.value
    found.aggregation = variable.aggregation.value
    info = variable._get_save_slice_info()
    part = None if info is None else info.to_proto(export_scope)
    if part is not None:
        found.save_slice_info_def.CopyFrom(part)

"""`ResourceVariable`: a variable behind a handle, read when it is said to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

from evergraph import protos
from evergraph.builder import build, build_operation
from evergraph.dtypes import DType
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.operators import scope
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, as_shape
from evergraph.v1.framework import init_scope
from evergraph.v1.guards import guarded
from evergraph.v1.ref_variable import (
    add_to_collections,
    check_not_in_control_flow,
    checked_collections,
    describe,
    located_at,
)
from evergraph.v1.saved_slices import stripped
from evergraph.v1.variable_modes import checked_modes
from evergraph.v1.variables import Variable, check_slices


class ResourceVariable(Variable):
    """A variable behind a handle: every read is a snapshot; see `tf.Variable`."""

    # A fed value would reach only one of the reads.
    _feed_refusal = (
        "a resource variable cannot be fed, since each of its reads is a tensor of its own; feed "
        "what reads it (`value = v.read_value()`), or set it with `v.load(value, session)`"
    )

    _handle: Tensor
    _graph_element: Tensor
    _shape: TensorShape
    _dtype: DType
    _cached_value: Tensor | None = None
    _validate_shape: bool = True

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        dtype: Any = None,
        variable_def: Any = None,
        import_scope: str | None = None,
        constraint: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ) -> None:
        self._validate_shape = validate_shape
        if variable_def:
            if initial_value is not None:
                raise ValueError(
                    "The variable_def and initial_value args to `tf.Variable` are mutually "
                    f"exclusive, but got both: variable_def={variable_def},\n"
                    f"initial_value={initial_value}"
                )
            from evergraph.v1.variable_defs import restore_resource_variable

            restore_resource_variable(self, variable_def, import_scope)
            return
        self._synchronization, self._aggregation, self._trainable = checked_modes(
            synchronization, aggregation, trainable, name
        )
        if initial_value is None:
            raise ValueError(
                "The `initial_value` arg to `tf.Variable` must be specified except when you are "
                "not providing a `variable_def`. You provided neither."
            )
        collections = checked_collections(collections)
        if constraint is not None and not callable(constraint):
            raise ValueError(
                "Argument `constraint` must be None or a callable. a callable. Got a "
                f"{type(constraint)}:  {constraint}"
            )
        self._constraint = constraint
        self._caching_device = caching_device
        with init_scope():
            self._build(initial_value, name, dtype, shape)
            add_to_collections(self, collections)

    def _build(self, initial_value: Any, name: str | None, dtype: Any, shape: Any) -> None:
        graph = get_default_graph()
        values = () if callable(initial_value) else (initial_value,)
        with scope(name, "Variable", values) as name:
            own_name = name[:-1]
            with located_at(own_name):
                with graph.name_scope("Initializer"), graph.device(None):
                    if callable(initial_value):
                        initial_value = initial_value()
                    initial_value = convert_to_tensor(initial_value, dtype, "initial_value")
                if shape is None:
                    shape = initial_value.shape
                elif not initial_value.shape.is_compatible_with(shape):
                    raise ValueError(
                        "In this `tf.Variable` creation, the initial value's shape "
                        f"({initial_value.shape}) is not compatible with the explicitly supplied "
                        f"`shape` argument ({shape})."
                    )
                self._shape = as_shape(shape)
                self._dtype = initial_value.dtype.base_dtype
                arguments = {
                    "dtype": self._dtype,
                    "shape": self._shape,
                    "shared_name": own_name,
                    "debug_name": name,
                }
                self._handle = build("VarHandleOp", arguments, name)
            check_not_in_control_flow(
                initial_value,
                f"The `initial_value` passed to `tf.Variable` {name} is from inside a control-flow "
                " construct, such as a loop or conditional. When creating a `tf.Variable` inside a "
                "loop or conditional, use a lambda as the `initial_value`. Got: "
                f"initial_value=({initial_value})",
            )
            self._initial_value = initial_value
            self._name = f"{own_name}:0"
            handle = self._handle
            with graph.name_scope("IsInitialized"):
                build("VarIsInitializedOp", {"resource": handle})
            with (
                graph.name_scope("Assign") as assign,
                graph.colocate_with(None, ignore_existing=True),
                graph.device(handle.device),
            ):
                value = guarded(name, initial_value)
                self._initializer_op = build(
                    "AssignVariableOp", {"resource": handle, "value": value}, assign
                )
            with graph.name_scope("Read"):
                with graph.device(handle.device):
                    read = build("ReadVariableOp", {"resource": handle, "dtype": self._dtype})
                self._graph_element = read
                if self._caching_device is not None:
                    with (
                        graph.colocate_with(None, ignore_existing=True),
                        graph.device(self._caching_device),
                    ):
                        self._cached_value = build("Identity", {"input": read})

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return self._dtype

    @property
    def shape(self) -> TensorShape:
        """The static shape."""
        return self._shape

    def set_shape(self, shape: Any) -> None:
        """Add what is known to the static shape."""
        self._shape = self._shape.merge_with(shape)

    @property
    def handle(self) -> Tensor:
        """The handle."""
        return self._handle

    @property
    def op(self) -> Operation:
        """The operation that stands for the variable."""
        return self._handle.op

    @property
    def create(self) -> Any:
        """The operation that gives the variable its initial value."""
        return self._initializer_op

    def is_initialized(self, name: str | None = None) -> Any:
        """Return whether the variable has a value."""
        return build("VarIsInitializedOp", {"resource": self._handle}, name)

    # Its value

    def value(self) -> Tensor:
        """Return a tensor that reads the value; the cached one if there is a caching device."""
        if self._cached_value is not None:
            return self._cached_value
        with get_default_graph().colocate_with(None, ignore_existing=True):
            return self._read_variable_op()

    def _read_variable_op(self) -> Tensor:
        graph = get_default_graph()
        arguments = {"resource": self._handle, "dtype": self._dtype}
        with ExitStack() as stack:
            if self._caching_device is not None:
                stack.enter_context(graph.colocate_with(None, ignore_existing=True))
                stack.enter_context(graph.device(self._caching_device))
            result: Tensor = build("ReadVariableOp", arguments)
        return result

    def read_value(self) -> Tensor:
        """Return a new tensor that reads the value when it runs."""
        with get_default_graph().name_scope("Read"):
            value = self._read_variable_op()
        result: Tensor = build("Identity", {"input": value})
        return result

    def read_value_no_copy(self) -> Tensor:
        """Return what `read_value` does."""
        with get_default_graph().name_scope("Read"):
            build_operation("DisableCopyOnRead", {"resource": self._handle})
            value = self._read_variable_op()
        result: Tensor = build("Identity", {"input": value})
        return result

    def sparse_read(self, indices: Any, name: str | None = None) -> Any:
        """Return the rows at `indices`."""
        with scope("Gather" if name is None else name) as name:
            arguments = {"resource": self._handle, "indices": indices, "dtype": self._dtype}
            return build("ResourceGather", arguments, name)

    def gather_nd(self, indices: Any, name: str | None = None) -> Any:
        """Return the elements at `indices`."""
        with scope("GatherNd" if name is None else name) as name:
            arguments = {"resource": self._handle, "indices": indices, "dtype": self._dtype}
            value = build("ResourceGatherNd", arguments, name)
        return build("Identity", {"input": value})

    def _as_graph_element(self) -> Tensor:
        return self._graph_element

    def _dense_var_to_tensor(
        self, dtype: Any = None, name: str | None = None, as_ref: bool = False
    ) -> Tensor:
        del name
        if dtype is not None and not dtype.is_compatible_with(self.dtype):
            raise ValueError(
                f"Incompatible type conversion requested to type {dtype.name} for `tf.Variable of "
                f"type {self.dtype.name}. (Variable: {self})"
            )
        return self.read_value().op.inputs[0] if as_ref else self.value()

    # Its changes

    def _used_in(self) -> Graph:
        """Return the graph for operations on the variable: a function takes what is outside."""
        graph = get_default_graph()
        return graph if graph.building_function else self._handle.graph

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Build in the variable's graph, after the cached value is read."""
        graph = self._used_in()
        with graph.as_default(), ExitStack() as stack:
            if self._cached_value is not None:
                stack.enter_context(graph.control_dependencies([self._cached_value]))
            yield

    def _lazy_read(self, op: Operation) -> Any:
        return UnreadVariable(self, op)

    def _change(self, type: str, value: Any, name: str | None, read_value: bool) -> Any:
        with self._changing():
            tensor = convert_to_tensor(value, self._dtype)
            op = build(type, {"resource": self._handle, "value": tensor}, name)
        return self._lazy_read(op) if read_value else op

    def assign(
        self, value: Any, use_locking: Any = None, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Return what sets the value when it runs: a variable to read from, or the operation.

        Raises:
          ValueError: the shape is another one.
        """
        del use_locking
        with self._used_in().as_default():
            tensor = convert_to_tensor(value, self._dtype)
            if not self._shape.is_compatible_with(tensor.shape):
                raise ValueError(
                    f"Cannot assign value to variable ' {self.name}': Shape mismatch.The variable "
                    f"shape {self._shape}, and the assigned value shape {tensor.shape} are "
                    "incompatible."
                )
            validate = self._validate_shape and self._shape.is_fully_defined()
            arguments = {"resource": self._handle, "value": tensor, "validate_shape": validate}
            op = build("AssignVariableOp", arguments, name)
            return self._lazy_read(op) if read_value else op

    def assign_add(
        self, delta: Any, use_locking: Any = None, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Return what adds to the value when it runs: a variable to read from, or the operation."""
        del use_locking
        return self._change("AssignAddVariableOp", delta, name, read_value)

    def assign_sub(
        self, delta: Any, use_locking: Any = None, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Return what subtracts from the value when it runs; see `assign_add`."""
        del use_locking
        return self._change("AssignSubVariableOp", delta, name, read_value)

    def count_up_to(self, limit: int) -> Any:
        """Return what adds 1 when it runs, and fails at the limit; its value is the one before."""
        arguments = {"resource": self._handle, "limit": limit, "T": self._dtype}
        return build("ResourceCountUpTo", arguments)

    def _scatter(self, how: str, sparse_delta: Any, use_locking: bool, name: str | None) -> Any:
        del use_locking
        check_slices(
            sparse_delta, "Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {}"
        )
        return self._scattered(how, sparse_delta.indices, sparse_delta.values, name)

    def _scattered(self, how: str, indices: Any, updates: Any, name: str | None) -> Any:
        arguments = {
            "resource": self._handle,
            "indices": indices,
            "updates": convert_to_tensor(updates, self._dtype),
        }
        return self._lazy_read(build(f"ResourceScatter{how}", arguments, name))

    def _scatter_nd(self, how: str, indices: Any, updates: Any, name: str | None) -> Any:
        arguments = {
            "ref": self._handle,
            "indices": indices,
            "updates": convert_to_tensor(updates, self._dtype),
        }
        return self._lazy_read(build(f"ResourceScatterNd{how}", arguments, name))

    def batch_scatter_update(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Return what replaces rows batch by batch: the leading dimensions of the indices."""
        from evergraph.v1.state import batch_scatter_update

        check_slices(
            sparse_delta, "Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {}"
        )
        return self._lazy_read(
            batch_scatter_update(self, sparse_delta.indices, sparse_delta.values, use_locking, name)
        )

    def _assign_slice(self, arguments: dict[str, Any], name: str | None) -> Any:
        with self._changing():
            value = convert_to_tensor(arguments["value"], self._dtype)
            arguments = {"ref": self._handle, **arguments, "value": value}
            return self._lazy_read(build("ResourceStridedSliceAssign", arguments, name))

    def to_proto(self, export_scope: str | None = None) -> protos.VariableDef | None:
        """Return a `VariableDef`, with names relative to a scope; None if it lies outside."""
        if export_scope is not None and not self._handle.name.startswith(export_scope):
            return None
        snapshot = self._graph_element if self._cached_value is None else self._cached_value
        found = protos.VariableDef(
            variable_name=stripped(self._handle.name, export_scope),
            initializer_name=stripped(self.initializer.name, export_scope),
            snapshot_name=stripped(snapshot.name, export_scope),
            is_resource=True,
        )
        describe(self, found, export_scope)
        return found

    # What Python sees

    def __bool__(self) -> bool:
        return bool(self.read_value())

    def __copy__(self) -> ResourceVariable:
        return self

    def __deepcopy__(self, memo: Any) -> NoReturn:
        raise NotImplementedError(
            "__deepcopy__() is only available when eager execution is enabled."
        )

    def numpy(self) -> NoReturn:
        """Raise NotImplementedError: a variable has a value in a session only."""
        raise NotImplementedError("numpy() is only available when eager execution is enabled.")


def _refuse(operator: str, instead: str, name: str) -> Any:
    def refused(self: ResourceVariable, other: Any) -> NoReturn:
        del self, other
        start = f"`{name} {operator}= value` with `tf.Variable`s is not supported. Use "
        raise RuntimeError(start + instead)

    return refused


_OTHERWISE = "`var.assign(var {0} value)` to modify the variable, or `out = var {0} value`"
_IF = " if you need to get a new output Tensor."
for _python_name, _sign in (("imul", "*"), ("itruediv", "/"), ("ipow", "**")):
    _refused = _refuse(_sign, _OTHERWISE.format(_sign) + _IF, "var")
    setattr(ResourceVariable, f"__{_python_name}__", _refused)
for _python_name, _sign, _method, _result in (
    ("iadd", "+", "assign_add", "+"),
    # TF: it says `*`.
    ("isub", "-", "assign_sub", "*"),
):
    _instead = (
        f"`variable.{_method}(value)` to modify the variable, or `out = variable {_result} value`"
    )
    setattr(ResourceVariable, f"__{_python_name}__", _refuse(_sign, _instead + _IF, "variable"))


class UnreadVariable(ResourceVariable):
    """What a change of a resource variable returns: the variable, read after the change.

    Args:
      variable: the variable.
      parent_op: the operation that changes it.
    """

    def __init__(self, variable: ResourceVariable, parent_op: Operation) -> None:
        self._handle = variable._handle
        self._dtype = variable._dtype
        self._shape = variable._shape
        self._parent_op = parent_op
        self._name = self._handle.name
        self._initial_value = None
        self._initializer_op = None
        self._synchronization, self._aggregation, self._trainable = checked_modes(
            None, None, None, None
        )
        self._graph_element = self._read_variable_op()

    @property
    def name(self) -> str:
        """The name of the operation that changes the variable."""
        return self._parent_op.name

    @property
    def op(self) -> Operation:
        """The operation that changes the variable."""
        return self._parent_op

    def value(self) -> Tensor:
        """Return a tensor that reads the value after the change."""
        return self._read_variable_op()

    def read_value(self) -> Tensor:
        """Return a tensor that reads the value after the change."""
        return self._read_variable_op()

    def _read_variable_op(self) -> Tensor:
        with self._after():
            result: Tensor = build(
                "ReadVariableOp", {"resource": self._handle, "dtype": self._dtype}
            )
        return result

    def _after(self) -> Any:
        return get_default_graph().control_dependencies([self._parent_op])

    def _change(self, type: str, value: Any, name: str | None, read_value: bool) -> Any:
        with self._after():
            return super()._change(type, value, name, read_value)

    def assign(
        self, value: Any, use_locking: Any = None, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Return what sets the value after the change; see `ResourceVariable.assign`."""
        with self._after():
            return super().assign(value, use_locking, name, read_value)

    def _scattered(self, how: str, indices: Any, updates: Any, name: str | None) -> Any:
        with self._after():
            return super()._scattered(how, indices, updates, name)

    def _scatter_nd(self, how: str, indices: Any, updates: Any, name: str | None) -> Any:
        with self._after():
            return super()._scatter_nd(how, indices, updates, name)

    def _assign_slice(self, arguments: dict[str, Any], name: str | None) -> Any:
        with self._after():
            return super()._assign_slice(arguments, name)

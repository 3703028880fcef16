"""The variables that `tf.get_variable` has made in a graph, by name."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Sequence
from enum import Enum
from functools import partial
from typing import Any, Final

from evergraph import dtypes
from evergraph.dtypes import DType, as_dtype
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, as_shape
from evergraph.v1.framework import init_scope
from evergraph.v1.partitions import PartitionedVariable, PartitionInfo, parts_of, slices_of
from evergraph.v1.regularization import LazyTensor
from evergraph.v1.saved_slices import SaveSliceInfo
from evergraph.v1.switches import resource_variables_enabled
from evergraph.v1.variable_modes import (
    VariableAggregation,
    VariableSynchronization,
    checked_modes,
)
from evergraph.v1.variables import Variable


class _ReuseMode(Enum):
    """The mode of sharing that makes variables that do not exist."""

    AUTO_REUSE = 1


#: As `reuse`: variables that exist are shared, others are made.
AUTO_REUSE: Final = _ReuseMode.AUTO_REUSE


class VariableStore:
    """Variables by name, whole and partitioned ones."""

    def __init__(self) -> None:
        self._vars: dict[str, Any] = {}
        self._partitioned_vars: dict[str, PartitionedVariable] = {}

    def get_variable(
        self,
        name: str,
        shape: Any = None,
        dtype: Any = dtypes.float32,
        initializer: Any = None,
        regularizer: Any = None,
        reuse: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        validate_shape: bool = True,
        use_resource: bool | None = None,
        custom_getter: Any = None,
        constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
    ) -> Any:
        """Return a variable, shared or new; see `tf.get_variable`.

        Raises:
          ValueError: as `tf.get_variable`; or the custom getter cannot be called.
        """
        if custom_getter is not None and not callable(custom_getter):
            raise ValueError(f"Passed a custom_getter which is not callable: {custom_getter}")
        synchronization, aggregation, trainable = checked_modes(
            synchronization, aggregation, trainable, name
        )
        arguments = {
            "shape": shape,
            "dtype": getattr(dtype, "base_dtype", dtype),
            "initializer": initializer,
            "regularizer": regularizer,
            "reuse": reuse,
            "trainable": trainable,
            "collections": collections,
            "caching_device": caching_device,
            "partitioner": partitioner,
            "validate_shape": validate_shape,
            "use_resource": use_resource,
            "synchronization": synchronization,
            "aggregation": aggregation,
        }
        if custom_getter is None:
            return self._get(name, constraint=constraint, **arguments)
        if _takes(custom_getter, "constraint"):
            arguments["constraint"] = constraint
        return custom_getter(getter=self._get, name=name, **arguments)

    def _get(
        self,
        name: str,
        shape: Any = None,
        dtype: Any = dtypes.float32,
        initializer: Any = None,
        regularizer: Any = None,
        reuse: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        validate_shape: bool = True,
        use_resource: bool | None = None,
        constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
    ) -> Any:
        """Return a variable, whole or partitioned: the getter that custom getters are given."""
        arguments = {
            "shape": shape,
            "dtype": dtype,
            "initializer": initializer,
            "regularizer": regularizer,
            "reuse": reuse,
            "trainable": trainable,
            "collections": collections,
            "caching_device": caching_device,
            "validate_shape": validate_shape,
            "use_resource": use_resource,
            "constraint": constraint,
            "synchronization": synchronization,
            "aggregation": aggregation,
        }
        is_scalar = isinstance(shape, Sequence) and not shape
        if partitioner is not None and not is_scalar:
            if not callable(partitioner):
                raise ValueError(f"Partitioner must be callable, but received: {partitioner}")
            with get_default_graph().name_scope(None):
                return self.get_partitioned(name, partitioner=partitioner, **arguments)
        if reuse is True and partitioner is None and name in self._partitioned_vars:
            return self.get_partitioned(name, partitioner=None, **arguments)
        if f"{name}/part_0" in self._vars:
            raise ValueError(
                "No partitioner was provided, but a partitioned version of the variable was found: "
                f"{name}/part_0. Perhaps a variable of the same name was already created with "
                "partitioning?"
            )
        return self._single(name, **arguments)

    def get_partitioned(
        self,
        name: str,
        *,
        partitioner: Any,
        shape: Any,
        dtype: Any,
        initializer: Any,
        reuse: Any,
        **arguments: Any,
    ) -> PartitionedVariable:
        """Return a partitioned variable, shared or new; see `tf.get_variable`."""
        if name in self._vars:
            raise ValueError(
                "A partitioner was provided, but an unpartitioned version of the variable was "
                f"found: {name}.  Perhaps a variable of the same name was already created without "
                "partitioning?"
            )
        dtype = as_dtype(dtype)
        shape = as_shape(shape)
        if isinstance(initializer, Tensor):
            shape = shape.merge_with(initializer.shape)
        partitions = parts_of(partitioner, shape, dtype) if not reuse or partitioner else None
        if name in self._partitioned_vars:
            return self._shared_partitioned(name, shape, dtype, partitions, reuse)
        if reuse is True:
            raise ValueError(
                f"PartitionedVariable {name} does not exist, or was not created with "
                "tf.get_variable(). Did you mean to set reuse=False or reuse=tf.AUTO_REUSE in "
                "VarScope?"
            )
        assert partitions is not None
        graph = get_default_graph()
        parts = []
        for i, (offset, size) in enumerate(slices_of(shape.as_list(), partitions)):
            part = f"{name}/part_{i}"
            with graph.name_scope(f"{part}/PartitionedInitializer"):
                init, init_shape, dtype = _part_initializer(initializer, dtype, offset, size)
            with graph.name_scope(None):
                variable = self._single(
                    part,
                    shape=init_shape,
                    dtype=dtype,
                    initializer=init,
                    partition_info=PartitionInfo(shape.as_list(), offset),
                    reuse=reuse,
                    **arguments,
                )
            variable._set_save_slice_info(SaveSliceInfo(name, shape.as_list(), offset, size))
            parts.append(variable)
        found = self._partitioned_vars[name] = PartitionedVariable(
            name, shape, dtype, parts, partitions
        )
        return found

    def _shared_partitioned(
        self, name: str, shape: TensorShape, dtype: DType, partitions: Any, reuse: Any
    ) -> PartitionedVariable:
        if reuse is False:
            raise ValueError(
                f"Partitioned variable with name {name} already exists. Did you mean to set "
                "reuse=True or reuse=tf.AUTO_REUSE in VarScope?"
            )
        found = self._partitioned_vars[name]
        start = f"Trying to reuse partitioned variable {name}, but specified "
        if not shape.is_compatible_with(found.shape):
            raise ValueError(f"{start}shape {shape} and found shape {found.shape}.")
        if not dtype.is_compatible_with(found.dtype):
            raise ValueError(f"{start}dtype {dtype.name} and found dtype {found.dtype.name}.")
        if partitions is not None and found._get_partitions() != partitions:
            raise ValueError(
                f"{start}partitions {partitions} and found partitions {found._get_partitions()}."
            )
        return found

    def _single(
        self,
        name: str,
        *,
        shape: Any,
        dtype: Any,
        initializer: Any,
        regularizer: Any,
        reuse: Any,
        use_resource: bool | None,
        partition_info: PartitionInfo | None = None,
        **arguments: Any,
    ) -> Any:
        is_value = initializer is not None and not callable(initializer)
        if shape is not None and is_value:
            raise ValueError("If initializer is a constant, do not specify shape.")
        dtype = as_dtype(dtype)
        if shape is not None:
            shape = as_shape(shape)
        if name in self._vars:
            return self._shared(name, shape, dtype, reuse)
        if reuse is True:
            raise ValueError(
                f"Variable {name} does not exist, or was not created with tf.get_variable(). Did "
                "you mean to set reuse=tf.AUTO_REUSE in VarScope?"
            )
        if initializer is None:
            if shape is None:
                raise ValueError(
                    f"Variable {name} did not get an initializer, so its `shape` argument must be "
                    "specified."
                )
            initializer = _default_initializer(name, dtype)
        value, kind = initializer, None
        if not is_value:
            with init_scope():
                value, kind = _initial_value(initializer, shape, dtype, partition_info)
        variable = Variable(
            initial_value=value,
            name=name,
            dtype=kind,
            use_resource=resource_variables_enabled() if use_resource is None else use_resource,
            shape=shape,
            **arguments,
        )
        self._vars[name] = variable
        if regularizer:
            _regularize(name, variable, regularizer)
        return variable

    def _shared(self, name: str, shape: TensorShape | None, dtype: DType, reuse: Any) -> Any:
        found = self._vars[name]
        if reuse is False:
            message = (
                f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or "
                "reuse=tf.AUTO_REUSE in VarScope?"
            )
            if found.op.type == "VarHandleOp":
                raise ValueError(message)
            frames = traceback.format_list(found.op.traceback[::-1][:5])
            raise ValueError(f"{message} Originally defined at:\n\n{''.join(frames)}")
        if shape is not None and not shape.is_compatible_with(found.shape):
            raise ValueError(
                f"Trying to share variable {name}, but specified shape {shape} and found shape "
                f"{found.shape}."
            )
        if not dtype.is_compatible_with(found.dtype):
            raise ValueError(
                f"Trying to share variable {name}, but specified dtype {dtype.name} and found "
                f"dtype {found.dtype.name}."
            )
        return found


def _default_initializer(name: str, dtype: DType) -> Any:
    from evergraph.v1 import init_ops

    if dtype.is_floating:
        return init_ops.glorot_uniform_initializer()
    if dtype.is_integer or dtype.is_bool or dtype is dtypes.string:
        return init_ops.zeros_initializer()
    raise ValueError(f"An initializer for variable {name} of {dtype.base_dtype} is required")


def _initial_value(
    initializer: Any, shape: TensorShape | None, dtype: DType, partition_info: Any
) -> tuple[Any, DType | None]:
    """Return a function without arguments that makes the initial value, and its type if known."""
    if inspect.isclass(initializer):
        initializer = initializer()
    if shape is not None and shape.is_fully_defined():
        more = {"partition_info": partition_info} if _names(initializer, "partition_info") else {}
        return partial(initializer, shape.as_list(), dtype=dtype, **more), dtype.base_dtype
    if _needs_no_arguments(initializer):
        return initializer, None
    raise ValueError(
        "The initializer passed is not valid. It should be a callable with no arguments and the "
        "shape should not be provided or an instance of `tf.keras.initializers.*' and `shape` "
        "should be fully defined."
    )


def _part_initializer(
    initializer: Any, dtype: DType, offset: list[int], size: list[int]
) -> tuple[Any, Any, DType]:
    """Return initializer, shape and type of one part."""
    from evergraph.v1.shaping import slice as slice_of

    if initializer is None:
        return _default_initializer("", dtype), size, dtype
    if callable(initializer):
        return initializer, size, dtype
    if isinstance(initializer, Tensor):
        part = slice_of(initializer, offset, size)
        return part, None, part.dtype.base_dtype
    return slice_of(convert_to_tensor(initializer, dtype), offset, size), None, dtype


def _regularize(name: str, variable: Any, regularizer: Any) -> None:
    def loss() -> Any:
        graph = get_default_graph()
        with graph.colocate_with(variable), graph.name_scope(f"{name}/Regularizer/"):
            return regularizer(variable)

    # TF: it is built once to see whether there is one, once to be looked at, and once for each use.
    if regularizer(variable) is not None:
        get_default_graph().add_to_collection(GraphKeys.REGULARIZATION_LOSSES, LazyTensor(loss))


def _parameters(function: Any) -> Any:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _names(function: Any, name: str) -> bool:
    """Whether a function has a parameter of that name."""
    return name in _parameters(function)


def _takes(function: Any, name: str) -> bool:
    """Whether a function can be given that keyword."""
    parameters = _parameters(function)
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _needs_no_arguments(function: Any) -> bool:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return all(p.default is not p.empty for p in _parameters(function).values() if p.kind in kinds)

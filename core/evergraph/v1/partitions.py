"""Partitioned variables: one value in several variables; and the partitioners that divide it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from evergraph import dtypes
from evergraph.builder import build
from evergraph.dtypes import DType, as_dtype
from evergraph.graph.slicing import concat
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape

#: From `shape` and `dtype` to the number of parts of each dimension.
Partitioner = Callable[..., Any]


class PartitionInfo:
    """What an initializer is told of the part that it is for.

    Attributes:
      full_shape: the shape of the whole.
      var_offset: where the part begins.
    """

    def __init__(self, full_shape: list[int], var_offset: list[int]) -> None:
        self.full_shape = full_shape
        self.var_offset = var_offset

    def single_offset(self, shape: Sequence[int]) -> int:
        """Return where a part of that shape begins, in the dimension that is divided."""
        dimension = self.single_slice_dim(shape)
        return 0 if dimension is None else self.var_offset[dimension]

    def single_slice_dim(self, shape: Sequence[int]) -> int | None:
        """Return the dimension in which a part of that shape is less than the whole, if any.

        Raises:
          ValueError: there are several, or the part does not fit.
        """
        if len(shape) != len(self.full_shape):
            raise ValueError(
                f"Expected equal length, but received shape={shape} of length {len(shape)} while "
                f"self.full_shape={self.full_shape} is of length {len(self.full_shape)}."
            )
        for i, size in enumerate(shape):
            if self.var_offset[i] + size > self.full_shape[i]:
                raise ValueError(
                    f"With self.var_offset={self.var_offset}, a partition of shape={shape} would "
                    f"exceed self.full_shape={self.full_shape} in dimension {i}."
                )
        found: int | None = None
        for i, size in enumerate(shape):
            if size != self.full_shape[i]:
                if found is not None:
                    raise ValueError(
                        f"Cannot use single_slice_dim() with shape={shape} and self.full_shape="
                        f"{self.full_shape} since slice dim could be either dimension {i} or "
                        f"{found}."
                    )
                found = i
        return found


class PartitionedVariable:
    """Variables that together are one value; as a tensor, they are concatenated.

    Args:
      name: the name of the whole.
      shape: its shape.
      dtype: its type.
      variable_list: the parts.
      partitions: the number of parts of each dimension.
    """

    def __init__(
        self,
        name: str,
        shape: Any,
        dtype: DType,
        variable_list: Any,
        partitions: Any,
    ) -> None:
        if not isinstance(variable_list, list | tuple):
            raise TypeError(f"variable_list is not a list or tuple: {variable_list}")
        if not isinstance(partitions, list | tuple):
            raise TypeError(f"partitions is not a list or tuple: {partitions}")
        if not all(p >= 1 for p in partitions):
            raise ValueError(f"partition values must be positive: {partitions}")
        if not variable_list:
            raise ValueError("variable_list may not be empty")
        if not all(v._get_save_slice_info() is not None for v in variable_list):
            raise ValueError(
                "All variables must have a save_slice_info available: "
                f"{[v.name for v in variable_list]}"
            )
        if len(shape) != len(partitions):
            raise ValueError(f"len(shape) != len(partitions): {shape} vs. {partitions}")
        self._variable_list = sorted(
            variable_list, key=lambda v: v._get_save_slice_info().var_offset
        )
        self._name = name
        self._shape = shape
        self._dtype = dtype
        self._partitions = partitions

    def __iter__(self) -> Iterator[Any]:
        return iter(self._variable_list)

    def __len__(self) -> int:
        axes = self._partition_axes()
        if len(axes) > 1:
            raise ValueError(f"Cannot get a length for {len(axes)} > 1 partition axes")
        return len(self._variable_list)

    @property
    def name(self) -> str:
        """The name of the whole."""
        return self._name

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return self._dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole."""
        found: TensorShape = self._shape
        return found

    def get_shape(self) -> TensorShape:
        """Return the shape of the whole."""
        return self.shape

    def _get_variable_list(self) -> list[Any]:
        return self._variable_list

    def _get_partitions(self) -> Any:
        return self._partitions

    def _partition_axes(self) -> list[int]:
        return [i for i, p in enumerate(self._partitions) if p > 1] or [0]

    def as_tensor(self) -> Tensor:
        """Return the parts, concatenated."""
        graph = get_default_graph()
        with graph.control_dependencies(None):
            parts = self._variable_list
            whole: Any = parts[0]
            if len(parts) > 1:
                (axis,) = self._partition_axes()
                with graph.name_scope(f"{self._name}/ConcatPartitions/"):
                    whole = concat(parts, axis)
            with graph.name_scope(None):
                result: Tensor = build("Identity", {"input": whole}, self._name)
            return result

    def _dense_var_to_tensor(
        self, dtype: Any = None, name: str | None = None, as_ref: bool = False
    ) -> Tensor:
        del name
        if dtype is not None and not dtype.is_compatible_with(self.dtype):
            raise ValueError(
                f"Incompatible type conversion requested to type '{dtype.name}' for variable of "
                f"type '{self.dtype.name}'"
            )
        if as_ref:
            raise NotImplementedError(
                "PartitionedVariable doesn't support being used as a reference."
            )
        return self.as_tensor()

    def _assigned(self, method: str, value: Any, arguments: dict[str, Any]) -> list[Any]:
        from evergraph.v1.shaping import split

        if isinstance(value, list | PartitionedVariable):
            values = list(value)
        else:
            (axis,) = self._partition_axes()
            values = split(value, [v.shape.as_list()[axis] for v in self], axis=axis)
        return [
            getattr(variable, method)(part, **arguments)
            for variable, part in zip(self, values, strict=True)
        ]

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> list[Any]:
        """Return what sets every part when it runs.

        Args:
          value: the whole, or a list of the parts.
          use_locking, name, read_value: see `Variable.assign`.
        """
        arguments = {"use_locking": use_locking, "name": name, "read_value": read_value}
        return self._assigned("assign", value, arguments)

    def assign_add(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> list[Any]:
        """Return what adds to every part when it runs; see `assign`."""
        arguments = {"use_locking": use_locking, "name": name, "read_value": read_value}
        return self._assigned("assign_add", value, arguments)

    def assign_sub(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> list[Any]:
        """Return what subtracts from every part when it runs; see `assign`."""
        arguments = {"use_locking": use_locking, "name": name, "read_value": read_value}
        return self._assigned("assign_sub", value, arguments)


def parts_of(partitioner: Partitioner, shape: TensorShape, dtype: DType) -> Any:
    """Return what a partitioner says, checked.

    Raises:
      ValueError: the shape is not known or a scalar's, or the parts are not of one dimension.
    """
    if not shape.is_fully_defined():
        raise ValueError(
            f"Shape of a new partitioned variable must be fully defined, but instead was {shape}."
        )
    if not shape.as_list():
        raise ValueError(f"A partitioned Variable must have rank at least 1, shape: {shape}")
    found = partitioner(shape=shape, dtype=dtype)
    if not isinstance(found, Sequence):
        raise ValueError(f"Partitioner must return a sequence, but saw: {found}")
    if len(found) != shape.ndims:
        raise ValueError(
            "Partitioner returned a partition list that does not match the Variable's rank: "
            f"{found} vs. {shape}"
        )
    if any(p < 1 for p in found):
        raise ValueError(f"Partitioner returned zero partitions for some axes: {found}")
    if sum(p > 1 for p in found) > 1:
        raise ValueError(
            f"Can only slice a variable along one dimension: shape: {shape}, partitioning: {found}"
        )
    return found


def slices_of(shape: list[int], partitions: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield offset and shape of each part; the first ones are larger where it does not come out."""
    axis, count = next(((i, p) for i, p in enumerate(partitions) if p > 1), (0, 1))
    least, excess = divmod(shape[axis], count)
    offset = [0] * len(shape)
    for i in range(count):
        size = list(shape)
        size[axis] = least + (i < excess)
        yield list(offset), size
        offset[axis] += size[axis]


# Partitioners


def fixed_size_partitioner(num_shards: int, axis: int = 0) -> Partitioner:
    """Return a partitioner that makes a given number of parts along an axis."""

    def partitioner(shape: Any, **_: Any) -> list[int]:
        parts = [1] * len(shape)
        parts[axis] = min(num_shards, shape.as_list()[axis])
        return parts

    return partitioner


def variable_axis_size_partitioner(
    max_shard_bytes: int,
    axis: int = 0,
    bytes_per_string_element: int = 16,
    max_shards: int | None = None,
) -> Partitioner:
    """Return a partitioner that keeps the parts below a size.

    Args:
      max_shard_bytes: the size in bytes.
      axis: the dimension that is divided.
      bytes_per_string_element: what a string counts.
      max_shards: the greatest number of parts.

    Raises:
      ValueError: a number is not positive.
    """
    if max_shard_bytes < 1 or bytes_per_string_element < 1:
        raise ValueError(
            "Both max_shard_bytes and bytes_per_string_element must be positive. Currently, "
            f"max_shard_bytes is {max_shard_bytes} andbytes_per_string_element is "
            f"{bytes_per_string_element}"
        )
    if max_shards and max_shards < 1:
        raise ValueError("max_shards must be positive.")

    def partitioner(shape: Any, dtype: Any) -> list[int]:
        if not isinstance(shape, TensorShape):
            raise ValueError(f"shape is not a TensorShape: {shape}")
        if not shape.is_fully_defined():
            raise ValueError(f"shape is not fully defined: {shape}")
        dims: Any = shape.as_list()
        count = math.prod(dims)
        bytes_per_slice = count / dims[axis] * _element_size(dtype, bytes_per_string_element)
        slices_per_shard = max(1, math.floor(max_shard_bytes / bytes_per_slice))
        shards = math.ceil(dims[axis] / slices_per_shard)
        parts = [1] * len(dims)
        parts[axis] = min(max_shards, shards) if max_shards else shards
        return parts

    return partitioner


def min_max_variable_partitioner(
    max_partitions: int = 1,
    axis: int = 0,
    min_slice_size: int = 256 << 10,
    bytes_per_string_element: int = 16,
) -> Partitioner:
    """Return a partitioner that makes as many parts as it may, but none below a size.

    Args:
      max_partitions: the greatest number of parts.
      axis: the dimension that is divided.
      min_slice_size: the size in bytes.
      bytes_per_string_element: what a string counts.
    """

    def partitioner(shape: Any, dtype: Any) -> list[int]:
        if axis >= len(shape):
            raise ValueError(
                f"Cannot partition variable along axis {axis} when shape is only {shape}"
            )
        dims = shape.as_list()
        size = math.prod(dims) * _element_size(dtype, bytes_per_string_element)
        parts = [1] * len(dims)
        wanted = math.ceil(size / min_slice_size)
        parts[axis] = max(1, min(dims[axis], max_partitions, wanted))
        return parts

    return partitioner


def _element_size(dtype: Any, bytes_per_string_element: int) -> int:
    dtype = as_dtype(dtype)
    return bytes_per_string_element if dtype.base_dtype is dtypes.string else int(dtype.size)


def create_partitioned_variables(
    shape: Any,
    slicing: Any,
    initializer: Any,
    dtype: Any = dtypes.float32,
    trainable: bool = True,
    collections: Any = None,
    name: str | None = None,
    reuse: Any = None,
) -> list[Any]:
    """Return the parts of a new partitioned variable.

    Args:
      shape: the shape of the whole.
      slicing: the number of parts of each dimension.
      initializer, dtype, trainable, collections: see `tf.get_variable`.
      name: the variable scope, "PartitionedVariable" by default.
      reuse: whether the parts are shared.

    Raises:
      ValueError: `slicing` does not fit the shape.
    """
    from evergraph.v1.variable_scopes import partitioned_variable, variable_scope

    if len(shape) != len(slicing):
        raise ValueError(
            "The 'shape' and 'slicing' of a partitioned Variable must have the length: shape: "
            f"{shape}, slicing: {slicing}"
        )
    if len(shape) < 1:
        raise ValueError(f"A partitioned Variable must have rank at least 1: shape: {shape}")
    with variable_scope(name, "PartitionedVariable", reuse=reuse):
        return list(
            partitioned_variable(
                None, shape, dtype, initializer, trainable, collections, lambda **_: slicing
            )
        )

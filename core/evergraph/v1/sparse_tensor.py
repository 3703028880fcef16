"""`SparseTensor`: the elements of a tensor that are not zero, and where they are."""

from __future__ import annotations

from typing import Any, NamedTuple

from evergraph.builder import build
from evergraph.dtypes import DType, as_dtype, int64
from evergraph.graph.composite import CompositeTensor
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.graph import Graph
from evergraph.graph.inference import constant_value_as_shape
from evergraph.graph.operation import Operation
from evergraph.graph.operators import for_division, scope
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, as_shape
from evergraph.v1.framework import name_scope, placeholder, placeholder_with_default


class SparseTensorValue(NamedTuple):
    """What a `SparseTensor` is fetched as, and fed with."""

    indices: Any
    values: Any
    dense_shape: Any


class SparseTensor(CompositeTensor):
    """Elements `values` [n] at `indices` [n, rank] of a tensor of shape `dense_shape` [rank].

    Args:
      indices: int64; in row-major order, as most operations expect.
      values: of any type.
      dense_shape: int64.

    Raises:
      TypeError: an argument cannot be a tensor of that type.
      ValueError: the static shapes do not fit together.
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        with name_scope(None, "SparseTensor", [indices, values, dense_shape]):
            self._indices = convert_to_tensor(indices, int64, "indices")
            self._values = convert_to_tensor(values, name="values")
            self._dense_shape = convert_to_tensor(dense_shape, int64, "dense_shape")
        rows, columns = self._indices.shape.with_rank(2)
        (count,) = self._values.shape.with_rank(1)
        (rank,) = self._dense_shape.shape.with_rank(1)
        rows.assert_is_compatible_with(count)
        columns.assert_is_compatible_with(rank)
        self._shape = TensorShape(constant_value_as_shape(self._dense_shape))

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """Return a sparse tensor with the parts of a `SparseTensorValue`, or of another one.

        Raises:
          TypeError: it is neither.
        """
        if not isinstance(sparse_tensor_value, SparseTensor | SparseTensorValue):
            raise TypeError(
                f"Argument sparse_tensor_value={sparse_tensor_value} is neither a SparseTensor nor "
                "SparseTensorValue."
            )
        value = sparse_tensor_value
        return SparseTensor(value.indices, value.values, value.dense_shape)

    @property
    def indices(self) -> Tensor:
        """Where the elements are."""
        return self._indices

    @property
    def values(self) -> Tensor:
        """The elements."""
        return self._values

    @property
    def dense_shape(self) -> Tensor:
        """The shape of the whole tensor."""
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        """The static shape of the whole tensor."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return self._values.dtype

    @property
    def op(self) -> Operation:
        """The operation that produces `values`."""
        return self._values.op

    @property
    def graph(self) -> Graph:
        """The graph that holds the tensors."""
        return self._indices.graph

    def get_shape(self) -> TensorShape:
        """Return the static shape of the whole tensor."""
        return self._shape

    def set_shape(self, shape: Any) -> None:
        """Add what is known about the static shape; ValueError if it contradicts."""
        self._shape = self._shape.merge_with(as_shape(shape))

    def with_values(self, new_values: Any) -> SparseTensor:
        """Return a sparse tensor with other elements in the same places."""
        return SparseTensor(self._indices, new_values, self._dense_shape)

    def consumers(self) -> list[Operation]:
        """Return the operations that consume one of the three tensors."""
        found = [op for part in self._components() for op in part.consumers()]
        return list(dict.fromkeys(found))

    def eval(self, feed_dict: Any = None, session: Any = None) -> SparseTensorValue:
        """Return the value; see `Tensor.eval`."""
        value: SparseTensorValue = self.graph._session_for("eval", session).run(self, feed_dict)
        return value

    def __mul__(self, y: Any) -> SparseTensor:
        """Return the product with a tensor that is broadcast to this one's shape.

        Raises:
          ValueError: `y` is of another type.
          InvalidArgumentError: when it runs, `y` cannot be broadcast.
        """
        with scope(None, "mul", (self._indices, self._values, self._dense_shape, y)) as name:
            y = convert_to_tensor(y, self.dtype.base_dtype, "y")
            return self._combined("SparseDenseCwiseMul", self._values, y, name)

    def __truediv__(self, y: Any) -> SparseTensor:
        """Return the quotient by a tensor that is broadcast to this one's shape; see `truediv`.

        Raises:
          TypeError: elements of this type cannot be divided.
          ValueError: `y` is of another type.
          InvalidArgumentError: when it runs, `y` cannot be broadcast, or is 0 beside an element.
        """
        with scope(None, "truediv", (self._indices, self._values, self._dense_shape, y)) as name:
            y = convert_to_tensor(y, self.dtype.base_dtype, "y")
            values, y = for_division(self._values, y, "__truediv__")
            return self._combined("SparseDenseCwiseDiv", values, y, name)

    def _combined(self, type: str, values: Tensor, y: Tensor, name: str) -> SparseTensor:
        arguments = {
            "sp_indices": self._indices,
            "sp_values": values,
            "sp_shape": self._dense_shape,
            "dense": y,
        }
        return SparseTensor(self._indices, build(type, arguments, name), self._dense_shape)

    def __repr__(self) -> str:
        return (
            f"SparseTensor(indices={self._indices}, values={self._values}, "
            f"dense_shape={self._dense_shape})"
        )

    def _components(self) -> list[Tensor]:
        return [self._indices, self._values, self._dense_shape]

    def _with_components(self, parts: list[Tensor]) -> SparseTensor:
        return SparseTensor(*parts)

    def _fetched(self, values: list[Any]) -> SparseTensorValue:
        return SparseTensorValue(*values)


def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """Return a sparse tensor whose value is always fed, by a `SparseTensorValue` or a tuple.

    Args:
      dtype: the type of the elements.
      shape: the shape of the whole, as far as it is known; if all of it is, it need not be fed.
      name: the beginning of the names of the nodes.

    Raises:
      TypeError, ValueError: an argument is not valid.
    """
    prefix = "" if name is None else f"{name}/"

    def named(part: str) -> str | None:
        return prefix + part if prefix else None

    known = TensorShape(None)
    if shape is None:
        dense_shape = placeholder(int64, [None], named("shape"))
    else:
        if isinstance(shape, Tensor):
            known = TensorShape(constant_value_as_shape(shape))
            default = shape
        else:
            known = as_shape(shape)
            sizes = [-1 if d is None else d for d in known.as_list()]
            default = convert_to_tensor(sizes, int64, named("shape_default"))
        dense_shape = placeholder_with_default(default, default.shape, named("shape"))
    result = SparseTensor(
        values=placeholder(dtype, [None], named("values")),
        indices=placeholder(int64, [None, known.ndims], named("indices")),
        dense_shape=dense_shape,
    )
    result.set_shape(known)
    return result


def convert_to_tensor_or_sparse_tensor(
    value: Any, dtype: Any = None, name: str | None = None
) -> Tensor | SparseTensor:
    """Return a sparse tensor, or its value, as a `SparseTensor`; anything else as a tensor.

    Raises:
      RuntimeError: a sparse value is of another type than `dtype`.
      TypeError, ValueError: see `tf.convert_to_tensor`.
    """
    if isinstance(value, SparseTensorValue):
        value = SparseTensor.from_value(value)
    if not isinstance(value, SparseTensor):
        return convert_to_tensor(value, dtype, name)
    if dtype is not None and not as_dtype(dtype).is_compatible_with(value.dtype):
        raise RuntimeError(
            f"Sparse dtype mismatch. Requested: {as_dtype(dtype).name},  Actual: {value.dtype.name}"
        )
    return value

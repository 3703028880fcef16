"""`IndexedSlices`: some rows of a tensor, as gradients of gathered rows are."""

from __future__ import annotations

from typing import Any, NamedTuple

from evergraph.builder import build
from evergraph.dtypes import DType
from evergraph.graph.composite import CompositeTensor
from evergraph.graph.convert import register_tensor_conversion_function
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape


class IndexedSlicesValue(NamedTuple):
    """What `IndexedSlices` are fetched as."""

    values: Any
    indices: Any
    dense_shape: Any


class IndexedSlices(CompositeTensor):
    """Rows `values` [n, …] at `indices` [n] of a tensor of shape `dense_shape`, zero elsewhere.

    A row may be given more than once; then all of them count.
    """

    def __init__(self, values: Tensor, indices: Tensor, dense_shape: Tensor | None = None) -> None:
        self._values = values
        self._indices = indices
        self._dense_shape = dense_shape

    @property
    def values(self) -> Tensor:
        """The rows."""
        return self._values

    @property
    def indices(self) -> Tensor:
        """Which rows they are."""
        return self._indices

    @property
    def dense_shape(self) -> Tensor | None:
        """The shape of the whole tensor, if it is known."""
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        """The static shape of the whole tensor."""
        if self._dense_shape is None:
            return TensorShape(None)
        from evergraph.graph.inference import constant_value_as_shape

        return TensorShape(constant_value_as_shape(self._dense_shape))

    @property
    def name(self) -> str:
        """The name of `values`."""
        return self._values.name

    @property
    def device(self) -> str:
        """The device of `values`."""
        return self._values.device

    @property
    def op(self) -> Operation:
        """The operation that produces `values`."""
        return self._values.op

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return self._values.dtype

    @property
    def graph(self) -> Graph:
        """The graph that holds the tensors."""
        return self._values.graph

    def get_shape(self) -> TensorShape:
        """Return the static shape of the whole tensor."""
        return self.shape

    def consumers(self) -> list[Operation]:
        """Return the operations that consume `values`."""
        return self._values.consumers()

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self._values, self._indices, self._dense_shape)

    def __str__(self) -> str:
        shape = "" if self._dense_shape is None else f", dense_shape={self._dense_shape.name}"
        return f"IndexedSlices(indices={self._indices.name}, values={self._values.name}{shape})"

    def _components(self) -> list[Tensor]:
        parts = [self._values, self._indices, self._dense_shape]
        return [p for p in parts if p is not None]

    def _with_components(self, parts: list[Tensor]) -> IndexedSlices:
        return IndexedSlices(*parts)

    def _fetched(self, values: list[Any]) -> IndexedSlicesValue:
        shape = values[2] if len(values) > 2 else None
        return IndexedSlicesValue(values[0], values[1], shape)


def dense(
    value: IndexedSlices, dtype: DType | None = None, name: str | None = None, as_ref: bool = False
) -> Tensor:
    """Return the whole tensor: rows that are given more than once are added up.

    Raises:
      ValueError: the shape of the whole is unknown, or `dtype` is another type.
    """
    del as_ref
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for IndexedSlices with dtype "
            f"{value.dtype.name}"
        )
    shape = value.dense_shape
    if shape is None:
        raise ValueError(
            "Tensor conversion requested for IndexedSlices for argument `value` without "
            f"dense_shape: {value}"
        )
    with value.graph.as_default(), value.graph.name_scope(name or "IndexedSlicesToDense"):
        of_rows = {"input": shape, "begin": [0], "end": [1], "strides": [1]}
        rows = build("StridedSlice", {**of_rows, "shrink_axis_mask": 1})
        sums = {"data": value.values, "segment_ids": value.indices, "num_segments": rows}
        whole: Tensor = build("UnsortedSegmentSum", sums)
        return whole


register_tensor_conversion_function(IndexedSlices, dense)

"""`RaggedTensor`: rows of different lengths, as values and where they are split."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from evergraph.dtypes import DType, int32, int64
from evergraph.graph.composite import CompositeTensor
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operation import Operation
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1.asserts import assert_equal, assert_non_negative
from evergraph.v1.flow import identity
from evergraph.v1.framework import control_dependencies, name_scope

_MESSAGE = "Arguments to from_row_splits do not form a valid RaggedTensor:"


class RaggedTensorValue:
    """What a `RaggedTensor` is fetched as, and fed with.

    Args:
      values: an array of all rows one after the other, or another such value.
      row_splits: where the rows begin, and where the last one ends; int32 or int64 [rows + 1].

    Raises:
      TypeError: an argument is no such array.
      ValueError: the splits inside `values` are of another type.
    """

    def __init__(self, values: Any, row_splits: Any) -> None:
        fits = isinstance(row_splits, np.ndarray | np.generic) and row_splits.ndim == 1
        if not fits or row_splits.dtype not in (np.int32, np.int64):
            raise TypeError("row_splits must be a 1D int32 or int64 numpy array")
        if not isinstance(values, np.ndarray | np.generic | RaggedTensorValue):
            raise TypeError("values must be a numpy array or a RaggedTensorValue")
        if isinstance(values, RaggedTensorValue) and values.row_splits.dtype != row_splits.dtype:
            raise ValueError("row_splits and values.row_splits must have the same dtype")
        self._values: Any = values
        self._row_splits: Any = row_splits

    @property
    def values(self) -> Any:
        """All rows one after the other."""
        return self._values

    @property
    def row_splits(self) -> Any:
        """Where the rows begin, and where the last one ends."""
        return self._row_splits

    @property
    def flat_values(self) -> Any:
        """The innermost `values`."""
        return self._values.flat_values if self.ragged_rank > 1 else self._values

    @property
    def nested_row_splits(self) -> tuple[Any, ...]:
        """The splits of every ragged dimension, the outermost first."""
        inner = self._values.nested_row_splits if self.ragged_rank > 1 else ()
        return (self._row_splits, *inner)

    @property
    def ragged_rank(self) -> int:
        """How many dimensions are ragged."""
        inner = self._values
        return 1 + (inner.ragged_rank if isinstance(inner, RaggedTensorValue) else 0)

    @property
    def dtype(self) -> Any:
        """The type of the elements."""
        return self._values.dtype

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape, with None for ragged dimensions."""
        return (self._row_splits.shape[0] - 1, None, *self._values.shape[1:])

    def to_list(self) -> list[Any]:
        """Return the rows as nested lists."""
        ragged = isinstance(self._values, RaggedTensorValue)
        items = self._values.to_list() if ragged else self._values.tolist()
        return [items[a:b] for a, b in itertools.pairwise(self._row_splits)]

    def __str__(self) -> str:
        return f"<tf.RaggedTensorValue {self.to_list()}>"

    def __repr__(self) -> str:
        return f"tf.RaggedTensorValue(values={self._values!r}, row_splits={self._row_splits!r})"


class RaggedTensor(CompositeTensor):
    """Rows of `values` [n, …], the i-th of which goes from `row_splits[i]` to `row_splits[i + 1]`.

    The `values` may be ragged themselves. One is made by `from_row_splits`,
    `from_nested_row_splits`, `tf.ragged.constant` or `tf.ragged.placeholder`.
    """

    def __init__(self, values: Any, row_partition: Any, internal: bool = False) -> None:
        if not internal:
            raise ValueError(
                "RaggedTensor constructor is private; please use one of the factory methods "
                "instead (e.g., RaggedTensor.from_row_lengths())"
            )
        self._values: Tensor | RaggedTensor = values
        self._row_splits: Tensor = row_partition

    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Return the rows of `values` that `row_splits` divides.

        Args:
          values: a tensor [n, …], or a ragged one.
          row_splits: int32 or int64 [rows + 1]: 0 first, n last, and no descent between.
          name: of the scope of the nodes.
          validate: whether a run checks that the splits are such; InvalidArgumentError if not.

        Raises:
          ValueError: the types or static shapes are not those.
        """
        with name_scope(name, "RaggedFromRowSplits", [values, row_splits]):
            splits = _as_splits(row_splits)
            if not isinstance(values, RaggedTensor):
                values = convert_to_tensor(values, name="values")
            elif values.row_splits.dtype != splits.dtype:
                # TF: takes the type of the inner splits where the outer ones are not a tensor's.
                splits = _as_splits(row_splits, values.row_splits.dtype)
            values.shape.with_rank_at_least(1)
            if validate:
                splits = _validated(values, splits)
            return cls(values, splits, internal=True)

    @classmethod
    def from_nested_row_splits(
        cls,
        flat_values: Any,
        nested_row_splits: Sequence[Any],
        name: str | None = None,
        validate: bool = True,
    ) -> Any:
        """Return what `nested_row_splits`, the outermost first, divide into rows of rows.

        Args:
          flat_values: a tensor [n, …].
          nested_row_splits: a list of splits; without any, `flat_values` is returned as a tensor.
          name, validate: as for `from_row_splits`.

        Raises:
          TypeError: the splits are one tensor.
          ValueError: the types or static shapes do not fit.
        """
        if isinstance(nested_row_splits, Tensor):
            raise TypeError(
                "Argument `nested_row_splits` must be a list of Tensors. Received "
                f"{nested_row_splits}."
            )
        with name_scope(name, "RaggedFromNestedRowSplits", [flat_values, *nested_row_splits]):
            result = flat_values
            for splits in reversed(nested_row_splits):
                result = cls.from_row_splits(result, splits, validate=validate)
            return result

    @property
    def values(self) -> Any:
        """All rows one after the other: a tensor, or a ragged one."""
        return self._values

    @property
    def row_splits(self) -> Tensor:
        """Where the rows begin, and where the last one ends."""
        return self._row_splits

    @property
    def flat_values(self) -> Tensor:
        """The innermost `values`."""
        inner = self._values
        return inner.flat_values if isinstance(inner, RaggedTensor) else inner

    @property
    def nested_row_splits(self) -> tuple[Tensor, ...]:
        """The splits of every ragged dimension, the outermost first."""
        inner = self._values
        return (
            self._row_splits,
            *(inner.nested_row_splits if isinstance(inner, RaggedTensor) else ()),
        )

    @property
    def ragged_rank(self) -> int:
        """How many dimensions are ragged."""
        return len(self.nested_row_splits)

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        """The static shape; ragged dimensions are unknown."""
        inner = self._values.shape
        if inner.ndims is None:
            return TensorShape(None)
        ends = self._row_splits.shape.as_list()[0]
        return TensorShape([None if ends is None else ends - 1, None, *inner.as_list()[1:]])

    def get_shape(self) -> TensorShape:
        """Return the static shape."""
        return self.shape

    def with_values(self, new_values: Any) -> RaggedTensor:
        """Return a ragged tensor with other `values`, divided in the same way."""
        if not isinstance(new_values, RaggedTensor):
            new_values = convert_to_tensor(new_values, name="values")
        return RaggedTensor(new_values, self._row_splits, internal=True)

    def with_flat_values(self, new_values: Any) -> RaggedTensor:
        """Return a ragged tensor with other `flat_values`, divided in the same way."""
        if isinstance(self._values, RaggedTensor):
            return self.with_values(self._values.with_flat_values(new_values))
        return self.with_values(new_values)

    def consumers(self) -> list[Operation]:
        """Return the operations that consume one of the tensors."""
        found = [op for part in self._components() for op in part.consumers()]
        return list(dict.fromkeys(found))

    def to_list(self) -> NoReturn:
        """Raise ValueError: the values are known only in a run."""
        raise ValueError("to_list can only be used in eager mode.")

    def __repr__(self) -> str:
        return f"tf.RaggedTensor(values={self._values}, row_splits={self._row_splits})"

    def _components(self) -> list[Tensor]:
        return [*self.nested_row_splits, self.flat_values]

    def _with_components(self, parts: list[Tensor]) -> RaggedTensor:
        *nested, values = parts
        result: RaggedTensor = RaggedTensor.from_nested_row_splits(values, nested, validate=False)
        return result

    def _fetched(self, values: list[Any]) -> RaggedTensorValue:
        *nested, result = values
        for splits in reversed(nested):
            result = RaggedTensorValue(result, splits)
        fetched: RaggedTensorValue = result
        return fetched

    def _fed(self, value: Any) -> Sequence[Any]:
        if not isinstance(value, RaggedTensorValue):
            raise TypeError(f"it is of type {type(value).__name__}, not a tf.RaggedTensorValue")
        # TF: takes the first splits for all of them, and the next ones for the values.
        if value.ragged_rank != self.ragged_rank:
            raise ValueError(
                f"Cannot feed a value with {value.ragged_rank} ragged dimensions for {self}, which "
                f"has {self.ragged_rank}"
            )
        return (*value.nested_row_splits, value.flat_values)


def _as_splits(row_splits: Any, dtype: DType = int64) -> Tensor:
    preferred = None if isinstance(row_splits, np.ndarray) and dtype is int64 else dtype
    with name_scope("RowPartitionFromRowSplits"):
        splits = convert_to_tensor(row_splits, name="row_splits", preferred_dtype=preferred)
    if splits.dtype not in (int32, int64):
        raise ValueError("row_splits must have dtype int32 or int64")
    if splits.shape.with_rank(1).as_list()[0] == 0:
        raise ValueError("row_splits tensor may not be empty.")
    return splits


def _validated(values: Any, splits: Tensor) -> Tensor:
    """Return the splits, which a run checks."""
    rows: Any = values.row_splits if isinstance(values, RaggedTensor) else None
    if rows is None:
        count = shape_of(values, out_type=splits.dtype)[0]
    else:
        count = shape_of(rows, out_type=splits.dtype)[0] - 1
    checks = [
        assert_equal(splits[0], convert_to_tensor(0, splits.dtype), message=_MESSAGE + "zero"),
        assert_non_negative(splits[1:] - splits[:-1], message=_MESSAGE + "monotonic"),
        assert_equal(splits[-1], count, message=_MESSAGE + "values"),
    ]
    with control_dependencies(checks):
        checked: Tensor = identity(splits, "control_dependency")
        return checked

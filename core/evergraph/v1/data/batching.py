"""Batches of the elements of a dataset, and what batches consist of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, as_shape
from evergraph.v1.data import structure as structures
from evergraph.v1.data.base import Derived, deterministic_text, int64


class Batching(Derived):
    """The methods that make batches."""

    def batch(
        self,
        batch_size: Any,
        drop_remainder: Any = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Any:
        """Return batches of elements, with a further first dimension.

        Args:
          batch_size: how many elements a batch has.
          drop_remainder: whether there is no last batch that has fewer.
          num_parallel_calls, deterministic: accepted.
          name: of the node.

        Raises:
          InvalidArgumentError: when it runs, `batch_size` is not positive, or elements that are to
            be a batch have several shapes.
        """
        size = int64(batch_size, "batch_size")
        drop = convert_to_tensor(drop_remainder, dtypes.bool, name="drop_remainder")
        given: dict[str, Any] = {"batch_size": size, "drop_remainder": drop}
        structure = structures.batched(self._structure, batch_dimension(size, drop))
        if num_parallel_calls is None:
            return self._derived("BatchDatasetV2", given, structure, name)
        given["num_parallel_calls"] = int64(num_parallel_calls, "num_parallel_calls")
        given["deterministic"] = deterministic_text(deterministic)
        return self._derived("ParallelBatchDataset", given, structure, name)

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: Any = False,
        name: str | None = None,
    ) -> Any:
        """Return batches of elements that are made equally large first.

        Args:
          batch_size: how many elements a batch has.
          padded_shapes: for each component, its shape in a batch; a size of None, or -1, is that of
            the largest element in the batch. By default the static shapes.
          padding_values: for each component, a scalar; by default 0, or an empty string.
          drop_remainder: whether there is no last batch that has fewer.
          name: of the node.

        Raises:
          ValueError: shapes or values do not fit the components.
          TypeError: a value has another type.
          InvalidArgumentError: when it runs, an element is larger than its padded shape.
        """
        size = int64(batch_size, "batch_size")
        leaves = structures.leaves(self._structure)
        if padded_shapes is None:
            padded_shapes = structures.shapes_of(self._structure)
            if any(s.ndims is None for s in structures.leaves(padded_shapes)):
                raise ValueError(
                    "You must provide `padded_shapes` argument because component has unknown rank."
                )
        wanted = structures.given_along(self._structure, padded_shapes)
        shapes = [
            _padded_shape(shape, leaf.shape) for shape, leaf in zip(wanted, leaves, strict=True)
        ]
        values = structures.given_along(self._structure, padding_values)
        if padding_values is not None and len(values) == 1 and len(leaves) > 1:
            values = values * len(leaves)
        padding = [_padding(v, leaf) for v, leaf in zip(values, leaves, strict=True)]
        drop = convert_to_tensor(drop_remainder, dtypes.bool, name="drop_remainder")
        first = TensorShape([batch_dimension(size, drop)])
        made = [
            leaf.with_shape(first.concatenate(_static(shape)))
            for leaf, shape in zip(leaves, shapes, strict=True)
        ]
        given = {
            "batch_size": size,
            "padded_shapes": shapes,
            "padding_values": padding,
            "drop_remainder": drop,
        }
        structure = structures.packed(self._structure, made)
        return self._derived("PaddedBatchDatasetV2", given, structure, name, "Toutput_types")

    def unbatch(self, name: str | None = None) -> Any:
        """Return the elements that batches consist of.

        Raises:
          ValueError: a component is a scalar.
        """
        leaves = structures.leaves(self._structure)
        if any(leaf.shape.ndims == 0 for leaf in leaves):
            raise ValueError("Cannot unbatch an input with scalar components.")
        sizes = {leaf.shape[0].value for leaf in leaves if leaf.shape.ndims} - {None}
        if len(sizes) > 1:
            raise ValueError(
                "`unbatch()` is only supported for datasets of elements whose components have a "
                f"matching leading dimension. Encountered {' and '.join(map(str, sorted(sizes)))}."
            )
        made = [
            leaf.with_shape(leaf.shape[1:] if leaf.shape.ndims is not None else leaf.shape)
            for leaf in leaves
        ]
        return self._derived("UnbatchDataset", {}, structures.packed(self._structure, made), name)

    def window(
        self,
        size: Any,
        shift: Any = None,
        stride: Any = 1,
        drop_remainder: Any = False,
        name: str | None = None,
    ) -> Any:
        """Return windows of elements; each component of a window is a dataset.

        Args:
          size: how many elements a window has.
          shift: from the first element of a window to that of the next one; `size` by default.
          stride: from one element of a window to the next one.
          drop_remainder: whether there are no windows that have fewer.
          name: of the node.

        Raises:
          InvalidArgumentError: when it runs, a number is not positive.
        """
        given = {
            "size": int64(size, "size"),
            "shift": int64(size if shift is None else shift, "shift"),
            "stride": int64(stride, "stride"),
            "drop_remainder": convert_to_tensor(drop_remainder, dtypes.bool, name="drop_remainder"),
        }
        structure = structures.mapped(structures.DatasetLeaf, self._structure)
        return self._derived("WindowDataset", given, structure, name)


def batch_dimension(size: Tensor, drop: Tensor) -> int | None:
    """Return the first dimension of batches, if all have the same."""
    dropped, known = constant_value(drop), constant_value(size)
    if dropped is None or not dropped or known is None or known <= 0:
        return None
    return int(known)


def _padded_shape(wanted: Any, known: TensorShape) -> Tensor:
    """Return a shape in a batch as a tensor in which unknown sizes are -1."""
    if isinstance(wanted, Tensor):
        return convert_to_tensor(wanted, dtypes.int64)
    if isinstance(wanted, np.ndarray):
        wanted = wanted.tolist()
    if isinstance(wanted, Sequence):
        wanted = [None if d is not None and isinstance(d, int) and d < 0 else d for d in wanted]
    shape = as_shape(wanted)
    if shape.ndims is None:
        raise ValueError("A padded shape must have a known rank.")
    sizes = shape.as_list()
    theirs = [None] * len(sizes) if known.ndims is None else known.as_list()
    if len(theirs) != len(sizes) or any(
        a is not None and b is not None and a < b for a, b in zip(sizes, theirs, strict=True)
    ):
        raise ValueError(
            f"The padded shape {_shown(shape)} is not compatible with the shape {_shown(known)} of "
            "the corresponding input component."
        )
    return constant([-1 if d is None else d for d in sizes], dtypes.int64)


def _shown(shape: TensorShape) -> str:
    return str(tuple(shape.as_list()))


def _static(shape: Tensor) -> TensorShape:
    value = constant_value(shape)
    if value is not None:
        return TensorShape([None if d < 0 else int(d) for d in value.tolist()])
    rank = None if shape.shape.ndims is None else shape.shape[0].value
    return TensorShape(None if rank is None else [None] * rank)


def _padding(value: Any, leaf: Any) -> Tensor:
    if value is None:
        value = b"" if leaf.dtype is dtypes.string else np.zeros((), leaf.dtype.as_numpy_dtype)
    found = convert_to_tensor(value, name="padding_value")
    if found.dtype.base_dtype is not leaf.dtype:
        if isinstance(value, Tensor) or not isinstance(value, int | float | np.generic):
            raise TypeError(
                f"The padding value of type {found.dtype} does not match the type {leaf.dtype} of "
                "the corresponding input component."
            )
        found = convert_to_tensor(value, leaf.dtype, name="padding_value")
    if found.shape.ndims not in (None, 0):
        raise ValueError(f"Padding value should be a scalar, but is not: padding_value={value}")
    return found

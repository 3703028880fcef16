"""Slices of a tensor, `x[1:, ..., 0]`, and the shape builders that they are made with."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.builder import build
from evergraph.dtypes import DType, as_dtype
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operators import Operators, scope
from evergraph.graph.tensor import Tensor
from evergraph.shapes import Dimension

_INDEX_TYPES: Final = (dtypes.int16, dtypes.int32, dtypes.int64)


def getitem(tensor: Operators, key: Any) -> Any:
    """Return `tensor[key]`.

    Args:
      key: integers, slices, `...`, `tf.newaxis`, scalar integer tensors, or a tuple of those; a
        boolean mask.

    Raises:
      TypeError: an index is nothing of that.
    """
    if _is_mask(key):
        return boolean_mask(tensor, key)
    spec = _Specification()
    for item in key if isinstance(key, list | tuple) else (key,):
        spec.add(item)
    values = (tensor, *spec.begin, *spec.end, *spec.strides)
    with scope(None, "strided_slice", values) as name:
        if spec.begin:
            packed = [stack(part) for part in (spec.begin, spec.end, spec.strides)]
            if any(t.dtype.base_dtype is dtypes.int64 for t in packed):
                packed = [_as_int64(t) for t in packed]
        else:
            packed = [constant([], dtypes.int32)] * 3
        begin, end, strides = packed
        return strided_slice(tensor, begin, end, strides, **spec.masks, name=name)


def _is_mask(key: Any) -> bool:
    if isinstance(key, Tensor):
        return key.dtype.base_dtype is dtypes.bool
    return isinstance(key, bool) or (isinstance(key, np.ndarray) and key.dtype == np.bool_)


def _as_int64(tensor: Tensor) -> Any:
    if tensor.dtype.base_dtype is dtypes.int64:
        return tensor
    return build("Cast", {"x": tensor, "DstT": dtypes.int64})


class _Specification:
    """The inputs and masks of a StridedSlice, put together item by item."""

    def __init__(self) -> None:
        self.begin: list[Any] = []
        self.end: list[Any] = []
        self.strides: list[Any] = []
        self.masks: dict[str, int] = dict.fromkeys(
            ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0
        )

    def add(self, item: Any) -> None:
        """Add one item of the key."""
        if isinstance(item, slice):
            self._add_slice(item)
        elif item is Ellipsis or item is None:
            self._mark("ellipsis_mask" if item is Ellipsis else "new_axis_mask")
            self._append(0, 0, 1)
        else:
            _check_index(item)
            self._mark("shrink_axis_mask")
            stride: Any = 1
            if isinstance(item, Tensor) and item.dtype in (dtypes.int16, dtypes.int64):
                self._append(item, item + 1, constant(1, item.dtype))
            else:
                self._append(item, item + 1, stride)

    def _add_slice(self, item: slice) -> None:
        dtype = _type_of_slice(item)

        def bound(value: Any, default: int, mask: str | None) -> Any:
            if value is None or (isinstance(value, Dimension) and value.value is None):
                if mask is not None:
                    self._mark(mask)
                return default if dtype is None else constant(default, dtype)
            _check_index(value)
            return value

        begin = bound(item.start, 0, "begin_mask")
        end = bound(item.stop, 0, "end_mask")
        self._append(begin, end, bound(item.step, 1, None))

    def _mark(self, mask: str) -> None:
        self.masks[mask] |= 1 << len(self.begin)

    def _append(self, begin: Any, end: Any, stride: Any) -> None:
        self.begin.append(begin)
        self.end.append(end)
        self.strides.append(stride)


def _type_of_slice(item: slice) -> DType | None:
    """Return the widest type of the tensors that bound a slice, or None."""
    bounds = (item.start, item.stop, item.step)
    found = [t.dtype for t in bounds if isinstance(t, Tensor) and t.dtype in _INDEX_TYPES]
    return max(found, key=_INDEX_TYPES.index, default=None)


def _check_index(item: Any) -> None:
    if isinstance(item, Integral | Dimension):
        return
    dtype = getattr(item, "dtype", None)
    if (
        dtype is None
        or as_dtype(dtype).base_dtype not in _INDEX_TYPES
        or (item.shape and len(item.shape) == 1)
    ):
        raise TypeError(
            "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar "
            f"tf.int32/tf.int64 tensors are valid indices, got {item!r}"
        )


def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    name: str | None = None,
) -> Any:
    """Return a strided slice: what `x[begin:end:strides, …]` builds.

    Args:
      input_: the tensor.
      begin, end, strides: integer vectors, an entry for each item of the key.
      begin_mask, end_mask: bits of the items without a start or a stop.
      ellipsis_mask: the bit of the item that is `...`.
      new_axis_mask: bits of the items that are new axes.
      shrink_axis_mask: bits of the items that are integers, whose dimension goes away.
      name: the name of the node.
    """
    arguments = {
        "input": input_,
        "begin": begin,
        "end": end,
        "strides": strides,
        "begin_mask": begin_mask,
        "end_mask": end_mask,
        "ellipsis_mask": ellipsis_mask,
        "new_axis_mask": new_axis_mask,
        "shrink_axis_mask": shrink_axis_mask,
    }
    return build("StridedSlice", arguments, name)


def stack(values: Any, axis: int = 0, name: str = "stack") -> Any:
    """Stack tensors of equal shape along a new axis.

    Raises:
      ValueError: the axis is out of range, or shapes do not fit.
    """
    if axis == 0:
        try:
            return convert_to_tensor(values, name=name)
        except (TypeError, ValueError, NotImplementedError):
            pass  # not a value that can be converted as a whole
    rank = convert_to_tensor(values[0], name=name).ndim
    if rank is not None and not -rank - 1 <= axis < rank + 1:
        raise ValueError(f"Argument `axis` = {axis} not in range [{-rank - 1}, {rank + 1})")
    return build("Pack", {"values": values, "axis": axis}, name)


def shape(input: Any, name: str | None = None, out_type: Any = None) -> Any:
    """Return the shape of a tensor: a constant where it is known, else a Shape node.

    Args:
      input: the tensor.
      name: the name of the node.
      out_type: int32 (the default) or int64.
    """
    out_type = dtypes.int32 if out_type is None else as_dtype(out_type)
    with scope(name, "Shape", (input,)) as name:
        tensor = convert_to_tensor(input)
        if tensor.shape.is_fully_defined():
            return constant(tensor.shape.as_list(), out_type, name=name)
        return build("Shape", {"input": tensor, "out_type": out_type}, name)


def concat(values: Any, axis: Any, name: str = "concat") -> Any:
    """Concatenate tensors along an axis that they have.

    Args:
      values: tensors, or one tensor.
      axis: the axis.
      name: the name of the node.
    """
    if not isinstance(values, list | tuple):
        values = [values]
    if len(values) == 1:
        with scope(name):
            convert_to_tensor(axis, dtypes.int32, "concat_dim").shape.assert_has_rank(0)
            return build("Identity", {"input": values[0]}, name)
    return build("ConcatV2", {"values": values, "axis": axis}, name)


def boolean_mask(tensor: Any, mask: Any, name: str = "boolean_mask", axis: Any = None) -> Any:
    """Return the elements for which a mask is true.

    Args:
      tensor: the tensor.
      mask: a bool tensor of known rank, at least 1; its shape is that of the dimensions of
        `tensor` from `axis` on.
      name: a name scope.
      axis: where the masked dimensions begin.

    Returns:
      A tensor in which the masked dimensions are one.

    Raises:
      ValueError: the mask is a scalar or of unknown rank, or its shape does not fit.
    """
    with scope(name, values=(tensor, mask)):
        tensor = convert_to_tensor(tensor, name="tensor")
        mask = convert_to_tensor(mask, name="mask")
        rank = mask.ndim
        if rank == 0:
            raise ValueError("mask cannot be scalar.")
        if rank is None:
            raise ValueError(
                "Number of mask dimensions must be specified, even if some dimensions are None.  "
                "E.g. shape=[None] is ok, but shape=None is not."
            )
        axis = 0 if axis is None else axis
        known = axis_value(axis)
        dims = tensor.shape
        if known is not None:
            axis = known
            dims[axis : axis + rank].assert_is_compatible_with(mask.shape)
        leading = {"input": shape(tensor)[axis : axis + rank], "reduction_indices": [0]}
        size = build("Prod", leading)
        parts = [shape(tensor)[:axis], [size], shape(tensor)[axis + rank :]]
        tensor = build("Reshape", {"tensor": tensor, "shape": concat(parts, 0)})
        if known is not None:
            first: Sequence[Any] = [dims[axis : axis + rank].num_elements()]
            tensor.set_shape(dims[:axis].concatenate(first).concatenate(dims[axis + rank :]))
        mask = build("Reshape", {"tensor": mask, "shape": [-1]})
        found = build("Where", {"input": mask}, "Where")
        indices = build("Squeeze", {"input": found, "squeeze_dims": [1]})
        return build("GatherV2", {"params": tensor, "indices": indices, "axis": axis})


def axis_value(axis: Any) -> Any:
    """Return the value of an axis if it is known: an int for a scalar, else None."""
    if isinstance(axis, Tensor):
        value = constant_value(axis)
        return None if value is None else int(value)
    return axis

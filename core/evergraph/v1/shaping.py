"""Tensors in another shape or order: reshape, transpose, split, pad and their like."""

from __future__ import annotations

from numbers import Integral
from typing import Any, Final

import numpy as np

from evergraph.builder import build
from evergraph.dtypes import as_dtype
from evergraph.graph import slicing
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import partial_value
from evergraph.graph.operators import node, scope
from evergraph.graph.slicing import boolean_mask, concat, shape, stack
from evergraph.graph.tensor import Tensor
from evergraph.shapes import Dimension, TensorShape
from evergraph.v1._arguments import is_tensor, renamed
from evergraph.v1.filling import all_dimensions, ones, ones_like, rank, sequence_mask
from evergraph.v1.sequences import int_tensor


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """Return the elements in another shape; -1 in it is what is left over."""
    return node("Reshape", name, tensor=tensor, shape=shape)


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Any:
    """Remove dimensions of size 1.

    Args:
      input: the tensor.
      axis: which; all by default.
      name: the name of the node.
      squeeze_dims: the old name of `axis`.
    """
    axis = renamed("axis", axis, "squeeze_dims", squeeze_dims)
    dims = [axis] if np.isscalar(axis) else axis
    return node("Squeeze", name, input=input, squeeze_dims=dims)


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """Insert a dimension of size 1.

    Args:
      input: the tensor.
      axis: where; negative from the end.
      name: the name of the node.
      dim: the old name of `axis`.

    Raises:
      ValueError: there is no axis.
    """
    axis = renamed("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return node("ExpandDims", name, input=input, dim=axis)


def transpose(
    a: Any, perm: Any = None, name: str | None = "transpose", conjugate: bool = False
) -> Any:
    """Permute the dimensions.

    Args:
      a: the tensor.
      perm: the dimensions in their new order; by default reversed.
      name: the name of the node.
      conjugate: whether complex numbers are conjugated as well.
    """
    with scope(name, "transpose", (a,)) as name:
        if not is_tensor(a):
            a = convert_to_tensor(a, name="a")
        conjugated = conjugate and as_dtype(a.dtype).is_complex
        if perm is None:
            known = a.shape.rank
            if known is None:
                last = node("Rank", input=a) - 1
                perm = node("Range", start=last, limit=-1, delta=-1)
            else:
                perm = np.arange(known - 1, -1, -1, dtype=np.int32)
        return node("ConjugateTranspose" if conjugated else "Transpose", name, x=a, perm=perm)


def matrix_transpose(a: Any, name: str | None = "matrix_transpose", conjugate: bool = False) -> Any:
    """Exchange the last two dimensions; ValueError if there are fewer."""
    with scope(name, values=(a,)):
        a = convert_to_tensor(a, name="a")
        known = a.ndim
        if known is None:
            count = rank(a)
            batch = node("Range", start=0, limit=count - 2, delta=1)
            perm = concat((batch, [count - 1, count - 2]), 0)
        else:
            if known < 2:
                raise ValueError(
                    "Argument `a` should be a (batch) matrix with rank >= 2.  Received "
                    f"`a` = {a} with shape: {a.shape}"
                )
            perm = [*range(known - 2), known - 1, known - 2]
        return transpose(a, perm, conjugate=conjugate)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> Any:
    """Return the slices along an axis, as a list.

    Args:
      value: the tensor.
      num: how many slices there are, if that is not known.
      axis: the axis.
      name: the name of the node.

    Raises:
      ValueError: the axis is out of range, or the number is not known.
    """
    if num is None:
        value = convert_to_tensor(value)
        known = value.ndim
        if known is not None:
            if not -known <= axis < known:
                raise ValueError(f"Argument `axis` = {axis} not in range [{-known}, {known})")
            num = value.shape[axis].value
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {value.shape}")
    return node("Unpack", name, value=value, num=num, axis=axis)


def parallel_stack(values: Any, name: str = "parallel_stack") -> Any:
    """Stack tensors of equal, known shape along a new first dimension, each as it is ready."""
    with scope(name):
        inner = convert_to_tensor(convert_to_tensor(values[0])).shape
        whole = TensorShape([len(values)]).concatenate(inner)
        rows = [expand_dims(value, 0) for value in values]
        return node("ParallelConcat", values=rows, shape=whole)


def split(
    value: Any, num_or_size_splits: Any, axis: Any = 0, num: Any = None, name: str = "split"
) -> Any:
    """Split a tensor along an axis.

    Args:
      value: the tensor.
      num_or_size_splits: the number of equal parts, or the sizes of the parts.
      axis: the axis.
      num: how many sizes there are, if that is not known.
      name: the name of the node.

    Raises:
      ValueError: the sizes are a scalar tensor, or their number is not known.
    """
    if isinstance(num_or_size_splits, Integral | Dimension):
        parts = int(num_or_size_splits)
        return node("Split", name, split_dim=axis, value=value, num_split=parts)
    sizes = convert_to_tensor(num_or_size_splits)
    if sizes.ndim == 0:
        raise ValueError(
            "Rank-0 tensors are not supported as the num_or_size_splits argument to split. "
            f"Argument provided: {num_or_size_splits}"
        )
    if num is None:
        num = sizes._dims[0] if sizes._dims else None
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {num_or_size_splits}")
    return node("SplitV", name, value=value, size_splits=sizes, split_dim=axis, num_split=num)


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """Return a part of a tensor.

    Args:
      input_: the tensor.
      begin: where the part begins, in each dimension.
      size: its size in each dimension; -1 up to the end.
      name: the name of the node.
    """
    return node("Slice", name, input=input_, begin=begin, size=size)


def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Any:
    """Return a strided slice: what `x[begin:end:strides, …]` builds.

    Args:
      input_: the tensor.
      begin, end, strides: integer vectors, an entry for each item of the key; strides of 1 by
        default.
      begin_mask, end_mask: bits of the items without a start or a stop.
      ellipsis_mask: the bit of the item that is `...`.
      new_axis_mask: bits of the items that are new axes.
      shrink_axis_mask: bits of the items that are integers, whose dimension goes away.
      var: not used.
      name: the name of the node.
    """
    del var
    strides = ones_like(begin) if strides is None else strides
    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    return slicing.strided_slice(input_, begin, end, strides, *masks, name)


def reverse_sequence(
    input: Any,
    seq_lengths: Any,
    seq_axis: Any = None,
    batch_axis: Any = None,
    name: str | None = None,
    seq_dim: Any = None,
    batch_dim: Any = None,
) -> Any:
    """Reverse the beginning of each sequence of a batch.

    Args:
      input: the tensor.
      seq_lengths: how many elements of each sequence are reversed.
      seq_axis: the dimension of the sequences.
      batch_axis: the dimension of the batch; 0 by default.
      name: the name of the node.
      seq_dim, batch_dim: the old names of the axes.
    """
    seq_axis = renamed("seq_axis", seq_axis, "seq_dim", seq_dim)
    batch_axis = renamed("batch_axis", batch_axis, "batch_dim", batch_dim)
    axes = {"seq_dim": seq_axis, "batch_dim": batch_axis}
    return node("ReverseSequence", name, input=input, seq_lengths=seq_lengths, **axes)


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Any:
    """Move elements along axes; what falls off one end comes in at the other."""
    return node("Roll", name, input=input, shift=shift, axis=axis)


# Padding

_MIRRORS: Final = ("REFLECT", "SYMMETRIC")


def pad(
    tensor: Any,
    paddings: Any,
    mode: str = "CONSTANT",
    name: str | None = None,
    constant_values: Any = 0,
) -> Any:
    """Add elements before and after those of each dimension.

    Args:
      tensor: the tensor.
      paddings: how many, as a matrix of two columns.
      mode: "CONSTANT", "REFLECT" (without the edge) or "SYMMETRIC" (with the edge).
      name: the name of the node.
      constant_values: a scalar, for "CONSTANT".

    Raises:
      ValueError: there is no such mode.
    """
    mode = mode.upper()
    if mode in _MIRRORS:
        result = node("MirrorPad", name, input=tensor, paddings=paddings, mode=mode)
    elif mode != "CONSTANT":
        raise ValueError(
            'Value of argument `mode` expected to be one of "CONSTANT", "REFLECT", or '
            f'"SYMMETRIC". Received `mode` = {mode}'
        )
    elif is_tensor(constant_values) or np.ndim(constant_values) or constant_values:
        values = {"constant_values": constant_values}
        result = node("PadV2", name, input=tensor, paddings=paddings, **values)
    else:
        result = node("Pad", name, input=tensor, paddings=paddings)
    _add_padded_shape(result)
    return result


def _add_padded_shape(result: Tensor) -> None:
    """Add what follows from paddings that are only partly known."""
    tensor, paddings = result.op.inputs[:2]
    known = None if result.shape.is_fully_defined() else partial_value(paddings)
    if known is None or tensor.ndim is None:
        return
    values, given = known
    dims = [
        None if d is None or not all(g) else d + int(sum(v))
        for d, v, g in zip(tensor.shape.as_list(), values, given, strict=False)
    ]
    result.set_shape(dims)


# Repetition


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Any:
    """Repeat elements.

    Args:
      input: the tensor.
      repeats: how often: a scalar, or a number for each element along the axis.
      axis: the axis; by default the tensor is flattened first.
      name: a name scope.

    Raises:
      TypeError: the axis is not an int.
      ValueError: it is out of range, or `repeats` does not fit.
    """
    if axis is None:
        input = reshape(input, [-1])
        axis = 0
    if not isinstance(axis, int):
        raise TypeError(
            f"Argument `axis` must be an int. Received `axis` = {axis} of type "
            f"{type(axis).__name__}"
        )
    with scope(name, "Repeat", (input, repeats)):
        data = convert_to_tensor(input, name="data")
        repeats = int_tensor(repeats, "repeats")
        repeats.shape.with_rank_at_most(1)
        data = _with_nonzero_rank(data)
        dims = shape(data, out_type=repeats.dtype)
        axis = _positive_axis(axis, data.ndim)
        if repeats.shape.num_elements() == 1:
            each = reshape(repeats, [])
            tiled = _tiled(expand_dims(data, axis + 1), axis + 1, each)
            parts = [dims[:axis], [each * dims[axis]], dims[axis + 1 :]]
            return reshape(tiled, concat(parts, 0))
        return _repeated(data, repeats, dims, axis)


def _repeated(data: Any, repeats: Any, dims: Any, axis: int) -> Any:
    """Repeat each element along an axis by a number of its own, by masking."""
    if repeats.ndim == 1:
        data.shape[axis].assert_is_compatible_with(repeats.shape[0])
    repeats = node("BroadcastTo", input=repeats, shape=[dims[axis]])
    counts = repeats
    if repeats.ndim != axis + 1:
        own = shape(repeats)
        outer = dims[: axis + 1 - rank(repeats)]
        repeats = node("BroadcastTo", input=repeats, shape=concat([outer, own], 0))
        repeats.set_shape([None] * (axis + 1))
    most = node("Max", input=repeats, reduction_indices=all_dimensions(repeats))
    most = node("Maximum", x=convert_to_tensor(0, most.dtype, "zero"), y=most)
    mask = sequence_mask(repeats, most)
    tiled = _tiled(expand_dims(data, axis + 1), axis + 1, most)
    result = boolean_mask(tiled, mask)
    if axis:
        every = node("Range", start=0, limit=rank(counts), delta=1)
        total = node("Sum", input=counts, reduction_indices=every)
        result = reshape(result, concat([dims[:axis], [total], dims[axis + 1 :]], 0))
    if data.ndim is not None:
        size = 0 if repeats.shape[0] == 0 else None
        before, after = data.shape[:axis], data.shape[axis + 1 :]
        result.set_shape(before.concatenate([size]).concatenate(after))
    return result


def _with_nonzero_rank(data: Any) -> Any:
    if data.ndim is None:
        dims = shape(data)
        count = rank(data)
        return reshape(data, concat([[1], dims], 0)[-count:])
    return stack([data]) if data.ndim == 0 else data


def _tiled(data: Any, axis: int, multiple: Any) -> Any:
    if data.ndim is None:
        every = ones(rank(data), "int32")
        multiples = concat([every[:axis], [multiple], every[axis + 1 :]], 0)
    else:
        multiples = [1] * data.ndim
        multiples[axis] = multiple
    return build("Tile", {"input": data, "multiples": multiples})


def _positive_axis(axis: int, rank: int | None) -> int:
    if rank is None:
        if axis < 0:
            raise ValueError(f"axis={axis} may only be negative if rank(data) is statically known.")
        return axis
    if not -rank <= axis < rank:
        raise ValueError(f"axis={axis} out of bounds: expected {-rank}<=axis<{rank}")
    return axis % rank

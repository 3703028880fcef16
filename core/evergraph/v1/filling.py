"""Tensors made of a shape and little else, and the sizes of tensors."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.dtypes import DType, as_dtype
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import concat, stack
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1._arguments import is_tensor

newaxis: Final = None

#: Where a constant is made instead of a Fill node.
_SMALL: Final = 1000


def fill(dims: Any, value: Any, name: str | None = None, layout: Any = None) -> Any:
    """Return a tensor of a shape, filled with a scalar."""
    del layout
    return node("Fill", name, dims=dims, value=value)


def zeros(
    shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None
) -> Any:
    """Return a tensor of zeros (of false, of empty strings).

    Args:
      shape: the shape: a list, or an integer tensor.
      dtype: the type.
      name: the name of the node.
      layout: not used.
    """
    del layout
    return _filled("zeros", 0, shape, as_dtype(dtype).base_dtype, name)


def ones(
    shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None
) -> Any:
    """Return a tensor of ones (of true); the arguments are those of `zeros`."""
    del layout
    return _filled("ones", 1, shape, as_dtype(dtype).base_dtype, name)


def _filled(default_name: str, number: int, shape: Any, dtype: DType, name: str | None) -> Any:
    with scope(name, default_name, (shape,)) as name:
        value: Any = number
        if dtype is dtypes.bool:
            value = bool(number)
        elif dtype is dtypes.string and not number:
            value = ""
        elif dtype.is_quantized:
            value = np.asarray(number, dtype.numpy).view(dtype.as_numpy_dtype)
        if not isinstance(shape, Tensor):
            small = _small_constant(value, shape, dtype, name)
            if small is not None:
                return small
            try:
                shape = convert_to_tensor(TensorShape(shape))
            except (TypeError, ValueError):
                shape = convert_to_tensor(shape, dtypes.int32)
        if shape.ndim == 0:
            shape = node("Reshape", tensor=shape, shape=[-1])
        return node("Fill", name, dims=shape, value=constant(value, dtype))


def _small_constant(value: Any, shape: Any, dtype: DType, name: str) -> Any:
    try:
        count = TensorShape(shape).num_elements()
        if count is not None and count < _SMALL:
            return constant(value, dtype, shape, name)
    except (NotImplementedError, TypeError, ValueError):
        pass  # some of the shape is known only when it runs
    return None


def zeros_like(tensor: Any, dtype: Any = None, name: Any = None, optimize: bool = True) -> Any:
    """Return zeros of a tensor's shape.

    Args:
      tensor: the tensor.
      dtype: the type; by default the tensor's.
      name: the name of the node.
      optimize: whether a static shape makes a constant.
    """
    with scope(name, "zeros_like", (tensor,)) as name:
        if not is_tensor(tensor):
            tensor = convert_to_tensor(tensor, name="tensor")
        known = optimize and tensor.shape.is_fully_defined()
        if known and tensor.dtype.base_dtype is not dtypes.variant:
            return zeros(tensor.shape, dtype or tensor.dtype, name)
        if dtype is not None and tensor.dtype != dtype and dtype != dtypes.variant:
            return zeros(inner_shape(tensor, optimize), dtype, name)
        return node("ZerosLike", name, x=tensor)


def ones_like(tensor: Any, dtype: Any = None, name: Any = None, optimize: bool = True) -> Any:
    """Return ones of a tensor's shape; the arguments are those of `zeros_like`."""
    with scope(name, "ones_like", (tensor,)) as name:
        tensor = convert_to_tensor(tensor, name="tensor")
        result = ones(inner_shape(tensor, optimize), dtype or tensor.dtype, name)
        result.set_shape(tensor.shape)
        return result


def inner_shape(tensor: Any, optimize: bool = True) -> Any:
    """Return the shape of a tensor as TensorFlow's own builders make it for themselves."""
    with scope(None, "Shape", (tensor,)) as name:
        if optimize and tensor.shape.is_fully_defined():
            # TF: unlike tf.shape, a constant of another name inside the scope.
            return convert_to_tensor(tensor.shape)
        return node("Shape", name, input=tensor)


def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Any:
    """Return a matrix, or a batch of them, with ones on the diagonal.

    Args:
      num_rows: the number of rows.
      num_columns: the number of columns; by default that of rows.
      batch_shape: the shape of the batch.
      dtype: the type.
      name: a name scope.

    Raises:
      TypeError: a number of rows or columns is not an integer.
    """
    with scope(name, "eye", (num_rows, num_columns, batch_shape)):
        square = num_columns is None
        batch: Any = [] if batch_shape is None else batch_shape
        columns = num_rows if square else num_columns
        size: Any
        if isinstance(num_rows, Tensor) or isinstance(columns, Tensor):
            size = node("Minimum", x=num_rows, y=columns)
        else:
            if not all(isinstance(n, int | np.integer) for n in (num_rows, columns)):
                raise TypeError(
                    "Arguments `num_rows` and `num_columns` must be positive integer values. "
                    f"Received: num_rows={num_rows}, num_columns={columns}"
                )
            square = num_rows == columns
            size = np.minimum(num_rows, columns)
        if isinstance(batch, Tensor) or isinstance(size, Tensor):
            batch = convert_to_tensor(batch, dtypes.int32, "shape")
            diagonal_shape = concat((batch, [size]), 0)
            whole = None if square else concat((batch, [num_rows, columns]), 0)
        else:
            diagonal_shape = [*batch, size]
            whole = [*batch, num_rows, columns]
        diagonal = ones(diagonal_shape, dtype)
        if square:
            return matrix_diag(diagonal)
        return matrix_set_diag(zeros(whole, dtype), diagonal)


# Diagonals


def matrix_diag(
    diagonal: Any,
    name: str = "diag",
    k: Any = 0,
    num_rows: Any = -1,
    num_cols: Any = -1,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Any:
    """Return matrices with diagonals, and a padding elsewhere.

    Args:
      diagonal: the diagonals.
      name: the name of the node.
      k: which diagonal, 0 the main one; or the lowest and the highest.
      num_rows, num_cols: the size; by default the least that fits.
      padding_value: what fills the rest.
      align: how diagonals that are shorter than others lie in `diagonal`.
    """
    return node(
        "MatrixDiagV3",
        name,
        diagonal=diagonal,
        k=k,
        num_rows=num_rows,
        num_cols=num_cols,
        padding_value=_padding(diagonal, padding_value),
        align=align,
    )


def matrix_diag_part(
    input: Any,
    name: str = "diag_part",
    k: Any = 0,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Any:
    """Return the diagonals of matrices; the arguments are those of `matrix_diag`."""
    padding = _padding(input, padding_value)
    return node("MatrixDiagPartV3", name, input=input, k=k, padding_value=padding, align=align)


def _padding(tensor: Any, value: Any) -> Any:
    return bool(value) if hasattr(tensor, "dtype") and tensor.dtype == "bool" else value


def matrix_set_diag(
    input: Any, diagonal: Any, name: str = "set_diag", k: Any = 0, align: str = "RIGHT_LEFT"
) -> Any:
    """Return matrices with their diagonals replaced; the arguments are those of `matrix_diag`."""
    return node("MatrixSetDiagV3", name, input=input, diagonal=diagonal, k=k, align=align)


def diag_part(input: Any, name: str | None = None) -> Any:
    """Return the diagonal of a tensor of even rank, whose dimensions are repeated."""
    return node("DiagPart", name, input=input)


# Sizes


def size(input: Any, name: str | None = None, out_type: Any = None) -> Any:
    """Return the number of elements: a constant where it is known, else a Size node.

    Args:
      input: the tensor.
      name: the name of the node.
      out_type: int32 (the default) or int64.
    """
    dtype = dtypes.int32 if out_type is None else as_dtype(out_type)
    with scope(name, "Size", (input,)) as name:
        tensor = convert_to_tensor(input)
        count = tensor.shape.num_elements()
        if count is None and 0 in (tensor._dims or ()):
            count = 0
        if count is not None:
            return constant(count, dtype, name=name)
        return node("Size", name, input=tensor, out_type=dtype)


def rank(input: Any, name: str | None = None) -> Any:
    """Return the number of dimensions: a constant where it is known, else a Rank node."""
    with scope(name, "Rank", (input,)) as name:
        tensor = convert_to_tensor(input)
        if tensor.ndim is not None:
            return constant(tensor.ndim, dtypes.int32, name=name)
        return node("Rank", name, input=tensor)


def shape_n(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> Any:
    """Return the shapes of several tensors."""
    return node("ShapeN", name, input=input, out_type=out_type)


# Tensors made of indices


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    """Return a new dimension that is `on_value` at each index and `off_value` elsewhere.

    Args:
      indices: the indices.
      depth: the size of the new dimension.
      on_value, off_value: scalars; 1 and 0 by default.
      axis: where the new dimension goes; last by default.
      dtype: the type; by default that of the values, else float32.
      name: the name of the node.

    Raises:
      TypeError: the types differ.
    """
    with scope(name, "one_hot", (indices, depth, on_value, off_value)) as name:
        given = {"on_value": on_value, "off_value": off_value}
        tensors = {
            k: convert_to_tensor(v, preferred_dtype=dtype)
            for k, v in given.items()
            if v is not None
        }
        for k, t in tensors.items():
            if dtype is not None and t.dtype.base_dtype != dtype:
                raise TypeError(
                    f"dtype {t.dtype.base_dtype} of {k} does not match dtype parameter {dtype}"
                )
        if dtype is None:
            first = next(iter(tensors.values()), None)
            dtype = dtypes.float32 if first is None else first.dtype.base_dtype
        for k, number in (("on_value", 1), ("off_value", 0)):
            if k not in tensors:
                tensors[k] = convert_to_tensor(number, dtype, k)
        on, off = tensors["on_value"], tensors["off_value"]
        if on.dtype.base_dtype is not off.dtype.base_dtype:
            raise TypeError(
                f"dtype {on.dtype.base_dtype} of on_value does not match dtype "
                f"{off.dtype.base_dtype} of off_value"
            )
        return node(
            "OneHot", name, indices=indices, depth=depth, on_value=on, off_value=off, axis=axis
        )


def sequence_mask(
    lengths: Any, maxlen: Any = None, dtype: Any = dtypes.bool, name: str | None = None
) -> Any:
    """Return masks whose first `lengths` elements are true.

    Args:
      lengths: the lengths; an integer tensor of any shape.
      maxlen: the size of the new, last dimension; by default the greatest length.
      dtype: the type of the result.
      name: a name scope.

    Raises:
      ValueError: `maxlen` is not a scalar.
    """
    with scope(name, "SequenceMask", (lengths, maxlen)):
        lengths = convert_to_tensor(lengths)
        if maxlen is None:
            maxlen = node("Max", input=lengths, reduction_indices=all_dimensions(lengths))
            maxlen = node("Maximum", x=constant(0, maxlen.dtype), y=maxlen)
        else:
            maxlen = convert_to_tensor(maxlen)
        if maxlen.ndim not in (None, 0):
            raise ValueError(
                "Argument `maxlen` must be scalar for sequence_mask, received `maxlen` = "
                f"{maxlen} with shape '{maxlen.shape}' instead"
            )
        start, delta = constant(0, maxlen.dtype), constant(1, maxlen.dtype)
        row = node("Range", start=start, limit=maxlen, delta=delta)
        column = node("ExpandDims", input=lengths, dim=-1)
        result = row < node("Cast", x=column, DstT=maxlen.dtype)
        return result if dtype is None else cast(result, dtype)


def all_dimensions(x: Any) -> Any:
    """Return the axes of a tensor, also as a constant where it is a scalar."""
    if x.ndim is not None:
        return constant(np.arange(x.ndim), dtypes.int32)
    return node("Range", start=0, limit=rank(x), delta=1)


def meshgrid(*args: Any, **kwargs: Any) -> Any:
    """Return the coordinates of the points of a grid.

    Args:
      *args: vectors, the coordinates along each axis.
      **kwargs: `indexing`, "xy" (the default; the first two axes change places) or "ij"; `name`, a
        name scope.

    Raises:
      TypeError: there is another keyword.
      ValueError: `indexing` is neither.
    """
    indexing = kwargs.pop("indexing", "xy")
    name = kwargs.pop("name", "meshgrid")
    if kwargs:
        raise TypeError(f"'{next(iter(kwargs))}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError(
            f"Argument `indexing` parameter must be either 'xy' or 'ij', got '{indexing}'"
        )
    with scope(name, "meshgrid", args) as name:
        count = len(args)
        if not count:
            return []
        output = []
        for i, x in enumerate(args):
            along = (1,) * i + (-1,) + (1,) * (count - i - 1)
            output.append(node("Reshape", tensor=stack(x), shape=along))
        sizes = [size(x) for x in args]
        dtype = convert_to_tensor(args[0]).dtype.base_dtype
        if indexing == "xy" and count > 1:
            rest = (1,) * (count - 2)
            output[0] = node("Reshape", tensor=output[0], shape=(1, -1, *rest))
            output[1] = node("Reshape", tensor=output[1], shape=(-1, 1, *rest))
            sizes[0], sizes[1] = sizes[1], sizes[0]
        every = ones(sizes, dtype)
        return [x * every for x in output]

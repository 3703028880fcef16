"""Dilated windows: space moved into the batch, an op applied, and moved back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operators import node
from evergraph.graph.slicing import concat, shape, stack
from evergraph.shapes import TensorShape
from evergraph.v1._arguments import convert_padding
from evergraph.v1.space import required_space_to_batch_paddings

#: `op(input, number of spatial dimensions, padding)`.
Windowed = Callable[[Any, int, Any], Any]


def with_space_to_batch(
    input: Any,
    dilation_rate: Any,
    padding: Any,
    op: Windowed,
    filter_shape: Any = None,
    spatial_dims: Any = None,
    data_format: str | None = None,
) -> Any:
    """Apply an op with dilated windows.

    Args:
      input: the tensor.
      dilation_rate: how far apart the elements of a window are, for each spatial dimension.
      padding: "SAME", "VALID", or a list of a pair for each dimension.
      op: `op(input, number of spatial dimensions, padding)`.
      filter_shape: the shape of the window, for "SAME".
      spatial_dims: the spatial dimensions; by default those after the batch (and the channels).
      data_format: where the channels are.

    Raises:
      ValueError: arguments or shapes do not fit.
    """
    tensor = convert_to_tensor(input, name="input")
    return over_spaces(tensor, op, dilation_rate, padding, filter_shape, spatial_dims, data_format)


def over_spaces(
    tensor: Any,
    op: Windowed,
    dilation_rate: Any,
    padding: Any,
    filter_shape: Any,
    spatial_dims: Sequence[int] | None,
    data_format: str | None,
    batch: int = 1,
    channels_out: TensorShape | None = None,
) -> Any:
    """Apply an op with dilated windows; see `with_space_to_batch`."""
    rates = convert_to_tensor(dilation_rate, dtypes.int32, "dilation_rate")
    if rates.ndim != 1 or not rates.shape.is_fully_defined():
        raise ValueError(
            f"`dilation_rate` must be a vector of known length. Received: dilation_rate={rates}"
        )
    count: int = rates.shape[0].value
    first = data_format is not None and data_format.startswith("NC")
    dims = _checked_dims(tensor, spatial_dims, count, batch + 1 if first else batch, first)
    known = constant_value(rates)
    if known is not None and (known < 1).any():
        raise ValueError(f"`dilation_rate` must be positive. Received: dilation_rate={known}")
    if known is not None and (known == 1).all():
        return op(tensor, count, padding)
    rate: Any = rates if known is None else known
    base = _base_paddings(padding, filter_shape, count, rate, first)
    sizes = None if tensor.ndim is None else [tensor.shape[i].value for i in dims]
    if sizes is None or None in sizes:
        every = shape(tensor)
        sizes = stack([every[i] for i in dims])
    paddings, crops = required_space_to_batch_paddings(sizes, rates, base)
    blocks = _for_dims_up_to(rates, 1, dims)
    paddings, crops = (_for_dims_up_to(t, 0, dims) for t in (paddings, crops))
    spread = node("SpaceToBatchND", input=tensor, block_shape=blocks, paddings=paddings)
    applied = op(spread, count, "VALID")
    result = node("BatchToSpaceND", input=applied, block_shape=blocks, crops=crops)
    if first and channels_out is not None and not result.shape[1].value:
        whole = result.shape.as_list()
        whole[1] = channels_out[-1]
        result.set_shape(whole)
    return result


def _checked_dims(
    tensor: Any, spatial_dims: Sequence[int] | None, count: int, start: int, first: bool
) -> list[int]:
    given = list(range(start, start + count)) if spatial_dims is None else list(spatial_dims)
    dims = sorted({int(d) for d in given})
    if dims != given or dims[0] < 1:
        raise ValueError(
            "`spatial_dims` must be a monotonically increasing sequence of positive integers. "
            f"Received: spatial_dims={given}"
        )
    least = dims[-1] if first else dims[-1] + 1
    if tensor.ndim is not None and tensor.ndim < least:
        raise ValueError(
            f"`input.shape.rank` must be at least {least}. Received: input.shape={tensor.shape} "
            f"with rank {tensor.ndim}"
        )
    return dims


def _base_paddings(padding: Any, filter_shape: Any, count: int, rate: Any, first: bool) -> Any:
    """Return what the padding asks for in each spatial dimension, as a matrix of two columns."""
    kind, explicit = convert_padding(padding)
    if kind == "VALID":
        return np.zeros([count, 2], np.int32)
    if kind == "EXPLICIT":
        pairs = np.array(explicit).reshape([count + 2, 2])
        return pairs[2:] if first else pairs[1:-1]
    if kind != "SAME":
        raise ValueError(f"`padding` must be one of 'SAME' or 'VALID'. Received: padding={padding}")
    if filter_shape is None:
        raise ValueError(
            "`filter_shape` must be specified for `padding='SAME'`. Received: "
            f"filter_shape={filter_shape} and padding={padding}"
        )
    sizes: Any = convert_to_tensor(filter_shape, name="filter_shape")
    known = constant_value(sizes)
    extra = ((sizes if known is None else known)[:count] - 1) * rate
    start = extra // 2
    end = extra - start
    return stack([[start[i], end[i]] for i in range(count)])


def _for_dims_up_to(tensor: Any, fill: int, dims: list[int]) -> Any:
    """Return rows for every dimension from 1 on; those that are not spatial are filled."""
    known = constant_value(tensor)
    rows: Any = tensor if known is None else known
    inner = tensor.shape.as_list()[1:]
    parts: list[Any] = []
    previous = i = 0
    while i < len(dims):
        start = i
        if dims[i] > 1:
            gap = [dims[i] - 1 - previous, *inner]
            parts.append(np.full(gap, fill, tensor.dtype.as_numpy_dtype))
        while i + 1 < len(dims) and dims[i + 1] == dims[i] + 1:
            i += 1
        parts.append(rows[start : i + 1])
        previous = dims[i]
        i += 1
    return concat(parts, 0) if known is None else np.concatenate(parts)


def strides_and_dilations(count: int, strides: Any, rates: Any) -> tuple[Any, Any]:
    """Return strides and dilation rates of the spatial dimensions, checked, as arrays."""
    found = []
    for label, value in (("strides", strides), ("dilation_rate", rates)):
        value = [1] * count if value is None else value
        if len(value) != count:
            raise ValueError(
                f"`len({label})` should be {count}. Received: {label}={value} of length "
                f"{len(value)}"
            )
        array = np.array(value, np.int32)
        if (array < 1).any():
            raise ValueError(f"all values of `{label}` must be positive. Received: {label}={array}")
        found.append(array)
    if (found[0] > 1).any() and (found[1] > 1).any():
        raise ValueError(
            "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
            f"strides={found[0]} and dilation_rate={found[1]}"
        )
    return found[0], found[1]

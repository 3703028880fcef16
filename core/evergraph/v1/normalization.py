"""Moments, and normalization by them."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import shape
from evergraph.v1._arguments import base_dtype, renamed
from evergraph.v1.arithmetic import add, div_no_nan
from evergraph.v1.conditions import cond
from evergraph.v1.filling import rank, size, zeros, zeros_like
from evergraph.v1.indexing import gather
from evergraph.v1.reductions import reduce_mean, reduce_prod, reduce_sum
from evergraph.v1.shaping import squeeze


def moments(
    x: Any,
    axes: Any,
    shift: Any = None,
    name: str | None = None,
    keep_dims: bool | None = None,
    keepdims: bool | None = None,
) -> Any:
    """Return mean and variance over some axes.

    Args:
      x: the tensor.
      axes: the axes.
      shift: not used.
      name: a name scope.
      keep_dims: the old name of `keepdims`.
      keepdims: whether the axes are kept, with size 1.
    """
    del shift
    keepdims = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    with scope(name, "moments", (x, axes)):
        half = base_dtype(x) is dtypes.float16
        y = cast(x, dtypes.float32) if half else x
        mean = reduce_mean(y, axes, keepdims=True, name="mean")
        distance = node("SquaredDifference", x=y, y=node("StopGradient", input=mean))
        variance = reduce_mean(distance, axes, keepdims=True, name="variance")
        if not keepdims:
            mean, variance = squeeze(mean, axes), squeeze(variance, axes)
        return (_half(mean), _half(variance)) if half else (mean, variance)


def _half(tensor: Any) -> Any:
    return cast(tensor, dtypes.float16)


def weighted_moments(
    x: Any,
    axes: Any,
    frequency_weights: Any,
    name: str | None = None,
    keep_dims: bool | None = None,
    keepdims: bool | None = None,
) -> Any:
    """Return mean and variance over some axes, of weighted elements; as `moments`."""
    keepdims = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    with scope(name, "weighted_moments", (x, frequency_weights, axes)):
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(frequency_weights, name="frequency_weights")
        half = x.dtype.base_dtype is dtypes.float16
        x = cast(x, dtypes.float32) if half else x
        weights = cast(weights, x.dtype)
        weighted = reduce_sum(weights * x, axes, name="weighted_input_sum", keepdims=True)
        total = weights + zeros_like(x)
        total = reduce_sum(total, axes, name="sum_of_weights", keepdims=True)
        mean = div_no_nan(weighted, total)
        distance = weights * node("SquaredDifference", x=x, y=mean)
        distance = reduce_sum(distance, axes, name="weighted_distsq", keepdims=True)
        variance = div_no_nan(distance, total)
        if not keepdims:
            mean, variance = squeeze(mean, axes), squeeze(variance, axes)
        return (_half(mean), _half(variance)) if half else (mean, variance)


def sufficient_statistics(
    x: Any,
    axes: Any,
    shift: Any = None,
    keep_dims: bool | None = None,
    name: str | None = None,
    keepdims: bool | None = None,
) -> Any:
    """Return what mean and variance over some axes follow from; see `normalize_moments`.

    Args:
      x: the tensor.
      axes: the axes.
      shift: a value near the mean, for precision.
      keep_dims: the old name of `keepdims`.
      name: a name scope.
      keepdims: whether the axes are kept, with size 1.

    Returns:
      The count, the (shifted) sum, the (shifted) sum of squares, and the shift.
    """
    axes = list(set(axes))
    keepdims = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    with scope(name, "sufficient_statistics", (x, shift)):
        x = convert_to_tensor(x, name="x")
        sizes = None if x.ndim is None else [x.shape[d].value for d in axes]
        if sizes is not None and None not in sizes:
            number = 1
            for s in sizes:
                number *= s
            counts = constant(number, x.dtype)
        else:
            count = rank(x)
            positive = [axis + count if axis < 0 else axis for axis in axes]
            counts = gather(cast(shape(x), x.dtype), positive)
            counts = reduce_prod(counts, name="count")
        if shift is None:
            sums, squares = x, node("Square", x=x)
        else:
            shift = convert_to_tensor(shift, name="shift")
            sums = node("Sub", x=x, y=shift)
            squares = node("SquaredDifference", x=x, y=shift)
        sums = reduce_sum(sums, axes, keepdims=keepdims, name="mean_ss")
        squares = reduce_sum(squares, axes, keepdims=keepdims, name="var_ss")
        return counts, sums, squares, shift


def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None
) -> Any:
    """Return mean and variance, from what `sufficient_statistics` returns."""
    with scope(name, "normalize", (counts, mean_ss, variance_ss, shift)):
        divisor = node("Reciprocal", "divisor", x=counts)
        if shift is None:
            shifted = mean = node("Mul", "mean", x=mean_ss, y=divisor)
        else:
            shifted = node("Mul", "shifted_mean", x=mean_ss, y=divisor)
            mean = add(shifted, shift, "mean")
        scaled = node("Mul", x=variance_ss, y=divisor)
        variance = node("Sub", "variance", x=scaled, y=node("Square", x=shifted))
    return mean, variance


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    offset: Any,
    scale: Any,
    variance_epsilon: Any,
    name: str | None = None,
) -> Any:
    """Return (x - mean) / sqrt(variance), times `scale` and plus `offset` where they are given.

    Args:
      x: the tensor.
      mean, variance: its moments.
      offset, scale: tensors or None.
      variance_epsilon: what is added to the variance.
      name: a name scope.
    """
    with scope(name, "batchnorm", (x, mean, variance, scale, offset)):
        inverse = node("Rsqrt", x=variance + variance_epsilon)
        if scale is not None:
            inverse *= scale
        # TF: evaluated from left to right, the product with x first.
        scaled = x * cast(inverse, x.dtype)
        rest = -mean * inverse if offset is None else offset - mean * inverse
        return scaled + cast(rest, x.dtype)


def batch_norm_with_global_normalization(
    t: Any = None,
    m: Any = None,
    v: Any = None,
    beta: Any = None,
    gamma: Any = None,
    variance_epsilon: Any = None,
    scale_after_normalization: Any = None,
    name: str | None = None,
    input: Any = None,
    mean: Any = None,
    variance: Any = None,
) -> Any:
    """Do what `batch_normalization` does, under other names of its arguments."""
    t = renamed("input", input, "t", t)
    m = renamed("mean", mean, "m", m)
    v = renamed("variance", variance, "v", v)
    scale = gamma if scale_after_normalization else None
    return batch_normalization(t, m, v, beta, scale, variance_epsilon, name)


def fused_batch_norm(
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any = None,
    variance: Any = None,
    epsilon: float = 0.001,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
    exponential_avg_factor: float = 1.0,
) -> Any:
    """Normalize each channel of a batch of images.

    Args:
      x: the images.
      scale, offset: vectors, for each channel.
      mean, variance: the moments to use, or to update while training.
      epsilon: what is added to the variance.
      data_format: "NHWC" or "NCHW".
      is_training: whether the moments are those of the batch.
      name: the name of the node.
      exponential_avg_factor: the share of the batch in the updated moments.

    Returns:
      The normalized images, and the mean and variance of the batch.

    Raises:
      ValueError: the moments are missing where they are needed.
    """
    if (not is_training or exponential_avg_factor != 1.0) and (mean is None or variance is None):
        raise ValueError(
            "Both `mean` and `variance` must be a 1D tensor when `is_training` is False or "
            f"`exponential_avg_factor` != 1.0. Received: `mean` {mean!r} and `variance` "
            f"{variance!r}"
        )
    result = node(
        "FusedBatchNormV3",
        name,
        x=convert_to_tensor(x, name="input"),
        scale=convert_to_tensor(scale, name="scale"),
        offset=convert_to_tensor(offset, name="offset"),
        mean=constant([]) if mean is None else mean,
        variance=constant([]) if variance is None else variance,
        epsilon=epsilon,
        exponential_avg_factor=exponential_avg_factor,
        data_format=data_format,
        is_training=is_training,
    )
    return result.y, result.batch_mean, result.batch_variance


def zero_fraction(value: Any, name: str | None = None) -> Any:
    """Return the fraction of elements that are zero, as a float32."""
    with scope(name, "zero_fraction", (value,)):
        value = convert_to_tensor(value, name="value")
        count = size(value, out_type=dtypes.int64)
        # Where it does, int32 is enough, and less to add up.
        others = cond(
            count <= dtypes.int32.max,
            lambda: cast(_count_nonzero(value, dtypes.int32), dtypes.int64),
            lambda: _count_nonzero(value, dtypes.int64),
        )
        with scope("counts_to_fraction"):
            zero_count = cast(count - others, dtypes.float32)
            fraction = zero_count / cast(count, dtypes.float32)
        return node("Identity", "fraction", input=fraction)


def _count_nonzero(value: Any, dtype: dtypes.DType) -> Any:
    with scope("count_nonzero", values=(value,)):
        different = node("NotEqual", x=value, y=zeros([], value.dtype))
        return reduce_sum(cast(different, dtype), name="nonzero_count")

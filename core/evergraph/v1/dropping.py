"""tf.nn.dropout: some elements at random become zero."""

from __future__ import annotations

from numbers import Real
from typing import Any

from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import shape as shape_of
from evergraph.shapes import TensorShape
from evergraph.v1._arguments import is_tensor, renamed
from evergraph.v1.random_ops import random_uniform
from evergraph.v1.random_seed import get_seed


def dropout(
    x: Any,
    keep_prob: Any = None,
    noise_shape: Any = None,
    seed: int | None = None,
    name: str | None = None,
    rate: Any = None,
) -> Any:
    """Return `x` with elements at random as zero, and the others divided by `1 - rate`.

    Args:
      x: a tensor of floats.
      keep_prob: deprecated; `1 - rate`.
      noise_shape: the shape of what is drawn, by default that of `x`. Where it is 1 and `x` is not,
        the elements along that dimension share their fate.
      seed: the op's seed; see `tf.set_random_seed`.
      name: a name scope.
      rate: how probable it is that an element becomes zero: a number, or a scalar tensor.

    Raises:
      ValueError: the rate is not given, given twice, no scalar or not in [0, 1); or `x` holds no
        floats.
    """
    try:
        complement = None if keep_prob is None else 1.0 - keep_prob
    except TypeError:
        raise ValueError(
            "`keep_prob` must be a floating point number or Tensor. "
            f"Received: keep_prob={keep_prob}"
        ) from None
    rate = renamed("rate", rate, "keep_prob", complement)
    if rate is None:
        raise ValueError(f"`rate` must be provided. Received: rate={rate}")
    is_number = _is_number(rate)
    with scope(name, "dropout", [x]):
        if is_number and not 0 <= rate < 1:
            raise ValueError(
                f"`rate` must be a scalar tensor or a float in the range [0, 1). "
                f"Received: rate={rate}"
            )
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_floating:
            raise ValueError(
                "`x.dtype` must be a floating point tensor as `x` will be scaled. "
                f"Received: x_dtype={x.dtype}"
            )
        if is_number and rate == 0:
            # The ops that follow get the seeds that they have after any other rate.
            get_seed(seed)
            return x
        if not is_number and not is_tensor(rate):
            raise ValueError(f"`rate` must be a scalar or scalar tensor. Received: rate={rate}")
        if is_number:
            factor = convert_to_tensor(1 / (1 - rate), x.dtype, "Const")
            scaled = node("Mul", x=x, y=factor)
        else:
            rate = _scalar(rate, x.dtype)
            one = convert_to_tensor(1, x.dtype, "Const")
            scaled = node("RealDiv", x=x, y=node("Sub", x=one, y=rate))
        noise = random_uniform(_noise_shape(x, noise_shape), dtype=x.dtype, seed=seed)
        kept = node("GreaterEqual", x=noise, y=rate)
        zero = convert_to_tensor(0, x.dtype, "Const")
        result = node("SelectV2", condition=kept, t=scaled, e=zero)
        result.set_shape(x.shape)
        return result


def _is_number(value: Any) -> bool:
    return isinstance(value, Real)


def _scalar(rate: Any, dtype: Any) -> Any:
    """Return a scalar tensor in another type."""
    rate.shape.assert_has_rank(0)
    if rate.dtype == dtype:
        return rate
    if not rate.dtype.is_compatible_with(dtype):
        raise ValueError(
            "`x.dtype` must be compatible with `rate.dtype`. "
            f"Received: x.dtype={dtype} and rate.dtype={rate.dtype}"
        )
    return cast(rate, dtype, "rate")


def _noise_shape(x: Any, noise_shape: Any) -> Any:
    """Return the shape of what is drawn; sizes that are not known are those of the tensor."""
    if noise_shape is None:
        return shape_of(x)
    try:
        given = TensorShape(noise_shape)
    except (TypeError, ValueError):
        return noise_shape
    if x.shape.dims is None or given.dims is None or len(x.shape.dims) != len(given.dims):
        return noise_shape
    pairs = zip(given.as_list(), x.shape.as_list(), strict=True)
    return TensorShape([own if wanted is None else wanted for wanted, own in pairs])

"""Random tensors: uniform, normal, shuffled and the rest, drawn anew in every run."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.builder import build
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value_as_shape
from evergraph.graph.operators import node, scope
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1.arithmetic import add
from evergraph.v1.random_seed import get_seed

_UNIFORM: Final = (
    dtypes.float16,
    dtypes.bfloat16,
    dtypes.float32,
    dtypes.float64,
    dtypes.int32,
    dtypes.int64,
)
_INDICES: Final = (dtypes.int32, dtypes.int64)


def shape_tensor(shape: Any) -> Tensor:
    """Return a shape as a tensor: of int32 where nothing else decides."""
    dtype = None
    if not isinstance(shape, Tensor) and isinstance(shape, list | tuple) and not shape:
        dtype = dtypes.int32
    return convert_to_tensor(shape, dtype, "shape")


def shaped(result: Any, shape: Any) -> Any:
    """Return a tensor, with what is known of a shape as its static shape."""
    if not result.shape.is_fully_defined():
        result.set_shape(TensorShape(constant_value_as_shape(shape_tensor(shape))))
    return result


def _seeds(seed: int | None) -> dict[str, Any]:
    first, second = get_seed(seed)
    return {"seed": first, "seed2": second}


def check_type(dtype: Any, accepted: Any) -> Any:
    """Return a type; ValueError unless it is one of those accepted."""
    dtype = as_dtype(dtype)
    if dtype not in accepted:
        raise ValueError(
            f"Argument `dtype` got invalid value {dtype}. Accepted dtypes are {accepted}."
        )
    return dtype


def random_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Return normally distributed random numbers.

    Args:
      shape: the shape.
      mean: their mean.
      stddev: their standard deviation.
      dtype: the type, a float.
      seed: the op's seed; see `tf.set_random_seed`.
      name: the name of the node.
    """
    return _normal("RandomStandardNormal", "random_normal", shape, mean, stddev, dtype, seed, name)


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Return normal random numbers, none farther from the mean than two standard deviations.

    The arguments are those of `random_normal`.
    """
    return _normal("TruncatedNormal", "truncated_normal", shape, mean, stddev, dtype, seed, name)


def _normal(
    type: str,
    default_name: str,
    shape: Any,
    mean: Any,
    stddev: Any,
    dtype: Any,
    seed: int | None,
    name: str | None,
) -> Any:
    with scope(name, default_name, (shape, mean, stddev)) as name:
        sizes = shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype, "mean")
        stddev = convert_to_tensor(stddev, dtype, "stddev")
        drawn = build(type, {"shape": sizes, "dtype": dtype} | _seeds(seed))
        return shaped(add(drawn * stddev, mean, name=name), sizes)


def parameterized_truncated_normal(
    shape: Any,
    means: Any = 0.0,
    stddevs: Any = 1.0,
    minvals: Any = -2.0,
    maxvals: Any = 2.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Return normal random numbers between bounds, with parameters for each batch."""
    values = (shape, means, stddevs, minvals, maxvals)
    with scope(name, "parameterized_truncated_normal", values) as name:
        arguments: dict[str, Any] = {"shape": shape_tensor(shape)}
        given = {"means": means, "stdevs": stddevs, "minvals": minvals, "maxvals": maxvals}
        for key, value in given.items():
            label = "stddevs" if key == "stdevs" else key
            arguments[key] = convert_to_tensor(value, dtype, label)
        return build("ParameterizedTruncatedNormal", arguments | _seeds(seed))


def random_uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Return random numbers of equal probability.

    Args:
      shape: the shape.
      minval: the least.
      maxval: what they are below; 1 by default, and required for integers.
      dtype: the type, a float, int32 or int64.
      seed: the op's seed; see `tf.set_random_seed`.
      name: the name of the node.

    Raises:
      ValueError: there is no `maxval` for integers, or the type is another one.
    """
    dtype = check_type(dtype, _UNIFORM)
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    with scope(name, "random_uniform", (shape, minval, maxval)) as name:
        sizes = shape_tensor(shape)
        from_zero = isinstance(minval, int) and minval == 0
        to_one = isinstance(maxval, int) and maxval == 1
        if not (from_zero and to_one) or dtype.is_integer:
            minval = convert_to_tensor(minval, dtype, "min")
            maxval = convert_to_tensor(maxval, dtype, "max")
        if dtype.is_integer:
            bounds = {"shape": sizes, "minval": minval, "maxval": maxval}
            return shaped(build("RandomUniformInt", bounds | _seeds(seed), name), sizes)
        drawn = build("RandomUniform", {"shape": sizes, "dtype": dtype} | _seeds(seed))
        if not from_zero:
            drawn = add(drawn * (maxval - minval), minval, name=name)
        elif not to_one:
            drawn = node("Mul", x=drawn, y=maxval)
        return shaped(drawn, sizes)


def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Any:
    """Return a tensor with its first dimension in random order."""
    return build("RandomShuffle", {"value": value} | _seeds(seed), name)


def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Any:
    """Return a part of a tensor, of a given size at a random place.

    Args:
      value: the tensor.
      size: the size in each dimension.
      seed: the op's seed.
      name: a name scope.
    """
    from evergraph.v1.asserts import assert_less_equal
    from evergraph.v1.flow import with_dependencies
    from evergraph.v1.shaping import slice as slice_of

    with scope(name, "random_crop", (value, size)) as name:
        value = convert_to_tensor(value, name="value")
        size = convert_to_tensor(size, dtypes.int32, "size")
        sizes = shape_of(value)
        enough = node("GreaterEqual", x=sizes, y=size)
        from evergraph.v1.flow import Assert
        from evergraph.v1.reductions import reduce_all

        del assert_less_equal
        check = Assert(
            reduce_all(enough),
            ["Need value.shape >= size, got ", sizes, size],
            summarize=1000,
        )
        sizes = with_dependencies([check], sizes)
        limit = sizes - size + 1
        offset = random_uniform(shape_of(sizes), dtype=size.dtype, maxval=size.dtype.max, seed=seed)
        return slice_of(value, offset % limit, size, name=name)


def multinomial(
    logits: Any,
    num_samples: Any,
    seed: int | None = None,
    name: str | None = None,
    output_dtype: Any = None,
) -> Any:
    """Return samples of categories.

    Args:
      logits: the logarithms of the probabilities, [batch, categories], not normalized.
      num_samples: how many for each batch.
      seed: the op's seed.
      name: a name scope.
      output_dtype: int32 or int64 (the default).

    Raises:
      ValueError: the type is another one.
    """
    with scope(name, "multinomial", (logits,)):
        return _categories(logits, num_samples, output_dtype, seed)


def categorical(
    logits: Any,
    num_samples: Any,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Return samples of categories; see `multinomial`."""
    with scope(name, "categorical", (logits,)):
        return _categories(logits, num_samples, dtype, seed)


def _categories(logits: Any, num_samples: Any, dtype: Any, seed: int | None) -> Any:
    logits = convert_to_tensor(logits, name="logits")
    arguments = {
        "logits": logits,
        "num_samples": num_samples,
        "output_dtype": check_type(dtype or dtypes.int64, _INDICES),
    }
    return build("Multinomial", arguments | _seeds(seed))


def random_gamma(
    shape: Any,
    alpha: Any,
    beta: Any = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Return gamma distributed random numbers.

    Args:
      shape: how many for each pair of parameters.
      alpha: the shape parameters.
      beta: the inverse scales; 1 by default.
      dtype: the type of the parameters.
      seed: the op's seed.
      name: a name scope.
    """
    with scope(name, "random_gamma", (shape, alpha, beta)):
        shape = convert_to_tensor(shape, dtypes.int32, "shape")
        alpha, beta, both = gamma_parameters(alpha, beta, dtype)
        drawn = build("RandomGamma", {"shape": shape, "alpha": both} | _seeds(seed))
        return above_zero(drawn / beta, alpha)


def gamma_parameters(alpha: Any, beta: Any, dtype: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Return the parameters as tensors, and `alpha` in the shape of both."""
    alpha = convert_to_tensor(alpha, dtype, "alpha")
    beta = convert_to_tensor(1 if beta is None else beta, dtype, "beta")
    shapes = {"s0": shape_of(alpha), "s1": shape_of(beta)}
    common = build("BroadcastArgs", shapes)
    return alpha, beta, build("BroadcastTo", {"input": alpha, "shape": common})


def above_zero(drawn: Any, like: Tensor) -> Any:
    """Return random numbers, zeros replaced by the least positive number."""
    least = np.finfo(like.dtype.as_numpy_dtype).tiny
    return node("Maximum", x=least, y=drawn)


def random_poisson(
    lam: Any,
    shape: Any,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Return Poisson distributed random numbers.

    Args:
      lam: the rates.
      shape: how many for each rate.
      dtype: the type.
      seed: the op's seed.
      name: a name scope.
    """
    with scope(name, "random_poisson", (lam, shape)):
        shape = convert_to_tensor(shape, dtypes.int32, "shape")
        arguments = {"shape": shape, "rate": lam, "dtype": dtype}
        return build("RandomPoissonV2", arguments | _seeds(seed))

"""Random tensors that follow from a seed alone: the same in every run."""

from __future__ import annotations

from typing import Any, Final

from evergraph import dtypes
from evergraph.builder import build
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import stack
from evergraph.v1.arithmetic import add
from evergraph.v1.filling import zeros
from evergraph.v1.random_ops import (
    above_zero,
    check_type,
    gamma_parameters,
    shape_tensor,
    shaped,
)
from evergraph.v1.shaping import reshape

_UNIFORM: Final = (
    dtypes.float16,
    dtypes.bfloat16,
    dtypes.float32,
    dtypes.float64,
    dtypes.int32,
    dtypes.int64,
    dtypes.uint32,
    dtypes.uint64,
)
#: The algorithms, and their numbers in the attribute `alg`.
_ALGORITHMS: Final = {"philox": 1, "threefry": 2, "autoselect": 3}


def _generator(seed: Any, alg: Any) -> dict[str, Any]:
    """Return the inputs `key`, `counter` and `alg` for a seed of two integers."""
    number = _algorithm(alg)
    if number == 3:
        key, counter = build("StatelessRandomGetKeyCounter", {"seed": seed})
    elif number == 1:
        key, counter = _scrambled(seed)
    elif number == 2:
        key = reshape(_joined(cast(seed, dtypes.uint32)), [1])
        counter = zeros([1], dtypes.uint64)
    else:
        raise ValueError(_unsupported(alg))
    return {"key": key, "counter": counter, "alg": number}


def _algorithm(alg: Any) -> Any:
    if alg is None:
        return 3
    if isinstance(alg, str):
        number = _ALGORITHMS.get(alg.strip().lower().replace("-", "").replace("_", ""))
        if number is None:
            raise ValueError(_unsupported(alg))
        return number
    value = getattr(alg, "value", alg)
    if not isinstance(value, int):
        raise TypeError(
            f"Can't convert argument `alg` (of value {alg} and type {type(alg)}) to int."
        )
    return value


def _unsupported(alg: Any) -> str:
    names = ("philox", "threefry", "auto_select") if isinstance(alg, str) else (1, 2, 3)
    philox, threefry, auto = names
    return (
        f"Argument `alg` got unsupported value {alg}. Supported values are {philox} for the Philox "
        f"algorithm, {threefry} for the ThreeFry algorithm, and {auto} for auto-selection."
    )


def _scrambled(seed: Any) -> tuple[Any, Any]:
    """Return a key and a counter for Philox: what it makes of the seed."""
    key = constant([0x02461E293EC8F720], dtypes.uint64)
    counter = cast(seed, dtypes.uint64)
    arguments = {"shape": [4], "key": key, "counter": counter, "dtype": dtypes.uint32, "alg": 1}
    mixed = build("StatelessRandomUniformFullIntV2", arguments)
    return reshape(_joined(mixed[:2]), [1]), stack([0, _joined(mixed[2:])], axis=0)


def _joined(words: Any) -> Any:
    """Return two words of 32 bits as one of 64."""
    low = cast(words[0], dtypes.uint64)
    high = cast(words[1], dtypes.uint64)
    shift = constant(32, dtypes.uint64)
    return node("BitwiseOr", x=low, y=node("LeftShift", x=high, y=shift))


def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Any:
    """Return random numbers of equal probability.

    Args:
      shape: the shape.
      seed: two integers.
      minval: the least; None, with `maxval`, for all numbers of an integer type.
      maxval: what they are below; 1 by default for floats.
      dtype: the type.
      name: the name of the node.
      alg: the algorithm: "philox", "threefry" or "auto_select".

    Raises:
      ValueError: bounds, type or algorithm are not such.
    """
    dtype = check_type(dtype, _UNIFORM)
    if dtype.is_integer:
        if (minval is None) != (maxval is None):
            raise ValueError(
                f"For integer `dtype` argument {dtype}, argument `minval` and `maxval` must be "
                f"both None or not None. Got `minval`={minval} and `maxval`={maxval}."
            )
        if minval is not None and dtype in (dtypes.uint32, dtypes.uint64):
            raise ValueError(
                f"Argument `dtype` got invalid value {dtype} when argument `minval` is not None. "
                "Please don't use unsigned integers in this case."
            )
    elif maxval is None:
        maxval = 1
    with scope(name, "stateless_random_uniform", (shape, seed, minval, maxval)) as name:
        sizes = shape_tensor(shape)
        if dtype.is_integer and minval is None:
            arguments = {"shape": sizes, "dtype": dtype, **_generator(seed, alg)}
            return shaped(build("StatelessRandomUniformFullIntV2", arguments, name), sizes)
        minval = convert_to_tensor(minval, dtype, "min")
        maxval = convert_to_tensor(maxval, dtype, "max")
        arguments = {"shape": sizes, **_generator(seed, alg)}
        if dtype.is_integer:
            bounds = {"minval": minval, "maxval": maxval}
            return shaped(build("StatelessRandomUniformIntV2", arguments | bounds, name), sizes)
        drawn = build("StatelessRandomUniformV2", arguments | {"dtype": dtype})
        return shaped(add(drawn * (maxval - minval), minval, name=name), sizes)


def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Any:
    """Return normally distributed random numbers; see `stateless_uniform`."""
    type = "StatelessRandomNormalV2"
    return _normal(type, "stateless_random_normal", shape, seed, mean, stddev, dtype, name, alg)


def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Any:
    """Return normal random numbers, none farther than two deviations; see `stateless_uniform`."""
    type = "StatelessTruncatedNormalV2"
    return _normal(type, "stateless_truncated_normal", shape, seed, mean, stddev, dtype, name, alg)


def _normal(
    type: str,
    default_name: str,
    shape: Any,
    seed: Any,
    mean: Any,
    stddev: Any,
    dtype: Any,
    name: str | None,
    alg: Any,
) -> Any:
    with scope(name, default_name, (shape, seed, mean, stddev)) as name:
        sizes = shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype, "mean")
        stddev = convert_to_tensor(stddev, dtype, "stddev")
        arguments = {"shape": sizes, "dtype": as_dtype(dtype), **_generator(seed, alg)}
        return shaped(add(build(type, arguments) * stddev, mean, name=name), sizes)


def stateless_binomial(
    shape: Any,
    seed: Any,
    counts: Any,
    probs: Any,
    output_dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Any:
    """Return binomially distributed random numbers.

    Args:
      shape: the shape.
      seed: two integers.
      counts: how many trials.
      probs: the probability of each.
      output_dtype: the type.
      name: a name scope.
    """
    with scope(name, "stateless_random_binomial", (shape, seed, counts, probs)):
        sizes = shape_tensor(shape)
        probs = convert_to_tensor(probs, name="probs", dtype_hint=dtypes.float32)
        counts = convert_to_tensor(counts, name="counts", dtype_hint=probs.dtype)
        arguments = {"shape": sizes, "seed": seed, "counts": counts, "probs": probs}
        return build("StatelessRandomBinomial", arguments | {"dtype": output_dtype})


def stateless_gamma(
    shape: Any,
    seed: Any,
    alpha: Any,
    beta: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Any:
    """Return gamma distributed random numbers.

    Args:
      shape: the shape.
      seed: two integers.
      alpha: the shape parameters.
      beta: the inverse scales; 1 by default.
      dtype: the type of the parameters.
      name: a name scope.
    """
    with scope(name, "stateless_random_gamma", (shape, seed, alpha, beta)):
        sizes = shape_tensor(shape)
        alpha, beta, both = gamma_parameters(alpha, beta, dtype)
        arguments = {"shape": sizes, "alpha": both, **_generator(seed, None)}
        return above_zero(build("StatelessRandomGammaV3", arguments) / beta, alpha)


def stateless_poisson(
    shape: Any, seed: Any, lam: Any, dtype: Any = dtypes.int32, name: str | None = None
) -> Any:
    """Return Poisson distributed random numbers.

    Args:
      shape: the shape.
      seed: two integers.
      lam: the rates.
      dtype: the type.
      name: a name scope.
    """
    with scope(name, "stateless_random_poisson", (shape, seed, lam)):
        arguments = {"shape": shape_tensor(shape), "seed": seed, "lam": lam, "dtype": dtype}
        return build("StatelessRandomPoisson", arguments)


def stateless_multinomial(
    logits: Any,
    num_samples: Any,
    seed: Any,
    output_dtype: Any = dtypes.int64,
    name: str | None = None,
) -> Any:
    """Return samples of categories.

    Args:
      logits: the logarithms of the probabilities, [batch, categories], not normalized.
      num_samples: how many for each batch.
      seed: two integers.
      output_dtype: int32 or int64.
      name: a name scope.
    """
    with scope(name, "stateless_multinomial", (logits, seed)):
        return _categories(logits, num_samples, seed, output_dtype)


def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = dtypes.int64, name: str | None = None
) -> Any:
    """Return samples of categories; see `stateless_multinomial`."""
    with scope(name, "stateless_categorical", (logits, seed)):
        return _categories(logits, num_samples, seed, dtype)


def _categories(logits: Any, num_samples: Any, seed: Any, dtype: Any) -> Any:
    logits = convert_to_tensor(logits, name="logits")
    arguments = {
        "logits": logits,
        "num_samples": num_samples,
        "seed": seed,
        "output_dtype": check_type(dtype or dtypes.int64, (dtypes.int32, dtypes.int64)),
    }
    return build("StatelessMultinomial", arguments)


def stateless_parameterized_truncated_normal(
    shape: Any,
    seed: Any,
    means: Any = 0.0,
    stddevs: Any = 1.0,
    minvals: Any = -2.0,
    maxvals: Any = 2.0,
    name: str | None = None,
) -> Any:
    """Return normal random numbers between bounds, with parameters for each element."""
    values = (shape, means, stddevs, minvals, maxvals)
    with scope(name, "stateless_parameterized_truncated_normal", values):
        arguments = {
            "shape": shape_tensor(shape),
            "seed": seed,
            "means": convert_to_tensor(means, name="means"),
            "stddevs": convert_to_tensor(stddevs, name="stddevs"),
            "minvals": convert_to_tensor(minvals, name="minvals"),
            "maxvals": convert_to_tensor(maxvals, name="maxvals"),
        }
        return build("StatelessParameterizedTruncatedNormal", arguments)


def stateless_shuffle(
    value: Any, seed: Any, alg: Any = "auto_select", name: str | None = None
) -> Any:
    """Return a tensor with its first dimension in an order that follows from the seed."""
    with scope(name, "stateless_shuffle", (value, seed)):
        return build("StatelessShuffle", {"value": value, **_generator(seed, alg)})


def stateless_split(seed: Any, num: Any = 2, alg: Any = "auto_select") -> Any:
    """Return several seeds that follow from one."""
    seed = convert_to_tensor(seed)
    return stateless_uniform([num, 2], seed, None, None, seed.dtype, alg=alg)


def stateless_fold_in(seed: Any, data: Any, alg: Any = "auto_select") -> Any:
    """Return a seed that follows from one and a number."""
    data = convert_to_tensor(data)
    first = stateless_uniform([], seed, None, None, data.dtype, alg=alg)
    return node("Pack", values=[first, data])

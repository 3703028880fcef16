"""Random ops without state: StatelessRandomUniform, StatelessShuffle … and their keys."""

from __future__ import annotations

import math

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops import random, sampling
from evergraph.ops.array import allocate, dimensions
from evergraph.ops.gamma_derivative import gamma_gradient
from evergraph.ops.rules import merged_dim, same_shape, scalar_value, with_rank
from evergraph.shapes import bracketed

#: The key under which a seed is scrambled.
_SCRAMBLE = (0x3EC8F720, 0x02461E29)
#: The algorithms of tf.random.Algorithm that the CPU has: Philox, and its own choice.
_PHILOX, _AUTO_SELECT = 1, 3


def key_and_counter(xp, seed):
    """Return the key, uint32 [2], and the counter, uint32 [4], that a seed of two integers gives."""
    if seed.shape != (2,):
        raise ShapeError(
            f"Dimension must be 2 but is shape {bracketed(seed.shape)}",
            f"seed must have shape [2], not {bracketed(seed.shape)}",
        )
    wide = xp.ext.bitcast(xp.astype(seed, xp.int64), xp.uint64)
    key = xp.asarray(np.array(_SCRAMBLE, np.uint32))
    mixed = xp.reshape(xp.ext.random_bits(key, _words(xp, wide), 1), (4,))
    return mixed[:2], xp.concat([xp.zeros((2,), dtype=xp.uint32), mixed[2:]])


def _words(xp, x):
    """Return the words of a vector of uint64, the low ones first."""
    return xp.reshape(xp.astype(xp.stack([x & 0xFFFFFFFF, x >> 32], axis=-1), xp.uint32), (-1,))


def _wide(xp, words):
    pairs = xp.astype(xp.reshape(words, (-1, 2)), xp.uint64)
    return pairs[:, 0] | (pairs[:, 1] << 32)


def get_key_counter(xp, seed):
    return [_wide(xp, part) for part in key_and_counter(xp, seed)]


def get_key_counter_shape(seed):
    _check_seed(seed)
    return [(1,), (2,)]


def get_key_counter_alg(xp, seed):
    return [*get_key_counter(xp, seed), get_alg(xp)]


def get_key_counter_alg_shape(seed):
    return [*get_key_counter_shape(seed), ()]


def get_alg(xp):
    return np.array(_PHILOX, np.int32)


def get_alg_shape():
    return ()


def _check_seed(seed):
    if with_rank(seed, 1) is not None:
        merged_dim(seed[0], 2)


def seeded_shape(shape, seed):
    _check_seed(seed)
    return sizes_of(shape)


def keyed_shape(shape, key, counter, alg):
    if with_rank(key, 1) is not None:
        merged_dim(key[0], 1)
    with_rank(counter, 1)
    return sizes_of(shape)


def sizes_of(shape):
    """Return the output shape that a shape-like input gives, as far as it is known."""
    if shape is None:
        return None
    for d in shape:
        if d is not None and d < -1:
            raise ShapeError(f"Dimension {d} must be >= -1", f"Dimension {d} must be >= 0")
    return tuple(None if d == -1 else d for d in shape)


def _given(xp, key, counter, alg):
    """Return key and counter as words, checked."""
    which = scalar_value(alg, "input 3 (0-based) must have shape [], not {}")
    if which not in (_PHILOX, _AUTO_SELECT):
        raise InvalidArgumentError(None, None, f"Unsupported algorithm id: {which}")
    if key.shape != (1,):
        text = f"key must have shape [1], not {bracketed(key.shape)}. (Note that batched keys are not supported yet.)"
        raise InvalidArgumentError(None, None, text)
    # TF: a counter of one number is taken as well, with whatever lies behind it in memory.
    if counter.ndim != 1 or counter.shape[0] < 2:
        text = f"counter must be a vector with length at least 2; got shape: {bracketed(counter.shape)}. (Note that batched counters are not supported yet.)"
        raise InvalidArgumentError(None, None, text)
    return _words(xp, key), _words(xp, counter[:2])


def output_shape(xp, shape, dtype):
    """Return the value of an input that is a shape, checked."""
    sizes = dimensions(shape, "shape must be a vector of {{int32,int64}}, got shape {}")
    allocate(xp, sizes, dtype)
    return sizes


def _fills(draw, default):
    """Return the two kernels of an op that fills an array: from a seed, and from a key."""

    def seeded(xp, shape, seed, *, dtype=None):
        dtype = getattr(xp, default) if dtype is None else dtype
        sizes = output_shape(xp, shape, dtype)
        return draw(xp, *key_and_counter(xp, seed), sizes, dtype)

    def keyed(xp, shape, key, counter, alg, *, dtype=None):
        dtype = getattr(xp, default) if dtype is None else dtype
        words = _given(xp, key, counter, alg)
        return draw(xp, *words, output_shape(xp, shape, dtype), dtype)

    return seeded, keyed


def checked_uniform_int(xp, key, counter, sizes, low, high):
    """Return integers in [low, high), which must not be empty unless none are wanted."""
    if not math.prod(sizes):  # TF: of no numbers, any bounds will do
        return xp.zeros(sizes, dtype=low.dtype)
    for name, value in (("minval", low), ("maxval", high)):
        if value.ndim:
            text = f"{name} must be 0-D, got shape {bracketed(value.shape)}"
            raise InvalidArgumentError(None, None, text)

    def message(at, low, high):
        return f"Need minval < maxval, got {int(low)} >= {int(high)}"

    xp.check(low < high, InvalidArgumentError, message, low, high)
    return random.uniform_int(xp, key, counter, sizes, low, high)


def uniform_int(xp, shape, seed, minval, maxval):
    sizes = output_shape(xp, shape, minval.dtype)
    key, counter = key_and_counter(xp, seed)
    return checked_uniform_int(xp, key, counter, sizes, minval, maxval)


def uniform_int_v2(xp, shape, key, counter, alg, minval, maxval):
    key, counter = _given(xp, key, counter, alg)
    return checked_uniform_int(
        xp, key, counter, output_shape(xp, shape, minval.dtype), minval, maxval
    )


def uniform_int_shape(shape, seed, minval, maxval):
    with_rank(minval, 0)
    with_rank(maxval, 0)
    return seeded_shape(shape, seed)


def uniform_int_v2_shape(shape, key, counter, alg, minval, maxval):
    with_rank(minval, 0)
    with_rank(maxval, 0)
    return keyed_shape(shape, key, counter, alg)


def shuffle(xp, value, key, counter, alg):
    key, counter = _given(xp, key, counter, alg)
    return sampling.shuffled(xp, key, counter, value)


def multinomial(xp, logits, num_samples, seed, *, output_dtype=None):
    key, counter = key_and_counter(xp, seed)
    return checked_multinomial(xp, key, counter, logits, num_samples, output_dtype)


def checked_multinomial(xp, key, counter, logits, num_samples, output_dtype):
    """Return draws of classes, after checking what TensorFlow checks when the op runs."""
    if logits.ndim != 2:
        text = f"logits should be a matrix, got shape {bracketed(logits.shape)}"
        raise InvalidArgumentError(None, None, text)
    count = scalar_value(num_samples, "num_samples should be a scalar, got shape {}")
    if count < 0:
        text = f"num_samples should be non-negative, got {count}"
        raise InvalidArgumentError(None, None, text)
    rows, classes = logits.shape
    if not classes:
        raise InvalidArgumentError(None, None, "num_classes should be positive, got 0")
    dtype = xp.int64 if output_dtype is None else output_dtype
    allocate(xp, (rows, count), dtype)
    return sampling.multinomial(xp, key, counter, logits, count, dtype)


def multinomial_shape(logits, num_samples, seed):
    _check_seed(seed)
    return drawn_classes_shape(logits, num_samples)


def drawn_classes_shape(logits, num_samples):
    """The shape of draws of classes: rows, and as many columns as are asked for."""
    with_rank(logits, 2)
    count = None if num_samples is None else int(num_samples)
    if count is not None and count < 0:
        raise ShapeError(
            f"Dimension size, given by scalar input 1, must be non-negative but is {count}"
        )
    return (None if logits is None else logits[0], count)


def gamma(xp, shape, seed, alpha):
    sizes = output_shape(xp, shape, alpha.dtype)
    key, counter = key_and_counter(xp, seed)
    return _gamma(xp, key, counter, sizes, alpha)


def gamma_v3(xp, shape, key, counter, alg, alpha):
    key, counter = _given(xp, key, counter, alg)
    return _gamma(xp, key, counter, output_shape(xp, shape, alpha.dtype), alpha)


def _gamma(xp, key, counter, sizes, alpha):
    if not math.prod(sizes):
        return xp.zeros(sizes, dtype=alpha.dtype)
    count = _samples(sizes, alpha, "alpha")
    draws = sampling.gamma(xp, key, counter, xp.reshape(alpha, (-1,)), count)
    return xp.reshape(draws, sizes)


def _samples(sizes, parameter, name):
    """Return how often each element of a parameter is drawn from."""
    rank = parameter.ndim
    if rank > len(sizes) or tuple(sizes[len(sizes) - rank :]) != parameter.shape:
        text = "Shape passed in must end with broadcasted shape."
        raise InvalidArgumentError(None, None, text)
    return math.prod(sizes) // math.prod(parameter.shape)


def gamma_shape(shape, seed, alpha):
    return seeded_shape(shape, seed)


def gamma_v3_shape(shape, key, counter, alg, alpha):
    return keyed_shape(shape, key, counter, alg)


def poisson(xp, shape, seed, lam, *, dtype):
    sizes = output_shape(xp, shape, dtype)
    key, counter = key_and_counter(xp, seed)
    if not math.prod(sizes):
        return xp.zeros(sizes, dtype=dtype)
    count = _samples(sizes, lam, "lam")
    draws = sampling.poisson(xp, key, counter, xp.reshape(lam, (-1,)), count, dtype)
    return xp.reshape(draws, sizes)


def poisson_shape(shape, seed, lam):
    return seeded_shape(shape, seed)


for _types, _draw, _default in (
    (("StatelessRandomUniform", "StatelessRandomUniformV2"), random.uniform, "float32"),
    (("StatelessRandomNormal", "StatelessRandomNormalV2"), random.normal, "float32"),
    (
        ("StatelessTruncatedNormal", "StatelessTruncatedNormalV2"),
        random.truncated_normal,
        "float32",
    ),
    (
        ("StatelessRandomUniformFullInt", "StatelessRandomUniformFullIntV2"),
        random.uniform_full_int,
        "uint64",
    ),
):
    _seeded, _keyed = _fills(_draw, _default)
    define(
        _types[0],
        _seeded,
        shape=seeded_shape,
        shape_like="shape",
        unknown_rank=True,
        gradient=no_gradient,
    )
    define(
        _types[1],
        _keyed,
        shape=keyed_shape,
        host="alg:0",
        shape_like="shape",
        unknown_rank=True,
        gradient=no_gradient,
    )

define(
    "StatelessRandomUniformInt",
    uniform_int,
    shape=uniform_int_shape,
    shape_like="shape",
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "StatelessRandomUniformIntV2",
    uniform_int_v2,
    shape=uniform_int_v2_shape,
    host="alg:0",
    shape_like="shape",
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "StatelessRandomGetKeyCounter", get_key_counter, shape=get_key_counter_shape, unknown_rank=True
)
define("StatelessRandomGetAlg", get_alg, shape=get_alg_shape)
define(
    "StatelessRandomGetKeyCounterAlg",
    get_key_counter_alg,
    shape=get_key_counter_alg_shape,
    unknown_rank=True,
)
define("StatelessShuffle", shuffle, shape=same_shape, host="alg:0", unknown_rank=True)
define(
    "StatelessMultinomial",
    multinomial,
    shape=multinomial_shape,
    host="num_samples:0",
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "StatelessRandomGammaV2",
    gamma,
    shape=gamma_shape,
    shape_like="shape",
    unknown_rank=True,
    gradient=gamma_gradient,
)
define(
    "StatelessRandomGammaV3",
    gamma_v3,
    shape=gamma_v3_shape,
    host="alg:0",
    shape_like="shape",
    unknown_rank=True,
    gradient=gamma_gradient,
)
define(
    "StatelessRandomPoisson",
    poisson,
    shape=poisson_shape,
    shape_like="shape",
    unknown_rank=True,
    gradient=no_gradient,
)

"""Random ops with a stream: what each draws from a key and a counter, and how far that moves.

A node's key is its attribute `seed`; its counter is `seed2`, as the upper 64 bits, and an offset,
which starts at 0 and moves by `advance` each time the node runs. Key and counter are the state of
the stream: a kernel takes it before its inputs and returns the next one before its output.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops import random, sampling, truncation
from evergraph.ops.array import dimensions
from evergraph.ops.gamma_derivative import gamma_gradient
from evergraph.ops.rules import same_shape
from evergraph.ops.stateless import (
    checked_multinomial,
    checked_uniform_int,
    drawn_classes_shape,
    output_shape,
    sizes_of,
)

_WORD: Final = 0xFFFFFFFF
_NOT_A_VECTOR: Final = "shape must be a vector of {{int32,int64}}, got shape {}"


@dataclass(frozen=True)
class Stream:
    """How an op draws from its stream.

    Attributes:
      draw: `draw(xp, key, counter, *inputs, **attributes)`: a kernel that takes before its inputs
        the key, uint32 [2], and the counter, uint32 [4], as `key_of` and `counter_of` give them.
      advance: `advance(*inputs, **attributes)`: by how much the offset moves, an int. Of an input
        that is no host input only the shape is looked at. A run that fails does not move it.
      shape: the op's shape rule.
      host, shape_like: the names of the host inputs, as in `define`.
    """

    draw: Callable[..., Any]
    advance: Callable[..., int]
    shape: Callable[..., Any]
    host: str = ""
    shape_like: str = ""


def key_of(seed):
    """Return the key, uint32 [2], of a node's attribute `seed`."""
    return np.array([seed & _WORD, seed >> 32 & _WORD], np.uint32)


def counter_of(seed2, offset):
    """Return the counter, uint32 [4], at an offset of the stream of a node's `seed2`."""
    return np.array([v >> s & _WORD for v in (offset, seed2) for s in (0, 32)], np.uint32)


def _filling(fill):
    def draw(xp, key, counter, shape, *, dtype):
        return fill(xp, key, counter, output_shape(xp, shape, dtype), dtype)

    return draw


def _fill_advance(shape, *bounds):
    return random.fill_steps(dimensions(shape, _NOT_A_VECTOR))


def _shape_rule(shape):
    return sizes_of(shape)


def _draw_integers(xp, key, counter, shape, minval, maxval):
    sizes = output_shape(xp, shape, minval.dtype)
    return checked_uniform_int(xp, key, counter, sizes, minval, maxval)


def _integers_shape(shape, minval, maxval):
    for value in (minval, maxval):
        if value:
            raise ShapeError(f"Shape must be rank 0 but is rank {len(value)}")
    return sizes_of(shape)


def _draw_truncated(xp, key, counter, shape, means, stdevs, minvals, maxvals):
    sizes = output_shape(xp, shape, means.dtype)
    return truncation.parameterized_truncated_normal(
        xp, key, counter, sizes, means, stdevs, minvals, maxvals
    )


def _truncated_advance(shape, *parameters):
    sizes = dimensions(shape, _NOT_A_VECTOR)
    return truncation.truncation_steps(*truncation.batches(sizes, *parameters))


def _truncated_shape(shape, means, stdevs, minvals, maxvals):
    return sizes_of(shape)


def _shuffle_advance(value):
    return sampling.shuffle_steps(sampling.rows_to_shuffle(value))


def _draw_classes(xp, key, counter, logits, num_samples, *, output_dtype=None):
    return checked_multinomial(xp, key, counter, logits, num_samples, output_dtype)


def _classes_advance(logits, num_samples):
    return sampling.multinomial_steps(logits.shape[0], int(num_samples))


def _draw_gamma(xp, key, counter, shape, alpha):
    sizes = output_shape(xp, shape, alpha.dtype)
    if not math.prod((*sizes, *alpha.shape)):
        return xp.zeros((*sizes, *alpha.shape), dtype=alpha.dtype)
    flat = xp.reshape(alpha, (-1,))
    draws = sampling.gamma(xp, key, counter, flat, math.prod(sizes))
    return xp.reshape(draws, (*sizes, *alpha.shape))


def _draw_poisson(xp, key, counter, shape, rate, *, dtype=None):
    dtype = xp.int64 if dtype is None else dtype
    sizes = output_shape(xp, shape, dtype)
    if not math.prod((*sizes, *rate.shape)):
        return xp.zeros((*sizes, *rate.shape), dtype=dtype)
    flat = xp.reshape(rate, (-1,))
    draws = sampling.poisson(xp, key, counter, flat, math.prod(sizes), dtype)
    return xp.reshape(draws, (*sizes, *rate.shape))


def _each_advance(shape, parameter):
    return random.fill_steps((*dimensions(shape, _NOT_A_VECTOR), *parameter.shape))


def _each_shape(shape, parameter):
    sizes = sizes_of(shape)
    return None if sizes is None or parameter is None else (*sizes, *parameter)


def _fill_stream(fill):
    return Stream(_filling(fill), _fill_advance, _shape_rule, shape_like="shape")


_POISSON: Final = Stream(_draw_poisson, _each_advance, _each_shape, shape_like="shape")

#: By op type.
STREAMS: Final[dict[str, Stream]] = {
    "RandomUniform": _fill_stream(random.uniform),
    "RandomStandardNormal": _fill_stream(random.normal),
    "TruncatedNormal": _fill_stream(random.truncated_normal),
    "RandomUniformInt": Stream(_draw_integers, _fill_advance, _integers_shape, shape_like="shape"),
    "ParameterizedTruncatedNormal": Stream(
        _draw_truncated, _truncated_advance, _truncated_shape, shape_like="shape"
    ),
    "RandomShuffle": Stream(sampling.shuffled, _shuffle_advance, same_shape),
    "Multinomial": Stream(
        _draw_classes, _classes_advance, drawn_classes_shape, host="num_samples:0"
    ),
    "RandomGamma": Stream(_draw_gamma, _each_advance, _each_shape, shape_like="shape"),
    # Old graphs have the first; its attribute `dtype` is that of the rate.
    "RandomPoisson": _POISSON,
    "RandomPoissonV2": _POISSON,
}


def _kernel(stream):
    """Return the kernel of an op: from the state, uint32 [6], and the inputs to both."""

    def kernel(xp, state, *inputs, **attributes):
        output = stream.draw(xp, state[:2], state[2:], *inputs, **attributes)
        return _moved(xp, state, stream.advance(*inputs)), output

    parameters = inspect.signature(stream.draw).parameters.values()
    xp, _key, _counter, *others = parameters
    state = inspect.Parameter("state", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    kernel.__signature__ = inspect.Signature([xp, state, *others])  # type: ignore[attr-defined]  # for `define`
    return kernel


def _moved(xp, state, steps):
    """Return the state with its offset, 64 bits, moved."""
    offset = xp.astype(state[2:4], xp.uint64)
    total = offset[0:1] + (offset[1:2] << 32) + xp.asarray([steps], dtype=xp.uint64)
    words = xp.concat([total & _WORD, total >> 32])
    return xp.concat([state[:2], xp.astype(words, xp.uint32), state[4:]])


#: The gradients of the others are none. TF: of those without a function here, not even that.
_GRADIENTS: Final = {
    "RandomGamma": gamma_gradient,
    "RandomPoisson": None,
    "RandomPoissonV2": None,
    "RandomUniformInt": None,
}

for _type, _stream in STREAMS.items():
    define(
        _type,
        _kernel(_stream),
        shape=_stream.shape,
        host=_stream.host,
        shape_like=_stream.shape_like,
        stream=True,
        effects="random",
        gradient=_GRADIENTS.get(_type, no_gradient),
    )

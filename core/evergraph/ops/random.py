"""Random numbers from bits, as TensorFlow's CPU kernels make them: uniform, integers, normal."""
# Each takes a key, uint32 [2], and a counter, uint32 [4], and reads the groups of four words that
# follow the counter. What an op that keeps a counter adds to it is `fill_steps`.

from __future__ import annotations

import math
from typing import Final

import numpy as np

from evergraph.ops.libm import logf, sincosf

#: Counter steps that are set aside for each number that may need several attempts; TensorFlow
#: lets every fill of an array advance by as much.
RESERVED: Final = 256

_MANTISSA: Final = {"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52}
_TRUNCATED_AT: Final = 2.0
_SMALLEST: Final = 1.0e-7


def fill_steps(shape):
    """Return by how much the counter moves when an array of that shape is filled."""
    return RESERVED * math.prod(shape)


def uniform(xp, key, counter, shape, dtype):
    """Return numbers in [0, 1)."""
    wide = _name(xp, dtype) == "float64"
    convert = doubles if wide else small_floats
    return _filled(xp, key, counter, shape, 2 if wide else 4, lambda bits: convert(xp, bits, dtype))


def doubles(xp, bits, dtype=None):
    """Return two float64 in [0, 1) for each group."""
    high = xp.astype(bits[:, 0::2] & 0xFFFFF, xp.float64)
    return high * 2.0**-20 + xp.astype(bits[:, 1::2], xp.float64) * 2.0**-52  # both are exact


def small_floats(xp, bits, dtype):
    """Return four numbers in [0, 1) of at most 32 bits for each group."""
    digits = _MANTISSA[_name(xp, dtype)]
    # By way of int32, which libraries convert faster than unsigned integers.
    whole = xp.astype(bits & ((1 << digits) - 1), xp.int32)
    unit = xp.astype(whole, xp.float32) * 2.0**-digits
    return unit if digits == 23 else xp.astype(unit, dtype)


def uniform_full_int(xp, key, counter, shape, dtype):
    """Return integers of all values."""
    if _bits_of(xp, dtype) == 64:
        return _filled(
            xp, key, counter, shape, 2, lambda bits: _signed(xp, _pairs_of_words(xp, bits), dtype)
        )
    return _filled(xp, key, counter, shape, 4, lambda bits: _signed(xp, bits, dtype))


def uniform_int(xp, key, counter, shape, low, high):
    """Return integers of the dtype of the scalars `low` and `high`, in [low, high)."""
    dtype = low.dtype
    wide = _bits_of(xp, dtype) == 64
    unsigned = xp.uint64 if wide else xp.uint32
    # Arrays, not scalars: unsigned arithmetic wraps.
    start, end = (_unsigned(xp, xp.reshape(v, (1,)), unsigned) for v in (low, high))
    size = end - start

    def convert(bits):
        words = _pairs_of_words(xp, bits) if wide else bits
        return _signed(xp, start + words % size, dtype)

    return _filled(xp, key, counter, shape, 2 if wide else 4, convert)


def _pairs_of_words(xp, bits):
    return xp.astype(bits[:, 0::2], xp.uint64) | (xp.astype(bits[:, 1::2], xp.uint64) << 32)


def _unsigned(xp, x, unsigned):
    return x if x.dtype == unsigned else xp.ext.bitcast(x, unsigned)


def _signed(xp, x, dtype):
    return x if x.dtype == dtype else xp.ext.bitcast(x, dtype)


def normal(xp, key, counter, shape, dtype):
    """Return numbers of mean 0 and standard deviation 1, by the method of Box and Muller."""
    if _name(xp, dtype) == "float64":
        return _filled(xp, key, counter, shape, 2, lambda bits: normal_doubles(xp, bits))

    def convert(bits):
        return xp.astype(normal_floats(xp, bits), dtype)

    return _filled(xp, key, counter, shape, 4, convert)


def normal_floats(xp, bits):
    """Return four float32 for each group."""
    u = small_floats(xp, bits[:, 0::2], xp.float32)
    u = xp.maximum(u, xp.asarray(np.float32(_SMALLEST)))
    v = xp.astype(xp.astype(bits[:, 1::2] & 0x7FFFFF, xp.int32), xp.float64)
    v = xp.astype(v * (2.0**-22 * math.pi), xp.float32)
    radius = xp.sqrt(xp.astype(logf(xp, u), xp.float32) * -2.0)
    sine, cosine = (xp.astype(a, xp.float32) for a in sincosf(xp, v))
    return xp.reshape(xp.stack([sine * radius, cosine * radius], axis=-1), (-1, 4))


def normal_doubles(xp, bits):
    """Return two float64 for each group."""
    both = doubles(xp, bits)
    # TF: the C library's functions; an array library's may differ in the last bit.
    u = xp.maximum(both[:, 0], xp.asarray(_SMALLEST, dtype=xp.float64))
    v = both[:, 1] * (2.0 * math.pi)
    radius = xp.sqrt(xp.log(u) * -2.0)
    return xp.stack([xp.sin(v) * radius, xp.cos(v) * radius], axis=-1)


def truncated_normal(xp, key, counter, shape, dtype):
    """Return numbers of mean 0 and deviation 1 without those that are 2 or more from 0.

    A group of outputs (four; two of float64) owns so many times 64 counters, and is filled with
    what is kept of the numbers that come from them.
    """
    wide = _name(xp, dtype) == "float64"
    size, draw = (2, normal_doubles) if wide else (4, normal_floats)
    everything = (1 << size) - 1
    order, kept = (xp.asarray(table) for table in _selection(size))

    def drawn(at):
        found = draw(xp, xp.ext.random_bits(key, counter, at))
        good = xp.astype(xp.abs(found) < _TRUNCATED_AT, xp.int32)
        code = good[:, 0]
        for i in range(1, size):
            code = code | (good[:, i] << i)
        return found, code

    def attempt(state, fixed):
        _, at, have, code = state
        found, more = drawn(at)
        code = code | (more << size)
        places = xp.take(order, code, axis=0)
        have = xp.take_along_axis(xp.concat([have, found], axis=1), places, axis=1)
        code = xp.take(kept, code, axis=0)
        return code == everything, at + xp.ones_like(at), have, code

    def fill(start, count):
        at = xp.arange(start, start + count, dtype=xp.uint64) * (RESERVED * size // 4)
        found, code = drawn(at)
        state = (code == everything, at + xp.ones_like(at), found, code)
        return xp.astype(xp.ext.retry(attempt, state)[2], dtype)

    return _cut(xp, fill, shape, size)


def _selection(size):
    """Tables by which of 2 `size` numbers are good, a bit each: the first `size` places, and how
    many of them are good, as so many lowest bits.
    """
    codes = np.arange(1 << 2 * size)
    good = (codes[:, None] >> np.arange(2 * size)) & 1
    order = np.argsort(1 - good, axis=1, kind="stable")[:, :size]
    counts = np.minimum(good.sum(axis=1), size)
    return order.astype(np.int64), ((1 << counts) - 1).astype(np.int32)


def _filled(xp, key, counter, shape, size, convert):
    """Return an array of what `convert` makes of the bits: `size` numbers of each group."""

    def fill(start, count):
        at = xp.arange(start, start + count, dtype=xp.uint64)
        return convert(xp.ext.random_bits(key, counter, at))

    return _cut(xp, fill, shape, size)


def _cut(xp, fill, shape, size):
    count = math.prod(shape)
    flat = xp.reshape(xp.ext.blocks(fill, -(-count // size)), (-1,))
    return xp.reshape(flat[:count], shape)


def _name(xp, dtype):
    text = str(xp.empty((0,), dtype=dtype).dtype)
    return text.rpartition(".")[2]


def _bits_of(xp, dtype):
    return 64 if _name(xp, dtype).endswith("64") else 32

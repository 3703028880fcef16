"""Draws from a given distribution, as TensorFlow's CPU kernels make them: shuffle, gamma …"""
# Keys and counters as in `evergraph.ops.random`. A draw of variable length owns `RESERVED`
# counters, and reads on in them until it is accepted.

from __future__ import annotations

import math

from evergraph.ops.precision import is_half
from evergraph.ops.random import RESERVED, doubles, normal_doubles


def shuffle_order(xp, key, counter, count):
    """Return 0 … count - 1 in random order, int32."""
    if count < 2:
        return xp.arange(count, dtype=xp.int32)
    bits = xp.ext.random_bits(key, counter, shuffle_steps(count))
    words = xp.reshape(bits, (-1,))[: count - 1]
    left = xp.arange(count, 1, -1, dtype=xp.uint32)
    places = xp.arange(count - 1, dtype=xp.int32)
    return xp.ext.swaps(places + xp.astype(words % left, xp.int32))


def shuffled(xp, key, counter, value):
    """Return an array with its rows in random order."""
    if not rows_to_shuffle(value):
        return value
    return xp.take(value, shuffle_order(xp, key, counter, value.shape[0]), axis=0)


def rows_to_shuffle(value):
    """Return how many rows there are to shuffle: none where all orders are the same."""
    return 0 if math.prod(value.shape) <= 1 else value.shape[0]


def shuffle_steps(count):
    """Return by how much the counter moves when so many rows are shuffled."""
    return (count + 2) // 4 if count > 1 else 0


def multinomial(xp, key, counter, logits, count, dtype):
    """Return `count` draws of a class for each row of `logits`, [rows, count] integers.

    TF: the draws of many rows depend on how many threads share them; these are those of one.
    """
    rows, classes = logits.shape
    wide = xp.astype(logits, xp.float64)
    finite = xp.isfinite(wide)
    highest = xp.max(xp.where(finite, wide, -math.inf), axis=1, keepdims=True)
    weights = xp.where(finite, xp.exp(xp.where(finite, wide - highest, 0.0)), 0.0)
    sums = xp.ext.cumulative(weights, axis=1, how="sum")
    draws = rows * count
    bits = xp.ext.random_bits(key, counter, (draws + 1) // 2)
    unit = xp.reshape(xp.reshape(doubles(xp, bits), (-1,))[:draws], (rows, count))
    return xp.astype(_upper_bound(xp, sums, unit * sums[:, classes - 1 :]), dtype)


def multinomial_steps(rows, count):
    """Return by how much the counter moves when `count` classes are drawn for each row."""
    return RESERVED * rows * 2 * (-(-count // 4) * 4)


def _upper_bound(xp, rows, values):
    """Return how many numbers of its row, which rise, are at most each of the values."""
    low = xp.zeros(values.shape, dtype=xp.int64)
    high = xp.full(values.shape, rows.shape[1], dtype=xp.int64)
    last = xp.full(values.shape, rows.shape[1] - 1, dtype=xp.int64)
    for _ in range(rows.shape[1].bit_length()):
        middle = (low + high) // 2
        found = xp.take_along_axis(rows, xp.minimum(middle, last), axis=1)
        above = (found > values) | (low == high)
        low, high = (
            xp.where(above, low, middle + 1),
            xp.where(above, xp.minimum(middle, high), high),
        )
    return low


def gamma(xp, key, counter, alpha, count):
    """Return `count` draws for each number of the vector `alpha`: [count, size of alpha].

    Marsaglia and Tsang (2000), in float64; an exponential distribution where alpha is 1.
    """
    size = alpha.shape[0]

    def fill(start, lanes):
        lane = xp.arange(start, start + lanes, dtype=xp.int64)
        wide = xp.astype(xp.take(alpha, lane // count, axis=0), xp.float64)
        at = xp.astype(lane, xp.uint64) * RESERVED
        return _rounded(xp, _gamma_lanes(xp, key, counter, at, wide), alpha.dtype)

    return _by_sample(xp, xp.ext.blocks(fill, size * count), size, count)


def _gamma_lanes(xp, key, counter, at, alpha):
    def two(draw, at):
        found = draw(xp, xp.ext.random_bits(key, counter, at))
        return found[:, 1], found[:, 0]

    small = alpha < 1.0
    d = alpha + xp.where(small, xp.full_like(alpha, 2.0 / 3.0), -1.0 / 3.0)
    c = 1.0 / 3.0 / xp.sqrt(d)

    def attempt(state, fixed):
        # Two numbers come at a time, the second first. A bool says that the other one is left.
        _, at, has_normal, normal, has_uniform, uniform, _ = state
        c, d, alpha, small = fixed

        new, spare = two(normal_doubles, at)
        at = _stepped(xp, at, ~has_normal)
        x = xp.where(has_normal, normal, new)
        normal, has_normal = xp.where(has_normal, normal, spare), ~has_normal

        v = 1.0 + c * x
        valid = ~(v <= 0.0)
        v = v * v * v
        new, spare = two(doubles, at)
        at = _stepped(xp, at, valid & ~has_uniform)
        u = xp.where(has_uniform, uniform, new)
        uniform = xp.where(valid & ~has_uniform, spare, uniform)
        has_uniform = has_uniform ^ valid

        square = x * x
        safe = xp.where(valid, v, 1.0)
        accepted = (u < 1.0 - 0.0331 * square * square) | (
            xp.log(u) < 0.5 * square + d * (1.0 - safe + xp.log(safe))
        )
        # TF: with an alpha that is no number it never comes to an end.
        accepted = valid & (accepted | xp.isnan(v))
        again, _ = two(doubles, at)
        b = xp.where(has_uniform, uniform, again)
        result = d * v * xp.where(small, b ** (1.0 / alpha), 1.0)
        return accepted, at, has_normal, normal, has_uniform, uniform, result

    no, zero = xp.zeros(alpha.shape, dtype=xp.bool), xp.zeros_like(alpha)
    exponential = alpha == 1.0
    state = (exponential, at, no, zero, no, zero, -xp.log1p(-two(doubles, at)[0]))
    return xp.ext.retry(attempt, state, (c, d, alpha, small))[-1]


def _stepped(xp, at, where):
    return at + xp.astype(where, xp.uint64)


def poisson(xp, key, counter, rate, count, dtype):
    """Return `count` draws for each number of the vector `rate`: [count, size of rate].

    Knuth's product of uniform numbers below a rate of 10, from there on Hoermann's transformed
    rejection (1993); in float64.
    """
    size = rate.shape[0]

    def fill(start, lanes):
        lane = xp.arange(start, start + lanes, dtype=xp.int64)
        wide = xp.astype(xp.take(rate, lane // count, axis=0), xp.float64)
        at = xp.astype(lane, xp.uint64) * RESERVED
        return _rounded(xp, _poisson_lanes(xp, key, counter, at, wide), dtype)

    return _by_sample(xp, xp.ext.blocks(fill, size * count), size, count)


def _poisson_lanes(xp, key, counter, at, rate):
    def attempt(state, fixed):
        _, at, product, number, _ = state
        rate, limit, log_rate = fixed
        found = doubles(xp, xp.ext.random_bits(key, counter, at))
        first, second = found[:, 1], found[:, 0]

        once = product * first
        product = once * second
        knuth = (once <= limit) | (product <= limit)
        counted = xp.where(once <= limit, number, number + 1.0)

        large = xp.where(rate < 10.0, 10.0, rate)
        b = 0.931 + 2.53 * xp.sqrt(large)
        a = -0.059 + 0.02483 * b
        u = first - 0.5
        shifted = 0.5 - xp.abs(u)
        k = xp.floor((2.0 * a / shifted + b) * u + large + 0.43)
        inside = (shifted >= 0.07) & (second <= 0.9277 - 3.6224 / (b - 2.0))
        hopeless = (k < 0.0) | ((shifted < 0.013) & (second > shifted))
        inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
        s = xp.log(second * inverse_alpha / (a / (shifted * shifted) + b))
        t = k * log_rate - large - log_factorial(xp, xp.where(k < 0.0, 0.0, k))
        # TF: with a rate that is infinite or no number it never comes to an end.
        hoermann = inside | (~hopeless & (s <= t)) | ~xp.isfinite(rate)

        small = rate < 10.0
        done = xp.where(small, knuth, hoermann)
        return done, _stepped(xp, at, ~done), product, number + 2.0, xp.where(small, counted, k)

    zero = xp.zeros_like(rate)
    no = xp.zeros(rate.shape, dtype=xp.bool)
    state = (no, at, xp.ones_like(rate), zero, zero)
    fixed = (rate, xp.exp(-rate), xp.log(xp.where(rate < 10.0, 10.0, rate)))
    return xp.ext.retry(attempt, state, fixed)[-1]


def log_factorial(xp, k):
    """Return log(k!), k not negative, in float64: Stirling's series of (k + 8)!, within 1e-13."""
    product = k + 1.0
    for i in range(2, 9):
        product = product * (k + float(i))
    x = k + 9.0
    s = 1.0 / (x * x)
    series = 1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0)))
    above = (x - 0.5) * xp.log(x) - x + 0.5 * math.log(2.0 * math.pi) + series / x
    return above - xp.log(product)


def _by_sample(xp, flat, size, count):
    return xp.permute_dims(xp.reshape(flat, (size, count)), (1, 0))


def _rounded(xp, x, dtype):
    # TF: to sixteen bits by way of float32.
    return xp.astype(xp.astype(x, xp.float32) if is_half(dtype) else x, dtype)

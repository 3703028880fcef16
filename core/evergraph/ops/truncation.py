"""Normal numbers between given bounds: the draws of ParameterizedTruncatedNormal."""

from __future__ import annotations

import math
from functools import partial

from evergraph.errors import InternalError, InvalidArgumentError
from evergraph.ops.libm import logf
from evergraph.ops.random import doubles, normal_doubles, normal_floats, small_floats
from evergraph.shapes import bracketed

# Numbers are drawn in batches, one after the other from one stream: a batch takes as many turns as
# it needs to be full, and the next one starts behind its last turn. Where all batches have the same
# parameters, so do all turns, which are drawn many at once, and then shared out. Where every row
# has its own, first the starts are found, batch by batch, and then all batches are filled at once.
# TF: the stream depends on how many threads share the batches; this is that of one.

#: Batches of equal parameters have this size, whatever the shape.
_BATCH = 100
_MOST_ATTEMPTS = 1000
#: A batch with so many deviations inside its bounds is drawn from all normal numbers.
_INSIDE = 1.3
#: The most turns that are computed at once: for a batch, and for all of them.
_TURNS = 1024
_SHARED_TURNS = 1 << 14


def batches(shape, means, stddevs, minvals, maxvals):
    """Return how many batches an array has, and their size; the last one may not be full."""
    if _all_equal(means, stddevs, minvals, maxvals):
        return -(-math.prod(shape) // _BATCH), _BATCH
    return shape[0], math.prod(shape[1:])


def _all_equal(means, stddevs, minvals, maxvals):
    """Whether all batches have the same parameters."""
    single = all(p.ndim == 0 or p.shape[0] == 1 for p in (means, stddevs))
    return single and not (minvals.ndim or maxvals.ndim)


def truncation_steps(count, size):
    """Return by how much the counter moves when so many batches of that size are drawn."""
    return count * 2 * _MOST_ATTEMPTS * (size + 3) // 4


def parameterized_truncated_normal(xp, key, counter, shape, means, stddevs, minvals, maxvals):
    """Return normal numbers between bounds; parameters are scalars, or one for each row."""
    if not shape:
        raise InvalidArgumentError(None, None, "Shape tensor must not be empty, got []")
    names = ("means", "stddevs", "minvals", "maxvals")
    given = (means, stddevs, minvals, maxvals)
    for name, value in zip(names, given, strict=True):
        if value.ndim > 1:
            text = f"Input {name} should be a scalar or vector, got shape: {bracketed(value.shape)}"
            raise InvalidArgumentError(None, None, text)
        if value.ndim and value.shape[0] not in (1, shape[0]):
            text = f"Input {name} should have length 1 or shape[0], got shape: {bracketed(value.shape)}"
            raise InvalidArgumentError(None, None, text)
    total = math.prod(shape)
    if not total:
        return xp.zeros(shape, dtype=means.dtype)
    count, size = batches(shape, *given)
    shared = _all_equal(*given)
    lanes = (1 if shared else count,)
    mean, deviation, low, high = (xp.broadcast_to(xp.reshape(v, (-1,)), lanes) for v in given)
    valid = (deviation > 0) & (low < high) & (xp.isfinite(low) | xp.isfinite(high))
    xp.check(valid, InvalidArgumentError, "Invalid parameters")
    # The bounds that a one-sided or far interval has are turned to the upper side.
    turned = (xp.isinf(low) & (low < 0)) | (high < mean)
    low, high = xp.where(turned, high, low), xp.where(turned, low, high)
    deviation = xp.where(turned, -deviation, deviation)
    first, last = (low - mean) / deviation, (high - mean) / deviation
    # TF: gives up after a thousand attempts; only bounds that are none, or so far out that their
    # square is infinite, get so far.
    text = "TruncatedNormal exponential distribution rejection sampler failed to accept a sample."
    near = xp.isfinite(first * first) | (first < 0)
    xp.check(~valid | near, InternalError, text)
    valid = valid & near
    fixed = (*_methods(xp, first, last), deviation)
    if shared:
        turns = min(_SHARED_TURNS, total // 2 + 8)
        found = _shared_out(xp, _drawing(xp, key, counter, turns), fixed, valid, total)
    else:
        fixed = (*fixed, xp.full((count,), size, dtype=xp.int64))
        turns = min(_TURNS, size // 2 + 8)
        draw = _drawing(xp, key, counter, turns)
        starts = _starts(xp, draw, fixed, valid, turns)
        found = _filled(xp, draw, fixed, valid, starts, size)
    return xp.reshape(found + xp.expand_dims(mean, axis=1), shape)


def _methods(xp, first, last):
    """Return what decides how a batch is drawn: its bounds, alpha, and its method.

    The methods are normal (0), uniform (1) and exponential (2).
    """
    root = xp.sqrt(first * first + 4.0)
    cutoff = xp.exp(0.5 + first * (first - root) / 4.0) * 2.0 / (first + root)
    normal = ((first < -_INSIDE) & (last >= 0)) | ((last > _INSIDE) & (first <= 0))
    uniform = last - first < cutoff
    other = 2 - xp.astype(uniform, xp.int64)
    method = xp.where(normal, xp.zeros_like(other), other)
    alpha = (first + root) / 2.0
    return first, last, alpha, method


def _drawing(xp, key, counter, turns):
    """Return a function from the starts of batches to the candidates of their next turns.

    It gives deviations from the mean, and which of them are accepted: [batches, turns, candidates
    of a turn].
    """

    def draw(at, fixed):
        first, last, alpha, method, deviation = (xp.reshape(a, (-1, 1, 1)) for a in fixed[:5])
        calls = xp.where(method == 1, xp.full_like(method, 2), xp.ones_like(method))[:, :, 0]
        turn = xp.expand_dims(xp.arange(turns, dtype=xp.uint64), axis=0)
        place = xp.reshape(xp.expand_dims(at, axis=1) + turn * xp.astype(calls, xp.uint64), (-1,))
        bits = xp.ext.random_bits(key, counter, place)
        more = xp.ext.random_bits(key, counter, place + xp.ones_like(place))
        unit, normal, log = _numbers(xp, first.dtype)
        shape = (at.shape[0], turns, -1)
        g, u, v = (xp.reshape(a, shape) for a in (normal(bits), unit(bits), unit(more)))

        # Of a longer interval nothing is drawn uniformly; it may be infinite. The minimum, always
        # the product, keeps XLA from rounding only once when it adds.
        span = xp.where(method == 1, last - first, xp.zeros_like(first))
        z = xp.minimum(u * span, span) + first
        most = xp.where(first < 0, xp.zeros_like(first), first * first)
        flat = v <= xp.exp((most - z * z) / 2.0)

        e, w = u[:, :, 0::2], u[:, :, 1::2]
        e = first - log(e) / alpha
        x = xp.where(first < alpha, alpha - e, first - alpha)
        steep = (w <= xp.exp(-x * x / 2.0)) & (e < last)
        # A turn of this method has half as many candidates: the others are none.
        e, steep = xp.concat([e, e], axis=2), xp.concat([steep, steep & ~steep], axis=2)

        value = xp.where(method == 0, g, xp.where(method == 1, z, e))
        inside = (g >= first) & (g <= last)
        good = ((method == 0) & inside) | ((method == 1) & flat) | ((method == 2) & steep)
        return value * deviation, good, calls[:, 0]

    return draw


def _numbers(xp, dtype):
    """Return how to make uniform and normal numbers of bits, and logarithms."""
    if dtype == xp.float64:
        return partial(doubles, xp), partial(normal_doubles, xp), partial(_log, xp, xp.log)

    def unit(bits):
        return small_floats(xp, bits, dtype)

    def normal(bits):
        return xp.astype(normal_floats(xp, bits), dtype)

    def function(x):
        return xp.astype(xp.astype(logf(xp, xp.astype(x, xp.float32)), xp.float32), dtype)

    return unit, normal, partial(_log, xp, function)


def _log(xp, function, x):
    return xp.where(x > 0, function(xp.where(x > 0, x, xp.ones_like(x))), -math.inf)


def _shared_out(xp, draw, fixed, valid, total):
    """Return numbers for batches of the same parameters, [1, total], from chunks of turns."""

    def attempt(state, fixed):
        _, at, full, have, numbers = state
        value, good, calls = draw(at, fixed)
        _, turns, width = value.shape
        good = xp.reshape(good, (-1,))
        sums = xp.cumulative_sum(xp.astype(good, xp.int64))
        after = sums[width - 1 :: width]
        before = xp.concat([xp.zeros_like(have), after])
        starts = _next_starts(xp, before, after, have, width)
        # Of every turn: how many batches have been filled before it, and what came before its own.
        batch = xp.searchsorted(starts, xp.arange(turns + 1, dtype=xp.int64), side="right")
        origins = xp.concat([-have, xp.take(before, xp.minimum(starts, turns), axis=0)])
        origin = xp.take(origins, batch, axis=0)
        place = xp.reshape(sums, (turns, width)) - 1 - origin[:-1, None]
        index = (full + xp.astype(batch[:-1], xp.int64))[:, None] * _BATCH + place
        # What is not accepted, or too much, goes into a last place that nobody sees.
        kept = xp.reshape(good, (turns, width)) & (place < _BATCH) & (index < total)
        index = xp.reshape(xp.where(kept, index, xp.full_like(index, total)), (-1, 1))
        index = xp.concat([xp.zeros_like(index), index], axis=1)
        numbers = xp.ext.scatter(numbers, index, xp.reshape(value, (-1,)), how="set")
        at = at + xp.astype(calls * turns, xp.uint64)
        full = full + xp.astype(batch[-1:], xp.int64)
        have = before[-1:] - origin[-1:]
        return full * _BATCH + have >= total, at, full, have, numbers

    none = xp.zeros((1,), dtype=xp.int64)
    numbers = xp.zeros((1, total + 1), dtype=fixed[0].dtype)
    state = (~valid, xp.zeros((1,), dtype=xp.uint64), none, none, numbers)
    return xp.ext.retry(attempt, state, fixed)[-1][:, :total]


def _next_starts(xp, before, after, have, width):
    """Return the turns of a chunk with which batches start, in order, past its end if they do not.

    Args:
      before, after: how many numbers were accepted before each turn, and before what follows the
        last one; and after each turn.
      have: how many numbers there were of the batch that the chunk begins with.
      width: the candidates of a turn.
    """
    turns = after.shape[0]
    # A batch that starts with turn t leaves off to that with turn following[t].
    following = xp.searchsorted(after, before + _BATCH) + 1
    following = xp.concat([following, xp.full_like(following[:1], turns + 1)])
    starts = xp.searchsorted(after, _BATCH - have) + 1
    for _ in range((turns * width // _BATCH + 1).bit_length()):
        starts = xp.concat([starts, xp.take(following, starts, axis=0)])
        following = xp.take(following, following, axis=0)
    return starts


def _starts(xp, draw, fixed, valid, turns):
    """Return where in the stream each batch starts, uint64 [batches]."""
    count = valid.shape[0]

    def attempt(state, _):
        _, batch, at, have, starts = state
        now = tuple(xp.take(a, batch, axis=0) for a in fixed)
        _, good, calls = draw(at, now)
        sums = xp.cumulative_sum(xp.sum(xp.astype(good, xp.int64), axis=2), axis=1)
        missing = now[-1] - have
        short = xp.sum(xp.astype(sums < missing[:, None], xp.int64), axis=1)
        full = (short < turns) | ~xp.take(valid, batch, axis=0)
        used = xp.where(full, short + 1, short)
        at = at + xp.astype(used * calls, xp.uint64)
        have = xp.where(full, xp.zeros_like(have), have + sums[:, -1])
        batch = batch + xp.astype(full, xp.int64)
        # A batch that goes on has started; what is written in its place goes behind the last one.
        place = xp.where(full, batch, xp.full_like(batch, count))
        index = xp.stack([xp.zeros_like(place), place], axis=1)
        starts = xp.ext.scatter(starts, index, at, how="set")
        done = batch >= count
        return done, xp.where(done, xp.full_like(batch, count - 1), batch), at, have, starts

    zero = xp.zeros((1,), dtype=xp.int64)
    state = (
        zero > 0,
        zero,
        xp.zeros((1,), dtype=xp.uint64),
        zero,
        xp.zeros((1, count + 1), dtype=xp.uint64),
    )
    return xp.ext.retry(attempt, state)[-1][0, :count]


def _filled(xp, draw, fixed, valid, starts, size):
    """Return the batches filled with what is accepted from their starts on: [batches, size]."""
    count = starts.shape[0]

    def attempt(state, fixed):
        _, at, have, rows = state
        value, good, calls = draw(at, fixed)
        lanes, turns, width = value.shape
        good = xp.reshape(good, (lanes, turns * width))
        place = have[:, None] + xp.cumulative_sum(xp.astype(good, xp.int64), axis=1) - 1
        # What is not accepted, or too much, goes into a last column that nobody sees.
        place = xp.where(good & (place < size), place, xp.full_like(place, size))
        lane = xp.broadcast_to(xp.arange(lanes, dtype=xp.int64)[:, None], place.shape)
        rows = xp.ext.scatter(
            rows, xp.stack([lane, place], axis=2), xp.reshape(value, place.shape), how="set"
        )
        have = have + xp.sum(xp.astype(good, xp.int64), axis=1)
        at = at + xp.astype(calls * turns, xp.uint64)
        return have >= fixed[-1], at, have, rows

    have = xp.zeros((count,), dtype=xp.int64)
    rows = xp.zeros((count, size + 1), dtype=fixed[0].dtype)
    return xp.ext.retry(attempt, (~valid, starts, have, rows), fixed)[-1][:, :size]

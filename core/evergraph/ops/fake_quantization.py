"""Rounding to what integers can hold: FakeQuantWithMinMax*, QuantizeAndDequantize*."""

from __future__ import annotations

import math

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.precision import is_half
from evergraph.ops.rules import attributes_of, merged, merged_dim, same_shape, with_rank
from evergraph.shapes import bracketed


def _fail(text):
    raise InvalidArgumentError(None, None, text)


# Fake quantisation: the range is moved, so that zero is one of its steps.


def _check_bits(num_bits):
    if not 2 <= num_bits <= 16:
        _fail(f"num_bits must be between 2 and 16, inclusive, got: {num_bits}")


def _nudged(xp, low, high, num_bits, narrow_range):
    """Return the moved ends of the range, and the size of a step."""
    least, most = float(narrow_range), float(2**num_bits - 1)
    scale = (high - low) / (most - least)
    from_low = least - low / scale
    zero = xp.where(
        from_low < least,
        xp.full_like(from_low, least),
        xp.where(from_low > most, xp.full_like(from_low, most), xp.floor(from_low + 0.5)),
    )
    return (least - zero) * scale, (most - zero) * scale, scale


def _quantized(xp, x, low, high, num_bits, narrow_range):
    bottom, top, scale = _nudged(xp, low, high, num_bits, narrow_range)
    inverse = 1.0 / scale
    zero = xp.floor(-bottom * inverse + 0.5)
    inside = xp.maximum(xp.minimum(x, top), bottom)
    found = (xp.floor(inside * inverse - bottom * inverse + 0.5) - zero) * scale
    # TF: an empty range at zero gives zeros.
    return xp.where((low == 0) & (high == 0), xp.zeros_like(found), found)


def _kept(xp, gradients, inputs, low, high, num_bits, narrow_range):
    """Return the gradient where the input was inside, and where it was below, and above."""
    bottom, top, _ = _nudged(xp, low, high, num_bits, narrow_range)
    nothing = (low == 0) & (high == 0)
    below, above = (inputs < bottom) & ~nothing, (inputs > top) & ~nothing
    zeros = xp.zeros_like(gradients)
    return (
        xp.where(below | above, zeros, gradients),
        xp.where(below, gradients, zeros),
        xp.where(above, gradients, zeros),
    )


def with_args(xp, inputs, *, min=-6.0, max=6.0, num_bits=8, narrow_range=False):
    low, high = _arguments(xp, inputs, min, max, num_bits)
    return _quantized(xp, inputs, low, high, num_bits, narrow_range)


def _arguments(xp, x, low, high, num_bits):
    _check_bits(num_bits)
    if low >= high:
        _fail(f"min has to be smaller than max, was: {low:g} >= {high:g}")
    return (xp.asarray(v, dtype=x.dtype) for v in (low, high))


def with_args_grad(xp, gradients, inputs, *, min=-6.0, max=6.0, num_bits=8, narrow_range=False):
    low, high = _arguments(xp, inputs, min, max, num_bits)
    _check_same(gradients, inputs)
    return _kept(xp, gradients, inputs, low, high, num_bits, narrow_range)[0]


def _check_same(gradients, inputs):
    if gradients.shape != inputs.shape:
        raise ShapeError("gradient and input must be the same size")


def _check_range(xp, x, low, high, per_channel):
    rank = int(per_channel)
    for name, value in (("min", low), ("max", high)):
        if value.ndim != rank:
            raise ShapeError(
                f"`{name}` must be rank {rank} but is rank {value.ndim}: {bracketed(value.shape)}"
            )
        if per_channel and (not x.ndim or value.shape[0] != x.shape[-1]):
            raise ShapeError(f"{name} has incorrect size, expected the depth of the input")


def with_vars(per_channel):
    def kernel(xp, inputs, min, max, *, num_bits=8, narrow_range=False):
        _check_bits(num_bits)
        _check_range(xp, inputs, min, max, per_channel)
        return _quantized(xp, inputs, min, max, num_bits, narrow_range)

    return kernel


def with_vars_grad(per_channel):
    def kernel(xp, gradients, inputs, min, max, *, num_bits=8, narrow_range=False):
        _check_bits(num_bits)
        _check_same(gradients, inputs)
        _check_range(xp, inputs, min, max, per_channel)
        inside, below, above = _kept(xp, gradients, inputs, min, max, num_bits, narrow_range)
        axes = tuple(range(inputs.ndim - int(per_channel)))
        return inside, *(xp.sum(g, axis=axes, dtype=g.dtype) for g in (below, above))

    return kernel


def vars_shape(inputs, min, max):
    for bound in (min, max):
        if bound is not None:
            with_rank(bound, 0)
    return inputs


def channels_shape(inputs, min, max):
    size = None
    for bound in (min, max):
        if bound is not None:
            size = merged_dim(size, with_rank(bound, 1)[0])
    if inputs is None:
        return None
    if not inputs:
        raise ShapeError("Shape must be at least rank 1 but is rank 0")
    return (*inputs[:-1], merged_dim(inputs[-1], size))


def vars_grad_shape(gradients, inputs, min, max):
    for bound in (min, max):
        if bound is not None:
            with_rank(bound, 0)
    return [merged(gradients, inputs), (), ()]


def channels_grad_shape(gradients, inputs, min, max):
    whole = channels_shape(merged(gradients, inputs), min, max)
    size = (None if whole is None else whole[-1],)
    return [whole, size, size]


_ATTRIBUTES = ("num_bits", "narrow_range")


def args_gradient(tf, op, dy):
    names = attributes_of(op, ("min", "max", *_ATTRIBUTES))
    return tf.FakeQuantWithMinMaxArgsGradient(dy, op.inputs[0], **names)


def vars_gradient(type):
    def gradient(tf, op, dy):
        return getattr(tf, type)(dy, *op.inputs, **attributes_of(op, _ATTRIBUTES))

    return gradient


define("FakeQuantWithMinMaxArgs", with_args, shape=same_shape, gradient=args_gradient)
define(
    "FakeQuantWithMinMaxArgsGradient",
    with_args_grad,
    shape=same_shape,
    gradient=no_gradient,
)
for _suffix, _per_channel, _shape, _grad_shape in (
    ("", False, vars_shape, vars_grad_shape),
    ("PerChannel", True, channels_shape, channels_grad_shape),
):
    _type = f"FakeQuantWithMinMaxVars{_suffix}"
    define(
        _type,
        with_vars(_per_channel),
        shape=_shape,
        unknown_rank=True,
        gradient=vars_gradient(f"{_type}Gradient"),
    )
    define(
        f"{_type}Gradient",
        with_vars_grad(_per_channel),
        shape=_grad_shape,
        unknown_rank=True,
        gradient=no_gradient,
    )


# Quantised and back: the range is stretched, so that it is symmetric about zero.


def _limits(num_bits, signed, narrow):
    most_bits = 62 if signed else 63
    if not 0 < num_bits < most_bits + 1:
        _fail(f"num_bits is out of range: {num_bits} with signed_input {int(signed)}")
    if signed:
        return -(2 ** (num_bits - 1)) + int(narrow), 2 ** (num_bits - 1) - 1
    return int(narrow), 2**num_bits - 1


def _there_and_back(xp, input, low, high, num_bits, signed, given, narrow, round_mode, axis):
    if axis < -1 or axis >= input.ndim:
        _fail(f"Axis should be >= -1 and < {input.ndim}, got {axis}")
    if round_mode not in ("HALF_TO_EVEN", "HALF_UP"):
        _fail(f"Round mode string must be 'HALF_TO_EVEN' or 'HALF_UP', is '{round_mode}'")
    least, most = _limits(num_bits, signed, narrow)
    shape = [1] * input.ndim
    if axis >= 0:
        shape[axis] = input.shape[axis]
    others = tuple(i for i in range(input.ndim) if i != axis)
    half = is_half(input.dtype)
    x = xp.astype(input, xp.float32) if half else input
    if 0 in input.shape:
        return input
    if given:
        size = 1 if axis < 0 else input.shape[axis]
        for name, value in (("input_min", low), ("input_max", high)):
            if axis >= 0 and value.shape != (size,):
                _fail(f"{name} has incorrect size, was {bracketed(value.shape)} expected {size}")
            if axis < 0 and math.prod(value.shape) != 1:
                _fail(f"{name} must be a scalar if a scalar axis is given")
        low, high = (xp.reshape(xp.astype(v, x.dtype), tuple(shape)) for v in (low, high))
        xp.check(
            low <= high,
            InvalidArgumentError,
            "Invalid range: input_min > input_max",
        )
    else:
        low, high = xp.min(x, axis=others, keepdims=True), xp.max(x, axis=others, keepdims=True)
    huge = float(xp.finfo(x.dtype).max)

    def scale(limit, end):
        usable = end * limit > 0
        return xp.where(usable, limit / xp.where(usable, end, xp.ones_like(end)), huge)

    by_low, by_high = scale(float(least), low), scale(float(most), high)
    from_low = by_low < by_high
    factor = xp.where(from_low, by_low, by_high)
    inverse = xp.where(from_low, low / float(least) if least else low, high / float(most))
    if given:
        bottom = xp.where(from_low, low, least * inverse)
        top = xp.where(from_low, most * inverse, high)
        x = xp.maximum(xp.minimum(x, top), bottom)
    scaled = x * factor
    rounded = xp.round(scaled) if round_mode == "HALF_TO_EVEN" else xp.floor(scaled + 0.5)
    return xp.astype(rounded * inverse, input.dtype)


def there_and_back_v2(
    xp,
    input,
    input_min,
    input_max,
    *,
    signed_input=True,
    num_bits=8,
    range_given=False,
    round_mode="HALF_TO_EVEN",
    narrow_range=False,
    axis=-1,
):
    if range_given and (input_min.ndim or input_max.ndim):
        # TF: with a range for each channel as well.
        _fail("input_min must be a scalar.")
    return _there_and_back(
        xp,
        input,
        input_min,
        input_max,
        num_bits,
        signed_input,
        range_given,
        narrow_range,
        round_mode,
        axis,
    )


def there_and_back_v3(
    xp,
    input,
    input_min,
    input_max,
    num_bits,
    *,
    signed_input=True,
    range_given=True,
    narrow_range=False,
    axis=-1,
):
    return _there_and_back(
        xp,
        input,
        input_min,
        input_max,
        int(num_bits),
        signed_input,
        range_given,
        narrow_range,
        "HALF_TO_EVEN",
        axis,
    )


def there_and_back_shape(input, input_min, input_max, *, axis=-1):
    _check_bounds(input, input_min, input_max, axis)
    return input


def _check_bounds(input, low, high, axis):
    rank = 0 if axis == -1 else 1
    if input is not None and len(input) < axis + 1:
        raise ShapeError(f"Shape must be at least rank {axis + 1} but is rank {len(input)}")
    for bound in (low, high):
        if bound is not None:
            with_rank(bound, rank)
            if rank and input is not None and axis < len(input):
                merged_dim(bound[0], input[axis])
    if axis < -1:
        raise ShapeError(f"axis should be at least -1, got {axis}")


def there_and_back_v3_shape(input, input_min, input_max, num_bits, *, axis=-1):
    _check_bounds(input, input_min, input_max, axis)
    return input


def there_and_back_v4_grad(xp, gradients, input, input_min, input_max, *, axis=-1):
    _check_same(gradients, input)
    shape = [1] * input.ndim
    if axis >= 0:
        shape[axis] = input.shape[axis]
    low, high = (xp.reshape(v, tuple(shape)) for v in (input_min, input_max))
    inside = (input >= low) & (input <= high)
    kept = xp.where(inside, gradients, xp.zeros_like(gradients))
    return kept, xp.zeros_like(input_min), xp.zeros_like(input_max)


def there_and_back_v4_grad_shape(gradients, input, input_min, input_max, *, axis=-1):
    _check_bounds(input, input_min, input_max, axis)
    return [merged(gradients, input), input_min, input_max]


def straight(tf, op, dy, *others):
    return [dy, *[None] * (len(op.inputs) - 1)]


def v4_gradient(tf, op, dy):
    axis = op.get_attr("axis")
    return tf.QuantizeAndDequantizeV4Grad(dy, *op.inputs, axis=axis)


define(
    "QuantizeAndDequantizeV2",
    there_and_back_v2,
    shape=there_and_back_shape,
    unknown_rank=True,
    gradient=straight,
)
define(
    "QuantizeAndDequantizeV3",
    there_and_back_v3,
    shape=there_and_back_v3_shape,
    host="num_bits:0",
    unknown_rank=True,
    gradient=straight,
)
define(
    "QuantizeAndDequantizeV4",
    there_and_back_v2,
    shape=there_and_back_shape,
    unknown_rank=True,
    gradient=v4_gradient,
)
define(
    "QuantizeAndDequantizeV4Grad",
    there_and_back_v4_grad,
    shape=there_and_back_v4_grad_shape,
    unknown_rank=True,
    gradient=straight,
)

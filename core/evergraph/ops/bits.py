"""Bits taken for another type, shifted, counted: Bitcast, LeftShift, PopulationCount …"""

from __future__ import annotations

from evergraph.dtypes import as_dtype
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.rules import broadcast, same_shape

_UNSIGNED = {1: "uint8", 2: "uint16", 4: "uint32", 8: "uint64"}
#: The types of the standard by their size in bytes; the others are floats of 2 bytes.
_NAMES = {
    1: ("int8", "uint8"),
    2: ("int16", "uint16"),
    4: ("int32", "uint32", "float32"),
    8: ("int64", "uint64", "float64", "complex64"),
    16: ("complex128",),
}


def _size(xp, dtype):
    for size, names in _NAMES.items():
        if any(dtype == getattr(xp, name) for name in names):
            return size
    return 2


def bitcast(xp, x, *, type):
    if x.dtype == type:
        return x
    if _is_complex(xp, x.dtype):
        parts = xp.stack([xp.real(x), xp.imag(x)], axis=-1)
        pieces = bitcast(xp, parts, type=type)
        if pieces.ndim <= parts.ndim:
            return pieces
        return xp.reshape(pieces, (*x.shape, 2 * pieces.shape[-1]))
    if not _is_complex(xp, type):
        return _bitcast_real(xp, x, type)
    part = xp.float32 if _size(xp, type) == 8 else xp.float64
    count = _size(xp, type) // _size(xp, x.dtype)
    if count > 2:
        _check_last(x.shape, count)
        x = xp.reshape(x, (*x.shape[:-1], 2, count // 2))
    parts = _bitcast_real(xp, x, part)
    _check_last(parts.shape, 2)
    imaginary = xp.astype(parts[..., 1], type) * xp.asarray(1j, dtype=type)
    return xp.astype(parts[..., 0], type) + imaginary


def _is_complex(xp, dtype):
    return dtype in (xp.complex64, xp.complex128)


def _bitcast_real(xp, x, type):
    """Return the bits of numbers that are not complex; the least significant ones come first."""
    source, target = _size(xp, x.dtype), _size(xp, type)
    if source == target:
        return xp.ext.bitcast(x, type)
    bits = xp.ext.bitcast(x, getattr(xp, _UNSIGNED[source]))
    goal = getattr(xp, _UNSIGNED[target])
    if source > target:
        pieces = [
            bits >> xp.asarray(8 * target * i, dtype=bits.dtype) for i in _count(source, target)
        ]
        bits = xp.stack([xp.astype(p, goal) for p in pieces], axis=-1)
    else:
        _check_last(x.shape, target // source)
        bits = xp.astype(bits, goal)
        pieces = [
            bits[..., i] << xp.asarray(8 * source * i, dtype=goal) for i in _count(target, source)
        ]
        bits = pieces[0]
        for piece in pieces[1:]:
            bits = bits | piece
    return xp.ext.bitcast(bits, type)


def _count(large, small):
    return range(large // small)


def _check_last(shape, size):
    if not shape or shape[-1] != size:
        raise ShapeError(f"Cannot bitcast: the last dimension must be {size}")


def bitcast_shape(x, *, T, type):
    source, target = as_dtype(T).size, as_dtype(type).size
    if source == target:
        return x
    if source > target:
        return (*x, source // target)
    if not x or x[-1] not in (None, target // source):
        text = " to ".join(str(as_dtype(t).as_datatype_enum) for t in (T, type))
        text = f"Cannot bitcast from {text}"
        found = x[-1] if x else "No dimension"
        raise ShapeError(f"{text} due to shape. {found} does not match {target // source}", text)
    return x[:-1]


def _within(xp, x, y):
    """Return by how many bits to shift: no more than there are."""
    most = xp.asarray(xp.iinfo(x.dtype).bits - 1, dtype=y.dtype)
    return xp.minimum(xp.maximum(y, xp.asarray(0, dtype=y.dtype)), most)


def left_shift(xp, x, y):
    return xp.bitwise_left_shift(x, _within(xp, x, y))


def right_shift(xp, x, y):
    return xp.bitwise_right_shift(x, _within(xp, x, y))


def population_count(xp, x):
    bits = xp.iinfo(x.dtype).bits
    # A negative number is widened by ones, which do not count.
    x = xp.astype(x, xp.uint64)
    if bits < 64:
        x = x & ((1 << bits) - 1)
    x = x - ((x >> 1) & 0x5555555555555555)
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F
    # The product's highest byte is the sum of all.
    return xp.astype((x * 0x0101010101010101) >> 56, xp.uint8)


define("PopulationCount", population_count, shape=same_shape, gradient=no_gradient)
define("Bitcast", bitcast, shape=bitcast_shape)
define("LeftShift", left_shift, shape=broadcast, gradient=no_gradient)
define("RightShift", right_shift, shape=broadcast, gradient=no_gradient)

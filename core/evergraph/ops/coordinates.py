"""Coordinates of flat indices: UnravelIndex."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.shapes import bracketed


def unravel_index(xp, indices, dims):
    unraveled_shape(indices.shape, dims.shape)
    if indices.ndim > 1:
        text = f'The indices can only be scalar or vector, got "{bracketed(indices.shape)}"'
        raise ShapeError(text)
    if 0 in indices.shape:
        raise InvalidArgumentError(None, None, "received empty tensor indices")

    def zero(at, _):
        return f"Input dims cannot contain a dim of zero, but dims contains zero at index {at[0]}"

    xp.check(dims != 0, InvalidArgumentError, zero, dims)
    count = xp.prod(dims, dtype=dims.dtype)
    xp.check(indices < count, InvalidArgumentError, "index is out of bound as with dims")
    # TF: what is negative is divided towards zero.
    sign = xp.where(indices < 0, xp.full_like(indices, -1), xp.ones_like(indices))
    rest = xp.abs(indices)
    places = []
    for i in reversed(range(dims.shape[0])):
        # A size of zero has failed the check.
        size = xp.where(dims[i] == 0, xp.ones_like(dims[i]), dims[i])
        places.append(sign * xp.remainder(rest, size))
        rest = xp.floor_divide(rest, size)
    return xp.stack(places[::-1], axis=0)


def unraveled_shape(indices, dims):
    if dims is not None and len(dims) != 1:
        raise ShapeError(
            f"Shape must be rank 1 but is rank {len(dims)}",
            f'The indices can only be 1-D, got "{bracketed(dims)}"',
        )
    if indices is None or len(indices) > 1:
        return None
    return (None if dims is None else dims[0], *indices)


define("UnravelIndex", unravel_index, shape=unraveled_shape, unknown_rank=True)

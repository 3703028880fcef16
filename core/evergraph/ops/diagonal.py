"""Diagonals: Diag, DiagPart, MatrixDiag*, MatrixDiagPart*, MatrixSetDiag*, MatrixBandPart."""

from __future__ import annotations

import math

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate, zero
from evergraph.ops.rules import merged, merged_dim, scalar_value, with_rank_at_least
from evergraph.shapes import bracketed

# A band of diagonals lies in an array [..., lines, length]: line i is diagonal `high - i`, and a
# shorter one stands at the left or the right end of its line. Where each element comes from is
# known from the shapes, so a table of positions is computed by NumPy and gathered through.


def diag(xp, x):
    if not x.ndim:
        raise ShapeError("Input must be at least rank 1, got 0")
    size = math.prod(x.shape)
    allocate(xp, (size, size), x.dtype)
    square = matrix_diag(xp, xp.reshape(x, (size,)))
    return xp.reshape(square, (*x.shape, *x.shape))


def diag_shape(x):
    return (*with_rank_at_least(x, 1), *x)


def diag_part(xp, x):
    half = x.ndim // 2
    if x.ndim % 2 or not x.ndim:
        raise ShapeError(
            f"The rank of the tensor should be even and positive, got shape {bracketed(x.shape)}"
        )
    for i in range(half):
        if x.shape[i] != x.shape[half + i]:
            raise ShapeError(
                f"Invalid shape {bracketed(x.shape)}: dimensions {i} and {half + i} do not match."
            )
    size = math.prod(x.shape[:half])
    return xp.reshape(matrix_diag_part(xp, xp.reshape(x, (size, size))), x.shape[:half])


def diag_part_shape(x):
    if len(x) % 2 or not x:
        raise ShapeError(f"Input must have even and non-zero rank, input rank is {len(x)}")
    half = len(x) // 2
    return merged(x[:half], x[half:])


def matrix_diag(xp, diagonal):
    return matrix_diag_v3(xp, diagonal, 0, -1, -1, zero(xp, diagonal.dtype))


def matrix_diag_shape(diagonal):
    return (*with_rank_at_least(diagonal, 1), diagonal[-1])


def matrix_diag_part(xp, x):
    return matrix_diag_part_v3(xp, x, 0, zero(xp, x.dtype))


def matrix_diag_part_shape(x):
    with_rank_at_least(x, 2)
    return (*x[:-2], None if None in x[-2:] else min(x[-2:]))


def matrix_set_diag(xp, x, diagonal):
    return matrix_set_diag_v3(xp, x, diagonal, 0)


def matrix_set_diag_shape(x, diagonal):
    return set_diag_shape(x, diagonal, np.int32(0))


def matrix_diag_v3(xp, diagonal, k, num_rows, num_cols, padding_value, *, align="RIGHT_LEFT"):
    if not diagonal.ndim:
        raise ShapeError(
            "diagonal must be at least 1-dim, received shape: []",
        )
    low, high = _band(k)
    lines = high - low + 1
    if low != high and (diagonal.ndim < 2 or diagonal.shape[-2] != lines):
        raise ShapeError(
            "The number of diagonals provided in the input does not match the lower_diag_index and "
            "upper_diag_index range."
        )
    length = diagonal.shape[-1]
    batch = diagonal.shape[: -1 if low == high else -2]
    rows = scalar_value(num_rows, "num_rows must be a scalar, got shape {}")
    columns = scalar_value(num_cols, "num_cols must be a scalar, got shape {}")
    rows, columns = _matrix_size(length, low, high, rows, columns)
    allocate(xp, (*batch, rows, columns), diagonal.dtype)
    inside, position = _matrix_positions(rows, columns, low, high, length, align)
    spread = _gathered(xp, diagonal, (*batch, lines * length), position)
    value = padding_value if padding_value.ndim == 0 else xp.reshape(padding_value, ())
    return xp.where(xp.asarray(inside), spread, value)


def matrix_diag_v3_shape(diagonal, k, num_rows, num_cols, padding_value, *, align="RIGHT_LEFT"):
    with_rank_at_least(diagonal, 1)
    if k is None:
        return None
    low, high = _band(k)
    if low != high:
        with_rank_at_least(diagonal, 2)
        merged_dim(diagonal[-2], high - low + 1)
    batch = diagonal[: -1 if low == high else -2]
    if num_rows is None or num_cols is None or diagonal[-1] is None:
        return (*batch, None, None)
    return (*batch, *_matrix_size(diagonal[-1], low, high, int(num_rows), int(num_cols)))


def _matrix_size(length, low, high, rows, columns):
    """Return the size of the matrix, where -1 is the smallest that holds the diagonals."""
    least_rows, least_columns = length - min(high, 0), length + max(low, 0)
    if rows == columns == -1:
        rows = columns = max(least_rows, least_columns)
    rows = least_rows if rows == -1 else rows
    columns = least_columns if columns == -1 else columns
    if rows < least_rows:
        raise ShapeError("num_rows is too small.", "The number of rows is too small.")
    if columns < least_columns:
        raise ShapeError("num_cols is too small.", "The number of columns is too small.")
    if rows != least_rows and columns != least_columns:
        raise ShapeError(
            "num_rows and num_cols are not consistent with lower_diag_index, upper_diag_index, and "
            "the length of the given diagonals.",
            "The number of rows or columns is not consistent with the specified d_lower, d_upper, "
            "and diagonal.",
        )
    return rows, columns


def matrix_diag_part_v3(xp, x, k, padding_value, *, align="RIGHT_LEFT"):
    if x.ndim < 2:
        raise ShapeError(f"input must be at least 2-dim, received shape: {bracketed(x.shape)}")
    low, high = _band(k)
    rows, columns = x.shape[-2:]
    _check_band(low, high, rows, columns)
    length = _longest(low, high, rows, columns)
    inside, position = _band_positions(rows, columns, low, high, length, align)
    if low == high:
        inside, position = inside[0], position[0]
    found = _gathered(xp, x, (*x.shape[:-2], rows * columns), position)
    value = padding_value if padding_value.ndim == 0 else xp.reshape(padding_value, ())
    return xp.where(xp.asarray(inside), found, value)


def matrix_diag_part_v3_shape(x, k, padding_value, *, align="RIGHT_LEFT"):
    with_rank_at_least(x, 2)
    if k is None:
        return None
    low, high = _band(k)
    length = None
    if None not in x[-2:]:
        _check_band(low, high, *x[-2:])
        length = _longest(low, high, *x[-2:])
    return (*x[:-2], length) if low == high else (*x[:-2], high - low + 1, length)


def matrix_set_diag_v3(xp, x, diagonal, k, *, align="RIGHT_LEFT"):
    if x.ndim < 2:
        raise ShapeError(f"input must be at least 2-dim, received shape: {bracketed(x.shape)}")
    low, high = _band(k)
    rows, columns = x.shape[-2:]
    _check_band(low, high, rows, columns)
    length, lines = _longest(low, high, rows, columns), high - low + 1
    wanted = (*x.shape[:-2], *(() if low == high else (lines,)), length)
    if diagonal.shape != wanted:
        raise ShapeError(
            "Either first dimensions of diagonal don't match input.shape[:-2], or "
            "diagonal.shape[:-1] is not equal to the longests diagonal in range "
            f"[lower_diag_index:upper_diag_index].\nInput shape: {bracketed(x.shape)}\n"
            f"Diagonal shape: {bracketed(diagonal.shape)}\n"
            f"Expected diagonal shape: {bracketed(wanted)}"
        )
    inside, position = _matrix_positions(rows, columns, low, high, length, align)
    spread = _gathered(xp, diagonal, (*x.shape[:-2], lines * length), position)
    return xp.where(xp.asarray(inside), spread, x)


def set_diag_shape(x, diagonal, k, *, align="RIGHT_LEFT"):
    if x is None:
        return None
    with_rank_at_least(x, 2)
    if diagonal is None:
        return x
    if k is None:
        return (*merged_prefix(x, diagonal, len(x) - 2), *x[-2:])
    low, high = _band(k)
    rank = len(x) - 1 if low == high else len(x)
    if len(diagonal) != rank:
        raise ShapeError(f"Shape must be rank {rank} but is rank {len(diagonal)}")
    if None not in x[-2:]:
        _check_band(low, high, *x[-2:])
        if low == high == 0:  # TF: of other diagonals, the length is checked when the node runs
            merged_dim(_longest(low, high, *x[-2:]), diagonal[-1])
    return (*merged_prefix(x, diagonal, len(x) - 2), *x[-2:])


def merged_prefix(x, y, count):
    """Return what is known of the first dimensions, which must be equal."""
    return tuple(merged_dim(a, b) for a, b in zip(x[:count], y[:count], strict=True))


def _band(k):
    """Return the lowest and the highest diagonal that `k`, a number or a pair, stands for."""
    ends = np.atleast_1d(k)
    if ends.ndim > 1 or ends.size not in (1, 2):
        raise ShapeError(
            f"diag_index must be a scalar or vector with 1 or 2 elements. Has {ends.size} elements."
        )
    low, high = int(ends[0]), int(ends[-1])
    if low > high:
        raise ShapeError(
            "lower_diag_index is greater than upper_diag_index",
            f"lower_diag_index must not be larger than upper_diag_index: {low} > {high}",
        )
    return low, high


def _check_band(low, high, rows, columns):
    for name, d in (("lower", low), ("upper", high)):
        if d != 0 and not -rows < d < columns:
            raise ShapeError(
                f"{name}_diag_index is out of bound.",
                f"{name}_diag_index is out of bound: {d} It must be between {-rows} and {columns}",
            )


def _longest(low, high, rows, columns):
    return min(rows + min(high, 0), columns - max(low, 0))


def _offset(d, rows, columns, length, align):
    """Return where a diagonal starts in its line."""
    above, below = align.split("_")
    side = above if d > 0 else below
    if d == 0 and "LEFT" in (above, below):
        side = "LEFT"
    return 0 if side == "LEFT" else length - _longest(d, d, rows, columns)


def _band_positions(rows, columns, low, high, length, align):
    """For each place of the band: whether it holds an element, and the element's position."""
    inside = np.zeros((high - low + 1, length), np.bool_)
    position = np.zeros((high - low + 1, length), np.int64)
    for line, d in enumerate(range(high, low - 1, -1)):
        count = _longest(d, d, rows, columns)
        start = _offset(d, rows, columns, length, align)
        steps = np.arange(count)
        inside[line, start : start + count] = True
        position[line, start : start + count] = (steps + max(-d, 0)) * columns + steps + max(d, 0)
    return inside, position


def _matrix_positions(rows, columns, low, high, length, align):
    """For each element of the matrix: whether it is in the band, and its position there."""
    inside = np.zeros((rows, columns), np.bool_)
    position = np.zeros((rows, columns), np.int64)
    for line, d in enumerate(range(high, low - 1, -1)):
        count = _longest(d, d, rows, columns)
        start = _offset(d, rows, columns, length, align)
        steps = np.arange(max(count, 0))
        at = steps + max(-d, 0), steps + max(d, 0)
        inside[at] = True
        position[at] = line * length + start + steps
    return inside, position


def _gathered(xp, x, flat_shape, position):
    """Return the elements of `x`, whose last axes are taken as one, at a table of positions."""
    batch = flat_shape[:-1]
    if not flat_shape[-1]:  # nothing to gather from; nothing of it is used
        filler = zero(xp, x.dtype)
        return xp.broadcast_to(xp.asarray(filler), (*batch, *position.shape))
    flat = xp.reshape(x, flat_shape)
    found = xp.take(flat, xp.asarray(position.reshape(-1)), axis=-1)
    return xp.reshape(found, (*batch, *position.shape))


def matrix_band_part(xp, x, num_lower, num_upper):
    if x.ndim < 2:
        text = f"input must be at least 2-dim, received shape: {bracketed(x.shape)}"
        raise InvalidArgumentError(None, None, text)
    rows, columns = x.shape[-2:]
    lower = _limit(num_lower, "num_lower", "rows", rows)
    upper = _limit(num_upper, "num_upper", "columns", columns)
    i = np.arange(rows)[:, None]
    j = np.arange(columns)[None, :]
    keep = ((lower < 0) | (i - j <= lower)) & ((upper < 0) | (j - i <= upper))
    return xp.where(xp.asarray(keep), x, xp.zeros_like(x))


def _limit(value, name, of, size):
    count = scalar_value(value, f"{name} must be scalar, got shape {{}}")
    if count > size:
        text = f"{name} must be negative or less or equal to number of {of} ({size}) got: {count}"
        raise InvalidArgumentError(None, None, text)
    return count


def band_shape(x, num_lower, num_upper):
    return x


define("Diag", diag, shape=diag_shape)
define("DiagPart", diag_part, shape=diag_part_shape)
define("MatrixDiag", matrix_diag, shape=matrix_diag_shape)
define("MatrixDiagPart", matrix_diag_part, shape=matrix_diag_part_shape)
define("MatrixSetDiag", matrix_set_diag, shape=matrix_set_diag_shape, unknown_rank=True)
define("MatrixDiagV3", matrix_diag_v3, shape=matrix_diag_v3_shape, host="k num_rows:0 num_cols:0")
define("MatrixDiagPartV3", matrix_diag_part_v3, shape=matrix_diag_part_v3_shape, host="k")
define("MatrixSetDiagV3", matrix_set_diag_v3, shape=set_diag_shape, host="k", unknown_rank=True)
define("MatrixBandPart", matrix_band_part, shape=band_shape, host="num_lower:0 num_upper:0")

"""Where the elements of a band of diagonals lie, in the matrix and in an array of the band."""

from __future__ import annotations

import numpy as np

from evergraph.op import ShapeError
from evergraph.ops.array import zero

# A band of diagonals lies in an array [..., lines, length]: line i is diagonal `high - i`, and a
# shorter one stands at the left or the right end of its line. Where each element comes from is
# known from the shapes, so a table of positions is computed by NumPy and gathered through.


def band(k):
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


def check_band(low, high, rows, columns):
    """Check that the diagonals lie in the matrix."""
    for name, d in (("lower", low), ("upper", high)):
        if d != 0 and not -rows < d < columns:
            raise ShapeError(
                f"{name}_diag_index is out of bound.",
                f"{name}_diag_index is out of bound: {d} It must be between {-rows} and {columns}",
            )


def longest(low, high, rows, columns):
    """Return the length of the longest of these diagonals."""
    return min(rows + min(high, 0), columns - max(low, 0))


def _offset(d, rows, columns, length, align):
    """Return where a diagonal starts in its line."""
    above, below = align.split("_")
    side = above if d > 0 else below
    if d == 0 and "LEFT" in (above, below):
        side = "LEFT"
    return 0 if side == "LEFT" else length - longest(d, d, rows, columns)


def band_positions(rows, columns, low, high, length, align):
    """For each place of the band: whether it holds an element, and the element's position."""
    inside = np.zeros((high - low + 1, length), np.bool_)
    position = np.zeros((high - low + 1, length), np.int64)
    for line, d in enumerate(range(high, low - 1, -1)):
        count = longest(d, d, rows, columns)
        start = _offset(d, rows, columns, length, align)
        steps = np.arange(count)
        inside[line, start : start + count] = True
        position[line, start : start + count] = (steps + max(-d, 0)) * columns + steps + max(d, 0)
    return inside, position


def matrix_positions(rows, columns, low, high, length, align):
    """For each element of the matrix: whether it is in the band, and its position there."""
    inside = np.zeros((rows, columns), np.bool_)
    position = np.zeros((rows, columns), np.int64)
    for line, d in enumerate(range(high, low - 1, -1)):
        count = longest(d, d, rows, columns)
        start = _offset(d, rows, columns, length, align)
        steps = np.arange(max(count, 0))
        at = steps + max(-d, 0), steps + max(d, 0)
        inside[at] = True
        position[at] = line * length + start + steps
    return inside, position


def gathered(xp, x, flat_shape, position):
    """Return the elements of `x`, whose last axes are taken as one, at a table of positions."""
    batch = flat_shape[:-1]
    if not flat_shape[-1]:  # nothing to gather from; nothing of it is used
        filler = zero(xp, x.dtype)
        return xp.broadcast_to(xp.asarray(filler), (*batch, *position.shape))
    flat = xp.reshape(x, flat_shape)
    found = xp.take(flat, xp.asarray(position.reshape(-1)), axis=-1)
    return xp.reshape(found, (*batch, *position.shape))


def matrix_size(length, low, high, rows, columns):
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

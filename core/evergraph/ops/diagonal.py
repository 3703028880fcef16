"""Diagonals: Diag, DiagPart, MatrixDiag*, MatrixDiagPart*, MatrixSetDiag*, MatrixBandPart."""

from __future__ import annotations

import math

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate, zero
from evergraph.ops.bands import (
    band,
    band_positions,
    check_band,
    gathered,
    longest,
    matrix_positions,
    matrix_size,
)
from evergraph.ops.rules import merged, merged_dim, scalar_value, with_rank_at_least
from evergraph.shapes import bracketed


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
    low, high = band(k)
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
    rows, columns = matrix_size(length, low, high, rows, columns)
    shape = (*batch, rows, columns)
    allocate(xp, shape, diagonal.dtype)
    if 0 in shape:
        return xp.zeros(shape, dtype=diagonal.dtype)
    inside, position = matrix_positions(rows, columns, low, high, length, align)
    spread = gathered(xp, diagonal, (*batch, lines * length), position)
    value = padding_value if padding_value.ndim == 0 else xp.reshape(padding_value, ())
    return xp.where(xp.asarray(inside), spread, value)


def matrix_diag_v3_shape(diagonal, k, num_rows, num_cols, padding_value, *, align="RIGHT_LEFT"):
    with_rank_at_least(diagonal, 1)
    if k is None:
        return None
    low, high = band(k)
    if low != high:
        with_rank_at_least(diagonal, 2)
        merged_dim(diagonal[-2], high - low + 1)
    batch = diagonal[: -1 if low == high else -2]
    if num_rows is None or num_cols is None or diagonal[-1] is None:
        return (*batch, None, None)
    return (*batch, *matrix_size(diagonal[-1], low, high, int(num_rows), int(num_cols)))


def matrix_diag_part_v3(xp, x, k, padding_value, *, align="RIGHT_LEFT"):
    if x.ndim < 2:
        raise ShapeError(f"input must be at least 2-dim, received shape: {bracketed(x.shape)}")
    low, high = band(k)
    rows, columns = x.shape[-2:]
    check_band(low, high, rows, columns)
    length = longest(low, high, rows, columns)
    inside, position = band_positions(rows, columns, low, high, length, align)
    if low == high:
        inside, position = inside[0], position[0]
    found = gathered(xp, x, (*x.shape[:-2], rows * columns), position)
    value = padding_value if padding_value.ndim == 0 else xp.reshape(padding_value, ())
    return xp.where(xp.asarray(inside), found, value)


def matrix_diag_part_v3_shape(x, k, padding_value, *, align="RIGHT_LEFT"):
    with_rank_at_least(x, 2)
    if k is None:
        return None
    low, high = band(k)
    length = None
    if None not in x[-2:]:
        check_band(low, high, *x[-2:])
        length = longest(low, high, *x[-2:])
    return (*x[:-2], length) if low == high else (*x[:-2], high - low + 1, length)


def matrix_set_diag_v3(xp, x, diagonal, k, *, align="RIGHT_LEFT"):
    if x.ndim < 2:
        raise ShapeError(f"input must be at least 2-dim, received shape: {bracketed(x.shape)}")
    low, high = band(k)
    rows, columns = x.shape[-2:]
    check_band(low, high, rows, columns)
    length, lines = longest(low, high, rows, columns), high - low + 1
    wanted = (*x.shape[:-2], *(() if low == high else (lines,)), length)
    if diagonal.shape != wanted:
        raise ShapeError(
            "Either first dimensions of diagonal don't match input.shape[:-2], or "
            "diagonal.shape[:-1] is not equal to the longests diagonal in range "
            f"[lower_diag_index:upper_diag_index].\nInput shape: {bracketed(x.shape)}\n"
            f"Diagonal shape: {bracketed(diagonal.shape)}\n"
            f"Expected diagonal shape: {bracketed(wanted)}"
        )
    inside, position = matrix_positions(rows, columns, low, high, length, align)
    spread = gathered(xp, diagonal, (*x.shape[:-2], lines * length), position)
    return xp.where(xp.asarray(inside), spread, x)


def set_diag_shape(x, diagonal, k, *, align="RIGHT_LEFT"):
    if x is None:
        return None
    with_rank_at_least(x, 2)
    if diagonal is None:
        return x
    if k is None:
        return (*merged_prefix(x, diagonal, len(x) - 2), *x[-2:])
    low, high = band(k)
    rank = len(x) - 1 if low == high else len(x)
    if len(diagonal) != rank:
        raise ShapeError(f"Shape must be rank {rank} but is rank {len(diagonal)}")
    if None not in x[-2:]:
        check_band(low, high, *x[-2:])
        if low == high == 0:  # TF: of other diagonals, the length is checked when the node runs
            merged_dim(longest(low, high, *x[-2:]), diagonal[-1])
    return (*merged_prefix(x, diagonal, len(x) - 2), *x[-2:])


def merged_prefix(x, y, count):
    """Return what is known of the first dimensions, which must be equal."""
    return tuple(merged_dim(a, b) for a, b in zip(x[:count], y[:count], strict=True))


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


# Gradients


def diag_gradient(tf, op, dy):
    return tf.DiagPart(dy)


def diag_part_gradient(tf, op, dy):
    return tf.Diag(dy)


def matrix_diag_gradient(tf, op, dy):
    return tf.MatrixDiagPart(dy)


def matrix_diag_part_gradient(tf, op, dy):
    return tf.MatrixSetDiag(tf.ZerosLike(op.inputs[0]), dy)


def matrix_set_diag_gradient(tf, op, dy):
    return tf.MatrixSetDiag(dy, tf.ZerosLike(op.inputs[1])), tf.MatrixDiagPart(dy)


def matrix_diag_v3_gradient(tf, op, dy):
    part = tf.MatrixDiagPartV3(dy, op.inputs[1], _nothing(tf, dy), align=op.get_attr("align"))
    return part, None, None, None, None


def matrix_diag_part_v3_gradient(tf, op, dy):
    x, k, _ = op.inputs
    return tf.MatrixSetDiagV3(tf.ZerosLike(x), dy, k, align=op.get_attr("align")), None, None


def matrix_set_diag_v3_gradient(tf, op, dy):
    _, diagonal, k = op.inputs
    align = op.get_attr("align")
    rest = tf.MatrixSetDiagV3(dy, tf.ZerosLike(diagonal), k, align=align)
    return rest, tf.MatrixDiagPartV3(dy, k, _nothing(tf, dy), align=align), None


def _nothing(tf, dy):
    return tf.constant(0, dy.dtype)


def band_gradient(tf, op, dy):
    return tf.MatrixBandPart(dy, *op.inputs[1:]), None, None


def matrix_diag_v2(xp, diagonal, k, num_rows, num_cols, padding_value):
    return matrix_diag_v3(xp, diagonal, k, num_rows, num_cols, padding_value, align="LEFT_LEFT")


def matrix_diag_v2_shape(diagonal, k, num_rows, num_cols, padding_value):
    return matrix_diag_v3_shape(diagonal, k, num_rows, num_cols, padding_value)


def matrix_diag_part_v2(xp, input, k, padding_value):
    return matrix_diag_part_v3(xp, input, k, padding_value, align="LEFT_LEFT")


def matrix_diag_part_v2_shape(input, k, padding_value):
    return matrix_diag_part_v3_shape(input, k, padding_value)


def matrix_set_diag_v2(xp, input, diagonal, k):
    return matrix_set_diag_v3(xp, input, diagonal, k, align="LEFT_LEFT")


def matrix_set_diag_v2_shape(input, diagonal, k):
    # TF: whether the diagonals fit is seen when the node runs.
    if input is None or diagonal is None:
        return input
    with_rank_at_least(input, 2)
    if k is not None and None not in input[-2:]:
        check_band(*band(k), *input[-2:])
    return (*merged_prefix(input, diagonal, len(input) - 2), *input[-2:])


def matrix_diag_v2_gradient(tf, op, dy):
    return tf.MatrixDiagPartV2(dy, op.inputs[1], _nothing(tf, dy)), None, None, None, None


def matrix_diag_part_v2_gradient(tf, op, dy):
    x, k, _ = op.inputs
    # TF: shorter diagonals stand where those of the third version do.
    return tf.MatrixSetDiagV3(tf.ZerosLike(x), dy, k), None, None


def matrix_set_diag_v2_gradient(tf, op, dy):
    _, diagonal, k = op.inputs
    rest = tf.MatrixSetDiagV2(dy, tf.ZerosLike(diagonal), k)
    return rest, tf.MatrixDiagPartV2(dy, k, _nothing(tf, dy)), None


define(
    "MatrixDiagV2",
    matrix_diag_v2,
    shape=matrix_diag_v2_shape,
    host="k num_rows:0 num_cols:0",
    gradient=matrix_diag_v2_gradient,
)
define(
    "MatrixDiagPartV2",
    matrix_diag_part_v2,
    shape=matrix_diag_part_v2_shape,
    host="k",
    gradient=matrix_diag_part_v2_gradient,
)
define(
    "MatrixSetDiagV2",
    matrix_set_diag_v2,
    shape=matrix_set_diag_v2_shape,
    host="k",
    unknown_rank=True,
    gradient=matrix_set_diag_v2_gradient,
)
define("Diag", diag, shape=diag_shape, gradient=diag_gradient)
define("DiagPart", diag_part, shape=diag_part_shape, gradient=diag_part_gradient)
define("MatrixDiag", matrix_diag, shape=matrix_diag_shape, gradient=matrix_diag_gradient)
define(
    "MatrixDiagPart",
    matrix_diag_part,
    shape=matrix_diag_part_shape,
    gradient=matrix_diag_part_gradient,
)
define(
    "MatrixSetDiag",
    matrix_set_diag,
    shape=matrix_set_diag_shape,
    unknown_rank=True,
    gradient=matrix_set_diag_gradient,
)
define(
    "MatrixDiagV3",
    matrix_diag_v3,
    shape=matrix_diag_v3_shape,
    host="k num_rows:0 num_cols:0",
    gradient=matrix_diag_v3_gradient,
)
define(
    "MatrixDiagPartV3",
    matrix_diag_part_v3,
    shape=matrix_diag_part_v3_shape,
    host="k",
    gradient=matrix_diag_part_v3_gradient,
)
define(
    "MatrixSetDiagV3",
    matrix_set_diag_v3,
    shape=set_diag_shape,
    host="k",
    unknown_rank=True,
    gradient=matrix_set_diag_v3_gradient,
)
define(
    "MatrixBandPart",
    matrix_band_part,
    shape=band_shape,
    host="num_lower:0 num_upper:0",
    gradient=band_gradient,
)

"""Systems whose matrices are bands, and Lu: TridiagonalSolve, BandedTriangularSolve, Lu …"""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.decomposition import (
    adjoint,
    adjoint_of,
    at_least_matrices,
    product,
    square,
)
from evergraph.ops.rules import broadcast, merged_dim, slice_of
from evergraph.shapes import bracketed


def _fail(text):
    raise InvalidArgumentError(None, None, text)


# Tridiagonal matrices: three rows, that above the diagonal, the diagonal, and that below


def tridiagonal_solve(xp, diagonals, rhs, *, partial_pivoting=True, perturb_singular=False):
    del partial_pivoting
    if perturb_singular:
        _fail("perturb_singular is not supported on the CPU")
    if diagonals.ndim < 2 or rhs.ndim != diagonals.ndim or diagonals.shape[-2] != 3:
        _fail(
            f"Expected diagonals [..., 3, M] and right sides of the same rank, got "
            f"{bracketed(diagonals.shape)} and {bracketed(rhs.shape)}"
        )
    if diagonals.shape[-1] != rhs.shape[-2] or diagonals.shape[:-2] != rhs.shape[:-2]:
        _fail(f"Sizes do not fit: {bracketed(diagonals.shape)} and {bracketed(rhs.shape)}")
    if 0 in rhs.shape:
        return rhs
    above, main, below = (diagonals[..., i, :] for i in range(3))
    # The last element above and the first one below lie outside the matrix.
    found = xp.ext.linalg("solve", _three(xp, above, main, below), rhs)
    xp.check(xp.all(xp.isfinite(found)), InvalidArgumentError, "The matrix is not invertible.")
    return found


def _three(xp, above, main, below):
    n = main.shape[-1]
    column = np.arange(n)
    places = column[None, :] - column[:, None]
    rows = [xp.expand_dims(d, axis=-1) for d in (above, main, below)]
    zero = xp.zeros((), dtype=main.dtype)
    total = None
    for shift, row in zip((1, 0, -1), rows, strict=True):
        part = xp.where(xp.asarray(places == shift), row, zero)
        total = part if total is None else total + part
    return total


def tridiagonal_shape(diagonals, rhs):
    at_least_matrices(diagonals)
    at_least_matrices(rhs)
    merged_dim(diagonals[-1], rhs[-2])
    return rhs


def tridiagonal_solve_gradient(tf, op, dy):
    diagonals, x = op.inputs[0], op.outputs[0]
    pivoting = op.get_attr("partial_pivoting")
    above, main, below = (diagonals[..., i, :] for i in range(3))
    flipped = tf.Pack([_further(tf, below, 1, -1), main, _further(tf, above, -1, -1)], axis=-2)
    # TF: complex numbers are not conjugated.
    by_rhs = tf.TridiagonalSolve(flipped, dy, partial_pivoting=pivoting)
    parts = [tf.Sum(tf.Mul(by_rhs, _further(tf, x, shift, -2)), [-1]) for shift in (1, 0, -1)]
    return tf.Neg(tf.Pack(parts, axis=-2)), by_rhs


def _further(tf, x, by, axis):
    """Return the elements `by` further along one of the last two axes, zero beyond the end."""
    if not by:
        return x
    rest = () if axis == -1 else (slice(None),)
    kept = x[(..., slice(1, None) if by > 0 else slice(None, -1), *rest)]
    edge = tf.ZerosLike(x[(..., slice(0, 1), *rest)])
    return tf.ConcatV2([kept, edge] if by > 0 else [edge, kept], axis)


def tridiagonal_product(xp, superdiag, maindiag, subdiag, rhs):
    diagonals = (superdiag, maindiag, subdiag)
    for d in diagonals:
        if d.ndim < 2 or d.ndim != rhs.ndim or d.shape[-2] != 1 or d.shape[-1] != rhs.shape[-2]:
            _fail(f"diagonal {bracketed(d.shape)} does not fit {bracketed(rhs.shape)}")
    above, main, below = (xp.expand_dims(d[..., 0, :], axis=-1) for d in diagonals)
    if 0 in rhs.shape:
        return rhs
    row = xp.zeros_like(rhs[..., :1, :])
    later = xp.concat([rhs[..., 1:, :], row], axis=-2)
    earlier = xp.concat([row, rhs[..., :-1, :]], axis=-2)
    # What lies outside the matrix may be anything.
    n = rhs.shape[-2]
    column = np.arange(n)[:, None]
    zero = xp.zeros((), dtype=rhs.dtype)
    above = xp.where(xp.asarray(column < n - 1), above, zero)
    below = xp.where(xp.asarray(column > 0), below, zero)
    return above * later + main * rhs + below * earlier


def tridiagonal_product_shape(superdiag, maindiag, subdiag, rhs):
    at_least_matrices(rhs)
    for d in (superdiag, maindiag, subdiag):
        at_least_matrices(d)
        merged_dim(d[-1], rhs[-2])
    return rhs


def tridiagonal_product_gradient(tf, op, dy):
    above, main, below, rhs = op.inputs

    def conjugate(x):
        return tf.Conj(x) if x.dtype.is_complex else x

    parts = [
        tf.ExpandDims(tf.Sum(tf.Mul(conjugate(_further(tf, rhs, shift, -2)), dy), [-1]), -2)
        for shift in (1, 0, -1)
    ]
    flipped = (_further(tf, below, 1, -1), main, _further(tf, above, -1, -1))
    by_rhs = tf.TridiagonalMatMul(*(conjugate(d) for d in flipped), dy)
    return *parts, by_rhs


# Triangles that are bands: the diagonals as rows


def banded_solve(xp, matrix, rhs, *, lower=True, adjoint=False):
    shape = banded_shape(matrix.shape, rhs.shape)
    if matrix.shape[-2] < 1 or matrix.shape[-2] > matrix.shape[-1]:
        _fail("Number of bands must be positive and no more than the size of the matrix")
    if 0 in shape:
        return xp.zeros(shape, dtype=rhs.dtype)
    whole = _unfolded(xp, matrix, lower)
    whole = xp.broadcast_to(whole, (*shape[:-2], *whole.shape[-2:]))
    right = xp.broadcast_to(rhs, shape)
    found = xp.ext.linalg("triangular_solve", whole, right, lower=lower, adjoint=adjoint)
    xp.check(
        matrix[..., 0 if lower else -1, :] != 0,
        InvalidArgumentError,
        "Input matrix is not invertible.",
    )
    return found


def _unfolded(xp, bands, lower):
    count, n = bands.shape[-2:]
    row, column = np.arange(n)[:, None], np.arange(n)[None, :]
    zero = xp.zeros((), dtype=bands.dtype)
    total = None
    for k in range(count):
        offset = -k if lower else count - 1 - k
        part = xp.where(
            xp.asarray(column - row == offset), xp.expand_dims(bands[..., k, :], axis=-1), zero
        )
        total = part if total is None else total + part
    return total


def banded_shape(matrix, rhs):
    at_least_matrices(matrix)
    at_least_matrices(rhs)
    try:
        batch = broadcast(tuple(matrix[:-2]), tuple(rhs[:-2]))
    except ShapeError as error:
        text = f"Incompatible shapes: {bracketed(matrix)} vs. {bracketed(rhs)}"
        raise ShapeError(str(error), text) from None
    return *batch, merged_dim(matrix[-1], rhs[-2]), rhs[-1]


def banded_gradient(tf, op, dy):
    matrix, rhs = op.inputs
    lower, adjoint_ = op.get_attr("lower"), op.get_attr("adjoint")
    by_rhs = tf.BandedTriangularSolve(matrix, dy, lower=lower, adjoint=not adjoint_)
    x = op.outputs[0]
    first, second = (x, by_rhs) if adjoint_ else (by_rhs, x)
    whole = tf.Neg(product(tf, first, second, adj_y=True))
    sizes = tf.Shape(matrix)
    bands = tf.StridedSlice(sizes, [-2], [-1], [1], shrink_axis_mask=1)
    zero = tf.constant(0)
    last = tf.Sub(bands, 1)
    ends = tf.Pack([tf.Neg(last), zero] if lower else [zero, last])
    padding = tf.constant(0, whole.dtype)
    by_matrix = tf.MatrixDiagPartV3(whole, ends, padding, align="LEFT_RIGHT")
    axes = tf.BroadcastGradientArgs(*(slice_of(tf, tf.Shape(t), 0, -2) for t in (matrix, rhs)))
    given = (by_matrix, by_rhs)
    return [
        tf.Reshape(tf.Sum(g, a), tf.Shape(t))
        for g, a, t in zip(given, axes, (matrix, rhs), strict=True)
    ]


define("BandedTriangularSolve", banded_solve, shape=banded_shape, gradient=banded_gradient)


# Lu


def lu(xp, input, *, output_idx_type=None):
    shape = square(input.shape)
    dtype = xp.int32 if output_idx_type is None else output_idx_type
    if 0 in shape:
        return input, xp.zeros(shape[:-1], dtype=dtype)
    factors, order = xp.ext.linalg("lu", input)
    diagonal = xp.linalg.diagonal(factors)
    xp.check(diagonal != 0, InvalidArgumentError, "Input is not invertible.")
    return factors, xp.astype(order, dtype)


def lu_shape(input):
    shape = square(input)
    return [shape, shape[:-1]]


# Square roots of matrices


def matrix_square_root(xp, input):
    square(input.shape)
    if 0 in input.shape:
        return input
    dtype = input.dtype
    x = xp.astype(input, xp.complex128)
    found = _root(xp, x)
    return xp.astype(found if xp.isdtype(dtype, "complex floating") else xp.real(found), dtype)


def _root(xp, x):
    """Return the principal root, by the iteration of Denman and Beavers (1976)."""
    eye = xp.broadcast_to(xp.eye(x.shape[-1], dtype=x.dtype), x.shape)

    def step(_, pair):
        y, z = pair
        return (y + xp.ext.linalg("inv", z)) / 2, (z + xp.ext.linalg("inv", y)) / 2

    return xp.ext.loop(xp.asarray(30), step, (x, eye))[0]


def matrix_square_root_gradient(tf, op, dy):
    # The root S of A solves S X + X S = dA; the adjoint of that, by eigenvalues of Kronecker sums.
    (root,) = op.outputs
    flipped = adjoint_of(tf, root)
    identity = tf.MatrixDiag(tf.OnesLike(tf.MatrixDiagPart(root)))
    sizes = tf.Shape(root)
    batch, last = slice_of(tf, sizes, 0, -2), slice_of(tf, sizes, -1, None)
    square_of = tf.Mul(last, last)

    def kronecker(a, b):
        left = tf.ExpandDims(tf.ExpandDims(a, -1), -3)
        right = tf.ExpandDims(tf.ExpandDims(b, -2), -4)
        return tf.Reshape(tf.Mul(left, right), tf.ConcatV2([batch, square_of, square_of], 0))

    conjugate = tf.Conj(root) if root.dtype.is_complex else root
    both = tf.AddV2(kronecker(flipped, identity), kronecker(identity, conjugate))
    flat = tf.ConcatV2([batch, square_of, [1]], 0)
    return tf.Reshape(tf.MatrixSolve(both, tf.Reshape(dy, flat)), sizes)


define(
    "TridiagonalSolve",
    tridiagonal_solve,
    shape=tridiagonal_shape,
    gradient=tridiagonal_solve_gradient,
)
define(
    "TridiagonalMatMul",
    tridiagonal_product,
    shape=tridiagonal_product_shape,
    gradient=tridiagonal_product_gradient,
)
define("Lu", lu, shape=lu_shape)
define(
    "MatrixSquareRoot",
    matrix_square_root,
    shape=square,
    gradient=matrix_square_root_gradient,
)


def matrix_logarithm(xp, input):
    """By inverse scaling and squaring: roots until close to the identity, then an integral."""
    square(input.shape)
    if 0 in input.shape:
        return input
    dtype = input.dtype
    x = xp.astype(input, xp.complex128)
    for _ in range(_ROOTS):
        x = _root(xp, x)
    eye = xp.broadcast_to(xp.eye(x.shape[-1], dtype=x.dtype), x.shape)
    rest = x - eye
    # log(1 + r) is the integral of r / (1 + t r) over t from 0 to 1, by Gauss's rule.
    nodes, weights = np.polynomial.legendre.leggauss(8)
    total = xp.zeros_like(x)
    for node, weight in zip(((nodes + 1) / 2).tolist(), (weights / 2).tolist(), strict=True):
        total = total + xp.ext.linalg("solve", eye + rest * node, rest) * weight
    return xp.astype(total * 2.0**_ROOTS, dtype)


_ROOTS = 5
define("MatrixLogarithm", matrix_logarithm, shape=square)


# Least squares


def solve_least_squares(xp, matrix, rhs, l2_regularizer, *, fast=True):
    shape = least_squares_shape(matrix.shape, rhs.shape, l2_regularizer.shape)
    if l2_regularizer.ndim:
        _fail("l2_regularizer must be a scalar")
    if 0 in shape or 0 in matrix.shape:
        return xp.zeros(shape, dtype=matrix.dtype)
    if not fast:
        return xp.matmul(xp.linalg.pinv(matrix), rhs)
    flipped = adjoint(xp, matrix)
    rows, columns = matrix.shape[-2:]
    deep = rows >= columns
    normal = xp.matmul(flipped, matrix) if deep else xp.matmul(matrix, flipped)
    weight = xp.astype(l2_regularizer, matrix.dtype)
    normal = normal + xp.eye(normal.shape[-1], dtype=matrix.dtype) * weight
    if deep:
        found = xp.ext.linalg("solve", normal, xp.matmul(flipped, rhs))
    else:
        found = xp.matmul(flipped, xp.ext.linalg("solve", normal, rhs))
    xp.check(
        xp.all(xp.isfinite(found)),
        InvalidArgumentError,
        "Input matrix was rank deficient or ill-conditioned. Try setting fast=False or provide a "
        "larger l2_regularizer > 0.",
    )
    return found


def least_squares_shape(matrix, rhs, l2_regularizer):
    at_least_matrices(matrix)
    at_least_matrices(rhs)
    if len(matrix) != len(rhs):
        raise ShapeError("All input tensors must have the same rank.")
    batch = tuple(merged_dim(a, b) for a, b in zip(matrix[:-2], rhs[:-2], strict=True))
    merged_dim(matrix[-2], rhs[-2])
    return *batch, matrix[-1], rhs[-1]


def least_squares_gradient(tf, op, dy):
    a, b, regularizer = op.inputs
    (x,) = op.outputs
    if not op.get_attr("fast"):
        raise ValueError("Gradient not defined for fast=False")
    rows, columns = a.shape[-2].value, a.shape[-1].value
    if rows is None or columns is None:
        raise ValueError("the gradient of least squares needs the size of the matrix")
    deep = rows >= columns
    n = min(rows, columns)
    normal = product(tf, a, a, adj_x=True) if deep else product(tf, a, a, adj_y=True)
    weight = tf.Cast(regularizer, DstT=a.dtype.base_dtype)
    normal = tf.AddV2(normal, tf.MatrixDiag(tf.Fill([n], weight)))
    if deep:
        z = tf.MatrixSolve(normal, dy)
        both = product(tf, x, z, adj_y=True)
        # TF: transposed, and not conjugated.
        turned = adjoint_of(tf, both)
        both = tf.AddV2(both, tf.Conj(turned) if turned.dtype.is_complex else turned)
        by_a = tf.Sub(product(tf, b, z, adj_y=True), product(tf, a, both))
        return by_a, product(tf, a, z), None
    by_b = tf.MatrixSolve(normal, product(tf, a, dy))
    inner = tf.MatrixSolve(normal, b)
    first = product(tf, by_b, product(tf, inner, a, adj_x=True))
    second = tf.Sub(dy, product(tf, a, by_b, adj_x=True))
    by_a = tf.Sub(product(tf, inner, second, adj_y=True), first)
    return by_a, by_b, None


define(
    "MatrixSolveLs",
    solve_least_squares,
    shape=least_squares_shape,
    gradient=least_squares_gradient,
)

"""Linear algebra of square matrices: Cholesky, MatrixInverse, MatrixSolve, MatrixDeterminant."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import broadcast, merged, merged_dim, slice_of
from evergraph.shapes import bracketed


def square(shape):
    """Return the shape of square matrices, checked."""
    at_least_matrices(shape)
    try:
        n = merged_dim(shape[-2], shape[-1])
    except ShapeError as error:
        raise ShapeError(str(error), "Input matrix must be square.") from None
    return *shape[:-2], n, n


def at_least_matrices(shape):
    """Return the shape, checked to be that of matrices."""
    if len(shape) < 2:
        raise ShapeError(
            f"Shape must be at least rank 2 but is rank {len(shape)}",
            f"Input tensor 0 must have rank >= 2, got {len(shape)}",
        )
    return shape


def adjoint(xp, x):
    """Return the conjugate transpose of matrices."""
    return xp.conj(x.mT) if xp.isdtype(x.dtype, "complex floating") else x.mT


def from_lower(xp, x):
    """Return the symmetric (Hermitian) matrix that has this lower triangle."""
    return xp.tril(x) + adjoint(xp, xp.tril(x, k=-1))


def adjoint_of(tf, x):
    """Return the conjugate transpose of a graph's matrices."""
    rank = x.shape.rank
    if rank is None:
        n = tf.Rank(x)
        axes = tf.Range(0, n, 1)
        order = tf.ConcatV2([slice_of(tf, axes, 0, -2), [n - 1, n - 2]], 0)
    else:
        order = [*range(rank - 2), rank - 1, rank - 2]
    return tf.ConjugateTranspose(x, order) if x.dtype.is_complex else tf.Transpose(x, order)


def product(tf, x, y, *, adj_x=False, adj_y=False):
    """Return the product of a graph's matrices."""
    return tf.BatchMatMulV2(x, y, adj_x=adj_x, adj_y=adj_y)


def cholesky(xp, input):
    square(input.shape)
    if 0 in input.shape:
        return input
    # TF: what has no decomposition gives NaN in the lower triangle.
    return xp.tril(xp.ext.linalg("cholesky", from_lower(xp, input)))


def cholesky_gradient(tf, op, dy):
    (lower,) = op.outputs
    identity = tf.MatrixDiag(tf.OnesLike(tf.MatrixDiagPart(lower)))
    inverse = tf.MatrixTriangularSolve(lower, identity)
    middle = product(tf, lower, dy, adj_x=True)
    middle = tf.MatrixSetDiag(middle, tf.MatrixDiagPart(middle) * 0.5)
    middle = tf.MatrixBandPart(middle, -1, 0)
    total = product(tf, product(tf, inverse, middle, adj_x=True), inverse)
    return (total + adjoint_of(tf, total)) * 0.5


define("Cholesky", cholesky, shape=square, gradient=cholesky_gradient)


def cholesky_grad(xp, factor, grad):
    if tuple(square(factor.shape)) != tuple(grad.shape):
        raise InvalidArgumentError(None, None, "Inputs (L and grad) must have the same shape.")
    if 0 in factor.shape:
        return factor
    lower = xp.tril(factor)
    middle = xp.tril(xp.matmul(adjoint(xp, lower), xp.tril(grad)))
    half = xp.eye(factor.shape[-1], dtype=factor.dtype) * 0.5
    middle = middle * (1 - half)
    # inverse(lower)^H middle inverse(lower)
    first = xp.ext.linalg("triangular_solve", lower, middle, lower=True, adjoint=True)
    second = xp.ext.linalg("triangular_solve", lower, adjoint(xp, first), lower=True, adjoint=True)
    total = adjoint(xp, second)
    return (total + adjoint(xp, total)) * 0.5


def shape_of_factor(factor, grad):
    return at_least_matrices(factor)


define("CholeskyGrad", cholesky_grad, shape=shape_of_factor)


@in_float32
def matrix_inverse(xp, input, *, adjoint=False):
    square(input.shape)
    if 0 in input.shape:
        return input
    result = xp.ext.linalg("inv", input)
    _check_finite(xp, result, "Input is not invertible.")
    return _adjoint_if(xp, result, adjoint)


def _check_finite(xp, x, message):
    xp.check(xp.all(xp.isfinite(x)), InvalidArgumentError, message)


def _adjoint_if(xp, x, wanted):
    return adjoint(xp, x) if wanted else x


def matrix_inverse_gradient(tf, op, dy):
    (inverse,) = op.outputs
    flipped = op.get_attr("adjoint")
    right = product(tf, dy, inverse, adj_x=flipped, adj_y=not flipped)
    return -product(tf, inverse, right, adj_x=not flipped)


define("MatrixInverse", matrix_inverse, shape=square, gradient=matrix_inverse_gradient)


def matrix_determinant(xp, input):
    square(input.shape)
    if 0 in input.shape:
        return xp.ones(input.shape[:-2], dtype=input.dtype)
    return xp.ext.linalg("det", input)


def scalars(input):
    return square(input)[:-2]


def _scaled_inverse(tf, x, factor):
    """Return the inverse's adjoint, multiplied by a factor for each matrix."""
    sizes = tf.ConcatV2([tf.Shape(factor), [1, 1]], 0)
    return tf.Reshape(factor, sizes) * tf.MatrixInverse(x, adjoint=True)


def matrix_determinant_gradient(tf, op, dy):
    return _scaled_inverse(tf, op.inputs[0], dy * op.outputs[0])


define(
    "MatrixDeterminant",
    matrix_determinant,
    shape=scalars,
    gradient=matrix_determinant_gradient,
)


def log_matrix_determinant(xp, input):
    square(input.shape)
    if 0 in input.shape:
        one = xp.ones(input.shape[:-2], dtype=input.dtype)
        return one, xp.zeros_like(one)
    sign, log = xp.ext.linalg("slogdet", input)
    return sign, xp.astype(log, input.dtype)


def log_matrix_determinant_gradient(tf, op, dsign, dlog):
    return _scaled_inverse(tf, op.inputs[0], dlog)


define(
    "LogMatrixDeterminant",
    log_matrix_determinant,
    shape=lambda input: [scalars(input)] * 2,
    gradient=log_matrix_determinant_gradient,
)


def matrix_solve(xp, matrix, rhs, *, adjoint=False):
    shape = solved_shape(matrix.shape, rhs.shape)
    if 0 in shape or 0 in matrix.shape:
        return xp.zeros(shape, dtype=rhs.dtype)
    result = xp.ext.linalg("solve", _adjoint_if(xp, matrix, adjoint), rhs)
    _check_finite(xp, result, "Input matrix is not invertible.")
    return result


def solved_shape(matrix, rhs):
    at_least_matrices(rhs)
    *batch, n, _ = square(matrix)
    if len(matrix) != len(rhs):
        raise ShapeError(
            f"Shapes must be equal rank, but are {len(matrix) - 2} and {len(rhs) - 2}",
            f"All input tensors must have the same rank: {bracketed(matrix)} {bracketed(rhs)}",
        )
    return *merged(tuple(batch), rhs[:-2]), merged_dim(n, rhs[-2]), rhs[-1]


def _solve_gradients(tf, op, by_rhs):
    (x,) = op.outputs
    first, second = (x, by_rhs) if op.get_attr("adjoint") else (by_rhs, x)
    return -product(tf, first, second, adj_y=True)


def matrix_solve_gradient(tf, op, dy):
    by_rhs = tf.MatrixSolve(op.inputs[0], dy, adjoint=not op.get_attr("adjoint"))
    return _solve_gradients(tf, op, by_rhs), by_rhs


define("MatrixSolve", matrix_solve, shape=solved_shape, gradient=matrix_solve_gradient)


def matrix_triangular_solve(xp, matrix, rhs, *, lower=True, adjoint=False):
    shape = broadcast_solved_shape(matrix.shape, rhs.shape)
    if 0 in shape or 0 in matrix.shape:
        return xp.zeros(shape, dtype=rhs.dtype)
    batch = shape[:-2]
    matrix = xp.broadcast_to(matrix, (*batch, *matrix.shape[-2:]))
    rhs = xp.broadcast_to(rhs, shape)
    return xp.ext.linalg("triangular_solve", matrix, rhs, lower=lower, adjoint=adjoint)


def broadcast_solved_shape(matrix, rhs):
    at_least_matrices(rhs)
    *batch, n, _ = square(matrix)
    try:
        batch = broadcast(tuple(batch), rhs[:-2])
    except ShapeError as error:
        text = f"Incompatible shapes: {bracketed(matrix)} vs. {bracketed(rhs)}"
        raise ShapeError(str(error), text) from None
    return *batch, merged_dim(n, rhs[-2]), rhs[-1]


def matrix_triangular_solve_gradient(tf, op, dy):
    a, b = op.inputs
    lower = op.get_attr("lower")
    flipped = not op.get_attr("adjoint")
    by_b = tf.MatrixTriangularSolve(a, dy, lower=lower, adjoint=flipped)
    by_a = _solve_gradients(tf, op, by_b)
    by_a = tf.MatrixBandPart(by_a, -1, 0) if lower else tf.MatrixBandPart(by_a, 0, -1)
    if a.shape.is_fully_defined() and b.shape.is_fully_defined() and a.shape[:-2] == b.shape[:-2]:
        return by_a, by_b
    sizes = tf.Shape(a), tf.Shape(b)
    axes = tf.BroadcastGradientArgs(*(slice_of(tf, s, 0, -2) for s in sizes))
    found = zip((by_a, by_b), axes, sizes, strict=True)
    return [tf.Reshape(tf.Sum(g, along), size) for g, along, size in found]


define(
    "MatrixTriangularSolve",
    matrix_triangular_solve,
    shape=broadcast_solved_shape,
    gradient=matrix_triangular_solve_gradient,
)

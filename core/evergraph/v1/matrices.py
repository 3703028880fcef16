"""Linear algebra: products, norms and decompositions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import abs, cast, conj, matmul, node, pow, scope
from evergraph.v1._arguments import renamed
from evergraph.v1.conversion import complex, imag, real
from evergraph.v1.filling import matrix_diag_part
from evergraph.v1.reductions import reduce_max, reduce_sum
from evergraph.v1.shaping import matrix_transpose, squeeze


def matvec(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Any:
    """Multiply matrices with vectors; the arguments are those of `matmul`."""
    with scope(name, "MatVec", (a, b)):
        column = node("ExpandDims", input=b, dim=-1)
        product = matmul(
            a,
            column,
            transpose_a=transpose_a,
            adjoint_a=adjoint_a,
            a_is_sparse=a_is_sparse,
            b_is_sparse=b_is_sparse,
        )
        return squeeze(product, axis=-1)


def trace(x: Any, name: str | None = None) -> Any:
    """Return the sums of the diagonals of matrices."""
    with scope(name, "Trace", (x,)) as name:
        x = convert_to_tensor(x, name="x")
        return reduce_sum(matrix_diag_part(x), [-1], name=name)


def adjoint(matrix: Any, name: str | None = None) -> Any:
    """Return the conjugate transposes of matrices."""
    with scope(name, "adjoint", (matrix,)):
        matrix = convert_to_tensor(matrix, name="matrix")
        return matrix_transpose(matrix, conjugate=True)


# Norms

_EUCLIDEAN: Final = ("fro", "euclidean", 2, 2.0)


def norm(
    tensor: Any,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    keep_dims: bool | None = None,
) -> Any:
    """Return the norm of vectors or matrices.

    Args:
      tensor: the tensor.
      ord: "euclidean" (also "fro" for matrices), 1, 2, infinity, or a positive number for vectors.
      axis: the axis of the vectors, or a pair of axes of the matrices; by default the whole tensor
        is one vector.
      keepdims: whether the axes are kept, with size 1.
      name: a name scope.
      keep_dims: the old name of `keepdims`.

    Raises:
      NotImplementedError: it is the 2-norm of matrices.
      ValueError: there is no such norm, or `axis` is something else.
    """
    keepdims = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    of_matrices = isinstance(axis, tuple | list) and len(axis) == 2
    axes = _norm_axes(axis, of_matrices)
    _check_norm(ord, of_matrices)
    with scope(name, "norm", (tensor,)):
        tensor = convert_to_tensor(tensor)
        if ord in _EUCLIDEAN:
            if of_matrices and ord == 2:
                raise NotImplementedError("the 2-norm of matrices (tf.norm) is not there yet")
            result = node("Sqrt", x=reduce_sum(tensor * conj(tensor), axes, keepdims=True))
        else:
            result = _other_norm(abs(tensor), ord, axes, of_matrices)
        return result if keepdims else squeeze(result, axes)


def _norm_axes(axis: Any, of_matrices: bool) -> Any:
    wrong = f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}"
    if of_matrices:
        if not all(isinstance(a, int) for a in axis) or axis[0] == axis[1]:
            raise ValueError(wrong)
        return tuple(axis)
    if not (isinstance(axis, int) or axis is None):
        raise ValueError(wrong)
    return None if axis is None else (axis,)


def _check_norm(ord: Any, of_matrices: bool) -> None:
    if of_matrices:
        supported = ["euclidean", "fro", 1, 2, np.inf]
        if ord not in supported:
            raise ValueError(f"'ord' must be a supported matrix norm in {supported}, got {ord}")
    elif (not np.isreal(ord) or ord <= 0) and ord not in ("euclidean", 1, 2, np.inf):
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")


def _other_norm(values: Any, ord: Any, axes: Any, of_matrices: bool) -> Any:
    first, last = (None, None) if axes is None else (axes[0], axes[-1])
    if ord == 1:
        result = reduce_sum(values, first, keepdims=True)
        return reduce_max(result, last, keepdims=True) if of_matrices else result
    if ord == np.inf:
        if of_matrices:
            values = reduce_sum(values, last, keepdims=True)
        return reduce_max(values, first, keepdims=True)
    return pow(reduce_sum(pow(values, ord), axes, keepdims=True), 1.0 / ord)


def normalize(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None
) -> Any:
    """Return a tensor divided by its norm, and the norm; see `norm`."""
    with scope(name, "normalize", (tensor,)):
        tensor = convert_to_tensor(tensor)
        length = cast(norm(tensor, ord, axis, keepdims=True), tensor.dtype)
        return tensor / length, length


def l2_normalize(
    x: Any, axis: Any = None, epsilon: Any = 1e-12, name: str | None = None, dim: Any = None
) -> Any:
    """Divide a tensor by its L2 norm over some axes.

    Args:
      x: the tensor.
      axis: the axes; all by default.
      epsilon: what the squared norm is at least.
      name: the name of the node.
      dim: the old name of `axis`.
    """
    axis = renamed("axis", axis, "dim", dim)
    with scope(name, "l2_normalize", (x,)) as name:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            squares = [node("Square", x=part(x)) for part in (real, imag)]
            total = real(reduce_sum(squares[0] + squares[1], axis, keepdims=True))
            inverse = node("Rsqrt", x=node("Maximum", x=total, y=epsilon))
            parts = [node("Mul", x=part(x), y=inverse) for part in (real, imag)]
            return complex(parts[0], parts[1], name=name)
        total = reduce_sum(node("Square", x=x), axis, keepdims=True)
        inverse = node("Rsqrt", x=node("Maximum", x=total, y=epsilon))
        return node("Mul", name, x=x, y=inverse)


# Decompositions and systems of equations


def svd(
    tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> Any:
    """Return singular values, and left and right singular vectors if `compute_uv`."""
    flags = {"compute_uv": compute_uv, "full_matrices": full_matrices}
    s, u, v = node("Svd", name, input=tensor, **flags)
    return (real(s), u, v) if compute_uv else real(s)


def self_adjoint_eig(tensor: Any, name: str | None = None) -> Any:
    """Return eigenvalues and eigenvectors of self-adjoint matrices."""
    e, v = node("SelfAdjointEigV2", name, input=tensor, compute_v=True)
    return e, v


def self_adjoint_eigvals(tensor: Any, name: str | None = None) -> Any:
    """Return eigenvalues of self-adjoint matrices."""
    return node("SelfAdjointEigV2", name, input=tensor, compute_v=False)[0]


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Any:
    """Solve `A @ x = rhs`, given the Cholesky factor of A."""
    with scope(name, "cholesky_solve", (chol, rhs)):
        y = _triangular(chol, rhs, lower=True, adjoint=False)
        return _triangular(chol, y, lower=True, adjoint=True)


def matrix_triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Any:
    """Solve `matrix @ x = rhs` for triangular matrices.

    Args:
      matrix: the matrices.
      rhs: the right-hand sides.
      lower: whether the lower triangle is used, or the upper one.
      adjoint: whether the matrices are conjugated and transposed first.
      name: a name scope.
    """
    with scope(name, "triangular_solve", (matrix, rhs)):
        return _triangular(matrix, rhs, lower, adjoint)


def _triangular(matrix: Any, rhs: Any, lower: bool, adjoint: bool) -> Any:
    flags = {"lower": lower, "adjoint": adjoint}
    return node("MatrixTriangularSolve", matrix=matrix, rhs=rhs, **flags)

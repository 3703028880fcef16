"""Linear algebra: products, norms, decompositions and einsum."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import abs, cast, conj, matmul, node, pow, scope
from evergraph.graph.slicing import concat, shape, stack
from evergraph.shapes import TensorShape
from evergraph.v1._arguments import renamed
from evergraph.v1.arithmetic import complex, imag, range, real
from evergraph.v1.filling import matrix_diag_part, rank
from evergraph.v1.indexing import gather, where
from evergraph.v1.reductions import reduce_max, reduce_prod, reduce_sum
from evergraph.v1.shaping import matrix_transpose, reshape, squeeze, transpose


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
    first = None if axes is None else axes[0]
    if ord == 1:
        result = reduce_sum(values, first, keepdims=True)
        return reduce_max(result, axes[-1], keepdims=True) if of_matrices else result
    if ord == np.inf:
        if of_matrices:
            values = reduce_sum(values, axes[1], keepdims=True)
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
            return complex(*parts, name=name)
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


# Contractions


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """Contract axes of two tensors.

    Args:
      a, b: the tensors.
      axes: how many axes: the last of `a` with the first of `b`; or a pair of lists of axes.
      name: the name of the node.

    Raises:
      ValueError: there are no such axes.
    """
    with scope(name, "Tensordot", (a, b, axes)) as name:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b")
        a_axes, b_axes = _contracted(a, axes)
        a_matrix, a_free, a_known = _as_matrix(a, a_axes, flipped=False)
        b_matrix, b_free, b_known = _as_matrix(b, b_axes, flipped=True)
        product = matmul(a_matrix, b_matrix)
        if isinstance(a_free, list) and isinstance(b_free, list):
            free = a_free + b_free
            if product.shape.is_fully_defined() and product.shape.as_list() == free:
                return product
            return reshape(product, free, name)
        free = [convert_to_tensor(f, dtypes.int32) for f in (a_free, b_free)]
        product = reshape(product, concat(free, 0), name)
        if a_known is not None and b_known is not None:
            product.set_shape(a_known + b_known)
        return product


def _contracted(a: Any, axes: Any) -> tuple[Any, Any]:
    """Return the contracted axes of either operand: lists, or tensors."""
    if isinstance(axes, int | np.integer):
        if axes < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {axes}.")
        if a.ndim is None:
            count = rank(a)
            first = range(count - axes, count, dtype=dtypes.int32)
            return first, range(axes, dtype=dtypes.int32)
        if axes > a.ndim:
            raise ValueError(
                f"`axes` must not be larger than the number of dimensions of tensor {a}.  Received "
                f"{axes}, vs tensor dimensions {a.ndim}."
            )
        return [a.ndim - axes + i for i in _upto(axes)], list(_upto(axes))
    if not isinstance(axes, list | tuple):
        axes = convert_to_tensor(axes, dtypes.int32, "axes")
        return axes[0], axes[1]
    if len(axes) != 2:
        raise ValueError(f"`axes` must be an integer or have length 2. Received {axes}.")
    first, second = axes
    if all(isinstance(x, int | np.integer) for x in axes):
        return [first], [second]
    if len(first) != len(second):
        raise ValueError(
            f"Different number of contraction axes `a` and `b`, {len(first)} != {len(second)}."
        )
    return first, second


def _upto(count: Any) -> Any:
    return np.arange(count).tolist()


def _as_matrix(a: Any, axes: Any, flipped: bool) -> tuple[Any, Any, Any]:
    """Return an operand as a matrix (contracted axes last; first if `flipped`).

    Returns:
      The matrix; the sizes of the free axes; and what is known of them.
    """
    listed = isinstance(axes, list | tuple)
    if listed and a.shape.is_fully_defined():
        sizes = a.shape.as_list()
        axes, free = _split_axes(axes, len(sizes))
        free_sizes = [sizes[i] for i in free]
        parts = [int(np.prod(free_sizes)), int(np.prod([sizes[i] for i in axes]))]
        perm = axes + free if flipped else free + axes
        wanted = parts[::-1] if flipped else parts
        if perm != list(_upto(len(sizes))):
            a = transpose(a, perm)
        return a if a.shape.as_list() == wanted else reshape(a, wanted), free_sizes, free_sizes
    known = None
    if listed and a.ndim is not None:
        sizes = a.shape.as_list()
        axes, free = _split_axes(axes, len(sizes))
        known = [sizes[i] for i in free]
        axes = convert_to_tensor(axes, dtypes.int32, "axes")
        free = convert_to_tensor(free, dtypes.int32, "free")
        dims = shape(a)
    else:
        dims = shape(a)
        count = rank(a)
        axes = convert_to_tensor(axes, dtypes.int32, "axes")
        axes = where(axes >= 0, axes, axes + count)
        free = node("ListDiff", x=range(count), y=axes, out_idx=dtypes.int32)[0]
    free_sizes = gather(dims, free)
    axes_sizes = gather(dims, axes)
    rows, columns = reduce_prod(free_sizes), reduce_prod(axes_sizes)
    if flipped:
        perm, wanted = concat([axes, free], 0), stack([columns, rows])
    else:
        perm, wanted = concat([free, axes], 0), stack([rows, columns])
    return reshape(transpose(a, perm), wanted), free_sizes, known


def _split_axes(axes: Sequence[int], count: int) -> tuple[list[int], list[int]]:
    contracted = [i if i >= 0 else i + count for i in axes]
    return contracted, [i for i in _upto(count) if i not in contracted]


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """Contract tensors as an equation says, such as `ij,jk->ik`.

    Args:
      equation: the labels of the dimensions of each input, and of the result.
      *inputs: the tensors.
      **kwargs: `name`, a name scope; `optimize`, how to order the contractions of three inputs or
        more, as `numpy.einsum_path` takes it.

    Raises:
      TypeError: there is another keyword.
      ValueError: the equation is not valid, or does not fit the inputs.
    """
    name = kwargs.pop("name", None)
    optimize = kwargs.pop("optimize", "greedy")
    if kwargs:
        raise TypeError(
            f"Invalid keyword arguments for einsum: {', '.join(kwargs)}. Valid arguments: name, "
            "optimize, greedy."
        )
    with scope(name, "einsum", (equation, inputs)):
        shapes = [TensorShape(x.shape) for x in inputs]
        labels, output = _parsed(equation, len(shapes))
        operands = list(inputs)
        if len(operands) <= 2:
            return _einsum(operands, labels, output)
        for positions in _contraction_order(labels, output, shapes, optimize):
            taken = [labels.pop(i) for i in positions]
            rest = "".join([*labels, output])
            joined = "".join(taken)
            kept = sorted({c for c in joined if c in rest}, key=joined.find)
            result = "".join(kept) if labels else output
            operands.append(_einsum([operands.pop(i) for i in positions], taken, result))
            labels.append(result)
        return operands[0]


#: What stands for `...` while an equation is worked on.
_ELLIPSIS: Final = "0"


def _einsum(operands: list[Any], labels: list[str], output: str) -> Any:
    equation = f"{','.join(labels)}->{output}".replace(_ELLIPSIS, "...")
    return node("Einsum", inputs=operands, equation=equation)


def _parsed(equation: str, count: int) -> tuple[list[str], str]:
    """Return the labels of each input and of the output, `...` as `_ELLIPSIS`."""
    text = equation.replace(" ", "")
    allowed = "a-zA-Z"
    if "..." in equation:
        if _ELLIPSIS in text:
            raise ValueError(f'Invalid character "{_ELLIPSIS}" in equation: {equation}.')
        text = text.replace("...", _ELLIPSIS)
        allowed += _ELLIPSIS
    match = re.match(f"^([{allowed},]*)(->[{allowed}]*)?$", text)
    if not match:
        raise ValueError(f"Subscripts have incorrect format: {text}")
    labels = match.group(1).split(",")
    if len(labels) != count:
        raise ValueError(f'Got {count} inputs for equation "{equation}", expecting {len(labels)}')
    if match.group(2) is None:
        counts = Counter(match.group(1))
        output = "".join(c for c in sorted(counts) if c != "," and counts[c] == 1)
    else:
        output = match.group(2)[2:]
    if len(set(output)) != len(output):
        raise ValueError(
            f"Output subscripts contain a label appearing more than once: {equation}"
        )
    for label in output:
        if label != _ELLIPSIS and label not in match.group(1):
            raise ValueError(
                f"Output subscripts contain the label {label} not present in the input subscripts."
            )
    return labels, output


def _contraction_order(
    labels: list[str], output: str, shapes: list[TensorShape], optimize: Any
) -> list[list[int]]:
    """Return, for each contraction, the positions of its operands in the list of that moment."""
    sizes: dict[str, int] = {}
    for i, (names, known) in enumerate(zip(labels, shapes, strict=True)):
        if known._dims is None:
            continue
        dims = list(known._dims)
        at = names.find(_ELLIPSIS)
        if at >= 0:
            # All dimensions that `...` stands for count as one.
            end = at + len(dims) + 1 - len(names)
            dims[at:end] = [int(np.prod([d for d in dims[at:end] if d]))]
        if len(dims) != len(names):
            raise ValueError(
                f"Number of named labels in input #{i} of equation {','.join(labels)} must be "
                f"equal to the number of dimensions in shape {known}"
            )
        for name, dim in zip(names, dims, strict=True):
            sizes[name] = max(sizes.get(name, 1), dim or 1)
    text = f"{','.join(labels)}->{output}".replace(_ELLIPSIS, _spare(labels))
    stand_ins = [np.broadcast_to(0.0, [sizes.get(n, 1) for n in names]) for names in labels]
    path = np.einsum_path(text, *stand_ins, optimize=optimize)[0]
    return [sorted(step, reverse=True) for step in path[1:]]  # type: ignore[arg-type]


def _spare(labels: list[str]) -> str:
    used = "".join(labels)
    return next(c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if c not in used)

"""Cases of linear algebra: Cholesky, MatrixInverse, MatrixSolve, Qr, Svd, SelfAdjointEigV2.

Vectors of Svd and SelfAdjointEigV2 have no sign of their own: only values are compared.
"""

import numpy as np

from evergraph_conformance.cases import array, case, spread

_NAN = float("nan")


def _complex(shape, seed=0):
    return spread(shape, "float32", seed=seed) + 1j * spread(shape, "float32", seed=seed + 50)


def _positive(shape, dtype="float32"):
    """Return matrices that are positive definite."""
    x = _complex(shape) if dtype.startswith("complex") else spread(shape, dtype)
    flipped = np.swapaxes(x, -1, -2).conj()
    return (x @ flipped + 2 * np.eye(shape[-1])).astype(dtype)


def _regular(shape, dtype="float32"):
    """Return matrices far from singular ones."""
    x = _complex(shape) if dtype.startswith("complex") else spread(shape, dtype)
    return (x + 3 * np.eye(shape[-1])).astype(dtype)


def _each(op, make, **more):
    return [
        case(op, "one matrix", make((3, 3)), **more),
        case(op, "a batch", make((2, 2, 4, 4)), **more),
        case(op, "float64", make((2, 3, 3), "float64"), **more),
        case(op, "complex64", make((3, 3), "complex64"), **more),
        case(op, "one element", make((1, 1)), **more),
        case(op, "no rows", spread((2, 0, 0)), **more),
        case(op, "no matrices", spread((0, 2, 2)), **more),
        case(op, "not square", spread((2, 3)), **more),
        case(op, "a vector", spread((3,)), **more),
    ]


_LOWER = np.tril(_regular((2, 3, 3)))

CASES = [
    *_each("Cholesky", _positive),
    case("Cholesky", "only the lower triangle counts", array([[4, _NAN], [2, 3]])),
    case("Cholesky", "not positive", array([[[4]], [[-1]]])),
    case("CholeskyGrad", "one matrix", np.tril(_regular((3, 3))), spread((3, 3), seed=1)),
    case("CholeskyGrad", "a batch", _LOWER, spread((2, 3, 3), seed=1)),
    case("CholeskyGrad", "float64", _LOWER.astype("float64"), spread((2, 3, 3), "float64", seed=1)),
    case("CholeskyGrad", "one element", _regular((1, 1)), spread((1, 1), seed=1)),
    case("CholeskyGrad", "no rows", spread((0, 0)), spread((0, 0))),
    case("CholeskyGrad", "sizes that differ", _regular((3, 3)), spread((2, 2))),
    *_each("MatrixInverse", _regular),
    case("MatrixInverse", "half", _regular((2, 2), "float16")),
    case("MatrixInverse", "the adjoint", _regular((3, 3)), adjoint=True),
    case("MatrixInverse", "the adjoint, complex", _regular((3, 3), "complex64"), adjoint=True),
    case("MatrixInverse", "zeros", spread((2, 2)) * 0),
    *_each("MatrixDeterminant", _regular),
    case("MatrixDeterminant", "zeros", spread((2, 2)) * 0),
    *_each("LogMatrixDeterminant", _regular),
    case("LogMatrixDeterminant", "zeros", spread((2, 2)) * 0),
    case("LogMatrixDeterminant", "a negative one", array([[0, 1], [1, 0]])),
    *(
        one
        for op, make in (
            ("MatrixSolve", _regular),
            ("MatrixTriangularSolve", lambda *given: np.tril(_regular(*given))),
        )
        for one in (
            case(op, "one matrix", make((3, 3)), spread((3, 2), seed=1)),
            case(op, "a batch", make((2, 3, 3)), spread((2, 3, 2), seed=1)),
            case(op, "float64", make((3, 3), "float64"), spread((3, 2), "float64", seed=1)),
            case(op, "complex64", make((3, 3), "complex64"), _complex((3, 2), seed=1)),
            case(op, "the adjoint", make((3, 3)), spread((3, 2), seed=1), adjoint=True),
            case(
                op,
                "the adjoint, complex",
                make((3, 3), "complex64"),
                _complex((3, 2), seed=1),
                adjoint=True,
            ),
            case(op, "no right sides", make((3, 3)), spread((3, 0))),
            case(op, "no rows", spread((0, 0)), spread((0, 2))),
            case(op, "rows that differ", make((3, 3)), spread((2, 2))),
            case(op, "a vector", make((3, 3)), spread((3,))),
            case(op, "not square", spread((2, 3)), spread((3, 2))),
        )
    ),
    case("MatrixSolve", "zeros", spread((2, 2)) * 0, spread((2, 1))),
    case("MatrixSolve", "batches that differ", _regular((2, 3, 3)), spread((3, 3, 2))),
    case("MatrixTriangularSolve", "upper", np.triu(_regular((3, 3))), spread((3, 2)), lower=False),
    case(
        "MatrixTriangularSolve",
        "upper, the adjoint",
        np.triu(_regular((3, 3))),
        spread((3, 2)),
        lower=False,
        adjoint=True,
    ),
    case("MatrixTriangularSolve", "the rest is not looked at", _regular((3, 3)), spread((3, 2))),
    case("MatrixTriangularSolve", "one matrix for all", _LOWER[0], spread((2, 3, 2))),
    case("MatrixTriangularSolve", "one right side for all", _LOWER, spread((3, 2))),
    case(
        "MatrixTriangularSolve", "zero on the diagonal", array([[1, 0], [1, 0]]), array([[1], [2]])
    ),
    #
    case("Qr", "square", _regular((3, 3))),
    case("Qr", "deep", spread((4, 2))),
    case("Qr", "wide", spread((2, 4))),
    case("Qr", "a batch", spread((2, 3, 2))),
    case("Qr", "deep, full", spread((4, 2)), full_matrices=True),
    case("Qr", "wide, full", spread((2, 4)), full_matrices=True),
    case("Qr", "float64", spread((3, 2), "float64")),
    case("Qr", "complex64", _complex((3, 2))),
    case("Qr", "no rows", spread((0, 3))),
    case("Qr", "no rows, full", spread((2, 3, 0)), full_matrices=True),
    case("Qr", "a vector", spread((3,))),
    case("Svd", "square", _regular((3, 3)), compute_uv=False, undefined=(1, 2)),
    case("Svd", "deep", spread((4, 2)), compute_uv=False, undefined=(1, 2)),
    case("Svd", "wide", spread((2, 4)), compute_uv=False, undefined=(1, 2)),
    case("Svd", "a batch", spread((2, 3, 2)), compute_uv=False, undefined=(1, 2)),
    case("Svd", "float64", spread((3, 2), "float64"), compute_uv=False, undefined=(1, 2)),
    case("Svd", "complex64", _complex((3, 2)), compute_uv=False, undefined=(1, 2)),
    case("Svd", "no rows", spread((2, 0, 3))),
    case("Svd", "no rows, full", spread((2, 0, 3)), full_matrices=True),
    case("Svd", "a vector", spread((3,))),
    case("SelfAdjointEigV2", "one matrix", _positive((3, 3)), compute_v=False, undefined=(1,)),
    case(
        "SelfAdjointEigV2",
        "only the lower triangle counts",
        _regular((3, 3)),
        compute_v=False,
        undefined=(1,),
    ),
    case("SelfAdjointEigV2", "a batch", _positive((2, 4, 4)), compute_v=False, undefined=(1,)),
    case(
        "SelfAdjointEigV2", "float64", _positive((3, 3), "float64"), compute_v=False, undefined=(1,)
    ),
    case(
        "SelfAdjointEigV2",
        "complex64",
        _positive((3, 3), "complex64"),
        compute_v=False,
        undefined=(1,),
    ),
    case("SelfAdjointEigV2", "no rows", spread((0, 0))),
    case("SelfAdjointEigV2", "not square", spread((2, 3))),
    case("SelfAdjointEigV2", "a vector", spread((3,))),
]

#: Further cases of gradients.
GRADIENTS = [
    case("Svd", "no matrices", spread((0, 2, 2)), compute_uv=False),
    case("Svd", "no matrices, their vectors", spread((0, 2, 2)), modes=("ranked", "constant")),
]

"""Cases of systems whose matrices are bands, of Lu, roots, logarithms and least squares."""

from __future__ import annotations

import numpy as np

from evergraph_conformance.cases import Case, array, case, spread


def complex_(shape, seed=0):
    real, imaginary = (spread(shape, "float64", seed=seed + i) for i in (0, 50))
    return (real + 1j * imaginary).astype("complex64")


def three(shape, dtype="float32"):
    """Return three diagonals of matrices that are not close to singular ones."""
    x = spread(shape, dtype)
    x[..., 1, :] += 5
    return x


def regular(shape, dtype="float32"):
    return (spread(shape, dtype) + 4 * np.eye(shape[-1])).astype(dtype)


def positive(shape, dtype="float32"):
    x = spread(shape, dtype)
    return (x @ np.swapaxes(x, -1, -2) + 2 * np.eye(shape[-1])).astype(dtype)


def bands(shape, dtype="float32", lower=True):
    x = spread(shape, dtype)
    x[..., 0 if lower else -1, :] += 4
    return x


def diagonals(shape, dtype="float32"):
    return [spread(shape, dtype, seed=i) for i in range(3)]


L2 = array(0.0, "float64")
SOME = array(0.5, "float64")
WHOLE = (1e-5, 1e-6, 1e-5)

CASES: list[Case] = [
    # TridiagonalSolve
    case("TridiagonalSolve", "float32", three((3, 4)), spread((4, 2), seed=1)),
    case("TridiagonalSolve", "float64", three((3, 5), "float64"), spread((5, 1), "float64")),
    case("TridiagonalSolve", "a batch", three((2, 3, 3)), spread((2, 3, 2), seed=1)),
    case(
        "TridiagonalSolve",
        "complex64",
        complex_((3, 3)) + array([[0], [5], [0]]),
        complex_((3, 2), 9),
    ),
    case("TridiagonalSolve", "not pivoted", three((3, 4)), spread((4, 2)), partial_pivoting=False),
    case("TridiagonalSolve", "one", three((3, 1)), spread((1, 2))),
    case("TridiagonalSolve", "nothing", spread((3, 0)), spread((0, 2))),
    case("TridiagonalSolve", "sizes", three((3, 4)), spread((3, 2))),
    # TridiagonalMatMul
    case("TridiagonalMatMul", "float32", *diagonals((1, 4)), spread((4, 2), seed=5)),
    case("TridiagonalMatMul", "float64", *diagonals((1, 3), "float64"), spread((3, 2), "float64")),
    case("TridiagonalMatMul", "a batch", *diagonals((2, 1, 3)), spread((2, 3, 1), seed=5)),
    case(
        "TridiagonalMatMul",
        "complex64",
        *(complex_((1, 3), i) for i in range(3)),
        complex_((3, 2), 7),
    ),
    case("TridiagonalMatMul", "one", *diagonals((1, 1)), spread((1, 2))),
    case("TridiagonalMatMul", "sizes", *diagonals((1, 4)), spread((3, 2))),
    # BandedTriangularSolve
    case("BandedTriangularSolve", "float32", bands((2, 4)), spread((4, 2), seed=1)),
    case("BandedTriangularSolve", "upper", bands((2, 4), lower=False), spread((4, 2)), lower=False),
    case("BandedTriangularSolve", "adjoint", bands((3, 4)), spread((4, 2)), adjoint=True),
    case(
        "BandedTriangularSolve",
        "upper adjoint",
        bands((2, 4), lower=False),
        spread((4, 2)),
        lower=False,
        adjoint=True,
    ),
    case("BandedTriangularSolve", "float64", bands((2, 3), "float64"), spread((3, 1), "float64")),
    case("BandedTriangularSolve", "a batch", bands((2, 2, 3)), spread((2, 3, 2))),
    case("BandedTriangularSolve", "broadcast", bands((2, 3)), spread((2, 3, 2))),
    case("BandedTriangularSolve", "zeros", bands((2, 3)) * 0, spread((3, 2))),
    case("BandedTriangularSolve", "sizes", bands((2, 4)), spread((3, 2))),
    # Lu
    case("Lu", "float32", spread((4, 4))),
    case("Lu", "float64", spread((3, 3), "float64"), output_idx_type="int64"),
    case("Lu", "a batch", spread((2, 3, 3), seed=1)),
    case("Lu", "complex64", complex_((3, 3))),
    case("Lu", "one", spread((1, 1))),
    case("Lu", "nothing", spread((2, 0, 0))),
    case("Lu", "zeros", spread((2, 2)) * 0),
    case("Lu", "not square", spread((2, 3))),
    # MatrixSquareRoot
    case("MatrixSquareRoot", "float32", positive((3, 3)), tolerance=WHOLE),
    case("MatrixSquareRoot", "float64", positive((3, 3), "float64")),
    case("MatrixSquareRoot", "a batch", positive((2, 2, 2)), tolerance=WHOLE),
    case("MatrixSquareRoot", "complex64", positive((3, 3)).astype("complex64"), tolerance=WHOLE),
    case("MatrixSquareRoot", "not symmetric", regular((3, 3)), tolerance=WHOLE),
    case("MatrixSquareRoot", "one", array([[4.0]])),
    case("MatrixSquareRoot", "nothing", spread((0, 0))),
    case("MatrixSquareRoot", "not square", spread((2, 3))),
    # MatrixLogarithm
    case("MatrixLogarithm", "complex64", positive((3, 3)).astype("complex64"), tolerance=WHOLE),
    case("MatrixLogarithm", "complex128", positive((3, 3), "float64").astype("complex128")),
    case("MatrixLogarithm", "a batch", regular((2, 2, 2)).astype("complex64"), tolerance=WHOLE),
    case("MatrixLogarithm", "one", array([[2 + 1j]], "complex64")),
    case("MatrixLogarithm", "nothing", array(np.zeros((0, 0)), "complex64")),
    case("MatrixLogarithm", "not square", complex_((2, 3))),
    # MatrixSolveLs
    case("MatrixSolveLs", "deep", spread((4, 3)), spread((4, 2), seed=1), L2),
    case("MatrixSolveLs", "wide", spread((2, 3)), spread((2, 2), seed=1), L2),
    case("MatrixSolveLs", "square", regular((3, 3)), spread((3, 2), seed=1), L2),
    case("MatrixSolveLs", "regularised", spread((4, 3)), spread((4, 2), seed=1), SOME),
    case("MatrixSolveLs", "wide, regularised", spread((2, 3)), spread((2, 2), seed=1), SOME),
    case("MatrixSolveLs", "slow", spread((4, 3)), spread((4, 2), seed=1), L2, fast=False),
    case("MatrixSolveLs", "double", spread((4, 3), "float64"), spread((4, 2), "float64"), L2),
    case("MatrixSolveLs", "a batch", spread((2, 4, 3)), spread((2, 4, 2), seed=1), L2),
    case("MatrixSolveLs", "nothing", spread((0, 3)), spread((0, 2)), L2, undefined=(0,)),
    case("MatrixSolveLs", "sizes", spread((4, 3)), spread((3, 2)), L2),
]

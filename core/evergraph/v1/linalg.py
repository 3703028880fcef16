"""tf.linalg: matrices."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.graph.operators": "matmul",
        "evergraph.v1.clipping": "global_norm",
        "evergraph.v1.contractions": "einsum tensordot",
        "evergraph.v1.filling": (
            "diag=matrix_diag diag_part=matrix_diag_part eye set_diag=matrix_set_diag "
            "tensor_diag_part=diag_part"
        ),
        "evergraph.v1.matrices": (
            "adjoint cholesky_solve eigh=self_adjoint_eig eigvalsh=self_adjoint_eigvals "
            "l2_normalize matvec norm normalize svd trace triangular_solve=matrix_triangular_solve"
        ),
        "evergraph.v1.plain": (
            "band_part=matrix_band_part cholesky cross det=matrix_determinant inv=matrix_inverse "
            "logm lu qr slogdet solve=matrix_solve sqrtm=matrix_square_root tensor_diag"
        ),
        "evergraph.v1.shaping": "matrix_transpose transpose=matrix_transpose",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)

"""Decompositions into orthogonal factors: Qr, Svd, SelfAdjointEigV2."""

from __future__ import annotations

from evergraph.op import define
from evergraph.ops.decomposition import (
    adjoint,
    adjoint_of,
    at_least_matrices,
    from_lower,
    product,
    square,
)


def qr(xp, input, *, full_matrices=False):
    shapes = qr_shape(input.shape, full_matrices=full_matrices)
    if 0 in input.shape:
        return _empty(xp, shapes[0], input.dtype), xp.zeros(shapes[1], dtype=input.dtype)
    mode = "complete" if full_matrices else "reduced"
    return tuple(xp.ext.linalg("qr", input, mode=mode))


def _empty(xp, shape, dtype):
    """Return orthogonal matrices of that shape: of no columns, or the identity."""
    return xp.broadcast_to(xp.eye(shape[-2], shape[-1], dtype=dtype), shape)


def _smaller(m, n):
    return 0 if 0 in (m, n) else None if None in (m, n) else min(m, n)


def qr_shape(input, *, full_matrices=False):
    *batch, m, n = at_least_matrices(input)
    k = m if full_matrices else _smaller(m, n)
    return [(*batch, m, k), (*batch, k, n)]


def qr_gradient(tf, op, dq, dr):
    q, r = op.outputs
    m, k = q.shape[-2].value, q.shape[-1].value
    n = r.shape[-1].value
    if None in (m, k, n):
        raise NotImplementedError(
            f"QrGrad not implemented with dynamic shapes. Received r.shape: {r.shape}"
        )
    if m > n and k == m:
        raise NotImplementedError(
            f"QrGrad not implemented when nrows > ncols and full_matrices is true. Received "
            f"r.shape={r.shape} with nrows={m} and ncols={n}."
        )
    if m >= n:
        return _deep_qr_gradient(tf, q, r, dq, dr)
    # The columns beyond the square are products of what the square ones give.
    rest = op.inputs[0][..., m:]
    du, dv = dr[..., :m], dr[..., m:]
    dq = dq + product(tf, rest, dv, adj_y=True)
    square_part = _deep_qr_gradient(tf, q, r[..., :m], dq, du)
    return tf.ConcatV2([square_part, product(tf, q, dv)], -1)


def _deep_qr_gradient(tf, q, r, dq, dr):
    def solved(x):
        """Multiply by the adjoint of the inverse of the triangle."""
        found = tf.MatrixTriangularSolve(r, adjoint_of(tf, x), lower=False)
        return adjoint_of(tf, found)

    qdq = product(tf, q, dq, adj_x=True)
    rdr = product(tf, r, dr, adj_y=True)
    skew = (qdq - adjoint_of(tf, qdq)) + (rdr - adjoint_of(tf, rdr))
    lower = tf.MatrixBandPart(skew, -1, 0)
    total = product(tf, q, dr + solved(lower)) + solved(dq - product(tf, q, qdq))
    if q.dtype.is_complex:
        diagonal = tf.MatrixDiagPart(rdr - adjoint_of(tf, qdq))
        real = tf.Cast(tf.Real(diagonal, Tout=q.dtype.real_dtype), DstT=q.dtype)
        total = total + solved(product(tf, q, tf.MatrixDiag(diagonal - real), adj_y=True))
    return total


define("Qr", qr, shape=qr_shape, gradient=qr_gradient)


def svd(xp, input, *, compute_uv=True, full_matrices=False):
    s_shape, u_shape, v_shape = svd_shape(
        input.shape, compute_uv=compute_uv, full_matrices=full_matrices
    )
    if 0 in input.shape:
        s = xp.zeros(s_shape, dtype=input.dtype)
        if compute_uv:
            factors = _empty(xp, u_shape, input.dtype), _empty(xp, v_shape, input.dtype)
    elif compute_uv:
        u, s, vh = xp.ext.linalg("svd", input, full_matrices=full_matrices)
        factors = u, adjoint(xp, vh)
    else:
        s = xp.ext.linalg("svdvals", input)
    if not compute_uv:
        # TF: what is not computed has no axes, though its static shape is (0,).
        nothing = xp.zeros((), dtype=input.dtype)
        factors = nothing, nothing
    return xp.astype(s, input.dtype), *factors


def svd_shape(input, *, compute_uv=True, full_matrices=False):
    *batch, m, n = at_least_matrices(input)
    k = _smaller(m, n)
    if not compute_uv:
        return [(*batch, k), (0,), (0,)]
    if full_matrices:
        return [(*batch, k), (*batch, m, m), (*batch, n, n)]
    return [(*batch, k), (*batch, m, k), (*batch, n, k)]


# Factors of equal singular values, or eigenvalues, are not unique: there the gradient is huge.


def _safe_reciprocal(tf, x):
    return x * tf.Reciprocal(x * x + 1e-20)


def _differences(tf, values):
    """Return 1 / (v_j - v_i), zero on the diagonal."""
    difference = tf.ExpandDims(values, -2) - tf.ExpandDims(values, -1)
    return tf.MatrixSetDiag(_safe_reciprocal(tf, difference), tf.ZerosLike(values))


def svd_gradient(tf, op, ds, du, dv):
    a = op.inputs[0]
    dtype = a.dtype.base_dtype
    middle = tf.MatrixDiag(ds)
    if not op.get_attr("compute_uv"):
        _, u, v = tf.Svd(a, compute_uv=True)
        return product(tf, u, product(tf, middle, v, adj_y=True))
    s, u, v = op.outputs
    m, n = a.shape[-2].value, a.shape[-1].value
    if m is None or n is None:
        raise NotImplementedError(
            "SVD gradient has not been implemented for input with unknown inner matrix shape."
        )
    full = op.get_attr("full_matrices")
    if full and abs(m - n) > 1:
        raise NotImplementedError(
            "svd gradient is not implemented for abs(m - n) > 1 when full_matrices is True. "
            f"Received: m={m} and n={n} from op input={a} with shape={a.shape}."
        )
    # Of a deep matrix, the adjoint is differentiated.
    deep = m > n
    if deep:
        m, n, u, v, du, dv = n, m, v, u, dv, du
    sizes = tf.MatrixDiag(s)
    inverse = tf.MatrixDiag(_safe_reciprocal(tf, s))
    f = _differences(tf, tf.Square(s))
    v1, dv1 = v[..., :m], dv[..., :m]
    by_u = f * product(tf, u, du, adj_x=True)
    vdv = product(tf, v1, dv1, adj_x=True)
    by_v = f * vdv
    middle = middle + product(tf, by_u + adjoint_of(tf, by_u), sizes)
    middle = middle + product(tf, sizes, by_v + adjoint_of(tf, by_v))
    total = product(tf, u, product(tf, middle, v1, adj_y=True))
    if m != n:
        outside = adjoint_of(tf, dv1)
        outside = outside - product(tf, product(tf, outside, v1), v1, adj_y=True)
        if full:
            v2, dv2 = v[..., m:n], dv[..., m:n]
            across = product(tf, v1, dv2, adj_x=True)
            outside = outside - product(tf, across, v2, adj_y=True)
        total = total + product(tf, product(tf, u, inverse), outside)
    if dtype.is_complex:
        diagonal = tf.MatrixDiag(tf.MatrixDiagPart(vdv))
        turned = product(tf, inverse, adjoint_of(tf, diagonal) - diagonal)
        total = total + product(tf, u, product(tf, turned, v1, adj_y=True)) * 0.5
    return adjoint_of(tf, total) if deep else total


define("Svd", svd, shape=svd_shape, gradient=svd_gradient)


def self_adjoint_eig(xp, input, *, compute_v=True):
    eig_shape(input.shape)
    nothing = xp.zeros((), dtype=input.dtype)
    if 0 in input.shape:
        values = xp.zeros(input.shape[:-1], dtype=input.dtype)
        return values, input if compute_v else nothing
    whole = from_lower(xp, input)
    if compute_v:
        values, vectors = xp.ext.linalg("eigh", whole)
    else:
        # TF: what is not computed has no axes, though its static shape is (0,).
        values, vectors = xp.ext.linalg("eigvalsh", whole), nothing
    return xp.astype(values, input.dtype), vectors


def eig_shape(input, *, compute_v=True):
    shape = square(input)
    return [shape[:-1], shape if compute_v else (0,)]


def self_adjoint_eig_gradient(tf, op, de, dv):
    middle = tf.MatrixDiag(de)
    if op.get_attr("compute_v"):
        e, v = op.outputs
        middle = middle + _differences(tf, e) * product(tf, v, dv, adj_x=True)
    else:
        _, v = tf.SelfAdjointEigV2(op.inputs[0], compute_v=True)
    total = product(tf, v, product(tf, middle, v, adj_y=True))
    # The op looks at the lower triangle only.
    total = tf.MatrixBandPart(total + adjoint_of(tf, total), -1, 0)
    return tf.MatrixSetDiag(total, tf.MatrixDiagPart(total) * 0.5)


define(
    "SelfAdjointEigV2",
    self_adjoint_eig,
    shape=eig_shape,
    gradient=self_adjoint_eig_gradient,
)

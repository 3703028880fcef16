"""Products of matrices: MatMul, BatchMatMul, BatchMatMulV2, Einsum."""

from __future__ import annotations

import re

from evergraph.op import ShapeError, define
from evergraph.ops.math import is_narrow
from evergraph.ops.rules import broadcast, merged_dim, with_rank_at_least
from evergraph.shapes import bracketed


def product(xp, a, b):
    """Multiply matrices; 16-bit floats are accumulated in float32."""
    if is_narrow(a):
        return xp.astype(xp.matmul(xp.astype(a, xp.float32), xp.astype(b, xp.float32)), a.dtype)
    return xp.matmul(a, b)


def matmul(xp, a, b, *, transpose_a=False, transpose_b=False):
    matrix_shape(a.shape, b.shape, transpose_a=transpose_a, transpose_b=transpose_b)
    a = xp.matrix_transpose(a) if transpose_a else a
    b = xp.matrix_transpose(b) if transpose_b else b
    return product(xp, a, b)


def matrix_shape(a, b, *, transpose_a=False, transpose_b=False):
    for x in (a, b):
        if len(x) != 2:
            raise ShapeError(
                f"Shape must be rank 2 but is rank {len(x)}",
                f"In[{0 if x is a else 1}] is not a matrix. Instead it has shape {bracketed(x)}",
            )
    rows, inner = a[::-1] if transpose_a else a
    other, columns = b[::-1] if transpose_b else b
    if None not in (inner, other) and inner != other:
        raise ShapeError(
            f"Dimensions must be equal, but are {inner} and {other}",
            f"Matrix size-incompatible: In[0]: {bracketed(a)}, In[1]: {bracketed(b)}",
        )
    return (rows, columns)


def batch_matmul(xp, x, y, *, adj_x=False, adj_y=False):
    return product(xp, _adjoint(xp, x) if adj_x else x, _adjoint(xp, y) if adj_y else y)


def _adjoint(xp, x):
    if xp.isdtype(x.dtype, "complex floating"):
        x = xp.conj(x)
    return xp.matrix_transpose(x)


def batch_shape(x, y, *, adj_x=False, adj_y=False):
    with_rank_at_least(x, 2)
    with_rank_at_least(y, 2)
    rows, inner = x[-2:][::-1] if adj_x else x[-2:]
    other, columns = y[-2:][::-1] if adj_y else y[-2:]
    if None not in (inner, other) and inner != other:
        raise ShapeError(
            f"Dimensions must be equal, but are {inner} and {other}",
            f"Matrix size-incompatible: In[0]: {bracketed(x)}, In[1]: {bracketed(y)}",
        )
    merged_dim(inner, other)
    return (*broadcast(x[:-2], y[:-2]), rows, columns)


def einsum(xp, inputs, *, equation):
    left, output = _explicit(equation, [x.ndim for x in inputs])
    arrays, names = [], []
    for x, labels in zip(inputs, left, strict=True):
        x, labels = _diagonals(xp, x, labels)
        arrays.append(x)
        names.append(labels)
    if any(is_narrow(x) for x in arrays):
        wide = [xp.astype(x, xp.float32) for x in arrays]
        result = xp.ext.einsum(f"{','.join(names)}->{output}", *wide)
        return xp.astype(result, inputs[0].dtype)
    return xp.ext.einsum(f"{','.join(names)}->{output}", *arrays)


def _explicit(equation, ranks):
    """Return the labels of every operand and of the output, with ellipses spelled out."""
    text = re.sub(r"\s", "", equation)
    if "->" not in text:
        raise ShapeError(f"Expecting exactly one '->' in einsum equation: {equation}")
    left, output = text.split("->")
    operands = left.split(",")
    if len(operands) != len(ranks):
        raise ShapeError(
            f"Expected {len(operands)} inputs for equation {equation} but got: {len(ranks)}"
        )
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in text]
    widest = 0
    found = []
    for labels, rank in zip(operands, ranks, strict=True):
        if "..." in labels:
            extra = rank - len(labels) + 3
            widest = max(widest, extra)
            labels = labels.replace("...", "." * extra)
        elif len(labels) != rank:
            raise ShapeError(
                f"Expected input {len(found)} to have rank {len(labels)} but got: {rank}"
            )
        found.append(labels)
    names = "".join(free[:widest])
    spelled = []
    for labels in found:
        dots = labels.count(".")
        spelled.append(labels.replace("." * dots, names[widest - dots :]) if dots else labels)
    return spelled, output.replace("...", names)


def _diagonals(xp, x, labels):
    """Take the diagonal of every label that an operand repeats."""
    for c in dict.fromkeys(labels):
        while labels.count(c) > 1:
            i, j = labels.index(c), labels.rindex(c)
            order = [k for k in range(x.ndim) if k not in (i, j)]
            x = xp.linalg.diagonal(xp.permute_dims(x, (*order, i, j)))
            labels = "".join(labels[k] for k in order) + c
    return x, labels


def einsum_shape(inputs, *, equation):
    left, output = _explicit(equation, [len(x) for x in inputs])
    sizes = {}
    for x, labels in zip(inputs, left, strict=True):
        for d, c in zip(x, labels, strict=True):
            known = sizes.get(c)
            if c.isupper() and 1 in (known, d):
                sizes[c] = d if known in (1, None) else known
            else:
                sizes[c] = merged_dim(known, d) if c in sizes else d
    return tuple(sizes[c] for c in output)


define("MatMul", matmul, shape=matrix_shape)
define("BatchMatMul", batch_matmul, shape=batch_shape)
define("BatchMatMulV2", batch_matmul, shape=batch_shape)
define("Einsum", einsum, shape=einsum_shape)

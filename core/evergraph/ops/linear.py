"""Products of matrices and what generalises them: MatMul, BatchMatMul, Einsum, Cross."""

from __future__ import annotations

from functools import lru_cache

from evergraph.errors import FailedPreconditionError
from evergraph.op import ShapeError, define
from evergraph.ops.precision import in_float32, is_half, widened
from evergraph.ops.rules import broadcast, merged, merged_dim, with_rank, with_rank_at_least
from evergraph.shapes import bracketed


@in_float32
def matmul(xp, a, b, *, transpose_a=False, transpose_b=False):
    if a.ndim != 2 or b.ndim != 2:
        matmul_shape(a.shape, b.shape)
    return xp.matmul(a.mT if transpose_a else a, b.mT if transpose_b else b)


def matmul_shape(a, b, *, transpose_a=False, transpose_b=False):
    for i, shape in enumerate((a, b)):
        # TF: it says "at least" and means exactly.
        _checked(with_rank, shape, 2, at_run=f"In[{i}] ndims must be >= 2")
    rows, inner = reversed(a) if transpose_a else a
    other, columns = reversed(b) if transpose_b else b
    _checked(merged_dim, inner, other, at_run=_incompatible(a, b))
    return rows, columns


def _checked(rule, *arguments, at_run):
    """Apply a shared rule; what it says when a step runs is `at_run`."""
    try:
        return rule(*arguments)
    except ShapeError as error:
        raise ShapeError(str(error), at_run) from None


def _incompatible(x, y):
    return f"Matrix size-incompatible: In[0]: {bracketed(x)}, In[1]: {bracketed(y)}"


define("MatMul", matmul, shape=matmul_shape)


@in_float32
def batch_matmul(xp, x, y, *, adj_x=False, adj_y=False):
    if x.ndim < 2 or y.ndim < 2:
        batch_matmul_shape(x.shape, y.shape)
    return xp.matmul(_adjoint(xp, x) if adj_x else x, _adjoint(xp, y) if adj_y else y)


def _adjoint(xp, x):
    return xp.conj(x.mT) if xp.isdtype(x.dtype, "complex floating") else x.mT


def batch_matmul_shape(x, y, *, adj_x=False, adj_y=False):
    for i, shape in enumerate((x, y)):
        text = f"In[{i}] ndims must be >= 2: {len(shape)}"
        _checked(with_rank_at_least, shape, 2, at_run=text)
    text = (
        f"In[0] and In[1] must have compatible batch dimensions: {bracketed(x)} vs. {bracketed(y)}"
    )
    batch = _checked(broadcast, x[:-2], y[:-2], at_run=text)
    return *batch, *_product_shape(x, y, adj_x, adj_y)


def _product_shape(x, y, adj_x, adj_y):
    rows, inner = reversed(x[-2:]) if adj_x else x[-2:]
    other, columns = reversed(y[-2:]) if adj_y else y[-2:]
    _checked(merged_dim, inner, other, at_run=_incompatible(x, y))
    return rows, columns


define("BatchMatMulV2", batch_matmul, shape=batch_matmul_shape)


def batch_matmul_alike(xp, x, y, *, adj_x=False, adj_y=False):
    if x.shape[:-2] != y.shape[:-2]:
        batch_matmul_alike_shape(x.shape, y.shape, adj_x=adj_x, adj_y=adj_y)
    return batch_matmul(xp, x, y, adj_x=adj_x, adj_y=adj_y)


def batch_matmul_alike_shape(x, y, *, adj_x=False, adj_y=False):
    for i, shape in enumerate((x, y)):
        text = f"In[{i}] ndims must be >= 2: {len(shape)}"
        _checked(with_rank_at_least, shape, 2, at_run=text)
    for i, (m, n) in enumerate(zip(x[:-2], y[:-2], strict=False)):
        if m is not None and n is not None and m != n:
            raise ShapeError(
                f"Dimension {i} in both shapes must be equal, but are {m} and {n}. "
                f"Shapes are {bracketed(x[:-2])} and {bracketed(y[:-2])}.",
                f"In[0].dim({i}) and In[1].dim({i}) must be the same: "
                f"{bracketed(x)} vs {bracketed(y)}",
            )
    text = f"In[0] and In[1] must have the same rank: {bracketed(x)} vs {bracketed(y)}"
    batch = _checked(merged, x[:-2], y[:-2], at_run=text)
    return *batch, *_product_shape(x, y, adj_x, adj_y)


define("BatchMatMul", batch_matmul_alike, shape=batch_matmul_alike_shape)


def batch_matmul_into(xp, x, y, *, Tout, adj_x=False, adj_y=False):
    if x.dtype != y.dtype or x.dtype != Tout:
        wide = xp.float32 if is_half(Tout) else Tout
        x, y = xp.astype(x, wide), xp.astype(y, wide)
    return xp.astype(batch_matmul(xp, x, y, adj_x=adj_x, adj_y=adj_y), Tout)


define("BatchMatMulV3", batch_matmul_into, shape=batch_matmul_shape)


# Einsum: every label that names a batch axis of an ellipsis is an int, others are characters;
# `xp.ext.einsum` then gets letters, each at most once per operand.


def einsum(xp, inputs, *, equation):
    einsum_shape([x.shape for x in inputs], equation=equation)
    subscripts, output = _expanded(equation, [x.ndim for x in inputs])
    dtype = inputs[0].dtype
    operands, labels = [], []
    for x, names in zip(inputs, subscripts, strict=True):
        x, names = _diagonals(xp, widened(xp, x), names)
        operands.append(x)
        labels.append(names)
    operands, labels = _without_broadcasting(xp, operands, labels)
    single = list(dict.fromkeys(output))
    # A batch axis of size 1 everywhere is in no operand any more.
    kept = [c for c in single if any(c in names for names in labels)]
    letters = dict(zip(dict.fromkeys(c for n in labels for c in n), _LETTERS, strict=False))
    left = ",".join("".join(letters[c] for c in names) for names in labels)
    result = xp.ext.einsum(f"{left}->{''.join(letters[c] for c in kept)}", *operands)
    sizes = dict(zip(kept, result.shape, strict=True))
    result = xp.reshape(result, tuple(sizes.get(c, 1) for c in single))
    return xp.astype(_inflated(xp, result, single, output), dtype)


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def einsum_shape(inputs, *, equation):
    left, output = _parsed(equation, len(inputs))
    if None in inputs:
        return None
    sizes: dict[str, int | None] = {}
    for i, (shape, names) in enumerate(zip(inputs, left, strict=True)):
        _check_rank(equation, i, shape, names)
    batch = ()
    for shape, names in zip(inputs, left, strict=True):
        at = names.find("...")
        hidden = len(shape) - len(names) + 3 if at >= 0 else 0
        named = names.replace("...", "")
        if at >= 0:
            batch = _checked(
                broadcast,
                batch,
                shape[at : at + hidden],
                at_run="In[0] and In[1] must have compatible batch dimensions: "
                f"{bracketed(inputs[0])} vs. {bracketed(inputs[-1])}",
            )
        axes = [a for a in range(len(shape)) if at < 0 or not at <= a < at + hidden]
        for axis, name in zip(axes, named, strict=True):
            known = sizes.get(name)
            text = (
                f"Expected dimension {known} at axis {axis} of the input shaped "
                f"{bracketed(shape)} but got dimension {shape[axis]}"
            )
            sizes[name] = _checked(merged_dim, known, shape[axis], at_run=text)
    if "..." not in output and batch:
        raise ShapeError(
            f"Shape must be at most rank 0 but is rank {len(batch)}\n\t for einsum equation "
            f"'{equation}' without ellipsis (...) in the output subscripts where input(s) have "
            "non-empty broadcasting shape",
            f"Output contains {len(batch)} broadcasting dimension(s) but no ellipsis (...) was "
            "found in the output subscripts.",
        )
    before, dots, after = output.partition("...")
    middle = batch if dots else ()
    return (*(sizes[c] for c in before), *middle, *(sizes[c] for c in after))


def _check_rank(equation, i, shape, names):
    dotted = "..." in names
    rank = len(names) - 3 * dotted
    if len(shape) == rank or (dotted and len(shape) > rank):
        return
    least = "at least " if dotted else ""
    raise ShapeError(
        f"Shape must be {least}rank {rank} but is rank {len(shape)}\n\t for {i}th input and "
        f"equation: {equation}",
        f"Expected input {i} to have rank {least}{rank} but got: {len(shape)}",
    )


@lru_cache(maxsize=256)
def _parsed(equation, count):
    """Return the subscripts of the operands, and of the output; checked."""
    parts = equation.split("->")
    if len(parts) != 2:
        raise ShapeError(f"Expecting exactly one '->' in einsum equation: {equation}")
    left, output = parts[0].split(","), parts[1]
    if len(left) > 2:
        raise ShapeError(
            f"Expecting 1 or 2 input subscripts in equation '{equation}' but got: {len(left)}"
        )
    if len(left) != count:
        raise ShapeError(f"Expected {len(left)} inputs for equation {equation} but got: {count}")
    for c in output.replace("...", ""):
        if c not in parts[0]:
            raise ShapeError(
                f"Einsum output subscripts for equation '{equation}' has label '{c}' which is "
                "not present in the input subscripts"
            )
    return left, output


def _expanded(equation, ranks):
    """Return lists of labels; the axes of an ellipsis are numbered from the last, 0."""
    left, output = _parsed(equation, len(ranks))
    hidden = [r - len(s) + 3 if "..." in s else 0 for s, r in zip(left, ranks, strict=True)]
    operands = [_labels(s, n) for s, n in zip(left, hidden, strict=True)]
    return operands, _labels(output, max(hidden))


def _labels(subscripts, hidden):
    before, dots, after = subscripts.partition("...")
    middle = range(hidden - 1, -1, -1) if dots else ()
    return [*before, *middle, *after]


def _diagonals(xp, x, names):
    """Keep one axis of each repeated label: the diagonal, at the label's last place."""
    while len(set(names)) < len(names):
        name = next(c for c in names if names.count(c) > 1)
        first = names.index(name)
        second = names.index(name, first + 1)
        n = x.shape[first]
        rest = [i for i in range(x.ndim) if i not in (first, second)]
        x = xp.permute_dims(x, (*rest, first, second))
        x = xp.reshape(x, (*x.shape[:-2], n * n))[..., :: n + 1]
        names = [*(names[i] for i in rest), name]
    return x, names


def _without_broadcasting(xp, operands, labels):
    """Drop the batch axes of size 1: they broadcast, which `xp.ext.einsum` does not."""
    for i, (x, names) in enumerate(zip(operands, labels, strict=True)):
        keep = [a for a, c in enumerate(names) if isinstance(c, str) or x.shape[a] != 1]
        if len(keep) < len(names):
            operands[i] = xp.reshape(x, tuple(x.shape[a] for a in keep))
            labels[i] = [names[a] for a in keep]
    return operands, labels


def _inflated(xp, x, single, output):
    """Put each label of the output that is there again on a diagonal of zeros."""
    names = list(single)
    for name in single:
        for _ in range(output.count(name) - 1):
            at, n = names.index(name), x.shape[names.index(name)]
            rest = [i for i in range(x.ndim) if i != at]
            x = xp.permute_dims(x, (*rest, at))
            zeros = xp.zeros((*x.shape, n), dtype=x.dtype)
            x = xp.reshape(xp.concat((x[..., None], zeros), axis=-1), (*x.shape[:-1], n * (n + 1)))
            x = xp.reshape(x[..., : n * n], (*x.shape[:-1], n, n))
            names = [*(names[i] for i in rest), name, name]
    order = []
    for name in output:
        order.append(next(i for i, c in enumerate(names) if c == name and i not in order))
    return xp.permute_dims(x, tuple(order))


define("Einsum", einsum, shape=einsum_shape, unknown_rank=True)


def cross(xp, a, b):
    if a.shape != b.shape or a.ndim == 0 or a.shape[-1] != 3:
        cross_shape(a.shape, b.shape)
    u, v = ([x[..., i] for i in range(3)] for x in (a, b))
    parts = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    return xp.stack(parts, axis=-1)


def cross_shape(a, b):
    if a and b and len(a) == len(b):
        for i, (m, n) in enumerate(zip(a, b, strict=True)):
            if m is not None and n is not None and m != n:
                raise ShapeError(
                    f"Dimension {i} in both shapes must be equal, but are {m} and {n}. "
                    f"Shapes are {bracketed(a)} and {bracketed(b)}.",
                    f"Both inputs must be of same shape: {bracketed(a)} vs. {bracketed(b)}",
                )
    text = f"Both inputs must be of same shape: {bracketed(a)} vs. {bracketed(b)}"
    shape = _checked(merged, a, b, at_run=text)
    _checked(with_rank_at_least, shape, 1, at_run=f"Input must be at least 1D{bracketed(shape)}")
    if shape[-1] not in (None, 3):
        raise ShapeError(
            f"Dimension must be 3 but is {shape[-1]}",
            "Cross-products are only defined for 3-element vectors.",
            FailedPreconditionError,
        )
    return *shape[:-1], 3


define("Cross", cross, shape=cross_shape)

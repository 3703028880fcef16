"""Sums of products over named axes: Einsum."""

from __future__ import annotations

from functools import lru_cache

from evergraph.op import ShapeError, define
from evergraph.ops.linear import checked
from evergraph.ops.precision import widened
from evergraph.ops.rules import broadcast, conjugated, merged_dim, slice_of
from evergraph.shapes import bracketed

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
            batch = checked(
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
            sizes[name] = checked(merged_dim, known, shape[axis], at_run=text)
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


# The gradient by one operand contracts that of the output with the other operand. A label that is
# in this operand alone was summed out: the gradient is the same along it, and so broadcast first.


def einsum_gradient(tf, op, dy):
    left, output = _parsed(op.get_attr("equation").decode(), len(op.inputs))
    if "..." in output:
        left = [names if "..." in names else f"{names}..." for names in left]
    found = []
    for i, (x, names) in enumerate(zip(op.inputs, left, strict=True)):
        others = [
            (conjugated(tf, t), n)
            for j, (t, n) in enumerate(zip(op.inputs, left, strict=True))
            if j != i
        ]
        known = output + "".join(n for _, n in others)
        single = "".join(dict.fromkeys(c for c in names if c not in known and c != "."))
        kept = "".join(c for c in names if c not in single)
        operands, labels = [dy, *(t for t, _ in others)], [output, *(n for _, n in others)]
        equation = f"{','.join(labels)}->{kept if single else names}"
        if not single and len(operands) == 1:
            found.append(tf.Einsum(operands, equation=equation))
            continue
        g = dy if len(operands) == 1 else tf.Einsum(operands, equation=equation)
        if single:
            rest = output if len(operands) == 1 else kept
            sizes = tf.ConcatV2([_sizes(tf, x, names, single), tf.Shape(g)], 0)
            g = tf.Einsum([tf.BroadcastTo(g, sizes)], equation=f"{single}{rest}->{names}")
        found.append(g)
    return _summed_batch(tf, op, found, left) if "..." in output else found


def _sizes(tf, x, names, wanted):
    """Return the sizes of the labels wanted, of an operand with those names."""
    before, _, after = names.partition("...")
    axes = [before.find(c) if c in before else after.find(c) - len(after) for c in wanted]
    if min(axes) < 0:
        axes = tf.FloorMod(tf.constant(axes, "int32"), tf.Rank(x))
    return tf.GatherV2(tf.Shape(x), axes, 0)


def _summed_batch(tf, op, gradients, left):
    """Return the gradients summed over the axes of the ellipsis that were broadcast."""
    if len(op.inputs) == 1:
        return gradients
    starts = [names.find("...") for names in left]
    ends = [start + 3 - len(names) for start, names in zip(starts, left, strict=True)]
    x, y = (t.shape[a : b or None] for t, a, b in zip(op.inputs, starts, ends, strict=True))
    if x.is_fully_defined() and y.is_fully_defined() and x == y:
        return gradients
    sizes = [tf.Shape(t) for t in op.inputs]
    batches = [
        slice_of(tf, size, a, b or None) for size, a, b in zip(sizes, starts, ends, strict=True)
    ]
    axes = tf.BroadcastGradientArgs(*batches)
    return [
        tf.Reshape(tf.Sum(g, tf.AddV2(a, start)), size)
        for g, a, start, size in zip(gradients, axes, starts, sizes, strict=True)
    ]


define("Einsum", einsum, shape=einsum_shape, unknown_rank=True, gradient=einsum_gradient)

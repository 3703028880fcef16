"""Sequences of several lengths in one batch: ReverseSequence."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.rules import attributes_of, merged, with_rank


def reverse_sequence(xp, input, seq_lengths, *, seq_dim, batch_dim=0):
    reversed_sequence_shape(input.shape, seq_lengths.shape, seq_dim=seq_dim, batch_dim=batch_dim)
    if batch_dim == seq_dim:
        raise ShapeError(f"batch_dim == seq_dim == {seq_dim}")
    batch, length = input.shape[batch_dim], input.shape[seq_dim]
    xp.check(seq_lengths >= 0, InvalidArgumentError, lambda at: f"seq_lengths({at[0]}) < 0")
    xp.check(
        seq_lengths <= length,
        InvalidArgumentError,
        lambda at: f"seq_lengths({at[0]}) > input.dims({seq_dim})",
    )
    ends = xp.expand_dims(xp.astype(seq_lengths, xp.int64), axis=1)
    steps = xp.expand_dims(xp.arange(length, dtype=xp.int64), axis=0)
    sources = xp.where(steps < ends, ends - 1 - steps, steps)
    rows = sources + xp.expand_dims(xp.arange(batch, dtype=xp.int64), axis=1) * length
    others = [i for i in range(input.ndim) if i not in (batch_dim, seq_dim)]
    order = [batch_dim, seq_dim, *others]
    inner = tuple(input.shape[i] for i in others)
    flat = xp.reshape(xp.permute_dims(input, tuple(order)), (batch * length, *inner))
    found = xp.reshape(xp.take(flat, xp.reshape(rows, (-1,)), axis=0), (batch, length, *inner))
    return xp.permute_dims(found, tuple(order.index(i) for i in range(input.ndim)))


def reversed_sequence_shape(input, seq_lengths, *, seq_dim, batch_dim=0):
    rank = len(input)
    (lengths,) = with_rank(seq_lengths, 1)
    for name, axis in (("batch_dim", batch_dim), ("seq_dim", seq_dim)):
        if not 0 <= axis < rank:
            raise ShapeError(f"{name} must be < input rank: {axis} vs. {rank}")
    (batch,) = merged((input[batch_dim],), (lengths,))
    return tuple(batch if i == batch_dim else d for i, d in enumerate(input))


def reverse_sequence_gradient(tf, op, dy):
    lengths = op.inputs[1]
    attributes = attributes_of(op, ("seq_dim", "batch_dim"))
    return tf.ReverseSequence(dy, lengths, **attributes), None


define(
    "ReverseSequence",
    reverse_sequence,
    shape=reversed_sequence_shape,
    gradient=reverse_sequence_gradient,
)

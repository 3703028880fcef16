"""Rows of a sparse gradient, summed where they belong to the same row of a variable."""

from __future__ import annotations

from typing import Final

from evergraph import protos
from evergraph.errors import InvalidArgumentError
from evergraph.op import define

DEDUPLICATED: Final = "_Deduplicated"


def absent(xp, indices):
    """Return the index that stands for no row: the least of its type."""
    return int(xp.iinfo(indices.dtype).min)


def deduplicated(xp, values, indices):
    """Sum rows of the same index.

    Args:
      values: rows.
      indices: whose they are: a vector.

    Returns:
      As many rows, and their indices, of which each is there once. Those that are too many are
      zeros, and their index is `absent`.
    """
    count = indices.shape[0]
    if not count:
        return values, indices
    nothing = absent(xp, indices)

    def message(at, index):
        return f"indices[{at[0]}] = {int(index)} is not in the variable"

    xp.check(indices != nothing, InvalidArgumentError, message, indices)
    order = xp.argsort(indices, stable=True)
    by_index = xp.take(indices, order, axis=0)
    begins = by_index[1:] != by_index[:-1]
    first = xp.zeros((1,), dtype=indices.dtype)
    steps = xp.concat([first, xp.astype(begins, indices.dtype)])
    place = xp.reshape(xp.cumulative_sum(steps), (count, 1))
    rows = xp.ext.gather(values, order)
    sums = xp.ext.scatter(xp.zeros_like(values), place, rows, how="add")
    once = xp.full((count,), nothing, dtype=indices.dtype)
    return sums, xp.ext.scatter(once, place, by_index, how="set")


def present(xp, indices, padded):
    """Return which indices stand for rows; None for all."""
    return indices != absent(xp, indices) if padded else None


def _shapes(*inputs):
    return []  # such nodes are only ever planned, and never part of a graph


define(
    DEDUPLICATED,
    deduplicated,
    shape=_shapes,
    op_def=protos.OpDef(
        name=DEDUPLICATED,
        input_arg=[
            protos.OpDef.ArgDef(name="values", type_attr="T"),
            protos.OpDef.ArgDef(name="indices", type_attr="Tindices"),
        ],
        output_arg=[
            protos.OpDef.ArgDef(name="sums", type_attr="T"),
            protos.OpDef.ArgDef(name="once", type_attr="Tindices"),
        ],
        attr=[protos.OpDef.AttrDef(name=n, type="type") for n in ("T", "Tindices")],
    ),
)

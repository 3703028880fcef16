"""Sparse tensors as variants, of which datasets make batches: SerializeSparse, DeserializeSparse."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from evergraph.errors import InvalidArgumentError, UnimplementedError
from evergraph.op import define


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def _variant(parts):
    made = np.empty(3, object)
    made[:] = parts
    return made


def _check(sparse_indices, sparse_values, sparse_shape, out_type):
    for value, rank, what in (
        (sparse_indices, 2, "Input indices should be a matrix"),
        (sparse_values, 1, "Input values should be a vector"),
        (sparse_shape, 1, "Input shape should be a vector"),
    ):
        if np.ndim(value) != rank:
            raise _invalid(f"{what} but received shape {list(np.shape(value))}")
    if out_type.name != "variant":
        # TF: also as strings, each a message.
        raise UnimplementedError(
            None, None, f"sparse tensors are serialized as variants, not as {out_type.name}"
        )


def serialize(xp, sparse_indices, sparse_values, sparse_shape, *, _out_type):
    _check(sparse_indices, sparse_values, sparse_shape, _out_type)
    return _variant([sparse_indices, sparse_values, sparse_shape])


def serialize_many(xp, sparse_indices, sparse_values, sparse_shape, *, _out_type):
    _check(sparse_indices, sparse_values, sparse_shape, _out_type)
    if len(sparse_shape) < 2:
        raise _invalid(
            f"Rank of input SparseTensor should be > 1, but saw rank: {len(sparse_shape)}"
        )
    rows = sparse_indices[:, 0]
    if np.any(rows[1:] < rows[:-1]):
        raise _invalid("indices are not in order")
    made = np.empty((int(sparse_shape[0]), 3), object)
    bounds = np.searchsorted(rows, np.arange(len(made) + 1))
    for i, (first, last) in enumerate(pairwise(bounds)):
        made[i] = _variant(
            [sparse_indices[first:last, 1:], sparse_values[first:last], sparse_shape[1:]]
        )
    return made


def deserialize(xp, serialized_sparse, *, dtype):
    if not np.ndim(serialized_sparse) or np.shape(serialized_sparse)[-1] != 3:
        raise _invalid(
            "Serialized sparse should have 3 as the last dimension, but has shape "
            f"{list(np.shape(serialized_sparse))}"
        )
    batch = serialized_sparse.shape[:-1]
    items = serialized_sparse.reshape(-1, 3)
    if not len(items):
        raise _invalid("Must have at least 1 serialized SparseTensor, but input matrix has 0 rows")
    for _, values, _ in items:
        if values.dtype != np.dtype(dtype):
            raise _invalid(
                f"Requested SparseTensor of type {np.dtype(dtype).name} but SparseTensor[0].values "
                f"is of type {values.dtype.name}"
            )
    ranks = {len(shape) for _, _, shape in items}
    if len(ranks) > 1:
        raise _invalid(
            "Inconsistent shape across SparseTensors: rank prior to SparseTensor is "
            f"{min(ranks)} but rank of another one is {max(ranks)}"
        )
    if not batch:
        return tuple(items[0])
    places = np.indices(batch, dtype=np.int64).reshape(len(batch), -1).T
    indices = [
        np.concatenate([np.broadcast_to(place, (len(found), len(batch))), found], axis=1)
        for place, (found, _, _) in zip(places, items, strict=True)
    ]
    largest = np.max(np.stack([shape for _, _, shape in items]), axis=0)
    return (
        np.concatenate(indices),
        np.concatenate([values for _, values, _ in items]),
        np.concatenate([np.asarray(batch, np.int64), largest]),
    )


def three(sparse_indices, sparse_values, sparse_shape):
    return (3,)


def many(sparse_indices, sparse_values, sparse_shape):
    return (None, 3)


def parts(serialized_sparse):
    return [(None, None), (None,), (None,)]


define("SerializeSparse", serialize, shape=three, unknown_rank=True)
define("SerializeManySparse", serialize_many, shape=many, unknown_rank=True)
define("DeserializeSparse", deserialize, shape=parts, unknown_rank=True)

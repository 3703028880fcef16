"""Examples of sequences, taken apart: ParseSequenceExample, ParseSequenceExampleV2."""

from __future__ import annotations

from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from evergraph import protos
from evergraph.op import ShapeError, define
from evergraph.ops.parsing import (
    Dense,
    as_array,
    failure,
    indices_of,
    joined,
    kind_name,
    kind_of,
    shown,
    splits_of,
    texts,
    values_of,
    wanted_dense,
)
from evergraph.shapes import bracketed

REQUIRED = (
    "is required but could not be found.  Did you mean to include it in "
    "feature_list_dense_missing_assumed_empty or feature_list_dense_defaults?"
)


class Batch:
    """Examples of sequences, one alone or a batch of them, and their names for messages.

    Args:
      serialized: the messages, a scalar or a vector.
      names: their names; none, or as many.

    Attributes:
      alone: whether it is one on its own.
    """

    def __init__(self, serialized, names):
        serialized = np.asarray(serialized, object)
        if serialized.ndim > 1:
            raise failure(
                "Expected serialized to be a scalar or vector, got shape: "
                f"{bracketed(serialized.shape)}"
            )
        given = serialized.reshape(-1).tolist()
        known = [n.decode(errors="replace") for n in np.asarray(names, object).reshape(-1)]
        if known and len(known) != len(given):
            raise failure("example_names must be empty or have the correct number of elements")
        self.alone = serialized.ndim == 0
        self._names = known or ["<unknown>"] * len(given)
        self._messages = [_sequence(m, n) for m, n in zip(given, self._names, strict=True)]

    def context(self, key, dtype):
        """Return the values of a feature of the context, by example; None where it is missing."""
        found: list[Any] = []
        for one, name in zip(self._messages, self._names, strict=True):
            features = one.context.feature
            if key not in features:
                found.append(None)
                continue
            _check_kind(features[key], dtype, f"Name: {name}, Context feature: {key}.")
            found.append(values_of(features[key], dtype))
        return found

    def lists(self, key, dtype, *, required=False):
        """Return the values of the features of a list, by example: a list of vectors each."""
        found: list[Any] = []
        for one, name in zip(self._messages, self._names, strict=True):
            known = one.feature_lists.feature_list
            if key not in known:
                if required:
                    raise failure(f"Name: {name}, Feature list '{key}' {REQUIRED}")
                found.append([])
                continue
            rows = known[key].feature
            for i, feature in enumerate(rows):
                where = f"Name: {name}, Feature list: {key}, Index: {i}."
                _check_kind(feature, dtype, where)
            found.append([values_of(feature, dtype) for feature in rows])
        return found

    def sparse_context(self, key, dtype):
        """Return indices, values and shape of a feature of the context."""
        rows = [as_array([], dtype) if v is None else v for v in self.context(key, dtype)]
        longest = max((row.size for row in rows), default=0)
        if self.alone:
            return indices_of(rows)[:, 1:], rows[0], np.array([longest], np.int64)
        return indices_of(rows), joined(rows, dtype), np.array([len(rows), longest], np.int64)

    def dense_context(self, one):
        """Return a feature of the context as an array."""
        rows = [
            one.default.reshape(-1) if v is None else v for v in self.context(one.key, one.dtype)
        ]
        longest = max([one.default.size, *(row.size for row in rows)])
        if longest != one.size:
            raise failure(
                f"Inconsistent max number of elements for feature {one.key}: expected {one.size}, "
                f"but found {longest}"
            )
        for row, name in zip(rows, self._names, strict=True):
            if row.size != one.size:
                raise failure(f"Unexpected number of elements in example {name}")
        lead = () if self.alone else (len(rows),)
        return joined(rows, one.dtype).reshape(lead + one.dims)

    def ragged_context(self, key, dtype, splits):
        """Return the values of a feature of the context, and where each example begins."""
        rows = [as_array([], dtype) if v is None else v for v in self.context(key, dtype)]
        ends = np.zeros(0, splits) if self.alone else splits_of(rows, splits)
        return joined(rows, dtype), ends

    def sparse_lists(self, key, dtype):
        """Return indices, values and shape of a list of features."""
        found = self.lists(key, dtype)
        rows = [row for example in found for row in example]
        counts = [len(example) for example in found]
        inside = indices_of(rows)
        longest = max((row.size for row in rows), default=0)
        if self.alone:
            return inside, joined(rows, dtype), np.array([counts[0], longest], np.int64)
        examples = np.repeat(np.arange(len(found)), counts)
        steps = np.concatenate([np.arange(n) for n in counts]) if counts else examples
        lines = inside[:, 0]
        indices = np.stack([examples[lines], steps[lines], inside[:, 1]], 1).astype(np.int64)
        shape = [len(found), max(counts, default=0), longest]
        return indices, joined(rows, dtype), np.array(shape, np.int64)

    def dense_lists(self, one, *, required):
        """Return a list of features as an array, filled up with zeros, and the lengths."""
        found = self.lists(one.key, one.dtype, required=required)
        for rows, name in zip(found, self._names, strict=True):
            self._check_rows(one, rows, name)
        lengths = np.array([len(rows) for rows in found], np.int64)
        longest = int(lengths.max(initial=0))
        empty = b"" if np.dtype(one.dtype).kind == "O" else 0
        made = np.full((len(found), longest, one.size), empty, one.dtype)
        for i, rows in enumerate(found):
            for j, row in enumerate(rows):
                made[i, j] = row
        made = made.reshape(len(found), longest, *one.dims)
        return (made[0], lengths[0]) if self.alone else (made, lengths)

    def _check_rows(self, one, rows, name):
        total = sum(row.size for row in rows)
        if one.size and total % one.size:
            raise failure(
                f"Feature list '{one.key}' has an unexpected number of values.  Total values size: "
                f"{total} is not consistent with output shape: {shown((None, *one.dims))}"
            )
        for i, row in enumerate(rows):
            if row.size != one.size:
                raise failure(
                    f"Name: {name}, Key: {one.key}, Index: {i}.  Number of values != expected.  "
                    f"values size: {row.size} but output shape: {shown(one.dims)}"
                )

    def ragged_lists(self, key, dtype, splits):
        """Return the values of a list of features, where examples begin, and where features do."""
        found = self.lists(key, dtype)
        rows = [row for example in found for row in example]
        outer = np.cumsum([0, *map(len, found)]).astype(splits)
        return joined(rows, dtype), outer[:0] if self.alone else outer, splits_of(rows, splits)


def _sequence(serialized, name):
    try:
        return protos.SequenceExample.FromString(serialized)
    except DecodeError as error:
        raise failure(f"Invalid protocol message input, example id: {name}") from error


def _check_kind(feature, dtype, where):
    wanted = kind_name(dtype)
    if kind_of(feature) not in (None, wanted):
        raise failure(f"{where}  Data types don't match. Expected type: {wanted}")


def turned(parts, count):
    """Return what is by key as what is by output: `count` lists."""
    return [[part[i] for part in parts] for i in range(count)]


def _outputs(batch, context, lists):
    """Return the outputs, in order.

    Args:
      batch: the examples.
      context: what is wanted of the context: sparse, dense and ragged.
      lists: the same of the lists of features; of those that are dense, with whether they are
        required.
    """
    sparse, dense, ragged = context
    made = turned([batch.sparse_context(*s) for s in sparse], 3)
    made.append([batch.dense_context(d) for d in dense])
    made += turned([batch.ragged_context(*r) for r in ragged], 2)
    sparse, dense, ragged = lists
    made += turned([batch.sparse_lists(*s) for s in sparse], 3)
    made += turned([batch.dense_lists(d, required=r) for d, r in dense], 2)
    made += turned([batch.ragged_lists(*r) for r in ragged], 3)
    return [value for group in made for value in group]


def parse_sequence_example(
    xp,
    serialized,
    debug_name,
    context_dense_defaults,
    *,
    feature_list_dense_missing_assumed_empty,
    context_sparse_keys,
    context_dense_keys,
    feature_list_sparse_keys,
    feature_list_dense_keys,
    context_sparse_types=(),
    Tcontext_dense=(),
    feature_list_dense_types=(),
    context_dense_shapes=(),
    feature_list_sparse_types=(),
    feature_list_dense_shapes=(),
):
    assumed = set(texts(feature_list_dense_missing_assumed_empty))
    keys = texts(feature_list_dense_keys)
    dense = lists_wanted(keys, feature_list_dense_types, feature_list_dense_shapes)
    context = (
        list(zip(texts(context_sparse_keys), context_sparse_types, strict=True)),
        wanted_dense(
            context_dense_keys, Tcontext_dense, context_dense_shapes, context_dense_defaults
        ),
        (),
    )
    lists = (
        list(zip(texts(feature_list_sparse_keys), feature_list_sparse_types, strict=True)),
        [(one, one.key not in assumed) for one in dense],
        (),
    )
    return _outputs(Batch(serialized, debug_name), context, lists)


def lists_wanted(keys, types, shapes):
    """Return what is known of lists of features that are to be arrays."""
    return [Dense(k, t, tuple(s)) for k, t, s in zip(keys, types, shapes, strict=True)]


def parse_sequence_example_v2(
    xp,
    serialized,
    debug_name,
    context_sparse_keys,
    context_dense_keys,
    context_ragged_keys,
    feature_list_sparse_keys,
    feature_list_dense_keys,
    feature_list_ragged_keys,
    feature_list_dense_missing_assumed_empty,
    context_dense_defaults,
    *,
    Tcontext_dense=(),
    context_sparse_types=(),
    context_ragged_value_types=(),
    context_ragged_split_types=(),
    context_dense_shapes=(),
    feature_list_dense_types=(),
    feature_list_sparse_types=(),
    feature_list_ragged_value_types=(),
    feature_list_ragged_split_types=(),
    feature_list_dense_shapes=(),
):
    keys = texts(feature_list_dense_keys)
    dense = lists_wanted(keys, feature_list_dense_types, feature_list_dense_shapes)
    required = [not empty for empty in np.asarray(feature_list_dense_missing_assumed_empty)]
    context = (
        list(zip(texts(context_sparse_keys), context_sparse_types, strict=True)),
        wanted_dense(
            context_dense_keys, Tcontext_dense, context_dense_shapes, context_dense_defaults
        ),
        list(
            zip(
                texts(context_ragged_keys),
                context_ragged_value_types,
                context_ragged_split_types,
                strict=True,
            )
        ),
    )
    lists = (
        list(zip(texts(feature_list_sparse_keys), feature_list_sparse_types, strict=True)),
        list(zip(dense, required, strict=True)),
        list(
            zip(
                texts(feature_list_ragged_keys),
                feature_list_ragged_value_types,
                feature_list_ragged_split_types,
                strict=True,
            )
        ),
    )
    return _outputs(Batch(serialized, debug_name), context, lists)


# Shapes.


def output_shapes(batch, context_sparse, context_dense, list_sparse, list_dense, ragged=None):
    """Return the shapes of the outputs.

    Args:
      batch: the shape of the messages, or None.
      context_sparse, list_sparse: how many are sparse.
      context_dense, list_dense: the shapes of those that are dense.
      ragged: how many of the context and of the lists are ragged; None for an op without.
    """
    width = None if batch is None else len(batch) + 1
    longer = None if batch is None else len(batch) + 2
    ends = (None,) if batch in (None, (), (None,)) else (batch[0] + 1,)
    in_context, in_lists = ragged or (0, 0)
    return [
        *([(None, width)] * context_sparse),
        *([(None,)] * context_sparse),
        *([(width,)] * context_sparse),
        *(None if batch is None else (*batch, *dims) for dims in context_dense),
        *([(None,)] * in_context),
        *([ends] * in_context),
        *([(None, longer)] * list_sparse),
        *([(None,)] * list_sparse),
        *([(longer,)] * list_sparse),
        *(None if batch is None else (*batch, None, *dims) for dims in list_dense),
        *([batch] * len(list_dense)),
        *([(None,)] * in_lists),
        *([ends] * in_lists),
        *([(None,)] * in_lists),
    ]


def _check_rank(serialized):
    if serialized is not None and len(serialized) > 1:
        raise ShapeError(f"Shape must be at most rank 1 but is rank {len(serialized)}")


def sequence_shapes(
    serialized,
    debug_name,
    context_dense_defaults,
    *,
    context_sparse_types=(),
    context_dense_shapes=(),
    feature_list_sparse_types=(),
    feature_list_dense_shapes=(),
):
    _check_rank(serialized)
    return output_shapes(
        serialized,
        len(context_sparse_types),
        context_dense_shapes,
        len(feature_list_sparse_types),
        feature_list_dense_shapes,
    )


def sequence_v2_shapes(
    serialized,
    debug_name,
    context_sparse_keys,
    context_dense_keys,
    context_ragged_keys,
    feature_list_sparse_keys,
    feature_list_dense_keys,
    feature_list_ragged_keys,
    feature_list_dense_missing_assumed_empty,
    context_dense_defaults,
    *,
    context_sparse_types=(),
    context_ragged_value_types=(),
    context_dense_shapes=(),
    feature_list_sparse_types=(),
    feature_list_ragged_value_types=(),
    feature_list_dense_shapes=(),
):
    _check_rank(serialized)
    return output_shapes(
        serialized,
        len(context_sparse_types),
        context_dense_shapes,
        len(feature_list_sparse_types),
        feature_list_dense_shapes,
        (len(context_ragged_value_types), len(feature_list_ragged_value_types)),
    )


define("ParseSequenceExample", parse_sequence_example, shape=sequence_shapes, unknown_rank=True)
define(
    "ParseSequenceExampleV2",
    parse_sequence_example_v2,
    shape=sequence_v2_shapes,
    unknown_rank=True,
)

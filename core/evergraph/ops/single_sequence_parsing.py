"""One example of a sequence, taken apart: ParseSingleSequenceExample."""
# TensorFlow's kernel is an older one, which has words of its own.

from __future__ import annotations

import numpy as np

from evergraph import protos
from evergraph.op import define
from evergraph.ops.parsing import (
    as_array,
    failure,
    indices_of,
    joined,
    kind_name,
    kind_of,
    message,
    shown,
    texts,
    values_of,
    wanted_dense,
)
from evergraph.ops.rules import with_rank
from evergraph.ops.sequence_parsing import REQUIRED, lists_wanted, output_shapes, turned
from evergraph.shapes import bracketed


def parse_single_sequence_example(
    xp,
    serialized,
    feature_list_dense_missing_assumed_empty,
    context_sparse_keys,
    context_dense_keys,
    feature_list_sparse_keys,
    feature_list_dense_keys,
    context_dense_defaults,
    debug_name,
    *,
    context_sparse_types=(),
    Tcontext_dense=(),
    feature_list_dense_types=(),
    context_dense_shapes=(),
    feature_list_sparse_types=(),
    feature_list_dense_shapes=(),
):
    if np.ndim(serialized):
        raise failure(
            f"Expected serialized to be a scalar, got shape: {bracketed(np.shape(serialized))}"
        )
    name = "".join(texts(debug_name))
    parsed = message(protos.SequenceExample, np.asarray(serialized, object).item())
    features, lists = parsed.context.feature, parsed.feature_lists.feature_list
    wanted = wanted_dense(
        context_dense_keys, Tcontext_dense, context_dense_shapes, context_dense_defaults
    )
    assumed = set(texts(feature_list_dense_missing_assumed_empty))
    dense = lists_wanted(
        texts(feature_list_dense_keys), feature_list_dense_types, feature_list_dense_shapes
    )
    context_sparse = zip(texts(context_sparse_keys), context_sparse_types, strict=True)
    list_sparse = zip(texts(feature_list_sparse_keys), feature_list_sparse_types, strict=True)
    groups = [
        *turned([_context_vector(features, name, *s) for s in context_sparse], 3),
        [_context_array(features, name, one) for one in wanted],
        *turned([_list_matrix(lists, name, *s) for s in list_sparse], 3),
        [_list_array(lists, name, one, one.key not in assumed) for one in dense],
    ]
    return [value for group in groups for value in group]


def _strict_kind(feature, dtype, where):
    wanted = kind_name(dtype)
    if kind_of(feature) != wanted:
        raise failure(
            f"{where}.  Data types don't match. Expected type: {wanted}  Feature is: {feature}"
        )


def _context_vector(features, name, key, dtype):
    if key not in features:
        found = as_array([], dtype)
    else:
        _strict_kind(features[key], dtype, f"Name: {name}, Context feature: {key}")
        found = values_of(features[key], dtype)
    return np.arange(found.size)[:, None], found, np.array([found.size], np.int64)


def _context_array(features, name, one):
    if one.key not in features:
        if not one.default.size:
            raise failure(
                f"Name: {name}, Context feature '{one.key}' is required but could not be found."
            )
        return one.default
    _strict_kind(features[one.key], one.dtype, f"Name: {name}, Context feature: {one.key}")
    return _row(features[one.key], name, one, 0).reshape(one.dims)


def _row(feature, name, one, index):
    found = values_of(feature, one.dtype)
    if found.size != one.size:
        raise failure(
            f"Name: {name}, Key: {one.key}, Index: {index}.  Number of {kind_name(one.dtype)} "
            f"values != expected.  values size: {found.size} but output shape: {shown(one.dims)}"
        )
    return found


def _list_matrix(lists, name, key, dtype):
    rows = []
    for i, feature in enumerate(lists[key].feature if key in lists else ()):
        if kind_of(feature) is not None:
            _strict_kind(feature, dtype, f"Name: {name}, Feature List: {key}, Index: {i}")
        rows.append(values_of(feature, dtype))
    longest = max((row.size for row in rows), default=0)
    return indices_of(rows), joined(rows, dtype), np.array([len(rows), longest], np.int64)


def _list_array(lists, name, one, required):
    if one.key not in lists and required:
        raise failure(f"Name: {name}, Feature list '{one.key}' {REQUIRED}")
    rows = []
    for i, feature in enumerate(lists[one.key].feature if one.key in lists else ()):
        _strict_kind(feature, one.dtype, f"Name: {name}, Feature list: {one.key}, Index: {i}")
        rows.append(_row(feature, name, one, i))
    return joined(rows, one.dtype).reshape(len(rows), *one.dims)


def single_sequence_shapes(
    serialized,
    feature_list_dense_missing_assumed_empty,
    context_sparse_keys,
    context_dense_keys,
    feature_list_sparse_keys,
    feature_list_dense_keys,
    context_dense_defaults,
    debug_name,
    *,
    context_sparse_types=(),
    context_dense_shapes=(),
    feature_list_sparse_types=(),
    feature_list_dense_shapes=(),
):
    with_rank(serialized, 0)
    found = output_shapes(
        (),
        len(context_sparse_types),
        context_dense_shapes,
        len(feature_list_sparse_types),
        feature_list_dense_shapes,
    )
    # This op does not tell the lengths.
    return found[: len(found) - len(feature_list_dense_shapes)]


define(
    "ParseSingleSequenceExample",
    parse_single_sequence_example,
    shape=single_sequence_shapes,
    unknown_rank=True,
)

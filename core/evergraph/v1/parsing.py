"""Examples taken apart: parse_example, parse_single_example, parse_single_sequence_example …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from evergraph.builder import build
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import node, scope
from evergraph.v1.features import (
    FixedLenFeature,
    FixedLenSequenceFeature,
    Keys,
    RaggedFeature,
    SparseFeature,
    VarLenFeature,
    keys_of,
)
from evergraph.v1.filling import rank
from evergraph.v1.flow import Assert, with_dependencies
from evergraph.v1.ragged_tensor import RaggedTensor
from evergraph.v1.sparse_ops import sparse_merge
from evergraph.v1.sparse_tensor import SparseTensor

__all__ = [
    "decode_csv",
    "decode_json_example",
    "parse_example",
    "parse_sequence_example",
    "parse_single_example",
    "parse_single_sequence_example",
]

_OF_EXAMPLES = (
    VarLenFeature,
    SparseFeature,
    FixedLenFeature,
    FixedLenSequenceFeature,
    RaggedFeature,
)
_OF_CONTEXTS = (VarLenFeature, FixedLenFeature, RaggedFeature)
_OF_LISTS = (VarLenFeature, FixedLenSequenceFeature, RaggedFeature)


def parse_example(
    serialized: Any, features: Any, name: str | None = None, example_names: Any = None
) -> dict[str, Any]:
    """Return the features of serialized `tf.train.Example` messages, by name.

    Args:
      serialized: strings, a vector.
      features: from the name of each feature to a `FixedLenFeature`, `FixedLenSequenceFeature`,
        `VarLenFeature`, `SparseFeature` or `RaggedFeature`.
      name: the name of the nodes' scope.
      example_names: strings, a vector, that errors call the examples by.

    Returns:
      Of a `VarLenFeature` or `SparseFeature` a `SparseTensor`, of a `RaggedFeature` a
      `RaggedTensor`, of others a tensor, with one dimension more for the batch.

    Raises:
      ValueError: `features` is empty, or one of them is not complete.
      InvalidArgumentError: when it runs, a message is none, lacks a feature without a default, or
        has one of another type or number of values.
    """
    if not features:
        raise ValueError(f"Argument `features` cannot be None or falsy. Got {features}")
    keys = keys_of(_with_rows(features), _OF_EXAMPLES)
    return _composed(features, _parsed(serialized, example_names, keys, name))


def parse_single_example(
    serialized: Any, features: Any, name: str | None = None, example_names: Any = None
) -> dict[str, Any]:
    """Return the features of one serialized `tf.train.Example`, by name.

    Args:
      serialized: a string, a scalar.
      features, name: as for `parse_example`.
      example_names: a scalar.

    Returns:
      As `parse_example`, without the dimension of the batch.

    Raises:
      ValueError, InvalidArgumentError: as `parse_example`; or `serialized` is no scalar.
    """
    if not features:
        state = "None" if features is None else "empty"
        raise ValueError(f"Invalid argument: features cannot be {state}.")
    with scope(name, "ParseSingleExample", [serialized, example_names]):
        serialized = _scalar(convert_to_tensor(serialized, name="serialized"))
        return parse_example(serialized, features, name, example_names)


def _with_rows(features: Mapping[str, Any]) -> dict[str, Any]:
    """Return features with those of sequences as arrays of any number of rows."""
    found = dict(features)
    for key, feature in features.items():
        if isinstance(feature, FixedLenSequenceFeature):
            if not feature.allow_missing:
                raise ValueError(
                    "Unsupported: FixedLenSequenceFeature requires allow_missing to be True."
                )
            found[key] = feature._replace(shape=[None, *feature.shape])
    return found


def _scalar(serialized: Any) -> Any:
    message = "Input serialized must be a scalar"
    if serialized.shape.rank is None:
        is_scalar = node("Equal", x=rank(serialized), y=0)
        check = Assert(is_scalar, [message], name="SerializedIsScalar")
        serialized = with_dependencies([check], serialized, name="serializedDependencies")
        serialized.set_shape([])
    elif serialized.shape.rank:
        raise ValueError(message)
    return serialized


def _parsed(serialized: Any, names: Any, keys: Keys, name: str | None) -> dict[str, Any]:
    with scope(name, "ParseExample", [serialized, names]):
        serialized = _of_known_rank(serialized, bool(keys.ragged))
        arguments = {
            "serialized": serialized,
            "names": [] if names is None else names,
            "sparse_keys": [*keys.sparse],
            "dense_keys": [*keys.dense],
            "ragged_keys": [*keys.ragged],
            "dense_defaults": keys.default_tensors(),
            "num_sparse": len(keys.sparse),
            "sparse_types": [*keys.sparse.values()],
            "ragged_value_types": [values for values, _ in keys.ragged.values()],
            "ragged_split_types": [splits for _, splits in keys.ragged.values()],
            "dense_shapes": keys.shapes,
        }
        *sparse, dense, values, splits = build("ParseExampleV2", arguments, name)
        ragged = _ragged(serialized, values, splits)
        return _by_key(keys, sparse, dense, ragged)


def _of_known_rank(serialized: Any, is_ragged: bool) -> Any:
    serialized = convert_to_tensor(serialized, name="serialized")
    if is_ragged and serialized.shape.rank is None:
        raise ValueError("serialized must have statically-known rank to parse ragged features.")
    return serialized


def _ragged(serialized: Any, values: Any, splits: Any, inner: Any = None) -> list[Any]:
    """Return ragged tensors; of one example, what they consist of."""

    def rows(values: Any, splits: Any) -> list[Any]:
        pairs = zip(values, splits, strict=True)
        return [RaggedTensor.from_row_splits(v, s, validate=False) for v, s in pairs]

    if inner is not None:
        values = rows(values, inner)
    return list(values) if serialized.shape.rank == 0 else rows(values, splits)


def _by_key(keys: Keys, sparse: Sequence[Any], dense: Any, ragged: Any) -> dict[str, Any]:
    made = [SparseTensor(*parts) for parts in zip(*sparse, strict=True)]
    return dict(zip(keys.all, [*made, *dense, *ragged], strict=True))


def _composed(features: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return what each feature stands for, from the tensors that were parsed."""
    made = {key: found[key] for key in found if key in features}
    for key in sorted(features):
        feature = features[key]
        if isinstance(feature, SparseFeature):
            index = feature.index_key
            ids = found[index] if isinstance(index, str) else [found[one] for one in index]
            values = found[feature.value_key]
            made[key] = sparse_merge(
                ids, values, feature.size, already_sorted=feature.already_sorted
            )
        elif isinstance(feature, RaggedFeature):
            made[key] = found[feature.value_key or key]
    return made


def parse_sequence_example(
    serialized: Any,
    context_features: Any = None,
    sequence_features: Any = None,
    example_names: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return the features of serialized `tf.train.SequenceExample` messages.

    Args:
      serialized: strings, a vector.
      context_features: from the name of each feature of the context to a `FixedLenFeature`,
        `VarLenFeature` or `RaggedFeature`.
      sequence_features: from the name of each list of features to a `FixedLenSequenceFeature`,
        `VarLenFeature` or `RaggedFeature`.
      example_names: strings, a vector, that errors call the examples by.
      name: the name of the nodes' scope.

    Returns:
      Features of the context, features of the lists, and how long each dense list is, by name.

    Raises:
      ValueError: there are no features, or one of them is not complete.
      InvalidArgumentError: when it runs, a message is none, or lacks what is wanted.
    """
    context, lists = _sequence_keys(
        context_features, sequence_features, "Both `{}` and `{}` argument "
    )
    with scope(name, "ParseSequenceExample", [serialized, example_names]):
        return _parsed_sequence(serialized, example_names, context, lists, name)


def parse_single_sequence_example(
    serialized: Any,
    context_features: Any = None,
    sequence_features: Any = None,
    example_name: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the features of one serialized `tf.train.SequenceExample`.

    Args:
      serialized: a string, a scalar.
      context_features, sequence_features, name: as for `parse_sequence_example`.
      example_name: a scalar that errors call the example by.

    Returns:
      Features of the context and features of the lists, by name.

    Raises:
      ValueError, InvalidArgumentError: as `parse_sequence_example`; or `serialized` is no scalar.
    """
    context, lists = _sequence_keys(context_features, sequence_features, "Both {} and {} ")
    with scope(name, "ParseSingleSequenceExample", [serialized, example_name]):
        with scope(name, "ParseSingleExample", [serialized, example_name]):
            serialized = _scalar(convert_to_tensor(serialized, name="serialized"))
        return _parsed_sequence(serialized, example_name, context, lists, name)[:2]


def _sequence_keys(context: Any, lists: Any, both: str) -> tuple[Keys, Keys]:
    if not (context or lists):
        names = both.format("context_features", "sequence_features")
        raise ValueError(f"{names}are None, but at least one should have values.")
    return keys_of(context, _OF_CONTEXTS), keys_of(lists, _OF_LISTS)


def _parsed_sequence(
    serialized: Any, names: Any, context: Keys, lists: Keys, name: str | None
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    with scope(name, "ParseSequenceExample", [serialized]):
        for key, value in lists.defaults.items():
            if value is not None:
                raise ValueError(f"Value feature_list.dense_defaults[{key}] must be None")
        serialized = _of_known_rank(serialized, bool(context.ragged or lists.ragged))
        arguments = {
            "serialized": serialized,
            "debug_name": [] if names is None else names,
            "context_sparse_keys": [*context.sparse],
            "context_dense_keys": [*context.dense],
            "context_ragged_keys": [*context.ragged],
            "feature_list_sparse_keys": [*lists.sparse],
            "feature_list_dense_keys": [*lists.dense],
            "feature_list_ragged_keys": [*lists.ragged],
            "feature_list_dense_missing_assumed_empty": [k in lists.defaults for k in lists.dense],
            "context_dense_defaults": context.default_tensors(),
            "Ncontext_sparse": len(context.sparse),
            "Nfeature_list_sparse": len(lists.sparse),
            "Nfeature_list_dense": len(lists.dense),
            "context_sparse_types": [*context.sparse.values()],
            "context_ragged_value_types": [values for values, _ in context.ragged.values()],
            "context_ragged_split_types": [splits for _, splits in context.ragged.values()],
            "feature_list_dense_types": [*lists.dense.values()],
            "feature_list_sparse_types": [*lists.sparse.values()],
            "feature_list_ragged_value_types": [values for values, _ in lists.ragged.values()],
            "feature_list_ragged_split_types": [splits for _, splits in lists.ragged.values()],
            "context_dense_shapes": context.shapes,
            "feature_list_dense_shapes": lists.shapes,
        }
        outputs = build("ParseSequenceExampleV2", arguments, name)
        of_context = _ragged(serialized, *outputs[4:6])
        of_lists = _ragged(serialized, *outputs[11:])
        return (
            _by_key(context, outputs[:3], outputs[3], of_context),
            _by_key(lists, outputs[6:9], outputs[9], of_lists),
            dict(zip(lists.dense, outputs[10], strict=True)),
        )


def decode_json_example(json_examples: Any, name: str | None = None) -> Any:
    """Return serialized `tf.train.Example` messages of their texts in JSON.

    Raises:
      InvalidArgumentError: when it runs, a text is no such message.
    """
    return build("DecodeJSONExample", {"json_examples": json_examples}, name)


def decode_csv(
    records: Any,
    record_defaults: Any,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    name: str | None = None,
    na_value: str = "",
    select_cols: Any = None,
) -> Any:
    """Return the fields of lines of comma-separated values, a tensor for each.

    Args:
      records: strings; a tensor of a field has their shape.
      record_defaults: for each field, a tensor or list of its type (float32, float64, int32, int64
        or string): what an empty field stands for, or nothing, if it must not be empty.
      field_delim: the character between fields.
      use_quote_delim: whether a field may stand in double quotes.
      name: the name of the node.
      na_value: what stands for an empty field, besides nothing.
      select_cols: the indices of the fields to be returned, in order; by default all.

    Raises:
      ValueError: `select_cols` is not in order, or has not as many entries as `record_defaults`.
      InvalidArgumentError: when it runs, a line has fewer or more fields, one without a default is
        empty, or is no such number.
    """
    if select_cols is not None:
        if any(a >= b for a, b in pairwise(select_cols)):
            raise ValueError("select_cols is not strictly increasing.")
        if select_cols[0] < 0:
            raise ValueError("select_cols contains negative values.")
        if len(select_cols) != len(record_defaults):
            raise ValueError("Length of select_cols and record_defaults do not match.")
    arguments = {
        "records": records,
        "record_defaults": record_defaults,
        "field_delim": field_delim,
        "use_quote_delim": use_quote_delim,
        "na_value": na_value,
        "select_cols": [] if select_cols is None else select_cols,
    }
    return build("DecodeCSV", arguments, name)

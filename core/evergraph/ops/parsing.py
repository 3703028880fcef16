"""Examples, messages that hold features, taken apart: ParseExample, ParseSingleExample …"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from google.protobuf.json_format import Parse, ParseError
from google.protobuf.message import DecodeError

from evergraph import attributes, protos
from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.rules import same_shape, with_rank
from evergraph.shapes import bracketed

#: By the kind of a feature: what messages call its values.
_KINDS = {"int64_list": "int64", "float_list": "float", "bytes_list": "string"}


@dataclass(frozen=True)
class Dense:
    """A feature that is to be an array.

    Attributes:
      key: its name.
      dtype: of the array.
      dims: its shape in one example; the first of them may be None, for any number of rows.
      default: what stands for it where an example lacks it, or the padding of rows; no elements,
        if there is none.
    """

    key: str
    dtype: Any
    dims: tuple[Any, ...]
    default: Any = None

    @property
    def varies(self):
        """Whether there is any number of rows."""
        return bool(self.dims) and self.dims[0] is None

    @property
    def size(self):
        """The number of elements, of one row if there is any number of them."""
        return prod(self.dims[1:] if self.varies else self.dims)


def failure(message):
    """Return the error for a message that does not hold what is expected."""
    return InvalidArgumentError(None, None, message)


def texts(keys):
    """Return keys, an array or a list of them, as messages hold them."""
    flat = [np.asarray(key, object).item() for key in np.atleast_1d(keys)]
    return [attributes.data(key).decode(errors="replace") for key in flat]


def kind_name(dtype):
    """Return what messages call values of a type."""
    return {"i": "int64", "f": "float", "O": "string"}[np.dtype(dtype).kind]


def kind_of(feature):
    """Return what messages call the values of a feature; None if it holds none of any kind."""
    kind = feature.WhichOneof("kind")
    return None if kind is None else _KINDS[kind]


def values_of(feature, dtype):
    """Return the values of a feature of a known kind."""
    kind = feature.WhichOneof("kind")
    return as_array([] if kind is None else getattr(feature, kind).value, dtype)


def as_array(values, dtype):
    """Return values as a vector."""
    if np.dtype(dtype).kind != "O":
        return np.array(values, dtype)
    made = np.empty(len(values), object)
    made[:] = list(values)
    return made


def shown(dims):
    """Return a shape as messages show it."""
    return "[" + ",".join("?" if d is None else str(d) for d in dims) + "]"


def wanted_dense(keys, types, shapes, defaults):
    """Return what is known of features that are to be arrays.

    Raises:
      InvalidArgumentError: a default does not fit.
    """
    found = []
    for i, (key, dtype, dims) in enumerate(zip(texts(keys), types, shapes, strict=True)):
        default = np.asarray(defaults[i])
        one = Dense(key, dtype, tuple(dims), default)
        if one.varies:
            if default.size != 1:
                raise failure(
                    f"dense_shape[{i}] is a variable length shape: {shown(dims)}, therefore "
                    f"def_value[{i}] must contain a single element (the padding element).  But "
                    f"its shape is: {bracketed(default.shape)}"
                )
        elif default.size and default.shape != one.dims:
            raise failure(
                f"def_value[{i}].shape() == {shown(default.shape)} is not compatible with "
                f"dense_shapes_[{i}] == {shown(dims)}"
            )
        found.append(one)
    return found


def message(kind, serialized):
    """Return a message of a kind."""
    try:
        return kind.FromString(serialized)
    except DecodeError as error:
        text = serialized.decode(errors="replace")
        raise failure(f"Could not parse example input, value: '{text}'") from error


def _features(serialized):
    return message(protos.Example, serialized).features.feature


# One example.


def _example(serialized, sparse, dense, ragged):
    """Return the outputs for an example on its own."""
    features = _features(serialized)
    vectors = [_vector(features, key, dtype, f"Key: {key}") for key, dtype in sparse]
    arrays = [_array(features, one) for one in dense]
    rows = [_vector(features, key, dtype, f"Key: {key}") for key, dtype, _ in ragged]
    return (
        *(np.arange(v.size, dtype=np.int64)[:, None] for v in vectors),
        *vectors,
        *(np.array([v.size], np.int64) for v in vectors),
        *arrays,
        *rows,
        *(np.zeros(0, splits) for _, _, splits in ragged),
    )


def _vector(features, key, dtype, where):
    """Return the values of a feature, however many there are; `where` begins an error."""
    if key not in features:
        return as_array([], dtype)
    kind, wanted = kind_of(features[key]), kind_name(dtype)
    if kind not in (None, wanted):
        raise failure(
            f"{where}.  Data types don't match. Expected type: {wanted}, Actual type: {kind}"
        )
    return values_of(features[key], dtype)


def _array(features, one):
    found = _checked(features, one, f"Key: {one.key}", "")
    if found is None:
        return one.default if not one.varies else np.zeros((0, *one.dims[1:]), one.default.dtype)
    if one.varies:
        if found.size % one.size:
            raise failure(
                f"Error while parsing feature with key {one.key}: number of elements should be "
                f"divisible by {one.size}, found {found.size} instead"
            )
        return found.reshape(-1, *one.dims[1:])
    if found.size != one.size:
        kind = features[one.key].WhichOneof("kind")
        # TF: it has no room for more strings, and leaves more numbers behind.
        full = kind == "bytes_list" and found.size > one.size
        reason = f"Parsing {kind} failed" if full else f"Some {kind} slice was not parsed"
        raise failure(f"Key: {one.key}.  Can't parse serialized Example: {reason}.")
    return found.reshape(one.dims)


def _checked(features, one, where, prefix):
    """Return the values of a feature of the right kind; None if it is missing and may be."""
    wanted = kind_name(one.dtype)
    kind = kind_of(features[one.key]) if one.key in features else None
    if kind is None:
        if one.default.size == 0 and not one.varies:
            raise failure(
                f"{prefix}Feature: {one.key} (data type: {wanted}) is required but could not be "
                "found."
            )
        return None
    if kind != wanted:
        raise failure(
            f"{where}.  Data types don't match. Data type: {kind} but expected type: {wanted}"
        )
    return values_of(features[one.key], one.dtype)


# A batch of examples.


def _batch(serialized, names, sparse, dense, ragged):
    """Return the outputs for a batch of examples."""
    names = [name.decode(errors="replace") for name in names] or ["<unknown>"] * len(serialized)
    messages = [_features(text) for text in serialized]
    places = [(m, i, f"Name: {names[i]}, ") for i, m in enumerate(messages)]

    def vectors(key, dtype):
        return [
            _vector(m, key, dtype, f"{prefix}Key: {key}, Index: {i}") for m, i, prefix in places
        ]

    columns = [vectors(key, dtype) for key, dtype in sparse]
    arrays = [_stacked(places, one) for one in dense]
    rows = [vectors(key, dtype) for key, dtype, _ in ragged]
    return (
        *(indices_of(column) for column in columns),
        *(joined(c, dtype) for c, (_, dtype) in zip(columns, sparse, strict=True)),
        *(np.array([len(places), max((v.size for v in c), default=0)], np.int64) for c in columns),
        *arrays,
        *(joined(r, dtype) for r, (_, dtype, _) in zip(rows, ragged, strict=True)),
        *(splits_of(r, splits) for r, (_, _, splits) in zip(rows, ragged, strict=True)),
    )


def indices_of(rows):
    """Return the places of the values of rows in a matrix that has them at its left."""
    lengths = [row.size for row in rows]
    lines = np.repeat(np.arange(len(rows)), lengths)
    positions = np.concatenate([np.arange(n) for n in lengths]) if rows else lines
    return np.stack([lines, positions], 1).astype(np.int64)


def joined(rows, dtype):
    """Return the values of rows one after the other."""
    return np.concatenate(rows) if rows else as_array([], dtype)


def splits_of(rows, dtype):
    """Return where rows begin and end when they are joined."""
    return np.cumsum([0, *(row.size for row in rows)]).astype(dtype)


def _stacked(places, one):
    rows = []
    for features, i, prefix in places:
        where = f"{prefix}Key: {one.key}, Index: {i}"
        found = _checked(features, one, where, prefix)
        if found is not None and (found.size % one.size if one.varies else found.size != one.size):
            kind = kind_name(one.dtype)
            if one.varies:
                raise failure(
                    f"{where}.  Number of {kind} values is not a multiple of stride length. Saw "
                    f"{found.size} values but output shape is: {shown(one.dims)}"
                )
            if kind == "string" and found.size > one.size:
                raise failure(f"{where}.  Can't parse serialized Example.")
            raise failure(
                f"{where}.  Number of {kind} values != expected.  Values size: {found.size} but "
                f"output shape: {shown(one.dims)}"
            )
        rows.append(found)
    return padded(rows, one) if one.varies else _filled(rows, one)


def _filled(rows, one):
    made = np.empty((len(rows), one.size), one.dtype)
    for i, row in enumerate(rows):
        made[i] = one.default.reshape(-1) if row is None else row
    return made.reshape(len(rows), *one.dims)


def padded(rows, one):
    """Return rows of any length as one array, filled up with the default."""
    longest = max((0 if row is None else row.size for row in rows), default=0)
    made = np.empty((len(rows), longest), one.dtype)
    made[...] = one.default.reshape(())
    for i, row in enumerate(rows):
        if row is not None:
            made[i, : row.size] = row
    return made.reshape(len(rows), longest // one.size if one.size else 0, *one.dims[1:])


# Kernels.


def parse_example(
    xp,
    serialized,
    names,
    sparse_keys,
    dense_keys,
    dense_defaults,
    *,
    sparse_types,
    Tdense,
    dense_shapes,
):
    if np.ndim(serialized) != 1:
        raise failure(
            f"Expected serialized to be a vector, got shape: {bracketed(np.shape(serialized))}"
        )
    dense = wanted_dense(dense_keys, Tdense, dense_shapes, dense_defaults)
    return _parsed(serialized, names, _typed(sparse_keys, sparse_types), dense, [])


def parse_example_v2(
    xp,
    serialized,
    names,
    sparse_keys,
    dense_keys,
    ragged_keys,
    dense_defaults,
    *,
    sparse_types,
    ragged_value_types,
    ragged_split_types,
    Tdense,
    dense_shapes,
):
    if np.ndim(serialized) > 1:
        raise failure(
            "Expected serialized to be a scalar or vector, got shape: "
            f"{bracketed(np.shape(serialized))}"
        )
    for label, keys, expected in (
        ("sparse_keys", sparse_keys, len(sparse_types)),
        ("dense_keys", dense_keys, len(Tdense)),
        ("ragged_keys", ragged_keys, len(ragged_value_types)),
    ):
        if np.size(keys) != expected:
            raise failure(f"len({label}) must be {expected}, but it is {np.size(keys)}")
    ragged = zip(texts(ragged_keys), ragged_value_types, ragged_split_types, strict=True)
    dense = wanted_dense(dense_keys, Tdense, dense_shapes, dense_defaults)
    return _parsed(serialized, names, _typed(sparse_keys, sparse_types), dense, list(ragged))


def _typed(keys, types):
    return list(zip(texts(keys), types, strict=True))


def _parsed(serialized, names, sparse, dense, ragged):
    serialized, names = np.asarray(serialized, object), np.asarray(names, object)
    if names.size and names.shape != serialized.shape:
        raise failure(
            "Expected names have the same shape as serialized: name.shape="
            f"{bracketed(names.shape)}, serialized.shape={bracketed(serialized.shape)}"
        )
    if serialized.ndim == 0:
        return _example(serialized.item(), sparse, dense, ragged)
    return _batch(serialized.tolist(), names.tolist(), sparse, dense, ragged)


def parse_single_example(
    xp,
    serialized,
    dense_defaults,
    *,
    sparse_keys,
    dense_keys,
    sparse_types,
    Tdense,
    dense_shapes,
):
    if np.ndim(serialized):
        raise failure(
            f"Expected serialized to be a scalar, got shape: {bracketed(np.shape(serialized))}"
        )
    dense = wanted_dense(dense_keys, Tdense, dense_shapes, dense_defaults)
    text = np.asarray(serialized, object).item()
    return _example(text, _typed(sparse_keys, sparse_types), dense, [])


def decode_json_example(xp, json_examples):
    given = np.asarray(json_examples, object)
    made = np.empty(given.size, object)
    for i, text in enumerate(given.reshape(-1).tolist()):
        try:
            parsed = Parse(text, protos.Example())
        except (ParseError, UnicodeDecodeError) as error:
            raise failure(f"Error while parsing JSON: {error}") from error
        # TF: does not pack numbers; whoever reads them takes either.
        made[i] = parsed.SerializeToString(deterministic=True)
    return made.reshape(given.shape)


# Shapes.


def _shapes(batch, sparse, dense, ragged):
    """Return the shapes of outputs; `batch` is the shape of what is parsed, or None."""
    width = None if batch is None else len(batch) + 1
    splits = (None,) if batch in (None, (), (None,)) else (batch[0] + 1,)
    return [
        *([(None, width)] * sparse),
        *([(None,)] * sparse),
        *([(width,)] * sparse),
        *(None if batch is None else (*batch, *dims) for dims in dense),
        *([(None,)] * ragged),
        *([splits] * ragged),
    ]


def _check_dense(keys, dense_shapes):
    if len(keys) != len(dense_shapes):
        raise ShapeError("len(dense_keys) != len(dense_shapes)")


def example_shapes(
    serialized, names, sparse_keys, dense_keys, dense_defaults, *, sparse_types, dense_shapes
):
    _check_dense(dense_keys, dense_shapes)
    batch = (None,) if serialized is None else with_rank(serialized, 1)
    return _shapes(batch, len(sparse_types), dense_shapes, 0)


def example_v2_shapes(
    serialized,
    names,
    sparse_keys,
    dense_keys,
    ragged_keys,
    dense_defaults,
    *,
    sparse_types,
    ragged_value_types,
    dense_shapes,
):
    _check_dense(dense_defaults, dense_shapes)
    if serialized is not None and len(serialized) > 1:
        raise ShapeError(f"Shape must be at most rank 1 but is rank {len(serialized)}")
    return _shapes(serialized, len(sparse_types), dense_shapes, len(ragged_value_types))


def single_example_shapes(serialized, dense_defaults, *, sparse_types, dense_shapes):
    _check_dense(dense_defaults, dense_shapes)
    with_rank(serialized, 0)
    return _shapes((), len(sparse_types), dense_shapes, 0)


define("ParseExample", parse_example, shape=example_shapes, unknown_rank=True)
define("ParseExampleV2", parse_example_v2, shape=example_v2_shapes, unknown_rank=True)
define("ParseSingleExample", parse_single_example, shape=single_example_shapes, unknown_rank=True)
define("DecodeJSONExample", decode_json_example, shape=same_shape, unknown_rank=True)

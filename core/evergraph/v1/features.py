"""What is wanted of an example: features of fixed and of any length, sparse and ragged ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from evergraph import dtypes
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, as_shape
from evergraph.v1.shaping import reshape


class VarLenFeature(NamedTuple):
    """A feature of any length, which becomes a `SparseTensor`; float32, int64 or string."""

    dtype: Any


class FixedLenFeature(NamedTuple):
    """A feature of a known shape, which becomes a tensor.

    Attributes:
      shape: its shape in one example.
      dtype: float32, int64 or string.
      default_value: stands for it where an example lacks it; an error, if it is None.
    """

    shape: Any
    dtype: Any
    default_value: Any = None


class FixedLenSequenceFeature(NamedTuple):
    """A feature of any number of rows of a known shape, which becomes a tensor.

    Attributes:
      shape: of one row.
      dtype: float32, int64 or string.
      allow_missing: whether an example may lack it, and has no rows then.
      default_value: fills up what is shorter than others of the batch: 0 or "", if it is None.
    """

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


class SparseFeature(NamedTuple):
    """Two features or more, which together become a `SparseTensor`.

    Attributes:
      index_key: the name of the feature that holds the indices, or a list of one for each
        dimension.
      value_key: the name of the feature that holds the values.
      dtype: of the values: float32, int64 or string.
      size: the size of the dimension, or a list of them.
      already_sorted: whether the indices are in order, so that nothing has to sort them.
    """

    index_key: Any
    value_key: Any
    dtype: Any
    size: Any
    already_sorted: bool = False


class _RaggedFeature(NamedTuple):
    dtype: Any
    value_key: Any
    partitions: Any
    row_splits_dtype: Any
    validate: Any


class RaggedFeature(_RaggedFeature):
    """A feature of any length, which becomes a `RaggedTensor`; a vector, of one example.

    Args:
      dtype: float32, int64 or string.
      value_key: the name of the feature, where it is another one than the key.
      partitions: none; rows of rows are not supported.
      row_splits_dtype: the type of the splits, int32 or int64.
      validate: is ignored: splits are always valid.

    Raises:
      ValueError: a type is none of those, or `value_key` is no name.
      NotImplementedError: there are partitions.
    """

    __slots__ = ()

    def __new__(
        cls,
        dtype: Any,
        value_key: str | None = None,
        partitions: Any = (),
        row_splits_dtype: Any = dtypes.int32,
        validate: bool = False,
    ) -> RaggedFeature:
        if value_key is not None:
            if not isinstance(value_key, str):
                raise ValueError(f"Argument `value_key` must be a string; got {value_key}")
            if not value_key:
                raise ValueError("Argument `value_key` must not be empty")
        dtype, splits = as_dtype(dtype), as_dtype(row_splits_dtype)
        if dtype not in (dtypes.int64, dtypes.float32, dtypes.string):
            raise ValueError(f"Argument `dtype` must be int64, float32, or bytes; got {dtype!r}")
        if splits not in (dtypes.int32, dtypes.int64):
            raise ValueError(f"Argument `row_splits_dtype` must be int32 or int64; got{splits!r}")
        if len(partitions):
            raise NotImplementedError("tf.io.RaggedFeature with partitions is not supported")
        return super().__new__(cls, dtype, value_key, (), splits, validate)


@dataclass
class Keys:
    """Names of features and what is known of them, as operations take them."""

    sparse: dict[str, Any] = field(default_factory=dict)
    dense: dict[str, Any] = field(default_factory=dict)
    shapes: list[TensorShape] = field(default_factory=list)
    defaults: dict[str, Any] = field(default_factory=dict)
    ragged: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def all(self) -> list[str]:
        """Every name, in the order of the outputs."""
        return [*self.sparse, *self.dense, *self.ragged]

    def default_tensors(self) -> list[Tensor]:
        """Return a tensor for each dense feature: its default, its padding, or nothing."""
        pairs = zip(self.dense.items(), self.shapes, strict=True)
        return [
            _default(key, shape, dtype, self.defaults.get(key)) for (key, dtype), shape in pairs
        ]


def _default(key: str, shape: TensorShape, dtype: Any, value: Any) -> Any:
    dtype = as_dtype(dtype)
    label = re.sub("[^A-Za-z0-9_.\\-/]", "_", key)
    if shape.ndims and shape.as_list()[0] is None:
        if value is None:
            return convert_to_tensor("" if dtype == dtypes.string else 0, dtype)
        return reshape(convert_to_tensor(value, dtype, name=f"padding_{label}"), [])
    if value is None:
        return constant([], dtype)
    if isinstance(value, Tensor):
        return value
    return reshape(convert_to_tensor(value, dtype, name=f"key_{label}"), shape)


def keys_of(features: Mapping[str, Any] | None, kinds: tuple[type, ...]) -> Keys:
    """Return the names of features, sorted.

    Args:
      features: by name.
      kinds: what they may be.

    Raises:
      ValueError: one is of another kind, lacks a type or a shape, or contradicts another one.
    """
    keys = Keys()
    for key in sorted(features or {}):
        feature = (features or {})[key]
        if not isinstance(feature, kinds):
            raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key '{key}'")
        _ADD[type(feature)](keys, key, feature)
    for one, other in (("dense", "sparse"), ("dense", "ragged"), ("ragged", "sparse")):
        a, b = list(getattr(keys, one)), list(getattr(keys, other))
        if set(a) & set(b):
            raise ValueError(
                f"{one.capitalize()} and {other} keys must not intersect; {one}_keys: {a}, "
                f"{other}_keys: {b}, intersection: {set(a) & set(b)}"
            )
    return keys


def _add_sparse(keys: Keys, key: str, dtype: Any) -> None:
    before = keys.sparse.setdefault(key, dtype)
    if before != dtype:
        raise ValueError(f"Conflicting type {before} vs {dtype} for feature {key}.")


def _check_dtype(key: str, feature: Any) -> None:
    if not feature.dtype:
        end = "" if isinstance(feature, VarLenFeature) else "."
        raise ValueError(f"Missing type for feature {key}. Received feature={feature}{end}")


def _var_len(keys: Keys, key: str, feature: VarLenFeature) -> None:
    _check_dtype(key, feature)
    _add_sparse(keys, key, feature.dtype)


def _sparse(keys: Keys, key: str, feature: SparseFeature) -> None:
    for name in ("index_key", "value_key"):
        if not getattr(feature, name):
            raise ValueError(f"Missing {name} for SparseFeature {feature}.")
    _check_dtype(key, feature)
    index = feature.index_key
    for one in [index] if isinstance(index, str) else sorted(index):
        _add_sparse(keys, one, dtypes.int64)
    _add_sparse(keys, feature.value_key, feature.dtype)


def _fixed_len(keys: Keys, key: str, feature: FixedLenFeature) -> None:
    _add_dense(keys, key, feature)
    shape = keys.shapes[-1]
    if feature.shape and shape.ndims and shape.as_list()[0] is None:
        raise ValueError(
            f"First dimension of shape for feature {key} unknown. Consider using "
            f"FixedLenSequenceFeature. Received feature={feature}."
        )
    if not shape.is_fully_defined():
        raise ValueError(
            f"All dimensions of shape for feature {key} need to be known but received "
            f"{feature.shape!s}."
        )


def _add_dense(keys: Keys, key: str, feature: Any) -> None:
    _check_dtype(key, feature)
    if feature.shape is None:
        raise ValueError(f"Missing shape for feature {key}. Received feature={feature}.")
    keys.dense[key] = feature.dtype
    keys.shapes.append(as_shape(feature.shape))
    if feature.default_value is not None:
        keys.defaults[key] = feature.default_value


def _fixed_len_sequence(keys: Keys, key: str, feature: FixedLenSequenceFeature) -> None:
    _add_dense(keys, key, feature)
    if feature.allow_missing:
        keys.defaults.setdefault(key, None)


def _ragged(keys: Keys, key: str, feature: RaggedFeature) -> None:
    name = feature.value_key or key
    wanted = (feature.dtype, feature.row_splits_dtype)
    before = keys.ragged.setdefault(name, wanted)
    for kind, one, other in zip(("type", "partition type"), before, wanted, strict=True):
        if one != other:
            raise ValueError(f"Conflicting {kind} {one} vs {other} for feature {name}.")


_ADD: dict[type, Any] = {
    VarLenFeature: _var_len,
    SparseFeature: _sparse,
    FixedLenFeature: _fixed_len,
    FixedLenSequenceFeature: _fixed_len_sequence,
    RaggedFeature: _ragged,
}

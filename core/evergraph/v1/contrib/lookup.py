"""tf.contrib.lookup: tables, as they are in `tf.lookup`, and functions that make one for a use."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.v1 import index_tables
from evergraph.v1.index_tables import index_table_from_file, index_to_string_table_from_file
from evergraph.v1.lookup_experimental import DenseHashTable as MutableDenseHashTable
from evergraph.v1.mutable_tables import MutableHashTable
from evergraph.v1.tables import (
    FastHashSpec,
    HasherSpec,
    HashTable,
    IdTableWithHashBuckets,
    InitializableLookupTableBase,
    KeyValueTensorInitializer,
    LookupInterface,
    StrongHashSpec,
    TextFileIdTableInitializer,
    TextFileIndex,
    TextFileInitializer,
    TextFileStringTableInitializer,
)

__all__ = [
    "FastHashSpec",
    "HashTable",
    "HasherSpec",
    "IdTableWithHashBuckets",
    "InitializableLookupTableBase",
    "KeyValueTensorInitializer",
    "LookupInterface",
    "MutableDenseHashTable",
    "MutableHashTable",
    "StrongHashSpec",
    "TextFileIdTableInitializer",
    "TextFileIndex",
    "TextFileInitializer",
    "TextFileStringTableInitializer",
    "index_table_from_file",
    "index_table_from_tensor",
    "index_to_string",
    "index_to_string_table_from_file",
    "index_to_string_table_from_tensor",
    "string_to_index",
]


def index_table_from_tensor(
    mapping: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: Any = FastHashSpec,
    dtype: Any = dtypes.string,
    name: str | None = None,
) -> Any:
    """Return a table from the elements of a vector to their places in it.

    Args:
      mapping: strings or integers.
      num_oov_buckets: how many more ids there are, which keys that the vector lacks get by hashes.
      default_value: what stands for a key that it lacks, if there are no more ids.
      hasher_spec: how keys are hashed, a `HasherSpec`.
      dtype: the type of the keys, an integer type or string.
      name: the name of the nodes' scope.

    Raises:
      ValueError: an argument is out of range, or `mapping` of another type.
      TypeError: `dtype` is another one.
    """
    if mapping is None:
        raise ValueError("mapping must be specified.")
    return index_tables.index_table_from_tensor(
        mapping, num_oov_buckets, default_value, hasher_spec, dtype, name
    )


def index_to_string_table_from_tensor(
    mapping: Any, default_value: str = "UNK", name: str | None = None
) -> Any:
    """Return a table from places in a vector of strings to the strings.

    Args:
      mapping: the strings.
      default_value: what stands for a place that it lacks.
      name: the name of the nodes' scope.

    Raises:
      ValueError: `mapping` is None.
    """
    if mapping is None:
        raise ValueError("mapping must be specified.")
    return index_tables.index_to_string_table_from_tensor(mapping, default_value, name)


def string_to_index(
    tensor: Any, mapping: Any, default_value: int = -1, name: str | None = None
) -> Any:
    """Return the places of strings in a vector of strings, int64.

    Args:
      tensor: strings.
      mapping: the vector.
      default_value: what stands for a string that it lacks.
      name: the name of the node.
    """
    return index_table_from_tensor(mapping, default_value=default_value).lookup(tensor, name)


def index_to_string(
    tensor: Any, mapping: Any, default_value: str = "UNK", name: str | None = None
) -> Any:
    """Return the strings at places in a vector of strings.

    Args:
      tensor: the places, int64.
      mapping: the vector.
      default_value: what stands for a place that it lacks.
      name: the name of the node.
    """
    table = index_to_string_table_from_tensor(mapping, default_value=default_value)
    return table.lookup(tensor, name)

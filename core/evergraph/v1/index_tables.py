"""Tables from words to their indices, and back."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operators import cast, scope
from evergraph.graph.tensor import Tensor
from evergraph.v1.filling import size
from evergraph.v1.sequences import range as range_of
from evergraph.v1.tables import (
    FastHashSpec,
    IdTableWithHashBuckets,
    KeyValueTensorInitializer,
    StaticHashTable,
    TextFileIdTableInitializer,
    TextFileIndex,
    TextFileStringTableInitializer,
)

__all__ = [
    "index_table_from_file",
    "index_table_from_tensor",
    "index_to_string_table_from_file",
    "index_to_string_table_from_tensor",
]


def index_table_from_file(
    vocabulary_file: Any = None,
    num_oov_buckets: int = 0,
    vocab_size: int | None = None,
    default_value: int = -1,
    hasher_spec: Any = FastHashSpec,
    key_dtype: Any = dtypes.string,
    name: str | None = None,
    key_column_index: int = TextFileIndex.WHOLE_LINE,
    value_column_index: int = TextFileIndex.LINE_NUMBER,
    delimiter: str = "\t",
) -> Any:
    """Return a table from the lines of a file to their numbers.

    Args:
      vocabulary_file: the name of the file, a string or a string scalar.
      num_oov_buckets: how many more ids there are, which keys that the file lacks get by hashes.
      vocab_size: how many lines are read; all of them, if it is None.
      default_value: what stands for a key that the file lacks, if there are no more ids.
      hasher_spec: how keys are hashed, a `HasherSpec`.
      key_dtype: the type of the keys, an integer type or string.
      name: the name of the nodes' scope.
      key_column_index, value_column_index: the columns, or one of `TextFileIndex`.
      delimiter: the character between columns.

    Raises:
      ValueError: an argument is out of range.
      TypeError: `key_dtype` is another one.
    """
    _check_file(vocabulary_file)
    if num_oov_buckets < 0:
        raise ValueError(f"num_oov_buckets must be greater or equal than 0, got {num_oov_buckets}.")
    if vocab_size is not None and vocab_size < 1:
        shown = vocabulary_file
        if isinstance(shown, Tensor):
            value = constant_value(shown)
            shown = "?" if value is None else value
        raise ValueError(
            f"`vocab_size` must be greater than 0, got {vocab_size} for vocabulary_file: {shown}."
        )
    key_dtype = as_dtype(key_dtype)
    if not key_dtype.is_integer and key_dtype.base_dtype != dtypes.string:
        raise TypeError("Dtype for `keys` should be either integer or string.")
    with scope(name, "string_to_index"):
        with scope(None, "hash_table"):
            kind = dtypes.int64 if key_dtype.is_integer else key_dtype
            columns = (key_column_index, value_column_index)
            filling = TextFileIdTableInitializer(
                vocabulary_file, *columns, vocab_size, delimiter, "table_init", kind
            )
            table = StaticHashTable(filling, default_value)
        return _with_buckets(table, num_oov_buckets, hasher_spec, key_dtype)


def _check_file(vocabulary_file: Any) -> None:
    if vocabulary_file is None or (isinstance(vocabulary_file, str) and not vocabulary_file):
        raise ValueError("`vocabulary_file` must be specified and must not be empty.")


def _with_buckets(table: Any, count: int, hasher_spec: Any, key_dtype: Any) -> Any:
    if not count:
        return table
    return IdTableWithHashBuckets(table, count, hasher_spec, key_dtype=key_dtype)


def index_table_from_tensor(
    vocabulary_list: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: Any = FastHashSpec,
    dtype: Any = dtypes.string,
    name: str | None = None,
) -> Any:
    """Return a table from the elements of a vector to their places in it.

    Args:
      vocabulary_list: strings or integers.
      num_oov_buckets: how many more ids there are, which keys that the vector lacks get by hashes.
      default_value: what stands for a key that it lacks, if there are no more ids.
      hasher_spec: how keys are hashed, a `HasherSpec`.
      dtype: the type of the keys, an integer type or string.
      name: the name of the nodes' scope.

    Raises:
      ValueError: an argument is out of range, or `vocabulary_list` of another type.
      TypeError: `dtype` is another one.
    """
    if vocabulary_list is None:
        raise ValueError("`vocabulary_list` must be specified.")
    if num_oov_buckets < 0:
        raise ValueError(
            f"`num_oov_buckets` must be greater or equal than 0, got {num_oov_buckets}."
        )
    dtype = as_dtype(dtype)
    if not dtype.is_integer and dtype.base_dtype != dtypes.string:
        raise TypeError("`dtype` must either be integer or string.")
    with scope(name, "string_to_index"):
        keys = convert_to_tensor(vocabulary_list)
        if keys.dtype.is_integer != dtype.is_integer:
            wanted = "integer" if dtype.is_integer else "non-integer"
            raise ValueError(f"Invalid `dtype`: Expected {wanted}, got {keys.dtype}.")
        if not dtype.is_integer and keys.dtype.base_dtype != dtype:
            raise ValueError(f"Invalid `dtype`: Expected {dtype}, got {keys.dtype}.")
        values = cast(range_of(size(keys)), dtypes.int64)
        with scope(None, "hash_table"):
            keys = cast(keys, dtypes.int64) if keys.dtype.is_integer else keys
            types = (keys.dtype.base_dtype, dtypes.int64)
            filling = KeyValueTensorInitializer(keys, values, *types, name="table_init")
            table = StaticHashTable(filling, default_value)
        return _with_buckets(table, num_oov_buckets, hasher_spec, dtype)


def index_to_string_table_from_file(
    vocabulary_file: Any,
    vocab_size: int | None = None,
    default_value: str = "UNK",
    name: str | None = None,
    key_column_index: int = TextFileIndex.LINE_NUMBER,
    value_column_index: int = TextFileIndex.WHOLE_LINE,
    delimiter: str = "\t",
) -> Any:
    """Return a table from the numbers of the lines of a file to the lines.

    Args:
      vocabulary_file: the name of the file, a string or a string scalar.
      vocab_size: how many lines are read; all of them, if it is None.
      default_value: what stands for a number that the file lacks.
      name: the name of the nodes' scope.
      key_column_index, value_column_index: the columns, or one of `TextFileIndex`.
      delimiter: the character between columns.

    Raises:
      ValueError: an argument is out of range.
    """
    _check_file(vocabulary_file)
    if vocab_size is not None and vocab_size < 1:
        raise ValueError(f"`vocab_size` must be greater than 0, got {vocab_size}.")
    with scope(name, "index_to_string"):
        columns = (key_column_index, value_column_index)
        filling = TextFileStringTableInitializer(
            vocabulary_file, *columns, vocab_size, delimiter, "table_init"
        )
        return StaticHashTable(filling, default_value)


def index_to_string_table_from_tensor(
    vocabulary_list: Any, default_value: str = "UNK", name: str | None = None
) -> Any:
    """Return a table from places in a vector of strings to the strings.

    Args:
      vocabulary_list: the strings.
      default_value: what stands for a place that it lacks.
      name: the name of the nodes' scope.

    Raises:
      ValueError: `vocabulary_list` is None.
    """
    if vocabulary_list is None:
        raise ValueError("`vocabulary_list` argument must be specified.")
    with scope(name, "index_to_string"):
        values = convert_to_tensor(vocabulary_list, dtypes.string)
        keys = cast(range_of(size(values)), dtypes.int64)
        types = (dtypes.int64, dtypes.string)
        filling = KeyValueTensorInitializer(keys, values, *types, name="table_init")
        return StaticHashTable(filling, default_value)

"""Tables that are filled once: their kinds, what fills them, and those that hash what they lack."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from typing import Any, Final, NamedTuple

from evergraph import dtypes
from evergraph.builder import build, build_operation
from evergraph.dtypes import DType, as_dtype
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operation import Operation
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.tensor import Tensor
from evergraph.v1.flow import group
from evergraph.v1.framework import add_to_collection, device, get_collection
from evergraph.v1.indexing import where_v2
from evergraph.v1.ragged_tensor import RaggedTensor
from evergraph.v1.sparse_tensor import SparseTensor
from evergraph.v1.string_hashes import string_to_hash_bucket, string_to_hash_bucket_strong
from evergraph.v1.string_ops import string_to_hash_bucket_fast


class LookupInterface(ABC):
    """A table from keys to values.

    Args:
      key_dtype: the type of the keys.
      value_dtype: the type of the values.
    """

    _table_name: str | None = None
    _resource_handle: Any = None

    def __init__(self, key_dtype: Any, value_dtype: Any) -> None:
        self._key_dtype = as_dtype(key_dtype)
        self._value_dtype = as_dtype(value_dtype)

    @property
    def key_dtype(self) -> DType:
        """The type of the keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        """The type of the values."""
        return self._value_dtype

    @property
    def name(self) -> str | None:
        """The name of the table."""
        return self._table_name

    @property
    def resource_handle(self) -> Any:
        """The tensor that stands for the table; None for a table that keeps nothing."""
        return self._resource_handle

    @abstractmethod
    def size(self, name: str | None = None) -> Any:
        """Return the number of keys, an int64 scalar."""

    @abstractmethod
    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """Return the values of keys."""

    def __getitem__(self, keys: Any) -> Any:
        return self.lookup(keys)

    def _check_keys(self, keys: Any) -> None:
        if keys.dtype.base_dtype != self._key_dtype:
            raise TypeError(
                f"Dtype of argument `keys` must be {self._key_dtype}, received: {keys.dtype}"
            )


def _values_of(keys: Any) -> Any:
    return keys.values if isinstance(keys, SparseTensor | RaggedTensor) else keys


def _like(keys: Any, values: Any) -> Any:
    """Return values in the form of the keys, sparse or ragged."""
    if isinstance(keys, SparseTensor):
        return SparseTensor(keys.indices, values, keys.dense_shape)
    return keys.with_values(values) if isinstance(keys, RaggedTensor) else values


class TableInitializerBase(ABC):
    """What fills a table.

    Args:
      key_dtype: the type of the keys.
      value_dtype: the type of the values.
    """

    #: The name that tables with such contents share; "" for none.
    _shared_name: str = ""

    def __init__(self, key_dtype: Any, value_dtype: Any) -> None:
        self._key_dtype = as_dtype(key_dtype)
        self._value_dtype = as_dtype(value_dtype)

    @property
    def key_dtype(self) -> DType:
        """The type of the keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        """The type of the values."""
        return self._value_dtype

    @abstractmethod
    def initialize(self, table: Any) -> Operation:
        """Return an operation that fills a table.

        Raises:
          TypeError: the table has other types.
        """

    def _check_types(self, table: Any) -> None:
        for kind in ("key", "value"):
            wanted, found = getattr(table, f"{kind}_dtype"), getattr(self, f"{kind}_dtype")
            if wanted != found.base_dtype:
                raise TypeError(
                    f"Invalid {kind} dtype for table, expected {wanted} but got {found}."
                )


class KeyValueTensorInitializer(TableInitializerBase):
    """Fills a table with the keys and values of two tensors of one shape.

    Args:
      keys: the keys.
      values: the values.
      key_dtype, value_dtype: their types, if they are no tensors.
      name: the name of the nodes' scope.

    Raises:
      TypeError: they are of another type.
    """

    def __init__(
        self,
        keys: Any,
        values: Any,
        key_dtype: Any = None,
        value_dtype: Any = None,
        name: str | None = None,
    ) -> None:
        self._keys = convert_to_tensor(keys, key_dtype, name="keys")
        self._values = convert_to_tensor(values, value_dtype, name="values")
        self._name = "key_value_init" if name is None else name
        super().__init__(self._keys.dtype, self._values.dtype)

    def initialize(self, table: Any) -> Operation:
        """Return an operation that fills a table; see `TableInitializerBase.initialize`."""
        self._check_types(table)
        with scope(self._name, "", [table.resource_handle, self._keys, self._values]):
            arguments = {"keys": self._keys, "values": self._values}
            filled = build_operation(
                "LookupTableImportV2", {"table_handle": table.resource_handle, **arguments}
            )
        add_to_collection(GraphKeys.TABLE_INITIALIZERS, filled)
        return filled


class TextFileIndex:
    """What stands for a column of a file: its number, or one of these."""

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class TextFileInitializer(TableInitializerBase):
    """Fills a table with the keys and values of the lines of a file.

    Args:
      filename: the name of the file, a string or a string scalar.
      key_dtype: the type of the keys.
      key_index: their column, or one of `TextFileIndex`.
      value_dtype: the type of the values.
      value_index: their column, or one of `TextFileIndex`.
      vocab_size: how many lines are read; all of them, if it is None.
      delimiter: the character between columns.
      name: the name of the nodes' scope.
      value_index_offset: what is added to line numbers.

    Raises:
      ValueError: an argument is out of range, or a type does not go with the column.
    """

    def __init__(
        self,
        filename: Any,
        key_dtype: Any,
        key_index: int,
        value_dtype: Any,
        value_index: int,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = None,
        value_index_offset: int = 0,
    ) -> None:
        if not isinstance(filename, Tensor) and not filename:
            raise ValueError("`filename` argument required for tf.lookup.TextFileInitializer")
        super().__init__(key_dtype, value_dtype)
        _check_column("key", key_index, self._key_dtype, "if")
        _check_column("value", value_index, self._value_dtype, "for")
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"`vocab_size` should be > 0, received: {vocab_size}")
        parts = [filename, vocab_size or None, key_index, value_index, value_index_offset or None]
        self._shared_name = "_".join(["hash_table", *(str(p) for p in parts if p is not None)])
        with device("CPU"):
            self._filename = convert_to_tensor(filename, dtypes.string, name="asset_path")
        self._is_constant = self._filename.op.type == "Const"
        self._name = name
        self._attributes = {
            "key_index": key_index,
            "value_index": value_index,
            "vocab_size": -1 if vocab_size is None else vocab_size,
            "delimiter": delimiter,
            "offset": value_index_offset,
        }

    def initialize(self, table: Any) -> Operation:
        """Return an operation that fills a table; see `TableInitializerBase.initialize`.

        Raises:
          NotFoundError: when it runs, there is no such file.
          InvalidArgumentError: when it runs, a line lacks a column, or it is no number.
        """
        self._check_types(table)
        with scope(self._name, "text_file_init", (table.resource_handle,)):
            handles = {"table_handle": table.resource_handle, "filename": self._filename}
            filled = build_operation("InitializeTableFromTextFileV2", handles | self._attributes)
        add_to_collection(GraphKeys.TABLE_INITIALIZERS, filled)
        if self._is_constant:
            add_to_collection(GraphKeys.ASSET_FILEPATHS, self._filename)
        return filled


def _check_column(kind: str, index: int, dtype: DType, when: str) -> None:
    if index < TextFileIndex.WHOLE_LINE:
        raise ValueError(
            f"`{kind}_index` should be >= -2, received: {index}{'.' if kind == 'key' else ''}"
        )
    if index == TextFileIndex.LINE_NUMBER and dtype != dtypes.int64:
        middle = f" {when} `{kind}_index` is -1" if when == "if" else f" for `{kind}_index` -1"
        raise ValueError(f"`{kind}_dtype` must be int64{middle}, received: {dtype}")
    if index == TextFileIndex.WHOLE_LINE and not (dtype.is_integer or dtype == dtypes.string):
        raise ValueError(
            f"`{kind}_dtype` should be either integer or string for `{kind}_index` -2, received: "
            f"{dtype}"
        )


class TextFileStringTableInitializer(TextFileInitializer):
    """Fills a table from line numbers to the lines of a file; see `TextFileInitializer`."""

    def __init__(
        self,
        filename: Any,
        key_column_index: int = TextFileIndex.LINE_NUMBER,
        value_column_index: int = TextFileIndex.WHOLE_LINE,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str = "text_file_string_table_init",
    ) -> None:
        columns = (dtypes.int64, key_column_index, dtypes.string, value_column_index)
        super().__init__(filename, *columns, vocab_size, delimiter, name)


class TextFileIdTableInitializer(TextFileInitializer):
    """Fills a table from the lines of a file to line numbers; see `TextFileInitializer`."""

    def __init__(
        self,
        filename: Any,
        key_column_index: int = TextFileIndex.WHOLE_LINE,
        value_column_index: int = TextFileIndex.LINE_NUMBER,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str = "text_file_id_table_init",
        key_dtype: Any = dtypes.string,
    ) -> None:
        columns = (key_dtype, key_column_index, dtypes.int64, value_column_index)
        super().__init__(filename, *columns, vocab_size, delimiter, name)


class InitializableLookupTableBase(LookupInterface):
    """A table that an initializer fills once.

    Args:
      default_value: what stands for a key that the table lacks: a scalar.
      initializer: a `TableInitializerBase`.
    """

    def __init__(self, default_value: Any, initializer: Any) -> None:
        super().__init__(initializer.key_dtype, initializer.value_dtype)
        self._default_value = convert_to_tensor(default_value, self._value_dtype)
        self._default_value.shape.merge_with([])
        self._resource_handle = self._create_resource()
        self._init_op: Operation = initializer.initialize(self)

    @abstractmethod
    def _create_resource(self) -> Any:
        """Make the table, and return the tensor that stands for it."""

    @property
    def initializer(self) -> Operation:
        """The operation that fills the table."""
        return self._init_op

    @property
    def init(self) -> Operation:
        """The operation that fills the table."""
        return self.initializer

    @property
    def default_value(self) -> Any:
        """What stands for a key that the table lacks."""
        return self._default_value

    def size(self, name: str | None = None) -> Any:
        """Return the number of keys, an int64 scalar; 0 before the table is filled."""
        with scope(name, f"{self.name}_Size", [self._resource_handle]):
            return build("LookupTableSizeV2", {"table_handle": self._resource_handle})

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """Return the values of keys, or the default for those that the table lacks.

        Args:
          keys: a tensor, or a sparse or ragged one; the result is of its form.
          name: the name of the nodes' scope.

        Raises:
          TypeError: the keys have another type.
          FailedPreconditionError: when it runs, the table has not been filled yet.
        """
        self._check_keys(keys)
        wanted = _values_of(keys)
        with scope(
            name, f"{self.name}_Lookup", [self._resource_handle, wanted, self._default_value]
        ):
            arguments = {"keys": wanted, "default_value": self._default_value}
            values = build(
                "LookupTableFindV2", {"table_handle": self._resource_handle, **arguments}
            )
        values.set_shape(wanted.shape)
        return _like(keys, values)


class StaticHashTable(InitializableLookupTableBase):
    """A table that is filled once.

    Args:
      initializer: what fills it: a `KeyValueTensorInitializer` or a `TextFileInitializer`.
      default_value: what stands for a key that the table lacks: a scalar.
      name: the name of the node.

    Raises:
      TypeError: the default is not of the type of the values.
    """

    def __init__(self, initializer: Any, default_value: Any, name: str | None = None) -> None:
        self._shared_name = initializer._shared_name or f"hash_table_{uuid.uuid4()}"
        self._name = name or "hash_table"
        super().__init__(default_value, initializer)

    def _create_resource(self) -> Any:
        arguments = {
            "shared_name": self._shared_name,
            "key_dtype": self._key_dtype,
            "value_dtype": self._value_dtype,
        }
        handle = build("HashTableV2", arguments, self._name)
        self._table_name = handle.op.name.rpartition("/")[2]
        return handle

    def export(self, name: str | None = None) -> Any:
        """Return all keys, and their values, in no particular order.

        Raises:
          AbortedError: when it runs, the table has not been filled yet.
        """
        with scope(name, f"{self.name}_Export", [self._resource_handle]):
            types = {"Tkeys": self._key_dtype, "Tvalues": self._value_dtype}
            keys, values = build(
                "LookupTableExportV2", {"table_handle": self._resource_handle, **types}
            )
        values.set_shape(keys.shape.concatenate(self._default_value.shape))
        return keys, values


#: The table of TensorFlow's contributed modules.
HashTable = StaticHashTable


class HasherSpec(NamedTuple):
    """How strings are hashed: "fasthash", "legacy", or "stronghash" with a key of two integers."""

    hasher: str
    key: Any


FastHashSpec: Final = HasherSpec("fasthash", None)


class StrongHashSpec(HasherSpec):
    """Strings are hashed so that nobody without the key can make them collide.

    Args:
      key: two integers.

    Raises:
      ValueError: it has not two entries.
      TypeError: one is no integer.
    """

    __slots__ = ()

    def __new__(cls, key: Any) -> StrongHashSpec:
        if len(key) != 2:
            raise ValueError(f"`key` must have size 2, received {len(key)}")
        if not all(isinstance(part, int) for part in key):
            raise TypeError(f"Invalid key {key}. Must be unsigned integer values.")
        return super().__new__(cls, "stronghash", key)


class IdTableWithHashBuckets(LookupInterface):
    """A table of ids; keys that it lacks get ids by their hashes.

    Args:
      table: a table of int64 or string keys with int64 values; None for hashes alone.
      num_oov_buckets: how many ids there are for keys that the table lacks.
      hasher_spec: how they are hashed, a `HasherSpec`.
      name: the name of the table.
      key_dtype: the type of the keys, an integer type or string; by default the table's.

    Raises:
      TypeError: types do not fit together.
      ValueError: there are neither a table nor ids for hashes.
    """

    def __init__(
        self,
        table: Any,
        num_oov_buckets: int,
        hasher_spec: Any = FastHashSpec,
        name: str | None = None,
        key_dtype: Any = None,
    ) -> None:
        name = name.rstrip("/") if name else name
        if table is not None:
            key_dtype = as_dtype(table.key_dtype if key_dtype is None else key_dtype)
            _check_table(table, key_dtype)
        elif num_oov_buckets <= 0:
            raise ValueError("`oov_buckets` must be > 0 if no `table` is supplied.")
        key_dtype = as_dtype(dtypes.string if key_dtype is None else key_dtype)
        if not key_dtype.is_integer and key_dtype != dtypes.string:
            raise TypeError(f"Invalid `key_dtype`, expected integer or string, got {key_dtype}.")
        if not isinstance(hasher_spec, HasherSpec):
            raise TypeError(f"`hasher_spec` must be of type HasherSpec, got {type(hasher_spec)}.")
        name = name or ("hash_bucket" if table is None else table.name)
        self._table: Any = table
        self._num_oov_buckets = num_oov_buckets
        self._hasher_spec = hasher_spec
        self._table_name = name.rpartition("/")[2] if name else None
        self._resource_handle = None if table is None else table.resource_handle
        super().__init__(key_dtype, dtypes.int64)

    @property
    def initializer(self) -> Any:
        """The operation that fills the table."""
        if self._table is not None:
            return self._table.initializer
        with scope(None, "init"):
            return build_operation("NoOp", {})

    @property
    def init(self) -> Any:
        """The operation that fills the table."""
        return self.initializer

    def size(self, name: str | None = None) -> Any:
        """Return the number of ids, an int64 scalar."""
        with scope(name, f"{self.name}_Size"):
            known = (
                convert_to_tensor(0, dtypes.int64) if self._table is None else self._table.size()
            )
            return known + self._num_oov_buckets

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """Return the ids of keys.

        Args:
          keys: a tensor, or a sparse or ragged one; the result is of its form.
          name: the name of the nodes' scope.

        Raises:
          TypeError: the keys have another type.
          FailedPreconditionError: when it runs, the table has not been filled yet.
        """
        self._check_keys(keys)
        values = _values_of(keys)
        if self._table is not None:
            if self._table.key_dtype == dtypes.int64:
                values = cast(values, dtypes.int64)
            if self._num_oov_buckets == 0:
                return _like(keys, self._table.lookup(values, name=name))
        with scope(name, f"{self.name}_Lookup"):
            return _like(keys, self._hashed(values))

    def _hashed(self, values: Any) -> Any:
        text = values if values.dtype == dtypes.string else build("AsString", {"input": values})
        buckets = _bucket(self._hasher_spec, text, self._num_oov_buckets)
        if self._table is None:
            return buckets
        ids = self._table.lookup(values)
        buckets = node("AddV2", "Add", x=buckets, y=self._table.size())
        is_known = node("NotEqual", x=ids, y=self._table.default_value)
        return where_v2(is_known, ids, buckets)


def _check_table(table: Any, key_dtype: DType) -> None:
    supported = (dtypes.int64, dtypes.string)
    if table.key_dtype not in supported:
        raise TypeError(f"Invalid `key_dtype`, expected one of {supported}, received {key_dtype}.")
    if table.key_dtype.is_integer != key_dtype.is_integer:
        wanted = "integer" if key_dtype.is_integer else "non-integer"
        raise TypeError(f"Invalid `key dtype`, expected {wanted} but got {table.key_dtype}.")
    if table.value_dtype != dtypes.int64:
        raise TypeError(f"Invalid `value_dtype`: expected int64 but got {table.value_dtype}.")


def _bucket(spec: HasherSpec, text: Any, count: int) -> Any:
    if spec.hasher == "stronghash":
        return string_to_hash_bucket_strong(text, count, spec.key, name="hash_bucket")
    known: dict[str, Any] = {
        "fasthash": string_to_hash_bucket_fast,
        "legacy": string_to_hash_bucket,
    }
    if spec.hasher not in known:
        raise ValueError(f"Found unknown hasher {spec.hasher} in `hasher_spec`")
    return known[spec.hasher](text, num_buckets=count, name="hash_bucket")


class StaticVocabularyTable(IdTableWithHashBuckets):
    """A table of the ids of words; words that it lacks get ids by their hashes.

    Args:
      initializer: what fills it, with int64 values from 0 on; None for hashes alone.
      num_oov_buckets: how many ids there are for words that it lacks.
      lookup_key_dtype: the type of the keys, an integer type or string; by default the
        initializer's.
      name: the name of the table.

    Raises:
      TypeError: types do not fit together.
      ValueError: `num_oov_buckets` is not positive.
    """

    def __init__(
        self,
        initializer: Any,
        num_oov_buckets: int,
        lookup_key_dtype: Any = None,
        name: str | None = None,
    ) -> None:
        if num_oov_buckets <= 0:
            raise ValueError("`num_oov_buckets` must be > 0; use StaticHashTable.")
        table = None
        if initializer is not None:
            kind = as_dtype(lookup_key_dtype or initializer.key_dtype)
            _check_initializer(initializer, kind)
            table = StaticHashTable(initializer, default_value=-1)
        super().__init__(table, num_oov_buckets, name=name, key_dtype=lookup_key_dtype)


def _check_initializer(initializer: Any, key_dtype: DType) -> None:
    supported = (dtypes.int64, dtypes.string)
    found = initializer.key_dtype
    if found not in supported:
        raise TypeError(f"Invalid `key_dtype`, expected one of {supported}, but got {found}.")
    if found.is_integer != key_dtype.is_integer:
        wanted = "integer" if key_dtype.is_integer else "non-integer"
        raise TypeError(f"Invalid `key_dtype`, expected {wanted} but got {found}.")
    if initializer.value_dtype != dtypes.int64:
        raise TypeError(
            f"Invalid `value_dtype`, expected {dtypes.int64} but got {initializer.value_dtype}."
        )


def tables_initializer(name: str = "init_all_tables") -> Any:
    """Return an operation that fills all tables of the graph that are filled once."""
    initializers = get_collection(GraphKeys.TABLE_INITIALIZERS)
    return group(*initializers, name=name) if initializers else build_operation("NoOp", {}, name)


def initialize_all_tables(name: str = "init_all_tables") -> Any:
    """Return an operation that fills all tables; `tables_initializer` by its old name."""
    return tables_initializer(name)

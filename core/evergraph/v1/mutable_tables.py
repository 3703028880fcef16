"""Tables that change while the program runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergraph.builder import build, build_operation
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operation import Operation
from evergraph.graph.operators import scope
from evergraph.v1.framework import add_to_collection, colocate_with
from evergraph.v1.tables import LookupInterface
from evergraph.v1.training.saveables import SaveableObject, SaveSpec

__all__ = ["DenseHashTable", "MutableDenseHashTable", "MutableHashTable"]


class MutableHashTable(LookupInterface):
    """A table whose keys and values change; a `Saver` saves it.

    Args:
      key_dtype: the type of the keys.
      value_dtype: the type of the values.
      default_value: what stands for a key that the table lacks; its shape is that of a value.
      name: the name of the node, and in checkpoints.
      checkpoint: whether a `Saver` saves it.

    Raises:
      TypeError: the default is not of the type of the values.
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        name: str = "MutableHashTable",
        checkpoint: bool = True,
    ) -> None:
        super().__init__(key_dtype, value_dtype)
        self._default_value = self._default_tensor(default_value)
        self._checkpoint = checkpoint
        self._name = name
        self._resource_handle = self._create_resource()
        self._table_name = self._resource_handle.op.name.rpartition("/")[2]
        if checkpoint:
            add_to_collection(GraphKeys.SAVEABLE_OBJECTS, TableSaveable(self, name))

    def _default_tensor(self, value: Any) -> Any:
        return convert_to_tensor(value, self._value_dtype)

    def _create_resource(self) -> Any:
        types = {"key_dtype": self._key_dtype, "value_dtype": self._value_dtype}
        sharing = {"use_node_name_sharing": self._checkpoint}
        shape = self._default_value.shape
        if shape.ndims == 0:
            return build("MutableHashTableV2", types | sharing, self._name)
        return build(
            "MutableHashTableOfTensorsV2", types | sharing | {"value_shape": shape}, self._name
        )

    def size(self, name: str | None = None) -> Any:
        """Return the number of keys, an int64 scalar."""
        handle = self._resource_handle
        with scope(name, f"{self.name}_Size", [handle]), colocate_with(handle):
            return build("LookupTableSizeV2", {"table_handle": handle})

    # TF: what comes second is the default, not the name.
    def lookup(  # type: ignore[override]  # see above
        self, keys: Any, dynamic_default_values: Any = None, name: str | None = None
    ) -> Any:
        """Return the values of keys, or the default for those that the table lacks.

        Args:
          keys: a tensor.
          dynamic_default_values: a default for each key, in place of the table's.
          name: the name of the nodes' scope.

        Returns:
          A tensor of the shape of the keys, followed by that of a value.

        Raises:
          TypeError: the keys have another type.
          InvalidArgumentError: when it runs, the defaults have another shape.
        """
        handle, default = self._resource_handle, self._default_value
        with scope(name, f"{self.name}_lookup_table_find", [handle, keys, default]):
            keys = convert_to_tensor(keys, self._key_dtype, name="keys")
            with colocate_with(handle):
                given = default if dynamic_default_values is None else dynamic_default_values
                arguments = {"table_handle": handle, "keys": keys, "default_value": given}
                values = build("LookupTableFindV2", arguments)
        if dynamic_default_values is None:
            values.set_shape(self._lead(keys).concatenate(default.shape))
        return values

    def _lead(self, keys: Any) -> Any:
        return keys.shape

    def insert(self, keys: Any, values: Any, name: str | None = None) -> Operation:
        """Return an operation that gives keys their values.

        Raises:
          TypeError: they have other types.
          InvalidArgumentError: when it runs, their shapes do not fit.
        """
        handle = self._resource_handle
        with scope(name, f"{self.name}_lookup_table_insert", [handle, keys, values]):
            keys = convert_to_tensor(keys, self._key_dtype, name="keys")
            values = convert_to_tensor(values, self._value_dtype, name="values")
            with colocate_with(handle):
                arguments = {"table_handle": handle, "keys": keys, "values": values}
                return build_operation("LookupTableInsertV2", arguments)

    def remove(self, keys: Any, name: str | None = None) -> Operation:
        """Return an operation that forgets keys; those that the table lacks do not matter.

        Raises:
          TypeError: the keys have another type.
        """
        self._check_keys(keys)
        handle = self._resource_handle
        with scope(name, f"{self.name}_lookup_table_remove", [handle, keys, self._default_value]):
            return build_operation("LookupTableRemoveV2", {"table_handle": handle, "keys": keys})

    def export(self, name: str | None = None) -> Any:
        """Return all keys, and their values, in no particular order."""
        handle = self._resource_handle
        types = {"Tkeys": self._key_dtype, "Tvalues": self._value_dtype}
        with (
            scope(name, f"{self.name}_lookup_table_export_values", [handle]),
            colocate_with(handle),
        ):
            return build("LookupTableExportV2", {"table_handle": handle, **types})


class DenseHashTable(MutableHashTable):
    """A table whose keys and values change, with keys that it reserves for itself.

    Args:
      key_dtype: the type of the keys.
      value_dtype: the type of the values.
      default_value: what stands for a key that the table lacks; its shape is that of a value.
      empty_key: a key that is never used; its shape is that of a key.
      deleted_key: another one.
      initial_num_buckets: is kept, and makes no difference.
      name: the name of the node, and in checkpoints.
      checkpoint: whether a `Saver` saves it.

    Raises:
      TypeError: the default, or a key, is not of the table's type.
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        empty_key: Any,
        deleted_key: Any,
        initial_num_buckets: int | None = None,
        name: str = "MutableDenseHashTable",
        checkpoint: bool = True,
    ) -> None:
        self._reserved = {"empty_key": empty_key, "deleted_key": deleted_key}
        self._initial_num_buckets = initial_num_buckets
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint)

    def _default_tensor(self, value: Any) -> Any:
        return convert_to_tensor(value, self._value_dtype, name="default_value")

    def _create_resource(self) -> Any:
        keys = {
            name: convert_to_tensor(key, self._key_dtype, name=name)
            for name, key in self._reserved.items()
        }
        self._key_rank = keys["empty_key"].shape.rank
        attributes: dict[str, Any] = {
            "value_dtype": self._value_dtype,
            "value_shape": self._default_value.shape,
            "use_node_name_sharing": self._checkpoint,
        }
        if self._initial_num_buckets is not None:
            attributes["initial_num_buckets"] = self._initial_num_buckets
        return build("MutableDenseHashTableV2", keys | attributes, self._name)

    def _lead(self, keys: Any) -> Any:
        return keys.shape[: -self._key_rank] if self._key_rank else keys.shape

    def insert_or_assign(self, keys: Any, values: Any, name: str | None = None) -> Operation:
        """Return an operation that gives keys their values; see `insert`."""
        return self.insert(keys, values, name)

    def erase(self, keys: Any, name: str | None = None) -> Operation:
        """Return an operation that forgets keys; see `remove`."""
        return self.remove(keys, name)


#: The table of TensorFlow's contributed modules.
MutableDenseHashTable = DenseHashTable


class TableSaveable(SaveableObject):
    """A table in checkpoints: its keys and its values.

    Args:
      table: the table.
      name: its name there.
    """

    def __init__(self, table: MutableHashTable, name: str) -> None:
        tensors = table.export()
        specs = [
            SaveSpec(tensor, "", f"{name}-{what}")
            for tensor, what in zip(tensors, ("keys", "values"), strict=True)
        ]
        super().__init__(table, specs, name)

    def restore(self, restored_tensors: Sequence[Any], restored_shapes: Any) -> Any:
        """Return what fills the table; see `SaveableObject.restore`."""
        del restored_shapes
        handle = self.op.resource_handle
        with scope(f"{self.name}_table_restore", ""), colocate_with(handle):
            arguments = dict(zip(("keys", "values"), restored_tensors, strict=True))
            return build_operation("LookupTableImportV2", {"table_handle": handle, **arguments})

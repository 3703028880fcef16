"""The nodes that save and restore, and the `SaverDef` that names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evergraph import protos
from evergraph.builder import build, build_operation
from evergraph.graph.convert import constant
from evergraph.graph.device import canonical
from evergraph.graph.operation import Operation
from evergraph.graph.operators import scope
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.v1.flow import group, identity, with_dependencies
from evergraph.v1.framework import placeholder_with_default
from evergraph.v1.indexing import where
from evergraph.v1.partitions import PartitionedVariable
from evergraph.v1.training.saveables import (
    ReferenceVariableSaveable,
    ResourceVariableSaveable,
    SaveableObject,
    SaveSpec,
    by_name,
    checked_saveables,
    on_cpu,
    shapes_for,
)

#: In the class below that is the name of an attribute.
Saveable = SaveableObject
#: Saveables by the device that they are on, in order.
PerDevice = list[tuple[str, list[SaveableObject]]]


class BaseSaverBuilder:
    """Makes the nodes of a `Saver`, one that reads for each variable.

    Args:
      write_version: the version of the checkpoints, `SaverDef.V1` or `SaverDef.V2`.
    """

    SaveSpec = SaveSpec
    SaveableObject = SaveableObject
    VariableSaveable = ReferenceVariableSaveable
    ResourceVariableSaveable = ResourceVariableSaveable

    def __init__(self, write_version: int = protos.SaverDef.V2) -> None:
        self._write_version = write_version

    # What subclasses may do in another way

    def save_op(self, filename_tensor: Any, saveables: Sequence[Saveable]) -> Operation:
        """Return an operation that saves.

        Raises:
          RuntimeError: the version of the checkpoints is no known one.
        """
        specs = [spec for saveable in saveables for spec in saveable.specs]
        names = [spec.name for spec in specs]
        slices = [spec.slice_spec for spec in specs]
        tensors = [spec.tensor for spec in specs]
        if self._write_version == protos.SaverDef.V2:
            of_tensors = {"tensor_names": names, "shape_and_slices": slices, "tensors": tensors}
            return build_operation("SaveV2", {"prefix": filename_tensor, **of_tensors})
        if self._write_version == protos.SaverDef.V1:
            of_tensors = {"tensor_names": names, "shapes_and_slices": slices, "data": tensors}
            return build_operation(
                "SaveSlices", {"filename": filename_tensor, **of_tensors}, "save"
            )
        raise RuntimeError(f"Unexpected write_version: {self._write_version}")

    def bulk_restore(
        self,
        filename_tensor: Any,
        saveables: Sequence[Saveable],
        preferred_shard: int,
        restore_sequentially: bool,
    ) -> list[Any]:
        """Return the tensors of all saveables, read from a checkpoint."""
        del restore_sequentially
        graph = get_default_graph()
        tensors = []
        for saveable in saveables:
            with graph.device(on_cpu(saveable.device) if saveable.device else None):
                tensors += self.restore_op(filename_tensor, saveable, preferred_shard)
        return tensors

    def restore_op(
        self, filename_tensor: Any, saveable: Saveable, preferred_shard: int
    ) -> list[Any]:
        """Return the tensors of a saveable, read from a checkpoint."""
        del preferred_shard
        return [_restored(filename_tensor, [spec])[0] for spec in saveable.specs]

    def sharded_filename(self, filename_tensor: Any, shard: int, num_shards: Any) -> Any:
        """Return the name of one file of several."""
        arguments = {"basename": filename_tensor, "shard": shard, "num_shards": num_shards}
        return build("ShardedFilename", arguments)

    # The whole

    def build(
        self,
        names_to_saveables: Any,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        restore_sequentially: bool = False,
        filename: str | None = "model",
    ) -> protos.SaverDef:
        """Make the nodes.

        Args:
          names_to_saveables: what is saved, by name or as a list; see `Saver`.
          reshape: whether what is restored gets the shape of the variable.
          sharded: whether there is a file for each device.
          max_to_keep, keep_checkpoint_every_n_hours: noted in the result; see `Saver`.
          name: the name scope, "save" by default.
          restore_sequentially: whether variables are restored one after the other.
          filename: the prefix, unless another one is fed.

        Returns:
          A `SaverDef` with the names of the nodes.

        Raises:
          TypeError: something cannot be saved.
          ValueError: two things have the same name, or one has two.
        """
        named = names_to_saveables
        saveables = checked_saveables(named if isinstance(named, Mapping) else by_name(named))
        with scope(name, "save", [saveable.op for saveable in saveables]):
            prefix = placeholder_with_default(filename or "model", (), "filename")
            # TensorFlow's first name for it, which programs feed.
            prefix = placeholder_with_default(prefix, (), "Const")
            if sharded:
                per_device = _grouped(saveables)
                save = self._sharded_save(prefix, per_device)
                restore = self._sharded_restore(prefix, per_device, restore_sequentially, reshape)
            else:
                save = self._save(prefix, saveables)
                restore = self._restore(prefix, saveables, restore_sequentially, reshape)
        _make_partitioned_tensors()
        return protos.SaverDef(
            filename_tensor_name=prefix.name,
            save_tensor_name=save.name,
            restore_op_name=restore.name,
            max_to_keep=max_to_keep or 0,
            sharded=sharded,
            keep_checkpoint_every_n_hours=keep_checkpoint_every_n_hours,
            version=self._write_version,
        )

    def _save(self, filename_tensor: Any, saveables: Sequence[Saveable]) -> Any:
        save = self.save_op(filename_tensor, saveables)
        return with_dependencies([save], filename_tensor)

    def _restore(
        self,
        filename_tensor: Any,
        saveables: Sequence[Saveable],
        restore_sequentially: bool,
        reshape: bool,
        preferred_shard: int = -1,
        name: str = "restore_all",
    ) -> Operation:
        tensors = iter(
            self.bulk_restore(filename_tensor, saveables, preferred_shard, restore_sequentially)
        )
        assigned = []
        for saveable in saveables:
            shapes = shapes_for(saveable) if reshape else None
            assigned.append(saveable.restore([next(tensors) for _ in saveable.specs], shapes))
        return group(*assigned, name=name)

    def _sharded_save(self, filename_tensor: Any, per_device: PerDevice) -> Any:
        graph = get_default_graph()
        second = self._write_version == protos.SaverDef.V2
        base = _temporary(filename_tensor) if second else filename_tensor
        num_shards = constant(len(per_device), name="num_shards")
        names, saves = [], []
        for shard, (device, saveables) in enumerate(per_device):
            with graph.device(on_cpu(device) if second else device):
                names.append(self.sharded_filename(base, shard, num_shards))
                saves.append(self._save(names[-1], saveables))
        with graph.control_dependencies([save.op for save in saves]):
            if not second:
                arguments = {"basename": filename_tensor, "num_shards": num_shards}
                return build("ShardedFilespec", arguments)
            with graph.device(on_cpu(per_device[-1][0])):
                merge = build_operation(
                    "MergeV2Checkpoints",
                    {
                        "checkpoint_prefixes": names,
                        "destination_prefix": filename_tensor,
                        "delete_old_dirs": True,
                    },
                )
                with graph.control_dependencies([merge]):
                    return identity(filename_tensor)

    def _sharded_restore(
        self, filename_tensor: Any, per_device: PerDevice, restore_sequentially: bool, reshape: bool
    ) -> Operation:
        restores = []
        for shard, (device, saveables) in enumerate(per_device):
            with get_default_graph().device(device):
                restores.append(
                    self._restore(
                        filename_tensor,
                        saveables,
                        restore_sequentially,
                        reshape,
                        preferred_shard=shard,
                        name="restore_shard",
                    )
                )
        return group(*restores, name="restore_all")


class BulkSaverBuilder(BaseSaverBuilder):
    """Makes the nodes of a `Saver`, one that reads for all variables."""

    def bulk_restore(
        self,
        filename_tensor: Any,
        saveables: Sequence[Saveable],
        preferred_shard: int,
        restore_sequentially: bool,
    ) -> list[Any]:
        """Return the tensors of all saveables, read from a checkpoint."""
        del preferred_shard, restore_sequentially
        with get_default_graph().device("cpu:0"):
            return _restored(filename_tensor, [spec for s in saveables for spec in s.specs])


def _restored(filename_tensor: Any, specs: Sequence[SaveSpec]) -> list[Any]:
    arguments = {
        "prefix": filename_tensor,
        "tensor_names": [spec.name for spec in specs],
        "shape_and_slices": [spec.slice_spec for spec in specs],
        "dtypes": [spec.dtype.base_dtype for spec in specs],
    }
    return list(build("RestoreV2", arguments))


def _grouped(saveables: Sequence[Saveable]) -> PerDevice:
    """Return the saveables of each device.

    Raises:
      ValueError: one is on several.
    """
    found: dict[str, list[SaveableObject]] = {}
    for saveable in saveables:
        devices = {canonical(spec.device) for spec in saveable.specs}
        if len(devices) != 1:
            raise ValueError(
                f"All tensors of a saveable object must be on the same device: {saveable.name}"
            )
        found.setdefault(devices.pop(), []).append(saveable)
    return sorted(found.items(), key=lambda item: item[0])


def _temporary(prefix: Tensor) -> Any:
    """Return the prefix under which the parts are saved before they are merged."""
    with get_default_graph().device("CPU"):
        arguments = {"input": prefix, "pattern": "^s3://.*"}
        # TF: a store of objects has no folders; here there is none, but the nodes are the same.
        suffix = where(
            build("StaticRegexFullMatch", arguments), constant(".part"), constant("_temp/part")
        )
        return build("StringJoin", {"inputs": [prefix, suffix]})


def _make_partitioned_tensors() -> None:
    """Make the tensors of partitioned variables in collections, which name them when exported."""
    graph = get_default_graph()
    for key in graph.get_all_collection_keys():
        for element in graph.get_collection(key):
            if isinstance(element, PartitionedVariable) and element.name not in graph._by_name:
                element.as_tensor()

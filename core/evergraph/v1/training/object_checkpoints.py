"""Checkpoints of TensorFlow 2's objects, of which the names of variables are noted beside."""

from __future__ import annotations

from typing import Any, Final

from google.protobuf.message import DecodeError

from evergraph import protos
from evergraph.checkpoints.opening import opened
from evergraph.errors import DataLossError, NotFoundError
from evergraph.v1.training.saveables import by_name, checked_saveables
from evergraph.v1.training.saver_builders import BulkSaverBuilder

_GRAPH: Final = b"_CHECKPOINTABLE_OBJECT_GRAPH"


def names_to_keys(prefix: str) -> dict[str, str] | None:
    """Return the keys of a checkpoint by the names of variables; None if it is of no objects.

    Raises:
      DataLossError: it is damaged.
    """
    with opened(prefix) as source:
        if _GRAPH not in source:
            return None
        data = source.read(_GRAPH).item()
    graph = protos.TrackableObjectGraph()
    try:
        graph.ParseFromString(data)
    except DecodeError as error:
        raise DataLossError(None, None, f"the objects of {prefix} are damaged: {error}") from error
    return {a.full_name: a.checkpoint_key for node in graph.nodes for a in node.attributes}


def saver_for(keys: dict[str, str], var_list: Any, builder: Any, known: Any) -> Any:
    """Return a saver that restores variables by other keys.

    Args:
      keys: the keys by the names of variables.
      var_list: what is restored.
      builder: makes the nodes.
      known: one that was made before, for the same keys.

    Raises:
      NotFoundError: a variable is not among the names.
    """
    from evergraph.v1.training.saver import Saver, all_saveable_objects

    items = all_saveable_objects() if var_list is None else var_list
    saveables = checked_saveables(items if isinstance(items, dict) else by_name(items))
    names = {spec.name for saveable in saveables for spec in saveable.specs}
    missing = sorted(names - keys.keys())
    if missing:
        others = sorted(keys.keys() - names)
        raise NotFoundError(
            None,
            None,
            f"\n\nExisting variables not in the checkpoint: {', '.join(missing)}\n\nVariables "
            f"names when this checkpoint was written which don't exist now: {', '.join(others)}\n\n"
            f"({len(names & keys.keys())} variable name(s) did match)\n\nThe checkpoint is one of "
            "objects, saved by tf.train.Checkpoint or Keras. Name the variables as they were named "
            "then, by Saver(var_list={old name: variable}).",
        )
    for saveable in saveables:
        for spec in saveable.specs:
            spec.name = keys[spec.name]
    return known or Saver(saveables, builder=builder or BulkSaverBuilder())

"""tf.train.import_meta_graph: a graph from a message, with its collections and its saver."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import text_format
from google.protobuf.message import DecodeError

from evergraph import protos
from evergraph.errors import NotFoundError
from evergraph.files import read_file
from evergraph.graph.collections import GraphKeys
from evergraph.graph.graph import Graph
from evergraph.graph.importer import import_graph_def
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.saved_slices import prepended, stripped
from evergraph.v1.training.collection_protos import VARIABLES, proto_functions
from evergraph.v1.training.saver import Saver, all_saveable_objects

_LOG = logging.getLogger("evergraph")


def import_meta_graph(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    import_scope: str | None = None,
    **kwargs: Any,
) -> Saver | None:
    """Add a graph to the default graph, with its collections.

    Args:
      meta_graph_or_file: a `MetaGraphDef`, or the name of a file with one.
      clear_devices: whether nodes lose their devices.
      import_scope: a name scope to import into.
      **kwargs: `input_map`, tensors by the names that they replace, also of inputs from outside of
        an exported scope; `return_elements`, accepted; `graph`, the graph; and
        `unbound_inputs_col_name`, `restore_collections_predicate`, see TensorFlow.

    Returns:
      A saver for the variables; None if there are none.

    Raises:
      OSError: there is no such file, or it is no MetaGraphDef.
      ValueError: the graph is not valid, or has inputs from outside that are not given.
      TypeError: there is another keyword.
    """
    message = read_meta_graph(meta_graph_or_file)
    variables = import_scoped(message, clear_devices, import_scope, **kwargs)
    if message.HasField("saver_def"):
        scope = import_scope
        for key, variable in variables.items():
            # The scope may have got another name.
            scope = variable.name[: len(variable.name) - len(key)]
            break
        return Saver(saver_def=message.saver_def, name=scope)
    if all_saveable_objects(import_scope):
        return Saver()
    _LOG.info("Saver not created because there are no variables in the graph to restore")
    return None


def read_meta_graph(meta_graph_or_file: Any) -> Any:
    """Return a copy of a MetaGraphDef, or that in a file, binary or text.

    Raises:
      OSError: there is no such file, or it is no MetaGraphDef.
    """
    if not isinstance(meta_graph_or_file, str | bytes | os.PathLike):
        adopted = protos.adopt(meta_graph_or_file, protos.MetaGraphDef)
        copy = protos.MetaGraphDef()
        copy.CopyFrom(adopted)
        return copy
    name = os.fsdecode(meta_graph_or_file)
    try:
        data = read_file(os.fsencode(name))
    except NotFoundError as error:
        raise OSError(f"File does not exist. Received: {name}.") from error
    message = protos.MetaGraphDef()
    try:
        message.ParseFromString(data)
        return message
    except DecodeError:
        message.Clear()
    try:
        return text_format.Merge(data.decode(), message)
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise OSError(f"Cannot parse file {name}: {error}.") from error


def import_scoped(
    message: Any,
    clear_devices: bool = False,
    import_scope: str | None = None,
    graph: Graph | None = None,
    input_map: Mapping[str, Any] | None = None,
    unbound_inputs_col_name: str | None = "unbound_inputs",
    restore_collections_predicate: Callable[[str], bool] = lambda _: True,
    return_elements: Any = None,
) -> dict[str, Any]:
    """Add a graph; see `import_meta_graph`.

    Returns:
      The global variables that came with it, by their names relative to the scope.
    """
    _check_bound(message, input_map, unbound_inputs_col_name)
    graph = get_default_graph() if graph is None else graph
    if clear_devices:
        for node in message.graph_def.node:
            node.device = ""
    with graph.as_default():
        scope = graph.unique_name(import_scope or "", mark_as_used=False)
        has_ops = message.meta_info_def.HasField("stripped_op_list")
        import_graph_def(
            message.graph_def,
            name=import_scope or scope,
            input_map=input_map,
            producer_op_list=message.meta_info_def.stripped_op_list if has_ops else None,
            return_elements=return_elements,
        )
        keys = sorted(message.collection_def, key=lambda k: (k != _TRAINABLE, k))
        made: dict[bytes, Any] = {}
        trainable_is_said = _says_trainable(message.meta_info_def.tensorflow_version)
        for key in keys:
            if key != unbound_inputs_col_name and restore_collections_predicate(key):
                definition = message.collection_def[key]
                _restore(graph, key, definition, scope, made, trainable_is_said)
    variables = graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope)
    return {stripped(v.name, scope): v for v in variables}


_TRAINABLE = GraphKeys.TRAINABLE_VARIABLES


def _check_bound(message: Any, input_map: Mapping[str, Any] | None, key: str | None) -> None:
    if not key or key not in message.collection_def:
        return
    names = [n.decode() for n in message.collection_def[key].bytes_list.value]
    if names and (not input_map or sorted(names) != sorted(input_map)):
        missing = ",".join(n for n in names if n not in (input_map or {}))
        raise ValueError(
            f"Graph contains unbound inputs: {missing}. Must provide these inputs through "
            "input_map."
        )


def _says_trainable(version: str) -> bool:
    """Whether a TensorFlow notes in a VariableDef if the variable is trainable: from 1.9 on."""
    parts = version.split(".")
    if len(parts) < 2 or not (parts[0].isdigit() and parts[1].isdigit()):
        return True
    return (int(parts[0]), int(parts[1])) >= (1, 9)


def _restore(
    graph: Graph,
    key: str,
    definition: Any,
    scope: str,
    made: dict[bytes, Any],
    trainable_is_said: bool,
) -> None:
    """Add the items of a collection to that of a graph."""
    kind = definition.WhichOneof("kind")
    if kind is None:
        _LOG.error("Cannot identify data type for collection %s. Skipping.", key)
        return
    values = getattr(definition, kind).value
    functions = proto_functions(key)
    if functions is not None and kind == "bytes_list":
        for value in values:
            # A variable in several collections is one.
            item = made.get(value) if key in VARIABLES else None
            if item is None:
                proto = functions.proto_type()
                proto.ParseFromString(value)
                if key in VARIABLES and not trainable_is_said:
                    proto.trainable = key == _TRAINABLE
                item = functions.from_proto(proto, import_scope=scope)
                if key in VARIABLES:
                    made[value] = item
            graph.add_to_collection(key, item)
    elif kind == "node_list":
        for value in values:
            graph.add_to_collection(key, graph.as_graph_element(prepended(value, scope)))
    elif kind == "bytes_list":
        for value in values:
            # TF: text comes back as bytes, unless it gets a scope.
            text = prepended(value.decode("utf-8", "replace"), scope) if scope else value
            graph.add_to_collection(key, text)
    else:
        for value in values:
            graph.add_to_collection(key, value)

"""tf.train.export_meta_graph: a graph as a message, with its collections and its saver."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any, Final

from evergraph import protos
from evergraph.attributes import to_proto as attribute_to_proto
from evergraph.graph.collections import GraphKeys
from evergraph.graph.graph import Graph
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.graph_files import write_graph
from evergraph.v1.saved_slices import stripped
from evergraph.v1.training.collection_protos import proto_functions
from evergraph.v1.training.graph_parts import (
    included,
    nodes_of_other_savers,
    part_of_graph,
)
from evergraph.v1.version import GIT_VERSION, VERSION
from evergraph.vocabulary import MISSING, vocabulary

_LOG = logging.getLogger("evergraph")
#: What a MetaGraphDef is, at most.
_TWO_GIGABYTES: Final = 1 << 31


def export_meta_graph(
    filename: str | None = None,
    meta_info_def: Any = None,
    graph_def: Any = None,
    saver_def: Any = None,
    collection_list: Any = None,
    as_text: bool = False,
    graph: Any = None,
    export_scope: str | None = None,
    clear_devices: bool = False,
    clear_extraneous_savers: bool = False,
    strip_default_attrs: bool = False,
    save_debug_info: bool = False,
    **kwargs: Any,
) -> Any:
    """Return a graph as a `MetaGraphDef`, with its collections, and perhaps write it.

    Args:
      filename: where it is written; nowhere by default.
      meta_info_def: a `MetaInfoDef` to begin with.
      graph_def: the GraphDef, by default that of the graph.
      saver_def: a `SaverDef`.
      collection_list: the keys of the collections, by default all that are strings.
      as_text: whether the file is text.
      graph: the graph, by default the default graph.
      export_scope: a name scope; only what lies in it is exported, with names relative to it.
      clear_devices: whether nodes lose their devices.
      clear_extraneous_savers: whether the nodes of other savers, and these, are left out.
      strip_default_attrs: whether attributes that have their defaults are left out.
      save_debug_info: accepted; where nodes were made is not written.
      **kwargs: `unbound_inputs_col_name`, the collection for the names of inputs from outside.

    Raises:
      TypeError: an argument is not of its type.
      ValueError: the GraphDef is larger than 2 GB.
      OpError: the file cannot be written; which type says why.
    """
    del save_debug_info
    unbound_key = kwargs.pop("unbound_inputs_col_name", "unbound_inputs")
    if kwargs:
        raise TypeError(f"export_meta_graph() got unexpected arguments: {', '.join(kwargs)}")
    graph = get_default_graph() if graph is None else graph
    if not isinstance(graph, Graph):
        raise TypeError(f"graph must be of type Graph. Received type: {type(graph)}.")
    info = _adopted(meta_info_def, protos.MetaGraphDef.MetaInfoDef, "meta_info_def")
    whole = _adopted(graph_def, protos.GraphDef, "graph_def")
    saver_def = _adopted(saver_def, protos.SaverDef, "saver_def")
    excluded: set[str] = set()
    if export_scope or clear_extraneous_savers or clear_devices:
        whole = graph.as_graph_def(add_shapes=True) if whole is None else whole
        if clear_extraneous_savers:
            excluded = nodes_of_other_savers(whole, saver_def)
        unbound: list[str] = []
        whole = part_of_graph(whole, export_scope, excluded, clear_devices, unbound)
        if unbound_key:
            graph.clear_collection(unbound_key)
            for name in unbound:
                graph.add_to_collection(unbound_key, name)
    elif whole is None:
        whole = graph.as_graph_def(add_shapes=True)
    if whole.ByteSize() >= _TWO_GIGABYTES:
        raise ValueError(f"GraphDef cannot be larger than 2GB. Received size: {whole.ByteSize()}.")
    result = protos.MetaGraphDef()
    _describe(result, info, whole, strip_default_attrs)
    if saver_def is not None:
        result.saver_def.CopyFrom(saver_def)
    keys = graph.get_all_collection_keys() if collection_list is None else collection_list
    for key in keys:
        only = saver_def if clear_extraneous_savers and key == GraphKeys.SAVERS else None
        _add_collection(result, key, graph, export_scope, excluded, only)
    if filename:
        write_graph(result, os.path.dirname(filename), os.path.basename(filename), as_text)
    return result


def _adopted(value: Any, kind: Any, what: str) -> Any:
    if value is None:
        return None
    try:
        return protos.adopt(value, kind)
    except TypeError as error:
        raise TypeError(
            f"{what} must be of type {kind.DESCRIPTOR.name}. Received type: {type(value)}."
        ) from error


def _describe(result: Any, info: Any, graph_def: Any, strip_default_attrs: bool) -> None:
    if info is not None:
        result.meta_info_def.CopyFrom(info)
    result.meta_info_def.tensorflow_version = VERSION
    result.meta_info_def.tensorflow_git_version = GIT_VERSION
    result.graph_def.CopyFrom(graph_def)
    if not result.meta_info_def.stripped_op_list.op:
        known = (vocabulary().get(type) for type in sorted(_op_types(graph_def)))
        result.meta_info_def.stripped_op_list.op.extend(s.op_def for s in known if s is not None)
    if strip_default_attrs:
        functions = {f.signature.name for f in graph_def.library.function}
        for node in _nodes(result.graph_def):
            if node.op not in functions:
                _strip_defaults(node)
        result.meta_info_def.stripped_default_attrs = True


def _nodes(graph_def: Any) -> Iterator[Any]:
    yield from graph_def.node
    for function in graph_def.library.function:
        yield from function.node_def


def _op_types(graph_def: Any) -> set[str]:
    """Return the types of the ops that a graph uses, also in functions that it calls."""
    functions = {f.signature.name: f for f in graph_def.library.function}
    found: set[str] = set()
    waiting = [list(graph_def.node)]
    while waiting:
        for node in waiting.pop():
            called = [node.op]
            if node.op in ("PartitionedCall", "StatefulPartitionedCall"):
                called.append(node.attr["f"].func.name)
            for type in called:
                if type in functions and type not in found:
                    waiting.append(list(functions[type].node_def))
                found.add(type)
    return found - functions.keys()


def _strip_defaults(node: Any) -> None:
    signature = vocabulary().get(node.op)
    if signature is None:
        return
    for name, attribute in signature.attributes.items():
        if attribute.default is MISSING or name not in node.attr:
            continue
        if node.attr[name] == attribute_to_proto(attribute.kind, attribute.default):
            del node.attr[name]


# Collections


def _add_collection(
    result: Any,
    key: Any,
    graph: Graph,
    export_scope: str | None,
    excluded: set[str],
    saver_def: Any,
) -> None:
    """Add a collection, unless it is empty, or has items that no message can hold."""
    if not isinstance(key, str | bytes):
        _LOG.warning(
            "Only collections with string type keys will be serialized. This key has %s", type(key)
        )
        return
    items = [x for x in graph.get_collection(key) if included(x, export_scope, excluded)]
    if not items:
        return
    found = protos.CollectionDef()
    try:
        if saver_def is not None:
            found.bytes_list.value.append(saver_def.SerializeToString())
        else:
            _fill(found, key, items, export_scope)
    except (AttributeError, TypeError, ValueError) as error:
        _LOG.warning(
            "The collection %s is left out: its items, or some of them, are of a type that no "
            "CollectionDef can hold.\n%s",
            key,
            error,
        )
        return
    result.collection_def[key].CopyFrom(found)


def _fill(found: Any, key: Any, items: list[Any], export_scope: str | None) -> None:
    functions = proto_functions(key)
    if functions is not None:
        found.bytes_list.SetInParent()
        for item in items:
            message = functions.to_proto(item, export_scope=export_scope)
            if message is not None:
                found.bytes_list.value.append(message.SerializeToString())
        return
    first = items[0]
    if isinstance(first, str | bytes):
        found.bytes_list.value.extend(x.encode() if isinstance(x, str) else x for x in items)
    elif isinstance(first, int):
        found.int64_list.value.extend(items)
    elif isinstance(first, float):
        found.float_list.value.extend(items)
    elif type(first).__name__ == "Any" and hasattr(first, "type_url"):
        found.any_list.value.extend(items)
    else:
        names = [x.name for x in items if not export_scope or x.name.startswith(export_scope)]
        found.node_list.value.extend(stripped(name, export_scope) for name in names)

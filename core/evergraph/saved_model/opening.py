"""Opening models: what a file or a directory has of graph, signature and values, imported."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from google.protobuf import text_format
from google.protobuf.message import DecodeError

from evergraph import protos
from evergraph.errors import InvalidArgumentError, NotFoundError
from evergraph.files import read_file
from evergraph.graph.graph import Graph
from evergraph.graph.importer import import_graph_def
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.saved_model import layout
from evergraph.saved_model.guessing import guessed
from evergraph.saved_model.reading import meta_graph_of, read_saved_model
from evergraph.saved_model.restoring import (
    fed_assets,
    init_op,
    restore_variables,
    restoring,
    run_init_op,
)
from evergraph.saved_model.signatures import Signature, chosen, signature_of
from evergraph.session.base import BaseSession


@dataclass(frozen=True)
class Source:
    """A model as its files have it.

    Attributes:
      meta_graph: the graph with signatures; of a GraphDef, the graph alone.
      directory: where assets are; "" if there are none.
      prefix: the prefix of the checkpoint; "" if there is none.
    """

    meta_graph: protos.MetaGraphDef
    directory: str = ""
    prefix: str = ""


def read_model(path: Any, tags: Collection[str] | None = None) -> Source:
    """Read a GraphDef, a MetaGraphDef or a SavedModel.

    Args:
      path: a directory, or a file: `.meta` is a MetaGraphDef, `saved_model.pb` that of a
        directory, any other a GraphDef; one that ends in `.pbtxt` is text.
      tags: those of the graph in a SavedModel. By default `serve`; or the only graph.

    Raises:
      NotFoundError: there is no such file.
      OSError: a directory is no SavedModel, or its file is damaged.
      RuntimeError: the SavedModel has no graph with those tags.
      InvalidArgumentError: a file is damaged.
    """
    name = os.fsdecode(path)
    if os.path.basename(name) in (
        layout.SAVED_MODEL_FILENAME_PB,
        layout.SAVED_MODEL_FILENAME_PBTXT,
    ):
        name = os.path.dirname(name) or "."
    if os.path.isdir(name):
        message = read_saved_model(name)
        return Source(_tagged(message, tags), name, layout.variables_prefix(name))
    if not os.path.isfile(name):
        raise NotFoundError(None, None, f"{name}; No such file or directory")
    if name.endswith(".meta"):
        meta_graph = _parsed(name, protos.MetaGraphDef())
        return Source(meta_graph, "", name.removesuffix(".meta"))
    return Source(protos.MetaGraphDef(graph_def=_parsed(name, protos.GraphDef())))


def _tagged(message: protos.SavedModel, tags: Collection[str] | None) -> protos.MetaGraphDef:
    if tags is not None:
        return meta_graph_of(message, [tags] if isinstance(tags, str) else tags)
    if len(message.meta_graphs) == 1:
        return message.meta_graphs[0]
    # Modules of TensorFlow Hub have no tag for what is served.
    untagged = any(not m.meta_info_def.tags for m in message.meta_graphs)
    return meta_graph_of(message, [] if untagged else ["serve"])


def _parsed(name: str, message: Any) -> Any:
    data = read_file(os.fsencode(name))
    try:
        if name.endswith(".pbtxt"):
            return text_format.Parse(data.decode(), message)
        message.ParseFromString(data)
    except (DecodeError, text_format.ParseError, UnicodeDecodeError) as error:
        kind = message.DESCRIPTOR.name
        raise InvalidArgumentError(None, None, f"{name} is not a {kind}: {error}") from error
    return message


@dataclass(frozen=True)
class Opened:
    """A model that has been imported into a graph, and has no values yet.

    Attributes:
      source: the model.
      graph: the graph.
      signature: what is fed and fetched.
    """

    source: Source
    graph: Graph
    signature: Signature

    def initialize(self, session: BaseSession) -> None:
        """Give variables and tables their values.

        Raises:
          ValueError: there is no checkpoint, though the graph has variables.
          RuntimeError: the model says of several operations that they initialise it.
          OpError: a value cannot be read.
        """
        if self.source.prefix:
            restore_variables(session, self.source.meta_graph, self.source.prefix)
        run_init_op(session, self.source.meta_graph, self.source.directory)

    def initializing(self) -> list[tuple[Operation, list[Tensor]]]:
        """Return what `initialize` runs, and what it feeds."""
        found: list[tuple[Operation, list[Tensor]]] = []
        restore = restoring(self.graph, self.source.meta_graph) if self.source.prefix else None
        if restore is not None:
            found.append((restore[0], [restore[1]]))
        initializer = init_op(self.graph, self.source.meta_graph)
        if initializer is not None:
            files = fed_assets(self.graph, self.source.meta_graph, self.source.directory)
            found.append((initializer, list(files)))
        return found


def open_model(source: Source, signature: str | None = None) -> Opened:
    """Import a model into a graph of its own.

    Args:
      source: the model.
      signature: the signature's name. By default `serving_default`, or the only one; without any,
        what is fed are the placeholders, and what is fetched is what no other node takes.

    Raises:
      ValueError: the graph is not valid, or there is no such signature.
      NotFoundError: an op type is not in the vocabulary.
      InvalidArgumentError: the signature names a tensor that the graph does not have.
    """
    name = chosen(source.meta_graph, signature)
    graph_def = protos.GraphDef()
    graph_def.CopyFrom(source.meta_graph.graph_def)
    # Where nodes were placed when they were made says nothing of where they will run.
    for node in graph_def.node:
        node.device = ""
    for function in graph_def.library.function:
        for node in function.node_def:
            node.device = ""
    info = source.meta_graph.meta_info_def
    graph = Graph()
    with graph.as_default():
        import_graph_def(
            graph_def,
            name="",
            producer_op_list=info.stripped_op_list if info.HasField("stripped_op_list") else None,
        )
    if name is None:
        return Opened(source, graph, guessed(graph))
    return Opened(source, graph, signature_of(graph, source.meta_graph, name))

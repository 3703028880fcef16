"""What a session must do before a graph of a SavedModel runs: variables, tables, assets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from google.protobuf.message import DecodeError

from evergraph import protos
from evergraph.checkpoints.opening import open_checkpoint
from evergraph.checkpoints.slices import Slice
from evergraph.errors import InvalidArgumentError, NotFoundError
from evergraph.graph.collections import GraphKeys
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.saved_model.reading import asset_files, init_op_name
from evergraph.session.base import BaseSession


def restore_variables(session: BaseSession, meta_graph: protos.MetaGraphDef, prefix: str) -> None:
    """Give the variables of an imported graph the values of a checkpoint.

    Raises:
      ValueError: there is no such checkpoint, though the graph has variables.
      OpError: it lacks a variable, or is damaged.
    """
    saver = meta_graph.saver_def
    variables = [] if saver.restore_op_name else list(_without_saver(session.graph, meta_graph))
    if not saver.restore_op_name and not variables:
        return
    try:
        checkpoint = open_checkpoint(prefix)
    except NotFoundError as error:
        raise ValueError(f"The passed save_path is not a valid checkpoint: {prefix}") from error
    with closing(checkpoint):
        if saver.restore_op_name:
            restore, feed = _of_saver(session.graph, saver)
            session.run(restore, {feed: prefix})
            return
        for initializer, name, part in variables:
            value = checkpoint.read(name, part)
            # Fed in place of its first value, which several variables may share.
            session.run(initializer, {initializer.inputs[1]: value})


def run_init_op(session: BaseSession, meta_graph: protos.MetaGraphDef, directory: str) -> None:
    """Run what initialises the tables of an imported graph, and whatever else.

    Raises:
      RuntimeError: there are several such operations.
      OpError: it fails, or a file of the model lies outside of its directory.
    """
    initializer = init_op(session.graph, meta_graph)
    if initializer is not None:
        session.run(initializer, fed_assets(session.graph, meta_graph, directory))


def init_op(graph: Graph, meta_graph: protos.MetaGraphDef) -> Operation | None:
    """Return what runs when a graph has been loaded; see `run_init_op`."""
    name = init_op_name(meta_graph)
    if name is None:
        return None
    element = _element(graph, name)
    return element.op if isinstance(element, Tensor) else element


def fed_assets(
    graph: Graph, meta_graph: protos.MetaGraphDef, directory: str
) -> dict[Tensor, bytes]:
    """Return the paths of the assets, by the tensors that they are fed to."""
    files = asset_files(directory, meta_graph)
    return {_tensor(graph, name): path for name, path in files.items()}


def restoring(graph: Graph, meta_graph: protos.MetaGraphDef) -> tuple[Operation, Tensor] | None:
    """Return what restores the variables, and what is fed with the prefix; None without a saver."""
    saver = meta_graph.saver_def
    return _of_saver(graph, saver) if saver.restore_op_name else None


def _of_saver(graph: Graph, saver: protos.SaverDef) -> tuple[Operation, Tensor]:
    restore = _element(graph, saver.restore_op_name)
    operation = restore.op if isinstance(restore, Tensor) else restore
    return operation, _tensor(graph, saver.filename_tensor_name)


def _without_saver(
    graph: Graph, meta_graph: protos.MetaGraphDef
) -> Iterator[tuple[Operation, bytes, Slice | None]]:
    """Yield what assigns each variable, its name in the checkpoint, and which part of it it is."""
    for packed in meta_graph.collection_def[GraphKeys.GLOBAL_VARIABLES].bytes_list.value:
        try:
            variable = protos.VariableDef.FromString(packed)
        except DecodeError as error:
            raise InvalidArgumentError(None, None, f"a variable is damaged: {error}") from error
        initializer = _element(graph, variable.initializer_name)
        if not isinstance(initializer, Operation) or len(initializer.inputs) < 2:
            raise InvalidArgumentError(
                None, None, f"'{variable.initializer_name}' does not assign a variable"
            )
        saved = variable.save_slice_info_def
        part = None
        if saved.full_name:
            part = Slice(tuple(saved.var_offset), tuple(saved.var_shape))
        name = saved.full_name or variable.variable_name.removesuffix(":0")
        yield initializer, name.encode(), part


def _element(graph: Graph, name: str) -> Tensor | Operation:
    try:
        element: Tensor | Operation = graph.as_graph_element(name)
    except (KeyError, ValueError) as error:
        raise InvalidArgumentError(
            None, None, f"the graph has no '{name}', which the SavedModel says it has"
        ) from error
    return element


def _tensor(graph: Graph, name: str) -> Tensor:
    element = _element(graph, name)
    if not isinstance(element, Tensor):
        raise InvalidArgumentError(None, None, f"'{name}' is no tensor")
    return element

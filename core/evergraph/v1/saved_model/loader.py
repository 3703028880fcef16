"""tf.saved_model.loader: a graph of a SavedModel into a session."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

from evergraph import protos
from evergraph.errors import NotFoundError
from evergraph.saved_model import layout
from evergraph.saved_model.reading import (
    asset_files,
    init_op_name,
    meta_graph_of,
    read_saved_model,
)
from evergraph.v1.saved_slices import prepended
from evergraph.v1.training.meta_graph_imports import import_meta_graph


def load(
    sess: Any,
    tags: Collection[str],
    export_dir: Any,
    import_scope: str | None = None,
    **saver_kwargs: Any,
) -> protos.MetaGraphDef:
    """Add a graph of a SavedModel to that of a session, and restore its variables there.

    Args:
      sess: the session.
      tags: those of the graph.
      export_dir: the directory of the SavedModel.
      import_scope: a name scope to import into.
      **saver_kwargs: arguments of `tf.train.import_meta_graph`.

    Returns:
      The graph as the SavedModel has it, with its signatures.

    Raises:
      OSError: the directory has no SavedModel, or a damaged one.
      RuntimeError: it has no graph with exactly these tags.
      ValueError: the graph is not valid, or the values of its variables are missing.
      NotFoundError: the graph lacks the operation that is to initialise it.
      OpError: a value cannot be restored, or a file of the model lies outside of its directory.
    """
    directory = os.fsdecode(export_dir)
    meta_graph = meta_graph_of(read_saved_model(directory), tags)
    assets = asset_files(directory, meta_graph)
    initializer = init_op_name(meta_graph)
    with sess.graph.as_default():
        saver = import_meta_graph(meta_graph, import_scope=import_scope, **saver_kwargs)
        if saver is not None:
            saver.restore(sess, layout.variables_prefix(directory))
        if initializer is not None:
            name = prepended(initializer, import_scope)
            try:
                element = sess.graph.as_graph_element(name)
            except KeyError as error:
                raise NotFoundError(
                    None, None, f"'{name}', which initialises {directory}, is not in the graph"
                ) from error
            sess.run([element], {prepended(n, import_scope): p for n, p in assets.items()})
    return meta_graph


def maybe_saved_model_directory(export_dir: Any) -> bool:
    """Return whether a directory has the file of a SavedModel, which may be damaged."""
    return layout.maybe_saved_model_directory(export_dir)


def contains_saved_model(export_dir: Any) -> bool:
    """Return whether a directory has the file of a SavedModel, which may be damaged."""
    return layout.maybe_saved_model_directory(export_dir)

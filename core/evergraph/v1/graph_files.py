"""tf.train.write_graph: a graph into a file."""

from __future__ import annotations

import os
from typing import Any

from google.protobuf import text_format

from evergraph.checkpoints.commits import write_atomically
from evergraph.files import system_errors
from evergraph.graph.graph import Graph


def write_graph(graph_or_graph_def: Any, logdir: Any, name: Any, as_text: bool = True) -> str:
    """Write a graph, or a message, to a file; it is there as a whole or not at all.

    Args:
      graph_or_graph_def: a graph, a `GraphDef` or another message.
      logdir: the folder, which is made if need be.
      name: the name of the file.
      as_text: whether it is text.

    Returns:
      The path of the file.

    Raises:
      OpError: it cannot be written; which type says why.
    """
    message = graph_or_graph_def
    if isinstance(message, Graph):
        message = message.as_graph_def()
    folder = os.fspath(logdir)
    if folder:
        with system_errors(folder):
            os.makedirs(folder, exist_ok=True)
    path: str = os.path.join(folder, os.fspath(name))
    if as_text:
        data = text_format.MessageToString(message).encode()
    else:
        data = message.SerializeToString(deterministic=True)
    write_atomically(path, data)
    return path

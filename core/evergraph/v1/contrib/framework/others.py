"""Global steps, graphs and name scopes of tf.contrib.framework."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf
from evergraph.graph.operators import graph_of


def create_global_step(graph: Any = None) -> Any:
    """Return a new global step of a graph; see `tf.train.create_global_step`."""
    return tf.train.create_global_step(graph)


def assert_or_get_global_step(graph: Any = None, global_step_tensor: Any = None) -> Any:
    """Return a global step after checking it, by default that of the graph, or None."""
    if global_step_tensor is None:
        return tf.train.get_global_step(graph)
    tf.train.assert_global_step(global_step_tensor)
    return global_step_tensor


def get_graph_from_inputs(op_input_list: Any, graph: Any = None) -> Any:
    """Return the graph of tensors, by default the current one.

    Raises:
      ValueError: they are of several graphs.
    """
    if graph is not None:
        for value in op_input_list:
            if getattr(value, "graph", graph) is not graph:
                raise ValueError(f"{value} is not from the passed-in graph.")
        return graph
    return graph_of(op_input_list) or tf.get_default_graph()


def get_name_scope() -> str:
    """Return the current name scope."""
    return str(tf.get_default_graph().get_name_scope())


def reduce_sum_n(tensors: Any, name: str | None = None) -> Any:
    """Return the sum of all elements of a list of tensors.

    Raises:
      ValueError: there are none.
    """
    if not tensors:
        raise ValueError("No tensors provided.")
    with tf.name_scope(name, "reduce_sum_n", tensors) as scope:
        sums = [tf.reduce_sum(t, name=f"{t.op.name.split('/')[-1]}/sum") for t in tensors]
        return sums[0] if len(sums) == 1 else tf.add_n(sums, name=scope)

"""tf.saved_model.main_op: what runs when a graph has been loaded."""

from __future__ import annotations

from typing import Any

from evergraph.graph.operation import Operation
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.flow import group
from evergraph.v1.tables import tables_initializer
from evergraph.v1.variable_lists import global_variables_initializer, local_variables_initializer


def main_op() -> Operation:
    """Return an operation that initialises all variables, local variables and tables."""
    return group(
        global_variables_initializer(), local_variables_initializer(), tables_initializer()
    )


def main_op_with_restore(restore_op_name: Any) -> Operation:
    """Return an operation that does what `main_op` does, and then restores the variables.

    Args:
      restore_op_name: what restores them.
    """
    graph = get_default_graph()
    with graph.control_dependencies([main_op()]):
        return group(graph.as_graph_element(restore_op_name))

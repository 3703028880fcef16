"""The variables of a graph: the collections, and what initializes and checks them all."""

from __future__ import annotations

import os
from typing import Any

from evergraph import dtypes
from evergraph.builder import build, build_operation
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import constant
from evergraph.graph.operators import scope
from evergraph.graph.slicing import boolean_mask, stack
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.flow import group
from evergraph.v1.state import is_initialized


def global_variables(scope: str | None = None) -> list[Any]:
    """Return the variables that are shared: all, or those whose names a pattern matches."""
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def all_variables() -> list[Any]:
    """Return what `global_variables` does."""
    return global_variables()


def local_variables(scope: str | None = None) -> list[Any]:
    """Return the variables of this process alone; see `global_variables`."""
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list[Any]:
    """Return the variables of models; see `global_variables`."""
    return get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Any]:
    """Return the variables that optimizers change; see `global_variables`."""
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list[Any]:
    """Return the variables that have moving averages; see `global_variables`."""
    return get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def variables_initializer(var_list: Any, name: str = "init") -> Any:
    """Return an operation that initializes variables when it runs."""
    if var_list:
        return group(*[v.initializer for v in var_list], name=name)
    return build_operation("NoOp", {}, name)


def initialize_variables(var_list: Any, name: str = "init") -> Any:
    """Return what `variables_initializer` does."""
    return variables_initializer(var_list, name)


def global_variables_initializer() -> Any:
    """Return an operation that initializes all global variables when it runs."""
    return variables_initializer(global_variables())


def initialize_all_variables() -> Any:
    """Return what `global_variables_initializer` does."""
    return global_variables_initializer()


def local_variables_initializer() -> Any:
    """Return an operation that initializes all local variables when it runs."""
    return variables_initializer(local_variables())


def initialize_local_variables() -> Any:
    """Return what `local_variables_initializer` does."""
    return local_variables_initializer()


def _all_of(var_list: Any) -> Any:
    """Return the variables given; by default all of the collections, else all in the graph."""
    if var_list is None:
        var_list = global_variables() + local_variables() or [
            op.outputs[0]
            for op in get_default_graph().get_operations()
            if op.type in ("Variable", "VariableV2", "AutoReloadVariable")
        ]
    return var_list


def assert_variables_initialized(var_list: Any = None) -> Any:
    """Return a tensor that fails when it runs unless all variables are initialized.

    Args:
      var_list: the variables, by default the global and local ones.

    Returns:
      A tensor; None if there are no variables.
    """
    var_list = _all_of(var_list)
    if not var_list:
        return None
    graph = get_default_graph()
    ranks = []
    for variable in var_list:
        with graph.colocate_with(variable.op), scope(None, "Rank", (variable,)) as name:
            ranks.append(build("Rank", {"input": variable}, name))
    return ranks[0] if len(ranks) == 1 else stack(ranks)


def report_uninitialized_variables(
    var_list: Any = None, name: str = "report_uninitialized_variables"
) -> Any:
    """Return a tensor of the names of the variables that are not initialized.

    Args:
      var_list: the variables, by default the global and local ones.
      name: a name scope.
    """
    var_list = _all_of(var_list)
    graph = get_default_graph()
    with graph.name_scope(name):
        flags = [is_initialized(v) for v in var_list]
        device = os.environ.get("TF_DEVICE_FOR_UNINITIALIZED_VARIABLE_REPORTING", "/cpu:0")
        with graph.device(device):
            if not var_list:
                return constant([], dtypes.string)
            missing = build("LogicalNot", {"x": stack(flags)})
            return boolean_mask(constant([v.op.name for v in var_list]), missing)

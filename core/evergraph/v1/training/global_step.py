"""The global step: a variable that counts the steps of a training."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.collections import GraphKeys
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.session.defaults import get_default_session
from evergraph.v1.init_ops import zeros_initializer
from evergraph.v1.variable_scopes import get_variable
from evergraph.v1.variables import Variable


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """Return the value of a global step in a session."""
    return int((sess or get_default_session()).run(global_step_tensor))


def get_global_step(graph: Any = None) -> Any:
    """Return the global step of a graph, or None.

    Raises:
      TypeError: what is called so is no integer scalar.
    """
    graph = get_default_graph() if graph is None else graph
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(found) == 1:
        step = found[0]
    elif not found:
        try:
            step = graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
    else:
        return None
    assert_global_step(step)
    return step


def create_global_step(graph: Any = None) -> Any:
    """Create the global step `global_step` of a graph.

    Raises:
      ValueError: there is one.
    """
    graph = get_default_graph() if graph is None else graph
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        return get_variable(
            GraphKeys.GLOBAL_STEP,
            shape=[],
            dtype=dtypes.int64,
            initializer=zeros_initializer(),
            trainable=False,
            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
        )


def get_or_create_global_step(graph: Any = None) -> Any:
    """Return the global step of a graph, created if there is none."""
    graph = get_default_graph() if graph is None else graph
    step = get_global_step(graph)
    return create_global_step(graph) if step is None else step


def assert_global_step(global_step_tensor: Any) -> None:
    """Raise TypeError unless a tensor or variable can be a global step: an integer scalar."""
    if not isinstance(global_step_tensor, Variable | Tensor):
        raise TypeError(
            f'Existing "global_step" must be a Variable or Tensor: {global_step_tensor}.'
        )
    if not global_step_tensor.dtype.base_dtype.is_integer:
        raise TypeError(
            f'Existing "global_step" does not have integer type: {global_step_tensor.dtype}'
        )
    rank = global_step_tensor.get_shape().ndims
    if rank not in (0, None):
        raise TypeError(f'Existing "global_step" is not scalar: {global_step_tensor.get_shape()}')

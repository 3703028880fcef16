"""The global step: the variable that counts how often gradients have been applied."""

from __future__ import annotations

import logging
from typing import Any, Final

from evergraph import dtypes
from evergraph.graph.collections import GraphKeys
from evergraph.graph.graph import Graph
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.v1.init_ops import Zeros
from evergraph.v1.variable_modes import VariableAggregation
from evergraph.v1.variable_scopes import get_variable
from evergraph.v1.variables import Variable

#: The collection of the tensor that reads the global step.
_READS: Final = "global_step_read_op_cache"


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """Return the number of the step in a session."""
    return int(sess.run(global_step_tensor))


def get_global_step(graph: Graph | None = None) -> Any:
    """Return the variable or tensor that counts steps, or None.

    It is that of the collection GLOBAL_STEP, or else `global_step:0`.

    Raises:
      TypeError: it is no integer scalar.
    """
    graph = graph or get_default_graph()
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(found) > 1:
        logging.getLogger("evergraph").error("Multiple tensors in global_step collection.")
        return None
    if found:
        step = found[0]
    else:
        try:
            step = graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
    assert_global_step(step)
    return step


def create_global_step(graph: Graph | None = None) -> Any:
    """Return a new variable that counts steps.

    Raises:
      ValueError: there is one already.
    """
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        return get_variable(
            GraphKeys.GLOBAL_STEP,
            shape=[],
            dtype=dtypes.int64,
            initializer=Zeros(),
            trainable=False,
            aggregation=VariableAggregation.ONLY_FIRST_REPLICA,
            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
        )


def get_or_create_global_step(graph: Graph | None = None) -> Any:
    """Return the variable or tensor that counts steps; a new variable if there is none."""
    graph = graph or get_default_graph()
    found = get_global_step(graph)
    return create_global_step(graph) if found is None else found


def assert_global_step(global_step_tensor: Any) -> None:
    """Raise TypeError unless a value is an integer scalar variable or tensor."""
    step = global_step_tensor
    if not isinstance(step, Variable | Tensor):
        raise TypeError(f'Existing "global_step" must be a Variable or Tensor: {step}.')
    if not step.dtype.base_dtype.is_integer:
        raise TypeError(f'Existing "global_step" does not have integer type: {step.dtype}')
    if step.shape.rank != 0 and step.shape.is_fully_defined():
        raise TypeError(f'Existing "global_step" is not scalar: {step.shape}')


def global_step_read(graph: Graph | None = None) -> Any:
    """Return a tensor with the value of the global step, for fetching it along with others.

    There is one for each graph. It has a value before the variable is initialized, too.

    Args:
      graph: the graph; by default the default graph, which must have a global step.
    """
    graph = graph or get_default_graph()
    for tensor in graph.get_collection(_READS):
        return tensor
    step = get_global_step(graph)
    with graph.as_default(), graph.name_scope(None), graph.name_scope(f"{step.op.name}/"):
        value = step.initialized_value() if isinstance(step, Variable) else step
        read = value + 0
    graph.add_to_collection(_READS, read)
    return read

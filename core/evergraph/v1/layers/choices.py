"""A choice that is made while the graph is built, if it can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph.graph.inference import constant_value
from evergraph.v1._arguments import is_tensor
from evergraph.v1.conditions import cond


def known(predicate: Any) -> bool | None:
    """Return the value of a predicate, or None for a tensor whose value is not known yet."""
    if not is_tensor(predicate):
        return bool(predicate)
    value = constant_value(predicate._as_graph_element() if _is_variable(predicate) else predicate)
    return None if value is None else bool(value)


def _is_variable(value: Any) -> bool:
    return hasattr(value, "_as_graph_element")


def choose(predicate: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Return what one of the functions returns: of a `tf.cond`, if it depends on a run which."""
    value = known(predicate)
    if value is None:
        return cond(predicate, true_fn, false_fn)
    return true_fn() if value else false_fn()

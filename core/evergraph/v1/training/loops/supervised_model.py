"""The nodes that a `Supervisor` works with: given, found in collections, or made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from evergraph.graph.collections import GraphKeys
from evergraph.graph.graph import Graph
from evergraph.graph.stacks import get_default_graph
from evergraph.v1 import tf_logging
from evergraph.v1.flow import group
from evergraph.v1.summaries import merge_all
from evergraph.v1.training.loops.scaffold import table_initializer
from evergraph.v1.training.saver import Saver, all_saveable_objects
from evergraph.v1.training.steps import get_global_step
from evergraph.v1.variable_lists import (
    global_variables_initializer,
    local_variables_initializer,
    report_uninitialized_variables,
)

#: Stands for an argument that is not given; None means none.
USE_DEFAULT: Final = 0


class SupervisedModel:
    """The part of a `Supervisor` that has the nodes.

    The arguments are those of the supervisor.
    """

    USE_DEFAULT: Final = USE_DEFAULT

    def __init__(
        self,
        graph: Graph,
        ready_op: Any,
        ready_for_local_init_op: Any,
        init_op: Any,
        init_feed_dict: Any,
        local_init_op: Any,
        summary_op: Any,
        saver: Any,
        global_step: Any,
    ) -> None:
        self._init_feed_dict = init_feed_dict
        with graph.as_default():
            self._ready_op = _given(ready_op, GraphKeys.READY_OP, report_uninitialized_variables)
            self._ready_for_local_init_op = _given(
                ready_for_local_init_op, GraphKeys.READY_FOR_LOCAL_INIT_OP, _nothing
            )
            self._init_op = _given(init_op, GraphKeys.INIT_OP, global_variables_initializer)
            self._local_init_op = _given(local_init_op, GraphKeys.LOCAL_INIT_OP, _local_initializer)
            self._saver = _given(saver, GraphKeys.SAVERS, _saver)
            self._summary_op = _given(summary_op, GraphKeys.SUMMARY_OP, merge_all)
            self._global_step = _step() if global_step is USE_DEFAULT else global_step

    @property
    def init_op(self) -> Any:
        """What initializes the model."""
        return self._init_op

    @property
    def init_feed_dict(self) -> Any:
        """What is fed to `init_op`."""
        return self._init_feed_dict

    @property
    def ready_op(self) -> Any:
        """The names of variables that are not initialized."""
        return self._ready_op

    @property
    def ready_for_local_init_op(self) -> Any:
        """The names of those that must be initialized before local ones are."""
        return self._ready_for_local_init_op

    @property
    def summary_op(self) -> Any:
        """The serialized summaries, which a thread of the chief writes; or None."""
        return self._summary_op

    @property
    def global_step(self) -> Any:
        """The step, or None."""
        return self._global_step

    @property
    def saver(self) -> Any:
        """The `Saver`, or None."""
        return self._saver


def _given(given: Any, key: str, make: Callable[[], Any]) -> Any:
    """Return what is given or else is in a collection, or what is made and put there."""
    if given is not USE_DEFAULT:
        return given
    graph = get_default_graph()
    for found in graph.get_collection(key):
        return found
    made = make()
    if made is not None:
        graph.add_to_collection(key, made)
    return made


def _nothing() -> None:
    return None


def _local_initializer() -> Any:
    return group(local_variables_initializer(), table_initializer())


def _saver() -> Saver | None:
    return Saver() if all_saveable_objects() else None


def _step() -> Any:
    try:
        return get_global_step()
    except TypeError as error:
        tf_logging.warning("%s", error)
        return None

"""`Scaffold`: the nodes of a graph that a session needs to begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from evergraph import dtypes, protos
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import constant
from evergraph.graph.graph import Graph
from evergraph.graph.slicing import concat
from evergraph.graph.stacks import get_default_graph
from evergraph.v1 import tf_logging
from evergraph.v1.flow import group
from evergraph.v1.summaries import merge_all
from evergraph.v1.training.saver import Saver
from evergraph.v1.variable_lists import (
    global_variables,
    global_variables_initializer,
    local_variables_initializer,
    report_uninitialized_variables,
    variables_initializer,
)


class Scaffold:
    """The nodes that a monitored session begins with; `finalize` makes those that are missing.

    What is made is put into the collection of its kind, and taken from there if it is there.

    Args:
      init_op: an operation, or a list of them, that initializes the model.
      init_feed_dict: what is fed to it.
      init_fn: a function of the scaffold and the session that is called after `init_op`.
      ready_op: a tensor of the names of variables that are not initialized.
      ready_for_local_init_op: the same, of those that must be before `local_init_op` runs.
      local_init_op: an operation that initializes what each process has of its own.
      summary_op: a tensor of serialized summaries.
      saver: the `Saver`.
      copy_from_scaffold: a `Scaffold` that has what is not given.
      local_init_feed_dict: what is fed to `local_init_op`.

    Raises:
      TypeError: `copy_from_scaffold` is no scaffold.
    """

    def __init__(
        self,
        init_op: Any = None,
        init_feed_dict: Any = None,
        init_fn: Callable[[Scaffold, Any], Any] | None = None,
        ready_op: Any = None,
        ready_for_local_init_op: Any = None,
        local_init_op: Any = None,
        summary_op: Any = None,
        saver: Any = None,
        copy_from_scaffold: Scaffold | None = None,
        local_init_feed_dict: Any = None,
    ) -> None:
        self._has: dict[str, Any] = {
            "init_op": init_op,
            "init_feed_dict": init_feed_dict,
            "init_fn": None if init_fn is None else lambda session: init_fn(self, session),
            "ready_op": ready_op,
            "ready_for_local_init_op": ready_for_local_init_op,
            "local_init_op": local_init_op,
            "local_init_feed_dict": local_init_feed_dict,
            "summary_op": summary_op,
            "saver": saver,
        }
        if copy_from_scaffold is not None:
            if not isinstance(copy_from_scaffold, Scaffold):
                raise TypeError("copy_from_scaffold is not a Scaffold instance.")
            for name, value in copy_from_scaffold._has.items():
                if self._has[name] is None:
                    self._has[name] = value

    def finalize(self) -> Scaffold:
        """Make what is missing in the default graph, which can then no longer grow.

        Returns:
          The scaffold itself.

        Raises:
          RuntimeError: a collection has more than one item, so that it does not say which to take;
            or the graph is finalized, and something is missing.
        """
        for name, (key, make) in _DEFAULTS.items():
            if self._has[name] is None:
                self._has[name] = Scaffold.get_or_default(name, key, make)
        if self._has["saver"] is None:
            self._has["saver"] = saver_of(get_default_graph())
        self._has["saver"].build()
        get_default_graph().finalize()
        tf_logging.info("Graph was finalized.")
        return self

    @property
    def init_fn(self) -> Any:
        """A function of the session that is called after `init_op`, or None."""
        return self._has["init_fn"]

    @property
    def init_op(self) -> Any:
        """What initializes the model."""
        return self._has["init_op"]

    @property
    def ready_op(self) -> Any:
        """The names of variables that are not initialized."""
        return self._has["ready_op"]

    @property
    def ready_for_local_init_op(self) -> Any:
        """The names of those that must be initialized before `local_init_op` runs."""
        return self._has["ready_for_local_init_op"]

    @property
    def local_init_op(self) -> Any:
        """What initializes what each process has of its own."""
        return self._has["local_init_op"]

    @property
    def local_init_feed_dict(self) -> Any:
        """What is fed to `local_init_op`."""
        return self._has["local_init_feed_dict"]

    @property
    def summary_op(self) -> Any:
        """The serialized summaries; None if the graph has none."""
        return self._has["summary_op"]

    @property
    def saver(self) -> Any:
        """The `Saver`."""
        return self._has["saver"]

    @property
    def init_feed_dict(self) -> Any:
        """What is fed to `init_op`."""
        return self._has["init_feed_dict"]

    @staticmethod
    def get_or_default(
        arg_name: str, collection_key: str, default_constructor: Callable[[], Any]
    ) -> Any:
        """Return the item of a collection, or else what is made and put there.

        Args:
          arg_name: the argument of `Scaffold` that it stands for, for the error.
          collection_key: the collection, in the default graph.
          default_constructor: makes the item; None is not put there.

        Raises:
          RuntimeError: the collection has more than one item.
        """
        graph = get_default_graph()
        found = graph.get_collection(collection_key)
        if len(found) > 1:
            raise RuntimeError(
                f'More than one item in the collection "{collection_key}". Please indicate which '
                "one to use by passing it to the tf.Scaffold constructor as:  "
                f"tf.Scaffold({arg_name}=item to use)"
            )
        if found:
            return found[0]
        made = default_constructor()
        if made is not None:
            graph.add_to_collection(collection_key, made)
        return made

    @staticmethod
    def default_local_init_op() -> Any:
        """Return an operation that initializes local variables, tables and local resources."""
        return group(
            local_variables_initializer(),
            table_initializer(),
            _resources_initializer(GraphKeys.LOCAL_RESOURCES),
        )


def table_initializer() -> Any:
    """Return an operation that runs what the collection of tables' initializers has."""
    found = get_default_graph().get_collection(GraphKeys.TABLE_INITIALIZERS)
    if not found:
        return variables_initializer([], "init_all_tables")
    return group(*found, name="init_all_tables")


def only_saver(graph: Graph) -> Any:
    """Return the saver of the collection SAVERS, or None.

    Raises:
      RuntimeError: there are several.
    """
    found = graph.get_collection(GraphKeys.SAVERS)
    if len(found) > 1:
        raise RuntimeError(
            f"More than one item in collection {GraphKeys.SAVERS}. Please indicate which one to "
            "use by passing it to the constructor."
        )
    return found[0] if found else None


def saver_of(graph: Graph) -> Any:
    """Return the saver of the collection SAVERS, or a new one that is put there.

    Raises:
      RuntimeError: there are several.
    """
    saver = only_saver(graph)
    if saver is None:
        saver = Saver(sharded=True, allow_empty=True, write_version=protos.SaverDef.V2)
        graph.add_to_collection(GraphKeys.SAVERS, saver)
    return saver


def _initializer() -> Any:
    return group(global_variables_initializer(), _resources_initializer(GraphKeys.RESOURCES))


def _resources_initializer(key: str) -> Any:
    """Return what initializes the resources of a collection, which have a `create` each."""
    return (
        variables_initializer([], "init")
        if not _resources(key)
        else group(*(r.create for r in _resources(key)), name="init")
    )


def _resources(key: str) -> list[Any]:
    return get_default_graph().get_collection(key)


def _missing(variables: Callable[[], Any]) -> Any:
    names = report_uninitialized_variables(variables())
    graph = get_default_graph()
    with graph.name_scope("report_uninitialized_resources"), graph.device("/cpu:0"):
        # None of the resources that there are can say whether it is initialized.
        resources = constant([], dtypes.string)
    return concat([names, resources], 0)


#: What `finalize` makes, in its order: the collection, and what makes it.
_DEFAULTS: Final[dict[str, tuple[str, Callable[[], Any]]]] = {
    "init_op": (GraphKeys.INIT_OP, _initializer),
    "ready_op": (GraphKeys.READY_OP, lambda: _missing(lambda: None)),
    "ready_for_local_init_op": (
        GraphKeys.READY_FOR_LOCAL_INIT_OP,
        lambda: _missing(global_variables),
    ),
    "local_init_op": (GraphKeys.LOCAL_INIT_OP, Scaffold.default_local_init_op),
    "summary_op": (GraphKeys.SUMMARY_OP, merge_all),
}

"""`BaseSession`: runs operations of a graph on a backend; what all sessions have in common."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, NoReturn, Self

from evergraph import discovery, protos
from evergraph.errors import CancelledError
from evergraph.graph import stacks
from evergraph.graph.composite import CompositeTensor
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.context import Watch
from evergraph.session import feeds as feeds_of
from evergraph.session.arguments import (
    check_device_filters,
    check_not_empty,
    checked_config,
    checked_options,
    checked_target,
    found_target,
    seconds,
    strict_feeds,
)
from evergraph.session.call import Call, callable_for
from evergraph.session.contract import SessionEngine
from evergraph.session.defaults import sessions
from evergraph.session.devices import DeviceAttributes
from evergraph.session.engine import MAX_STEPS, Engine
from evergraph.session.fetches import Fetches
from evergraph.session.forking import take_part
from evergraph.session.metadata import StepStats, observed_by
from evergraph.session.partial import (
    PartialRuns,
    check_setup,
    handle_of,
    setup_feeds,
)
from evergraph.session.prepared import callable_from_options
from evergraph.session.results import check_convertible

#: From a fetch structure of this type to a key that tells it from every other.
_KEYS: Final[dict[type, Callable[[Any], Any]]] = {
    str: lambda name: name,
    list: lambda items: (list, *items),
    tuple: lambda items: (tuple, *items),
    dict: lambda items: (dict, *items, *items.values()),
}

#: The sessions of this process that are open, for `Session.reset`.
open_sessions: Final[weakref.WeakSet[BaseSession]] = weakref.WeakSet()


def _itself(fetch: Any) -> Any:
    return fetch


class BaseSession:
    """Runs operations, and evaluates tensors, of a graph: what all sessions have in common.

    Args:
      target: the engine to connect to; empty for this process.
      graph: the graph; by default the default graph.
      config: a `ConfigProto`; its `backend` names the backend.

    Raises:
      TypeError: an argument is not of its type.
      NotFoundError: no plugin offers the target, or no distribution the backend.
      InvalidArgumentError: the config has a value that is none, such as a filter of devices.
      FailedPreconditionError: the backend cannot start.
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        self._closed = True
        self._calls: dict[Any, Call] = {}
        self._callables: list[weakref.ref[Any]] = []
        self._target = checked_target(target)
        self._config = checked_config(config)
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(
                f'Argument `graph` must be a tf.Graph, but got "{type(graph).__name__}"'
            )
        self._graph = stacks.get_default_graph() if graph is None else graph
        check_device_filters(self._config)
        self._strict_feeds = strict_feeds(self._config)
        self._engine = self._connected()
        self._observers = discovery.step_observers()
        #: What is watched in every run.
        self._watch = Watch(
            observed_by(self._observers), seconds(self._config.operation_timeout_in_ms)
        )
        self._lock = threading.RLock()
        self._partial_runs = PartialRuns()
        self._reset = False
        self._closed = False
        open_sessions.add(self)
        take_part(self)

    def _connected(self) -> SessionEngine:
        """Return the engine of the target."""
        if not self._target:
            return Engine(self._graph, self._config)
        target = found_target(self._target, self._config)
        engine: SessionEngine = target.connect(self._target, self._graph, self._config)
        return engine

    # Running

    def _do_call(self, fn: Callable[..., Any], *args: Any) -> Any:
        """Call a function, as sessions of TensorFlow do around what the runtime does."""
        return fn(*args)

    def run(
        self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        """Run what `fetches` needs, and return their values in the same structure.

        Args:
          fetches: a tensor, an operation, a name, or any nesting of them.
          feed_dict: values by tensor (or name). A fed tensor is not computed.
          options: a `RunOptions`.
          run_metadata: a `RunMetadata` to be filled.

        Returns:
          NumPy arrays, NumPy scalars for rank 0, bytes for strings, None for operations; all of
          them the caller's own.

        Raises:
          RuntimeError: the session is closed, or the graph is empty.
          TypeError, ValueError: a fetch or feed is not valid.
          OpError: an operation failed; the message names it and where it was defined.
        """
        if options is not None or run_metadata is not None:
            checked = checked_options(options, run_metadata, self._config)
            if run_metadata is not None or checked.timeout_in_ms > 0:
                return self._run_watched(fetches, feed_dict, checked, run_metadata)
        # The way of a repeated call: one look-up, by the very objects given.
        kind = type(fetches)
        try:
            key = fetches if kind is Tensor or kind is Operation else _KEYS[kind](fetches)
            call = self._calls[(key, *feed_dict) if feed_dict else key]
        except (KeyError, TypeError):
            call = None
        if call is None or call.mutations != self._graph._mutations:
            return self._run_carefully(fetches, feed_dict)
        return call(feed_dict.values() if feed_dict else ())

    def _run_watched(
        self, fetches: Any, feed_dict: Any, options: protos.RunOptions, run_metadata: Any
    ) -> Any:
        """Run with a time limit, or node by node with the metadata filled.

        It is also filled where a node fails.
        """
        call, values, originals = self._checked_call(fetches, feed_dict)
        traced = run_metadata is not None and options.trace_level > 0
        stats = StepStats()
        watch = Watch(
            observed_by([*self._observers, stats] if traced else self._observers),
            seconds(options.timeout_in_ms) or self._watch.timeout,
        )
        try:
            results = call.run(values, originals, watch)
            if traced and call.step is not None:
                stats.complete(self._engine.partition_graphs(call.step))
            return results
        finally:
            if run_metadata is not None:
                partitions: list[protos.GraphDef] = []
                if options.output_partition_graphs and call.step is not None:
                    partitions = self._engine.partition_graphs(call.step)
                costs = self._config.graph_options.build_cost_model > 0
                stats.fill(run_metadata, partitions, costs)

    def _run_carefully(self, fetches: Any, feed_dict: Any) -> Any:
        """Check everything, and prepare the call for the next time."""
        call, values, originals = self._checked_call(fetches, feed_dict)
        return call.run(values, originals)

    def _checked_call(self, fetches: Any, feed_dict: Any) -> tuple[Call, list[Any], list[Any]]:
        """Check everything, in TensorFlow's order.

        Returns:
          The call, the fed values converted, and as they were given.
        """
        self._check_open()
        graph = self._graph
        check_not_empty(graph)
        values, originals = self._checked_feeds(feed_dict)
        call = self._prepare(Fetches(graph, fetches), list(values))
        self._remember(call, fetches, feed_dict, list(values))
        return call, list(values.values()), list(originals.values())

    def _checked_feeds(self, feed_dict: Any) -> tuple[dict[Tensor, Any], dict[Tensor, Any]]:
        """Return the fed values by tensor: converted, and as they were given."""
        graph = self._graph
        values: dict[Tensor, Any] = {}
        originals: dict[Tensor, Any] = {}
        for key, value in feeds_of.expand(feed_dict) if feed_dict else ():
            tensor = feeds_of.feed_tensor(graph, key)
            values[tensor] = feeds_of.converter(tensor, self._strict_feeds)(value)
            feeds_of.check_feedable(graph, tensor)
            originals[tensor] = value
        return values, originals

    def _prepare(self, fetches: Fetches, fed: Sequence[Tensor]) -> Call:
        """Return the call for a fetch structure and fed tensors, planning its step if need be."""
        graph, given = self._graph, set(fed)
        wanted = [t for t in fetches.tensors if t not in given]
        operations = fetches.operations
        step = None
        mutations = graph._mutations
        for tensor in wanted:
            check_convertible(tensor)
        if wanted or operations:
            step = self._engine.step(wanted, operations, fed)
        watch = self._watch or None
        release = [self._engine.releaser(t) for t in wanted]
        convert = [feeds_of.converter(t, self._strict_feeds) for t in fed]
        return Call(fetches, fed, convert, step, release, mutations, watch)

    def _remember(
        self, call: Call, fetches: Any, feed_dict: Any, tensors: Sequence[Tensor]
    ) -> None:
        """Let `run` find a call by the objects that it was given."""
        kind = type(fetches)
        # Equal keys must mean equal results: a named tuple equals the tuple, True equals 1.
        if kind in (list, tuple, dict):
            keys, items = (fetches, fetches.values()) if kind is dict else ((), fetches)
            if any(isinstance(i, tuple) for i in items) or any(type(k) is not str for k in keys):
                return
        elif hasattr(kind, "_as_graph_element"):  # a variable
            _KEYS.setdefault(kind, _itself)
        try:
            key = fetches if kind is Tensor or kind is Operation else _KEYS[kind](fetches)
            if feed_dict:
                simple = type(feed_dict) is dict and len(feed_dict) == len(tensors)
                if not simple or not all(isinstance(k, Tensor | str) for k in feed_dict):
                    return
                key = (key, *feed_dict)
            hash(key)
        except (KeyError, TypeError):
            return
        with self._lock:
            if len(self._calls) >= 4 * MAX_STEPS:
                self._calls.clear()
            if not self._closed:
                self._calls[key] = call

    def partial_run_setup(self, fetches: Any, feeds: Any = None) -> str:
        """Prepare a run in which feeds arrive, and fetches leave, one after the other.

        What needs none of the feeds runs at once.

        Args:
          fetches: what will be fetched, as for `run`; each of it once.
          feeds: the tensor or name, or a list of those, that will be fed; each of them once.

        Returns:
          A handle for `partial_run`.

        Raises:
          RuntimeError: the session is closed, or the graph is empty.
          TypeError, ValueError: a fetch or feed is not valid.
          InvalidArgumentError: nothing is to be fetched, or something is fed as well.
        """
        self._check_open()
        graph = self._graph
        check_not_empty(graph)
        keys = feeds if isinstance(feeds, list | tuple) else () if feeds is None else (feeds,)
        fed = [t for key in keys for t in setup_feeds(graph, key)]
        for tensor in fed:
            feeds_of.check_feedable(graph, tensor)
        wanted = Fetches(graph, fetches)
        check_setup(fed, wanted.tensors, wanted.operations)
        run = self._engine.partial_run(wanted.tensors, wanted.operations, fed, self._watch or None)
        return self._partial_runs.add(run, handle_of(fed, wanted.tensors, wanted.operations))

    def partial_run(self, handle: str, fetches: Any, feed_dict: Any = None) -> Any:
        """Go on with a partial run: feed some of its feeds, and fetch what they allow.

        Everything that the feeds so far allow runs, whether it is fetched or not.

        Args:
          handle: from `partial_run_setup`.
          fetches: tensors of the set-up that have not been fetched, in any structure.
          feed_dict: values of feeds of the set-up that have not been fed.

        Returns:
          As `run` does.

        Raises:
          RuntimeError: the session is closed, or an operation is among the fetches.
          TypeError, ValueError: a fetch or feed is not valid.
          InvalidArgumentError: the handle is unknown or its run has ended; a tensor is not part of
            the set-up, has been fed or fetched, or cannot be computed yet.
          OpError: a node failed, which ends the partial run.
        """
        self._check_open()
        check_not_empty(self._graph)
        values, originals = self._checked_feeds(feed_dict)
        prepared = Fetches(self._graph, fetches)
        wanted = [t for t in prepared.tensors if t not in values]
        if prepared.operations:
            raise RuntimeError(
                "partial_run() requires empty `target_list`. Received: "
                f"target_list={prepared.operations} (non-empty)"
            )
        computed: list[Any] = []
        if wanted or values:
            computed = self._partial_runs.run(handle, values, wanted)
        release = [self._engine.releaser(t) for t in wanted]
        call = Call(prepared, list(values), (), None, release, self._graph._mutations, None)
        return call.finish(computed, list(values.values()), list(originals.values()))

    def make_callable(
        self, fetches: Any, feed_list: Any = None, accept_options: bool = False
    ) -> Callable[..., Any]:
        """Return a function that runs `fetches`; it is faster than `run`.

        As TensorFlow's does, the function ignores arguments beyond the feeds; a feed without an
        argument is not fed.

        Args:
          fetches: as for `run`.
          feed_list: tensors, composite ones among them, or their names; their values are the
            function's arguments.
          accept_options: whether the function also takes `options` and `run_metadata`.

        Raises:
          TypeError: `feed_list` is not a list or tuple, or a fetch is not valid.
          CancelledError: the session is closed; with a `feed_list`, it is the function that fails.
        """
        if feed_list is not None and not isinstance(feed_list, list | tuple):
            raise TypeError(
                f"Argument `feed_list` must be a list or tuple. Received: feed_list={feed_list}"
            )
        graph = self._graph
        keys = tuple(feed_list or ())
        if any(isinstance(key, CompositeTensor) for key in keys):
            # One argument stands for several tensors.
            return lambda *values, **options: self.run(
                fetches, dict(zip(keys, values, strict=False)), **options
            )
        tensors = [feeds_of.feed_tensor(graph, key) for key in keys]
        for tensor in tensors:
            feeds_of.check_feedable(graph, tensor)
        prepared = Fetches(graph, fetches)

        def closed() -> BaseException | None:
            if not self._closed:
                self._engine.check_alive()
                return None
            if tensors and not self._reset:
                return RuntimeError("Attempted to use a closed Session.")
            return CancelledError(None, None, "Session has been closed.")

        if not tensors and (prepared.tensors or prepared.operations):
            error = closed()
            if error is not None:
                raise error

        def run(values: tuple[Any, ...], options: Any, run_metadata: Any) -> Any:
            return self.run(
                fetches, dict(zip(tensors, values, strict=False)), options, run_metadata
            )

        function = callable_for(
            lambda fed: self._prepare(prepared, fed),
            run,
            closed,
            lambda: graph._mutations,
            tensors,
            accept_options,
        )
        self._callables.append(weakref.ref(function))
        return function

    def _make_callable_from_options(self, callable_options: Any) -> Callable[..., list[Any]]:
        """Return a function that a `CallableOptions` describes; see `callable_from_options`."""
        return callable_from_options(self, callable_options)

    def explain(self, fetches: Any, feeds: Sequence[Any] = ()) -> Any:
        """Say which node of a step runs where, and why; nothing runs.

        Args:
          fetches: as for `run`.
          feeds: the tensors, or names, that would be fed.

        Returns:
          An `Explanation`: a table when printed.
        """
        self._check_open()
        fed = [feeds_of.feed_tensor(self._graph, f) for f in feeds]
        call = self._prepare(Fetches(self._graph, fetches), fed)
        return self._engine.explain(call.step)

    def list_devices(self) -> list[DeviceAttributes]:
        """Return the devices of this session.

        Raises:
          CancelledError: the session is closed.
        """
        if self._closed:
            raise CancelledError(None, None, "Session has been closed.")
        return self._engine.devices()

    # Life

    @property
    def graph(self) -> Graph:
        """The graph that this session runs."""
        return self._graph

    @property
    def graph_def(self) -> protos.GraphDef:
        """The graph as a `GraphDef`."""
        return self._graph.as_graph_def()

    @property
    def sess_str(self) -> bytes:
        """The target, as bytes."""
        return self._target.encode()

    def _extend_graph(self) -> None:
        """TF: sends new nodes to the runtime. Here a step takes them from the graph itself."""

    def _check_open(self) -> None:
        if self._closed:
            if self._reset:
                raise CancelledError(None, None, "Session has been closed.")
            raise RuntimeError("Attempted to use a closed Session.")
        self._engine.check_alive()

    def locks(self) -> list[Any]:
        """Return the locks that a child of this process must find free; see `forking`."""
        return [self._lock, *self._engine.locks()]

    def after_fork(self) -> None:
        """Go on in a child of the process: what is prepared is prepared anew, and checked."""
        self._calls.clear()
        self._forget_callables()

    def _forget_callables(self) -> None:
        for reference in self._callables:
            function = reference()
            if function is not None:
                function.forget()

    def close(self) -> None:
        """Close the session and release what it holds. Closing again does nothing."""
        self._reset = False
        if self._closed:
            return
        self._closed = True
        open_sessions.discard(self)
        self._calls.clear()
        self._partial_runs.clear()
        self._forget_callables()
        self._engine.close()

    def as_default(self) -> AbstractContextManager[Self]:
        """Return a context manager that makes this the default session; it does not close it."""
        return sessions.controlled(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

"""Partial runs: a step whose feeds arrive, and whose fetches leave, one after the other."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from evergraph.errors import InvalidArgumentError, OpError
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.context import Watch
from evergraph.runtime.progress import Progress
from evergraph.runtime.step import Step
from evergraph.session.contract import SessionPartialRun
from evergraph.session.feeds import feed_tensor
from evergraph.session.fetches import registered


class PartialRun:
    """One partial run. What needs no feed runs at once, everything else when its feeds are there.

    Args:
      plan: makes the step, planned for a partial run of these tensors.
      fed, fetched: the tensors that may be fed and fetched, once each.
      watch: what the session watches in every run.
    """

    def __init__(
        self,
        plan: Callable[[], Step],
        fed: Sequence[Tensor],
        fetched: Sequence[Tensor],
        watch: Watch | None,
    ) -> None:
        self._feeds = {t: i for i, t in enumerate(fed)}
        self._fetches = {t: i for i, t in enumerate(fetched)}
        self._fed: set[Tensor] = set()
        self._fetched: set[Tensor] = set()
        self._watch = watch
        self._lock = threading.Lock()
        self._error: OpError | None = None
        try:
            self._step = plan()
            self._progress = Progress(self._step, self._step.context(watch))
            self._progress.advance(wanted=0)
        except OpError as error:
            # TF: it is told by the first call.
            self._error = error

    @property
    def finished(self) -> bool:
        """Whether everything has been fed and fetched."""
        return len(self._fed) == len(self._feeds) and len(self._fetched) == len(self._fetches)

    @property
    def failed(self) -> bool:
        """Whether a node has failed."""
        return self._error is not None

    def run(self, values: Mapping[Tensor, Any], wanted: Sequence[Tensor]) -> list[Any]:
        """Feed values, run what can run, and return the values of the wanted tensors.

        Raises:
          InvalidArgumentError: a tensor may not be fed or fetched, or not now.
          OpError: a node failed.
        """
        with self._lock:
            self._check_members(values, wanted)
            if self._error is not None:
                raise self._error
            self._check_order(values, wanted)
            progress, plan = self._progress, self._step.plan
            progress.watch(self._step.context(self._watch))
            for tensor, value in values.items():
                position = self._feeds[tensor]
                # The caller may change an array before a later call uses it.
                progress.store[plan.feeds[position]] = _copied(value)
                progress.happened |= 1 << position
            self._fed.update(values)
            positions = [self._fetches[t] for t in wanted]
            needed = 0
            for position in positions:
                needed |= plan.ready[position]
            try:
                progress.advance(needed)
            except OpError as error:
                self._error = error
                raise
            self._fetched.update(wanted)
            return [_copied(v) for v in progress.outputs(positions)]

    def _check_members(self, values: Mapping[Tensor, Any], wanted: Sequence[Tensor]) -> None:
        for tensor in values:
            if tensor not in self._feeds:
                raise _refused(f"The feed {tensor.name} was not specified in partial_run_setup.")
            if tensor in self._fed:
                raise _refused(f"The feed {tensor.name} has already been fed.")
        for tensor in wanted:
            if tensor not in self._fetches:
                raise _refused(f"The fetch {tensor.name} was not specified in partial_run_setup.")
            if tensor in self._fetched:
                raise _refused(f"The fetch {tensor.name} has already been fetched.")

    def _check_order(self, values: Mapping[Tensor, Any], wanted: Sequence[Tensor]) -> None:
        arrived = 0
        for tensor in (*self._fed, *values):
            arrived |= 1 << self._feeds[tensor]
        feeds = (1 << len(self._feeds)) - 1
        for tensor in wanted:
            missing = self._step.plan.ready[self._fetches[tensor]] & feeds & ~arrived
            if missing:
                names = [t.name for t, i in self._feeds.items() if missing >> i & 1]
                raise _refused(
                    f"Fetch {tensor.name} can't be computed from the feeds that have been fed so "
                    f"far. It also needs {', '.join(names)}."
                )


class PartialRuns:
    """The partial runs of a session that are under way, by handle."""

    def __init__(self) -> None:
        self._runs: dict[str, SessionPartialRun] = {}
        self._count = itertools.count()

    def add(self, run: SessionPartialRun, handle: str) -> str:
        """Keep a run; return the handle with a number that makes it unique."""
        handle += str(next(self._count))
        self._runs[handle] = run
        return handle

    def run(self, handle: str, values: Mapping[Tensor, Any], wanted: Sequence[Tensor]) -> list[Any]:
        """Go on with a run; forget it when it has finished or failed.

        Raises:
          InvalidArgumentError: there is none of that handle; see also `PartialRun.run`.
        """
        found = self._runs.get(handle)
        if found is None:
            raise _refused("Must run 'setup' before performing partial runs!")
        try:
            return found.run(values, wanted)
        finally:
            if found.finished or found.failed:
                self._runs.pop(handle, None)

    def clear(self) -> None:
        """Forget all runs."""
        self._runs.clear()


def check_setup(
    fed: Sequence[Tensor], fetched: Sequence[Tensor], operations: Sequence[Operation]
) -> None:
    """Raise InvalidArgumentError unless a partial run of these makes sense."""
    if not fetched and not operations:
        raise _refused("Must specify at least one target to fetch or execute.")
    given = set()
    for tensor in fed:
        if tensor in given:
            raise _refused(f'Endpoint "{tensor.name}" fed more than once.')
        given.add(tensor)
    for tensor in fetched:
        if tensor in given:
            raise _refused(f"{tensor.name} is both fed and fetched.")


def setup_feeds(graph: Graph, key: Any) -> list[Tensor]:
    """Return the tensors that a feed of a partial run stands for."""
    functions = registered(key)
    parts = [key] if functions is None or functions[2] is None else functions[2](key)
    try:
        return [feed_tensor(graph, part) for part in parts]
    except TypeError as error:
        text = str(error).removeprefix("Cannot interpret feed_dict key as Tensor: ")
        raise TypeError(f"Cannot interpret argument `feed` key as Tensor: {text}") from None


def handle_of(
    fed: Sequence[Tensor], fetched: Sequence[Tensor], operations: Sequence[Operation]
) -> str:
    """Return the beginning of a handle, as TensorFlow writes it."""
    feeds = ",".join(sorted(t.name for t in fed))
    fetches = ",".join(sorted(t.name for t in fetched))
    targets = ",".join(sorted(op.name for op in operations))
    return f"{feeds}->{fetches}/{targets}/1/;"


def _refused(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value

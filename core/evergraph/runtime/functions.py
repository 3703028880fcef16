"""Functions that run for each element of a dataset: planned and compiled once, on the host."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evergraph.data.dataset import Function
from evergraph.errors import OpError
from evergraph.graph.bodies import Body, instance_of
from evergraph.graph.graph import Graph
from evergraph.runtime.assembly import build_step
from evergraph.runtime.backend import Backend, on_host
from evergraph.runtime.context import Cancellation, StepContext
from evergraph.runtime.failures import bare_message
from evergraph.runtime.place import Placer
from evergraph.runtime.plan import plan
from evergraph.runtime.resources import Cell, Resources, Variable
from evergraph.runtime.step import Step


@dataclass(frozen=True)
class Session:
    """What functions have in common with the steps of their session.

    Attributes:
      graph: has the functions.
      placer: finds the device of every node.
      optimize: whether constants are folded.
      backend: of the session; values of variables are its arrays.
      host: the `numpy` backend, on which functions run.
      resources, cancellation: of the session.
    """

    graph: Graph
    placer: Placer
    optimize: bool
    backend: Backend
    host: Backend
    resources: Resources
    cancellation: Cancellation
    #: What functions do, by name and attributes.
    bodies: dict[bytes, Body] = field(default_factory=dict)


class Functions:
    """Runs functions; random nodes inside have streams of their own.

    Args:
      session: whose functions they are.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._resources = _Seen(session.resources, session.backend)
        self._steps: dict[Any, Step] = {}
        self._lock = threading.RLock()

    def fresh(self) -> Functions:
        """Return the same with random streams that have not begun yet."""
        return Functions(self._session)

    def call(
        self, function: Function, arguments: Sequence[Any], context: StepContext
    ) -> Sequence[Any]:
        """Return the results of a function.

        Args:
          function: the function.
          arguments: NumPy's values, or what else the host keeps; of a variable its `Variable`.
          context: of the step that waits for the results.

        Raises:
          OpError: a node in it failed.
        """
        step = self._step(function, arguments)
        values = [a for a in arguments if not isinstance(a, Variable)]
        inner = None
        if step.plan.context is not None or context.deadline is not None:
            inner = StepContext(self._resources, self._session.cancellation, None, self)
            inner.deadline = context.deadline
        try:
            return step(values, inner)
        except OpError as error:
            raise _told(error, function, self._prefix(function)) from error

    def _step(self, function: Function, arguments: Sequence[Any]) -> Step:
        variables = {i: a for i, a in enumerate(arguments) if isinstance(a, Variable)}
        name = function.function.SerializeToString(deterministic=True)
        key = name, tuple(variables.items())
        with self._lock:
            found = self._steps.get(key)
            if found is None:
                found = self._steps[key] = self._planned(name, function, variables)
        return found

    def _planned(self, name: bytes, function: Function, variables: dict[int, Variable]) -> Step:
        session = self._session
        with session.graph._lock:
            body = session.bodies.get(name)
            if body is None:
                body = instance_of(session.graph, function.function, self._prefix(function))
                session.bodies[name] = body
            planned = plan(
                body.graph,
                body.results,
                body.targets,
                [a for i, a in enumerate(body.arguments) if i not in variables],
                session.placer,
                session.optimize,
                known={body.arguments[i]: v for i, v in variables.items()},
            )
            return build_step(
                planned, session.host, session.host, True, self._resources, session.cancellation,
                self,
            )  # fmt: skip

    @staticmethod
    def _prefix(function: Function) -> str:
        name: str = function.function.name
        return name.strip("_")


def _told(error: OpError, function: Function, prefix: str) -> OpError:
    """Return an error of a node in a function, as the node that waits for an element shows it."""
    text = bare_message(error)
    if error.op is not None:
        text += f"\n\t [[{{{{node {error.op.name.removeprefix(f'{prefix}/')}}}}}]]"
    message = f"Error in user-defined function passed to {function.owner} transformation: {text}"
    new = type(error).__new__(type(error))
    OpError.__init__(new, None, None, message, error.error_code)
    return new


class _Seen(Resources):
    """The resources of a session as the host sees them, with random streams of its own.

    Args:
      resources: of the session.
      backend: whose arrays the values of variables are.
    """

    def __init__(self, resources: Resources, backend: Backend) -> None:
        super().__init__()
        self._session = resources
        self._backend = backend
        self.lock = resources.lock
        self.kept = resources.kept
        self._cells: dict[Variable, _HostCell] = {}

    def cell(self, variable: Variable) -> Any:
        """Return the cell of a variable, or of a stream."""
        if variable.seeds is not None:
            return super().cell(variable)
        if self._backend.host_arrays:
            return self._session.cell(variable)
        found = self._cells.get(variable)
        if found is None:
            found = _HostCell(self._session.cell(variable), self._backend)
        return self._cells.setdefault(variable, found)

    def object(self, container: str, name: str, make: Any) -> Any:
        """Return the queue, reader … of the session."""
        return self._session.object(container, name, make)

    def check_open(self) -> None:
        """Raise CancelledError if the session was closed."""
        self._session.check_open()


class _HostCell:
    """A cell whose value the host sees as NumPy's."""

    __slots__ = ("_backend", "_cell")

    def __init__(self, cell: Cell, backend: Backend) -> None:
        self._cell = cell
        self._backend = backend

    @property
    def value(self) -> Any:
        """The value; None before the variable is initialised."""
        value = self._cell.value
        # A copy: another step may give the backend's memory away.
        return None if value is None else np.array(on_host(self._backend, value))[()]

    @value.setter
    def value(self, value: Any) -> None:
        self._cell.value = self._backend.from_host(value)

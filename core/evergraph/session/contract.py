"""What a session asks of the engine behind it, in this process or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from evergraph import protos
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.context import Watch
from evergraph.session.devices import DeviceAttributes
from evergraph.session.explain import Explanation
from evergraph.session.results import Release


class SessionStep(Protocol):
    """Runs fetches of a graph, any number of times."""

    def context(self, watch: Watch | None = None) -> Any:
        """Return what is given to one run, so that it is watched; time counts from now."""
        ...

    def __call__(self, values: Sequence[Any], context: Any = None) -> Sequence[Any]:
        """Run with one value per fed tensor; return one per fetched tensor.

        Raises:
          OpError: a node failed; the error names the operation of the session's graph.
        """
        ...


class SessionPartialRun(Protocol):
    """A run whose feeds arrive, and whose fetches leave, one after the other."""

    @property
    def finished(self) -> bool:
        """Whether everything has been fed and fetched."""
        ...

    @property
    def failed(self) -> bool:
        """Whether a node has failed."""
        ...

    def run(self, values: Mapping[Tensor, Any], wanted: Sequence[Tensor]) -> list[Any]:
        """Feed values, run what can run, and return the values of the wanted tensors.

        Raises:
          InvalidArgumentError: a tensor may not be fed or fetched, or not now.
          OpError: a node failed.
        """
        ...


class SessionEngine(Protocol):
    """Runs steps of one graph. The graph may grow, and its nodes may change, between steps."""

    def step(
        self, wanted: list[Tensor], operations: list[Operation], fed: Sequence[Tensor]
    ) -> SessionStep:
        """Return the step that fetches and runs these, and feeds those.

        Raises:
          OpError: it cannot be planned, or ops have no kernel.
        """
        ...

    def partial_run(
        self,
        wanted: list[Tensor],
        operations: list[Operation],
        fed: Sequence[Tensor],
        watch: Watch | None = None,
    ) -> SessionPartialRun:
        """Return a partial run of these, begun. What is wrong is told when it goes on."""
        ...

    def releaser(self, tensor: Tensor) -> Release:
        """Return what makes a fetched value of this tensor the caller's own."""
        ...

    def explain(self, step: Any) -> Explanation:
        """Say which node of a step of this engine (None for no step) runs where, and why."""
        ...

    def partition_graphs(self, step: Any) -> list[protos.GraphDef]:
        """Return what a step of this engine runs as graphs, one for each device."""
        ...

    def devices(self) -> list[DeviceAttributes]:
        """Return the devices."""
        ...

    def check_alive(self) -> None:
        """Raise FailedPreconditionError if the engine cannot go on in a child of its process."""
        ...

    def locks(self) -> list[Any]:
        """Return its locks, in the order in which they nest; see `forking`."""
        ...

    def close(self) -> None:
        """Stop what runs, and release everything."""
        ...

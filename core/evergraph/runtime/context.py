"""What a step runs in: cancellation, a deadline, an observer, and the session's resources."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evergraph.errors import DeadlineExceededError, OpError
from evergraph.op import Pending
from evergraph.runtime.monitor import run_cancelled

if TYPE_CHECKING:
    from evergraph.runtime.functions import Functions
    from evergraph.runtime.monitor import StepObserver
    from evergraph.runtime.resources import Resources


class Cancellation:
    """Whether what a session runs is to stop.

    Attributes:
      future: is done then.
    """

    def __init__(self) -> None:
        self.future: Future[None] = Future()
        # Asking the future takes three times as long, and this is asked between nodes.
        self._requested = False

    def request(self) -> None:
        """Let everything that runs stop; what waits wakes up."""
        self._requested = True
        if not self.future.done():
            self.future.set_result(None)

    def check(self) -> None:
        """Raise CancelledError if it is to stop."""
        if self._requested:
            raise run_cancelled()


@dataclass(frozen=True)
class Watch:
    """What is to be watched in a run.

    Attributes:
      observer: is told about every node; None for nobody.
      timeout: seconds that the run may take; None for ever.
    """

    observer: StepObserver | None = None
    timeout: float | None = None

    def __bool__(self) -> bool:
        return self.observer is not None or self.timeout is not None


class StepContext:
    """Belongs to one run of a step. A step that waits for nothing needs none.

    Args:
      resources: of the session.
      cancellation: of the session.
      watch: what is to be watched; time counts from now.
      functions: runs functions of the graph for nodes whose kernels need them.

    Attributes:
      deadline: `time.monotonic` at which the run is to end; None for never.
      observer: is told about every node; None for nobody.
    """

    __slots__ = ("cancellation", "deadline", "functions", "observer", "resources")

    def __init__(
        self,
        resources: Resources,
        cancellation: Cancellation,
        watch: Watch | None = None,
        functions: Functions | None = None,
    ) -> None:
        self.resources = resources
        self.functions = functions
        self.cancellation = cancellation
        timeout = None if watch is None else watch.timeout
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self.observer = None if watch is None else watch.observer

    @property
    def watched(self) -> bool:
        """Whether somebody looks at the nodes, or at the time."""
        return self.observer is not None or self.deadline is not None

    def resource(self, container: str, name: str, make: Callable[[], Any]) -> Any:
        """Return the queue, reader … of that name in a container (by default the session's own).

        Args:
          container: its name; "" for the default one.
          name: of the resource.
          make: makes it, where it does not exist yet.
        """
        return self.resources.object(container or "localhost", name, make)

    def check(self) -> None:
        """Raise if the run is to stop.

        Raises:
          CancelledError: the session is being closed.
          DeadlineExceededError: the time is up.
        """
        self.cancellation.check()
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise deadline_exceeded()

    def wait(self, pending: Iterable[Pending]) -> None:
        """Return when one of them is done.

        Raises:
          CancelledError, DeadlineExceededError: as `check`.
        """
        self.check()
        remaining = None if self.deadline is None else self.deadline - time.monotonic()
        wait([*pending, self.cancellation.future], remaining, FIRST_COMPLETED)
        self.check()


def deadline_exceeded() -> OpError:
    """Return TensorFlow's error for a run that took too long."""
    return DeadlineExceededError(None, None, "Timed out waiting for notification")

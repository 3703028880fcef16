"""The per-thread stacks of default graphs, and of whatever else has a default."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from evergraph.graph.graph import Graph

T = TypeVar("T")


class DefaultStack(threading.local, Generic[T]):
    """A stack per thread; `get` is its top."""

    def __init__(self) -> None:
        self.stack: list[T] = []
        self.enforce_nesting = True

    def get(self) -> T | None:
        """Return the innermost default, or None."""
        return self.stack[-1] if self.stack else None

    @contextmanager
    def controlled(self, default: T, enforce_nesting: bool = True) -> Iterator[T]:
        """Make `default` the default inside a `with` block.

        Raises:
          AssertionError: blocks are left in another order than they were entered.
        """
        self.stack.append(default)
        try:
            yield default
        finally:
            # The stack is empty where the block is left in another thread.
            if self.stack:
                if enforce_nesting and self.stack[-1] is not default:
                    raise AssertionError(
                        f"Nesting violated for default stack of {type(default)} objects"
                    )
                if enforce_nesting:
                    self.stack.pop()
                elif default in self.stack:
                    self.stack.remove(default)


class _GraphStack(DefaultStack["Graph"]):
    """The stack of default graphs, above one graph of the thread's own."""

    def __init__(self) -> None:
        super().__init__()
        self.outermost: Graph | None = None

    def current(self) -> Graph:
        """Return the default graph; the thread's own is made on first use."""
        if self.stack:
            return self.stack[-1]
        if self.outermost is None:
            from evergraph.graph.graph import Graph

            self.outermost = Graph()
        return self.outermost


graphs = _GraphStack()


def get_default_graph() -> Graph:
    """Return the default graph of the calling thread."""
    return graphs.current()


def reset_default_graph() -> None:
    """Replace the calling thread's outermost default graph by a new one.

    Raises:
      AssertionError: inside `with graph.as_default()` or a session's `with` block.
    """
    if graphs.stack:
        raise AssertionError(
            "Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared "
            "graph, exit the nesting and create a new graph."
        )
    graphs.outermost = None

"""Eight threads in a graph: what a scenario happens in, and how it is run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

import evergraph.v1 as tf
from evergraph_conformance.threads import in_threads, until

THREADS = 8
PUSH, LONG = 10, 1000


@dataclass
class World:
    """What a scenario happens in; the graph is the default one of the thread that builds it."""

    backend: str
    graph: tf.Graph
    opened: list[tf.Session] = field(default_factory=list)

    def open(self, **config: Any) -> tf.Session:
        """Return an open session, which is closed when the scenario has ended."""
        self.opened.append(
            tf.Session(graph=self.graph, config=tf.ConfigProto(backend=self.backend, **config))
        )
        return self.opened[-1]


Scenario = Callable[[World], Iterator[Callable[[int], Any]]]


@pytest.fixture
def play(sample: Any) -> Callable[[Scenario, str], None]:
    """Play a scenario on a backend, again and again, and find no thread left of it.

    A scenario builds a graph and yields what each of the threads does, which checks the values
    that it gets. What must hold when all have ended comes after the `yield`.
    """

    def play(scenario: Scenario, backend: str) -> None:
        threads = set(threading.enumerate())
        for _ in range(sample.count(PUSH, LONG)):
            with tf.Graph().as_default() as graph:
                world = World(backend, graph)
                with contextmanager(scenario)(world) as work:
                    in_threads(work, THREADS)
                for session in world.opened:
                    session.close()
        until(lambda: set(threading.enumerate()) <= threads)

    return play

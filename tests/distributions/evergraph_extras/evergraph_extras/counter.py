"""The observer: how often each op type ran."""

from __future__ import annotations

import threading
from collections import Counter

from evergraph.plugin import NodeEvent


class NodeCounter:
    """Counts nodes by op type; steps may run in several threads.

    Attributes:
      counts: by op type.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def node(self, event: NodeEvent) -> None:
        """Count one node."""
        with self._lock:
            self.counts[event.type] += 1


COUNTER = NodeCounter()

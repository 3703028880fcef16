"""Several plugins may observe a step."""

from __future__ import annotations

from evergraph.plugin import NodeEvent
from evergraph.session.metadata import observed_by


class Noting:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.events: list[NodeEvent] = []

    def node(self, event: NodeEvent) -> None:
        """Note that an operation ran."""
        self.events.append(event)


def test_all_observers_are_told_of_a_node():
    first, second = Noting(), Noting()
    event = object()
    observed_by([first, second]).node(event)
    assert first.events == second.events == [event]

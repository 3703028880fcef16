"""`Plan` and its stages: what a step consists of, by what must have happened before.

Most steps have one stage, which runs as a whole. A node that may wait for other steps (a dequeue),
or that calls Python, is a stage of its own: while it runs, no lock is held. What depends on it
forms later stages: one for every set of such *events* that nodes need. In a partial run each feed
is an event, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from evergraph.dtypes import DType
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.lowering import Item, inputs_of, members, sources
from evergraph.runtime.program import Node, Slot
from evergraph.runtime.resources import Variable
from evergraph.runtime.versions import Read
from evergraph.shapes import Dims

#: A set of events, as bits.
Events = int


@dataclass
class Stage:
    """Nodes that need the same events.

    Attributes:
      needs: the events that must have happened.
      event: the one that the stage is, if its only node is an open one (`Op.open`); else 0.
      nodes: in execution order.
      reads: slots that hold the value that a variable has when the stage begins.
      flags: slots that tell whether a variable has a value when the stage begins.
      writes: for every variable that the stage changes, the slot of its last value.
      given: of variables that it may leave without a value: the slot of whether there is one.
      versions: slots of values that the stage gives to variables, the last ones among them.
    """

    needs: Events
    event: Events = 0
    nodes: list[Node] = field(default_factory=list)
    reads: dict[Slot, Read] = field(default_factory=dict)
    flags: dict[Slot, Variable] = field(default_factory=dict)
    writes: dict[Variable, Slot] = field(default_factory=dict)
    given: dict[Variable, Slot] = field(default_factory=dict)
    versions: dict[Slot, Variable] = field(default_factory=dict)

    @property
    def used(self) -> set[Slot]:
        """The slots that it reads."""
        read = {s for n in self.nodes for s in n.inputs}
        return read | {*self.writes.values(), *self.given.values()}


@dataclass
class Plan:
    """A step as nodes.

    Attributes:
      stages: in an order in which they may run.
      origins: for every node, the operation that it comes from.
      feeds: a slot per fed tensor, in order.
      outputs: a slot per fetched tensor, in order.
      ready: per fetched tensor, the events that it needs.
      constants: slots known beforehand.
      operations: all that the step needs, folded ones and aliases included.
      inside: those of them that lie in conditionals and loops, and those of functions.
      calls: by the graph of a function's body, the operation that calls the function.
      types: the element type and the static shape of every slot.
      context: the slot of the step's `StepContext`, if a node takes it.
      partial: whether stages run before all feeds are there.
    """

    stages: list[Stage] = field(default_factory=list)
    origins: dict[int, Operation] = field(default_factory=dict)
    feeds: list[Slot] = field(default_factory=list)
    outputs: list[Slot] = field(default_factory=list)
    ready: list[Events] = field(default_factory=list)
    constants: dict[Slot, Any] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    inside: set[Operation] = field(default_factory=set)
    calls: dict[Graph, Operation] = field(default_factory=dict)
    types: dict[Slot, tuple[DType, Dims]] = field(default_factory=dict)
    context: Slot | None = None
    partial: bool = False

    @property
    def nodes(self) -> Iterator[Node]:
        """The nodes of all stages."""
        return (n for stage in self.stages for n in stage.nodes)

    def origin(self, node: Node) -> Operation:
        """Return the operation that a node comes from."""
        return self.origins[id(node)]


class Staging:
    """Sorts operations into the stages of a plan.

    Args:
      plan: takes the stages.
      arrivals: fed tensors whose arrival is an event, with the event.
    """

    def __init__(self, plan: Plan, arrivals: dict[Tensor, Events]) -> None:
        self._plan = plan
        self._arrivals = arrivals
        self._events = len(arrivals)
        self._needs: dict[Operation, Events] = {}
        self._stages: dict[Events, Stage] = {}
        #: The stage of the operation that is being planned.
        self.current = self._stage(0)

    def begin(self, item: Item, fed: Collection[Tensor]) -> None:
        """Let `current` be the stage of an item."""
        if not self._needs and not self._arrivals:  # nothing has happened yet
            return
        needs = self.needed_by(item, fed)
        if needs:
            self._needs.update(dict.fromkeys(members(item), needs))
        self.current = self._stage(needs)

    def needed_by(self, item: Item, fed: Collection[Tensor]) -> Events:
        """Return the events that an item's inputs and control inputs need."""
        known, needs = self._needs, 0
        for source in sources(item, fed):
            needs |= known.get(source, 0)
        if self._arrivals:
            for tensor in inputs_of(item):
                needs |= self._arrivals.get(tensor, 0)
        return needs

    def needed_for(self, tensor: Tensor) -> Events:
        """Return the events that a computed tensor needs."""
        return self._needs.get(tensor._op, 0)

    def open(self, item: Item) -> Stage:
        """Return a stage for an open node alone: an event that its consumers need."""
        event = 1 << self._events
        self._events += 1
        self._needs.update(dict.fromkeys(members(item), self.current.needs | event))
        stage = Stage(self.current.needs, event)
        self._plan.stages.append(stage)
        return stage

    def after(self, item: Item) -> None:
        """Let `current` be the stage of what needs an item, and nothing else."""
        self.current = self._stage(self._needs[next(iter(members(item)))])

    def finish(self) -> None:
        """Let `current` be the stage that runs when everything has happened."""
        self.current = self._stage((1 << self._events) - 1)

    def _stage(self, needs: Events) -> Stage:
        stage = self._stages.get(needs)
        if stage is None:
            stage = self._stages[needs] = Stage(needs)
            self._plan.stages.append(stage)
        return stage

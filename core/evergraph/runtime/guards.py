"""Initialized values in a plan: `v` if it has a value, else its initial one.

They are conditions of TensorFlow's version 1, Switch and Merge, whose predicate is whether a
variable is initialized. Both sides are computed, from zeros where there is no value, and one is
selected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor

if TYPE_CHECKING:
    from evergraph.runtime.plan import _Planner

_QUESTIONS: Final = {"IsVariableInitialized", "VarIsInitializedOp"}


class Guards:
    """What lies behind such conditions: for every tensor the predicate, and on which side it is."""

    def __init__(self, planner: _Planner) -> None:
        self._planner = planner
        self._sides: dict[Tensor, tuple[Tensor, bool]] = {}

    def holds(self, tensor: Tensor) -> bool:
        """Whether a tensor is used only if a variable is initialized."""
        side = self._sides.get(tensor)
        return side is not None and side[1]

    def switch(self, op: Operation) -> bool:
        """Let both outputs of a Switch be its input; False if it asks something else."""
        data, predicate = op._inputs
        question = _source(predicate)
        if question._op._type not in _QUESTIONS or data not in self._planner.slots:
            return False
        for output, side in zip(op._outputs, (False, True), strict=True):
            self._planner.slots.setdefault(output, self._planner.slots[data])
            self._sides[output] = question, side
        return True

    def merged(self, op: Operation) -> tuple[Tensor, Tensor, Tensor] | None:
        """Return the predicate and the inputs of a Merge if true and if false.

        None if it ends another kind of condition.
        """
        if len(op._inputs) != 2 or any(t not in self._sides for t in op._inputs):
            return None
        (first, side), (second, other) = (self._sides[t] for t in op._inputs)
        if first is not second or side is other:
            return None
        yes, no = op._inputs if side else reversed(op._inputs)
        return first, yes, no

    def pass_on(self, source: Tensor, output: Tensor) -> None:
        """Note that a tensor is another one."""
        side = self._sides.get(source)
        if side is not None:
            self._sides[output] = side

    def through(self, op: Operation) -> None:
        """Note that the outputs of an operation follow from its inputs."""
        if self._sides:
            for source in op._inputs:
                for output in op._outputs:
                    self.pass_on(source, output)


def _source(tensor: Tensor) -> Tensor:
    while tensor._op._type == "Identity":
        tensor = tensor._op._inputs[0]
    return tensor

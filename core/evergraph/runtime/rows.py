"""Sparse gradients whose rows are summed: as one node, whose outputs have the shapes of its inputs.

Optimizers sum the gradients of a row with `Unique` and `UnsortedSegmentSum`, so the number of rows
depends on values, and a backend that compiles would compile anew for every number. Here there are
as many rows as before, and those that are too many are marked by `ABSENT`, which their consumers
leave out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from evergraph.ops.row_sums import DEDUPLICATED
from evergraph.runtime.program import Node, Slot
from evergraph.runtime.stages import Plan
from evergraph.shapes import Dims
from evergraph.vocabulary import vocabulary

#: Op types that leave out rows that are marked; with the positions of the indices and of the rows.
_CONSUMERS: Final = {
    "ScatterAdd": (1, 2),
    "ScatterSub": (1, 2),
    "ResourceScatterAdd": (1, 2),
    "ResourceScatterSub": (1, 2),
}
#: Op types that compute every row by itself, if their other inputs are scalars.
_BY_ROW: Final = {
    "Add",
    "AddV2",
    "Cast",
    "Identity",
    "Maximum",
    "Minimum",
    "Mul",
    "Neg",
    "RealDiv",
    "Rsqrt",
    "Sqrt",
    "Square",
    "Sub",
}


def sum_rows(plan: Plan) -> None:
    """Put one node in place of those that sum the rows of sparse gradients, where that is possible.

    It is where nothing but updates of variables uses them, row by row.
    """
    for stage in plan.stages:
        if any(node.type == "UnsortedSegmentSum" for node in stage.nodes):
            taken = set(plan.outputs)
            for other in plan.stages:
                taken |= other.used if other is not stage else {*other.writes.values()}
            stage.nodes = _Rows(stage.nodes, plan, taken).rewritten()


class _Rows:
    """The nodes of a stage, to be rewritten."""

    def __init__(self, nodes: Sequence[Node], plan: Plan, taken: Collection[Slot]) -> None:
        self._nodes = list(nodes)
        self._plan = plan
        self._taken = taken
        self._users: dict[Slot, list[Node]] = {}
        self._made: dict[Slot, Node] = {}
        for node in nodes:
            for slot in node.inputs:
                self._users.setdefault(slot, []).append(node)
            self._made.update(dict.fromkeys(node.outputs, node))

    def rewritten(self) -> list[Node]:
        """Return the nodes."""
        new: dict[int, Node | None] = {}
        for node in self._nodes:
            if node.type == "UnsortedSegmentSum":
                found = self._replaced(node)
                if found is not None and not new.keys() & found.keys():
                    new |= found
        for old, made in new.items():
            if made is not None:
                self._plan.origins[id(made)] = self._plan.origins[old]
        result = [new.get(id(node), node) for node in self._nodes]
        return [node for node in result if node is not None]

    def _replaced(self, total: Node) -> dict[int, Node | None] | None:
        """Return what comes in place of nodes, by their identity; None if that cannot be."""
        values, which, count = total.inputs
        unique, sliced = self._made.get(which), self._made.get(count)
        if unique is None or unique.type != "Unique" or sliced is None:
            return None
        once = unique.outputs[0]
        shape = self._made.get(sliced.inputs[0])
        if sliced.type != "StridedSlice" or shape is None or shape.type != "Shape":
            return None
        alone = self._users[which] == [total] and self._users[count] == [total]
        if shape.inputs != (once,) or not alone or self._users[shape.outputs[0]] != [sliced]:
            return None
        if not {once, which, count, shape.outputs[0]}.isdisjoint(self._taken):
            return None
        consumers = self._consumers(once, total.outputs[0], shape)
        if consumers is None:
            return None
        signature = vocabulary().get(DEDUPLICATED)
        assert signature is not None
        attributes: Mapping[str, Any] = {
            "T": total.attributes["T"],
            "Tindices": unique.attributes["T"],
        }
        node = Node(
            signature,
            attributes,
            (values, unique.inputs[0]),
            (total.outputs[0], once),
            total.device,
        )
        new: dict[int, Node | None] = {id(n): None for n in (unique, shape, sliced)}
        new[id(total)] = node
        for consumer in consumers:
            new[id(consumer)] = replace(
                consumer, attributes={**consumer.attributes, "_padded": True}
            )
        return new

    def _consumers(self, once: Slot, total: Slot, shape: Node) -> list[Node] | None:
        """Return the updates that use the rows; None if there is any other use."""
        consumers = []
        for user in self._users[once]:
            if user is shape:
                continue
            places = _places(user)
            if places is None or user.inputs[places[0]] != once or user.inputs.count(once) > 1:
                return None
            consumers.append(user)
        rows = {total}
        stack = [total]
        while stack:
            slot = stack.pop()
            if slot in self._taken:
                return None
            for user in self._users.get(slot, ()):
                places = _places(user)
                if places is not None and user.inputs[places[1]] == slot:
                    if user not in consumers or user.inputs.count(slot) > 1:
                        return None
                elif user.type in _BY_ROW:
                    for output in user.outputs:
                        if output not in rows:
                            rows.add(output)
                            stack.append(output)
                else:
                    return None
        for slot in rows - {total}:
            others = [s for s in self._made[slot].inputs if s not in rows]
            if any(self._dims(s) != () for s in others):
                return None
        by_row = all(c.inputs[(_places(c) or (0, 0))[1]] in rows for c in consumers)
        return consumers if by_row and consumers else None

    def _dims(self, slot: Slot) -> Dims:
        if slot in self._plan.constants:
            return tuple(getattr(self._plan.constants[slot], "shape", ()))
        return self._plan.types[slot][1]


def _places(node: Node) -> tuple[int, int] | None:
    """Return the positions of the indices and of the rows that a node takes."""
    if "SparseApply" in node.type:
        names = [a.name for a in node.signature.inputs]
        return names.index("indices"), names.index("grad" if "grad" in names else "delta")
    return _CONSUMERS.get(node.type)

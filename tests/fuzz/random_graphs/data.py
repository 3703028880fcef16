"""A graph as data: a list of nodes, and what the generator knows of their values.

An input of a node is the number of an earlier value, a constant, or a list of those.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

#: Values that may get larger are not used further, but by what bounds them.
LARGE = 1e4
#: An exact value is a multiple of 1/8 with so many bits at most.
EXACT_BITS = 20
#: The types of values that stand for a variable; nothing computes with them.
STATE = ("resource", "ref")


@dataclass(frozen=True)
class Constant:
    """A constant input, as data that JSON can hold."""

    dtype: str
    shape: tuple[int, ...]
    data: str

    @classmethod
    def of(cls, values: Any, dtype: str) -> Constant:
        array = np.asarray(values, dtype)
        return cls(dtype, array.shape, base64.b64encode(array.tobytes()).decode())

    def array(self) -> Any:
        return np.frombuffer(base64.b64decode(self.data), self.dtype).reshape(self.shape)


@dataclass(frozen=True)
class Node:
    """One application of an op; a placeholder has a static shape beside its value.

    Attributes:
      given: what is fed to a placeholder, or the initial value of a variable.
      control: the numbers of the nodes that it waits for.
    """

    op: str
    inputs: list[Any]
    attributes: dict[str, Any] = field(default_factory=dict)
    given: Constant | None = None
    control: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Value:
    """What the generator knows of a value.

    Attributes:
      bound: no element is larger.
      bits: how many bits an exact element has; None if it is not exact.
    """

    dtype: str
    shape: tuple[int, ...]
    bound: float
    bits: int | None


@dataclass
class Variable:
    """A variable, what is known of its value, and the nodes that have to do with the latest.

    Attributes:
      state: the number of the value that stands for it.
      written: the node that wrote last.
      read: the nodes that have read since.
    """

    state: int
    value: Value
    written: list[int] = field(default_factory=list)
    read: list[int] = field(default_factory=list)


@dataclass
class Graph:
    """A random graph under way, or done.

    Attributes:
      nodes: the nodes.
      values: their outputs.
      variables: the variables.
      inside: the values of the branch that is being drawn; None outside of branches.
      inner: the nodes inside of branches.
      hidden: their values.
    """

    nodes: list[Node] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    inside: list[int] | None = None
    inner: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)

    @property
    def fetchable(self) -> list[int]:
        """The values that are no variables, and not inside of branches."""
        found = (i for i, v in enumerate(self.values) if v.dtype not in STATE)
        return [i for i in found if i not in self.hidden]

    def add(
        self,
        op: str,
        inputs: list[Any],
        *outputs: Value,
        given: Constant | None = None,
        control: list[int] | None = None,
        **attributes: Any,
    ) -> int:
        """Add a node and return the number of its first output."""
        self.nodes.append(Node(op, inputs, attributes, given, control or []))
        self.values.extend(outputs)
        first = len(self.values) - len(outputs)
        if self.inside is not None:
            new = range(first, len(self.values))
            self.hidden.update(new)
            self.inside += [i for i in new if self.values[i].dtype not in STATE]
        return first

    def pick(self, random: Random, accept: Callable[[Value], bool]) -> int | None:
        """Return a value that is accepted, of the branch that is being drawn; rather a late one."""
        there = self.fetchable if self.inside is None else self.inside
        found = [i for i in there if accept(self.values[i])]
        return found[-1 - int(len(found) * random.random() ** 2)] if found else None


# As JSON


def to_json(nodes: list[Node]) -> Any:
    """Return nodes as what JSON can hold."""
    return [
        [
            n.op,
            [_input_to_json(i) for i in n.inputs],
            n.attributes,
            _input_to_json(n.given),
            n.control,
        ]
        for n in nodes
    ]


def _input_to_json(given: Any) -> Any:
    if isinstance(given, Constant):
        return {"dtype": given.dtype, "shape": given.shape, "data": given.data}
    return [_input_to_json(i) for i in given] if isinstance(given, list) else given


def from_json(data: Any) -> list[Node]:
    """Return the nodes that `to_json` wrote."""
    return [
        Node(
            op, [_input_from_json(i) for i in inputs], attributes, _input_from_json(given), control
        )
        for op, inputs, attributes, given, control in data
    ]


def _input_from_json(given: Any) -> Any:
    if isinstance(given, dict):
        return Constant(given["dtype"], tuple(given["shape"]), given["data"])
    return [_input_from_json(i) for i in given] if isinstance(given, list) else given

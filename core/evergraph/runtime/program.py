"""`Program`: what a backend is given to run. It knows no graph, session or message."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from evergraph.dtypes import DType
from evergraph.op import registry
from evergraph.shapes import TensorShape
from evergraph.vocabulary import Signature

#: A value of a step: the number of its slot.
Slot = int


@dataclass(frozen=True, slots=True)
class Node:
    """One application of an op.

    Attributes:
      signature: the op's signature; `type` is its name.
      attributes: decoded attributes (see `evergraph.attributes`).
      inputs: slots read, flat: the state of its random stream first, if it has one.
      outputs: slots written; each is written once in a program. New values of variables come
        first, then the next state of the stream, then the outputs of the op.
      device: the full name of the device.
      blocks: of a conditional, what runs if its predicate is false, and if it is true; of a loop,
        its body.
    """

    signature: Signature
    attributes: Mapping[str, Any]
    inputs: tuple[Slot, ...]
    outputs: tuple[Slot, ...]
    device: str
    blocks: tuple[Program, ...] = ()

    @property
    def type(self) -> str:
        """The op type."""
        return self.signature.name

    @property
    def draws(self) -> bool:
        """Whether the node draws from a random stream."""
        op = registry().get(self.type)
        return op is not None and op.stream

    @property
    def single(self) -> bool:
        """Whether the kernel returns one bare value."""
        op = registry().get(self.type)
        if op is not None and (op.writes or op.stream):
            return len(self.outputs) == 1
        return self.signature.single_output


@dataclass(frozen=True)
class Program:
    """An immutable, pruned, placed and ordered list of nodes.

    Attributes:
      nodes: in an order in which they may run. Those that are seen outside of the program (files,
        queues, the standard error) run in this order.
      inputs: slots that the caller fills, in order.
      input_dtypes: the dtype of each input.
      outputs: slots that the caller receives, in order; a slot may be an input or a constant.
      constants: slots known beforehand. The arrays must not be changed.
      static: positions in `inputs` whose values decide shapes or structure. They are NumPy arrays;
        a compiling backend compiles anew for other values.
      device: the device on which all nodes run.
      donated: pairs of positions: an input that nobody reads afterwards, because it is the value
        of a variable, and the output that replaces it. A backend may reuse the memory; then it
        puts into `Monitor.kept` what the variable has when the program fails or is interrupted.
    """

    nodes: tuple[Node, ...]
    inputs: tuple[Slot, ...]
    input_dtypes: tuple[DType, ...]
    outputs: tuple[Slot, ...]
    constants: Mapping[Slot, Any]
    static: frozenset[int] = frozenset()
    device: str = ""
    donated: tuple[tuple[int, int], ...] = ()

    @cached_property
    def hash(self) -> str:
        """A stable hash: equal for programs that do the same, in any process."""
        digest = hashlib.blake2b(digest_size=20)
        add = digest.update
        static, donated = sorted(self.static), self.donated
        for part in (self.inputs, self.outputs, static, self.device, donated):
            add(repr(part).encode())
        add(repr([d.name for d in self.input_dtypes]).encode())
        for node in self.nodes:
            add(f"{node.type}{node.inputs}{node.outputs}{node.device}".encode())
            for name in sorted(node.attributes):
                add(_attribute_bytes(name, node.attributes[name]))
            for block in node.blocks:
                add(block.hash.encode())
        for slot in sorted(self.constants):
            _add_array(digest, slot, np.asarray(self.constants[slot]))
        return digest.hexdigest()

    @cached_property
    def last_use(self) -> Mapping[Slot, int]:
        """For every slot that is read, the index of the last node that reads it."""
        return {slot: i for i, node in enumerate(self.nodes) for slot in node.inputs}


def _attribute_bytes(name: str, value: Any) -> bytes:
    if hasattr(value, "SerializeToString"):
        encoded: bytes = value.SerializeToString(deterministic=True)
        return name.encode() + encoded
    if isinstance(value, TensorShape):
        return f"{name}{value._dims}".encode()
    return f"{name}{value!r}".encode("utf-8", "surrogateescape")


def _add_array(digest: Any, slot: Slot, array: np.ndarray[Any, Any]) -> None:
    digest.update(f"{slot}{array.dtype.name}{array.shape}".encode())
    if array.dtype == object:
        digest.update(repr(array.tolist()).encode())
    else:
        digest.update(np.ascontiguousarray(array).tobytes())


class NodeError(Exception):
    """A node failed: its index in the program's nodes, and the error as its cause.

    The error of a conditional or a loop is the `NodeError` of a node inside.

    Attributes:
      block: which of the node's blocks it is in, where the program is one.
    """

    def __init__(self, index: int, error: BaseException, inputs: Sequence[Any] = ()) -> None:
        super().__init__(f"node {index}: {error}")
        self.index = index
        self.error = error
        self.block = 0
        #: The node's inputs (anything with a `shape`), where they are known.
        self.inputs = inputs


class NotCompilableError(Exception):
    """A conditional or a loop whose blocks a backend cannot compile: the host is to drive it.

    Its branches give other shapes, or those of a loop's values change.
    """

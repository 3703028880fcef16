"""Run a program on the arrays of any library, or on a compiler's tracers, node by node.

One rule keeps shapes known while a program is traced: a pure node whose inputs are all NumPy runs
the NumPy kernel, and what follows from static shapes alone (`Shape` and its kin) gives NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter_ns
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from evergraph.dtypes import variant
from evergraph.op import registry
from evergraph.runtime.hosting import LISTS
from evergraph.runtime.kernels import Block, Call, KernelTable, outputs_of
from evergraph.runtime.monitor import Monitor
from evergraph.runtime.program import Node, NodeError, Program
from evergraph.runtime.statics import OF_SHAPE

_NUMPY: Final = (np.ndarray, np.generic, bytes)


class Interpreter:
    """A program on a library's arrays; called with inputs, it returns outputs (or NumPy values).

    Args:
      program: what to run.
      table: the library's kernels.
      host: NumPy's kernels, for pure nodes whose inputs are all NumPy.
      from_host: from a NumPy value to the library's array.
      to_host: from the library's array to NumPy, for host inputs that are not NumPy yet.
      calls: by index of a node: a kernel of its own.

    Raises:
      NodeError: a node failed.
    """

    def __init__(
        self,
        program: Program,
        table: KernelTable,
        host: KernelTable,
        from_host: Callable[[Any], Any],
        to_host: Callable[[Any], Any],
        calls: Mapping[int, Call] = MappingProxyType({}),
    ) -> None:
        self.program = program
        self._from_host = from_host
        self._to_host = to_host

        def inner(block: Program) -> Interpreter:
            return Interpreter(block, table, host, from_host, to_host)

        self._entries = [_Entry(node, table, host, inner) for node in program.nodes]
        self._dead: list[list[int]] = [[] for _ in program.nodes]
        kept = {*program.outputs, *program.constants}
        for index, call in calls.items():
            self._entries[index].call = call
        for slot, index in program.last_use.items():
            if slot not in kept:
                self._dead[index].append(slot)

    def __call__(
        self,
        inputs: Sequence[Any],
        constants: dict[int, Any] | None = None,
        monitor: Monitor | None = None,
        wait: Callable[[Any], Any] | None = None,
    ) -> list[Any]:
        """Run the program.

        Args:
          inputs: one value per input.
          constants: arrays of the library to use for some of the constants.
          monitor: watches the run.
          wait: called with the outputs of every node before the monitor's observer is told.
        """
        observer = None if monitor is None else monitor.observer
        program = self.program
        values: dict[int, Any] = dict(program.constants)
        device = constants or {}
        values.update(zip(program.inputs, inputs, strict=True))
        for index, entry in enumerate(self._entries):
            if monitor is not None:
                monitor.check()
            arguments = [values[s] for s in entry.inputs]
            start = perf_counter_ns() if observer is not None else 0
            try:
                if entry.blocks:
                    outputs = self._run_blocks(entry, index, arguments, monitor, wait)
                else:
                    outputs = self._run(entry, arguments, device)
            except Exception as error:
                raise NodeError(index, error, arguments) from error
            if observer is not None:
                if wait is not None:
                    wait(list(outputs))
                observer.node(program, index, start, perf_counter_ns(), outputs)
            values.update(zip(entry.outputs, outputs, strict=True))
            for slot in self._dead[index]:
                values.pop(slot, None)
        return [device.get(s, values[s]) for s in program.outputs]

    def _run_blocks(
        self,
        entry: _Entry,
        index: int,
        arguments: list[Any],
        monitor: Monitor | None,
        wait: Callable[[Any], Any] | None,
    ) -> Sequence[Any]:
        def block(number: int) -> Block:
            inner = None if monitor is None else monitor.inside(index, number)

            def run(inputs: Sequence[Any]) -> Sequence[Any]:
                try:
                    return entry.blocks[number](inputs, None, inner, wait)
                except NodeError as error:
                    error.block = number
                    raise

            return run

        blocks = [block(i) for i in range(len(entry.blocks))]
        result: Sequence[Any] = entry.control(blocks)(*arguments)
        return result

    def _run(self, entry: _Entry, arguments: list[Any], device: dict[int, Any]) -> Sequence[Any]:
        if entry.of_shape is not None:
            return entry.of_shape([a.shape for a in arguments], entry.out_type)
        if entry.pure and all(isinstance(a, _NUMPY) for a in arguments):
            return outputs_of(entry.single, entry.numpy_call(*arguments))
        for i, value in enumerate(arguments):
            if i in entry.host_inputs:
                if not isinstance(value, _NUMPY):
                    arguments[i] = self._to_host(value)
            elif isinstance(value, _NUMPY) and not entry.keeps:
                known = device.get(entry.inputs[i])
                arguments[i] = self._from_host(value) if known is None else known
        return outputs_of(entry.single, entry.call(*arguments))


class _Entry:
    """One node, made ready."""

    def __init__(
        self,
        node: Node,
        table: KernelTable,
        host: KernelTable,
        inner: Callable[[Program], Interpreter],
    ) -> None:
        self.node = node
        self.inputs = node.inputs
        self.outputs = node.outputs
        self.single = node.single
        self.blocks = [inner(block) for block in node.blocks]
        self._table = table
        signature = node.signature
        op = registry().get(node.type)
        self.pure = op is not None and op.pure and node.type in host
        self.host_inputs = host_positions(node)
        #: Whether it takes values that are known as they are: lists keep them so.
        self.keeps = any(a.dtype is variant for a in (*signature.inputs, *signature.outputs))
        self.of_shape = OF_SHAPE.get(node.type)
        if self.of_shape is None and not node.blocks:
            self.call: Call = table.call(node.signature, node.attributes)
        self.out_type = node.attributes.get("out_type")
        self._host = host
        self._numpy_call: Call | None = None

    def control(self, blocks: Sequence[Block]) -> Call:
        """Return the call of a node with blocks."""
        return self._table.control(self.node, blocks)

    @property
    def numpy_call(self) -> Call:
        """The NumPy kernel of the node."""
        if self._numpy_call is None:
            self._numpy_call = self._host.call(self.node.signature, self.node.attributes)
        return self._numpy_call


def host_positions(node: Node) -> frozenset[int]:
    """Return the flat positions of a node's host inputs."""
    if node.blocks:
        return frozenset(needs_of(node)[0])
    op = registry().get(node.type)
    if op is None or not op.host:
        return frozenset()
    if "_known" in node.attributes:
        return frozenset(op.host) - frozenset(op.places)
    if not any(a.is_list for a in node.signature.inputs):
        return frozenset(i + op.lead for i in op.host)
    found: set[int] = set()
    at = op.lead
    for position, a in enumerate(node.signature.inputs):
        count = len(a.dtypes(node.attributes)) if a.is_list else 1
        if position in op.host:
            found.update(range(at, at + count))
        at += count
    return frozenset(found)


def needs_of(node: Node) -> tuple[set[int], bool]:
    """Return which inputs of a node with blocks decide shapes or structure inside.

    Returns:
      Positions of inputs, and whether what is computed inside decides them, too.
    """
    positions: set[int] = set()
    varying = False
    lead = 1  # the predicate
    carried = node.attributes.get("carried", 0)
    for block in node.blocks:
        producers = {s: n for n in block.nodes for s in n.outputs}
        place = {s: i for i, s in enumerate(block.inputs)}
        stack: list[int] = []
        for inner in block.nodes:
            stack += [inner.inputs[p] for p in host_positions(inner)]
            varying = varying or (bool(inner.blocks) and needs_of(inner)[1])
        seen: set[int] = set()
        while stack:
            slot = stack.pop()
            if slot in seen or slot in block.constants:
                continue
            seen.add(slot)
            if slot in place:
                varying = varying or place[slot] < carried
                positions.add(lead + place[slot])
                continue
            source = producers[slot]
            # What a list gives may be known while tracing: it keeps what is pushed as it is.
            if source.type in OF_SHAPE or source.type in LISTS:
                continue
            op = registry().get(source.type)
            if op is None or not op.pure or source.blocks:
                varying = True
            else:
                stack.extend(source.inputs)
    return positions, varying

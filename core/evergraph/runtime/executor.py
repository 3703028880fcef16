"""Run a program on NumPy arrays: interpreted at first, as generated source once it is hot."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from time import perf_counter_ns
from types import TracebackType
from typing import Any, Final, TypeAlias

import numpy as np

from evergraph.errors import CancelledError, OpError
from evergraph.op import Pending, registry
from evergraph.runtime.context import StepContext
from evergraph.runtime.kernels import Block, KernelTable, outputs_of
from evergraph.runtime.monitor import Monitor, run_cancelled
from evergraph.runtime.program import Node, NodeError, Program
from evergraph.xp import OPERATORS

#: Calls after which source is generated: compiling it costs 15 to 25 us a node, which an
#: interpreted node (about 50 ns more than a generated one) earns back only in a loop.
_HOT_CALLS: Final = 8
_HOT_NODES: Final = 5000

_SYMBOLS: Final = {
    OPERATORS["add"]: "+",
    OPERATORS["subtract"]: "-",
    OPERATORS["multiply"]: "*",
    OPERATORS["divide"]: "/",
    OPERATORS["less"]: "<",
    OPERATORS["less_equal"]: "<=",
    OPERATORS["greater"]: ">",
    OPERATORS["greater_equal"]: ">=",
    OPERATORS["matmul"]: "@",
}
#: So many operators may follow each other until a call lets Python look for signals: none of them
#: does. A call costs as much as a small operator.
_OPERATORS: Final = 32
_counter = itertools.count()
#: From the index of a node with blocks and the monitor of a run to the node's call.
Watched: TypeAlias = Callable[[int, Monitor], Callable[..., Any]]


def going() -> dict[str, Any]:
    """Return what programs of one session run by: once it is emptied, they stop.

    Generated source names `go` between two nodes, and this is where Python finds built-in names: a
    name costs 1.5 ns where a question costs 10.
    """
    return {"go": {}.copy}


class _Entry:
    """One node, made ready: its call, and which registers it reads, writes and frees.

    The call of a node with blocks, when it is watched, is made by `watched`.
    """

    __slots__ = ("call", "dead", "inputs", "outputs", "single", "watched")

    def __init__(
        self,
        call: Callable[..., Any],
        inputs: tuple[int, ...],
        outputs: tuple[int, ...],
        single: bool,
        dead: tuple[int, ...],
        watched: Watched | None = None,
    ) -> None:
        self.call = call
        self.watched = watched
        self.inputs = inputs
        self.outputs = outputs
        self.single = single
        self.dead = dead


class HostExecutable:
    """A program on NumPy arrays. Called with its inputs, in order, it returns its outputs.

    Args:
      program: what to run.
      table: the kernels.
      go: see `going`; without it, only a monitor stops a run.
      inner: whether it is a block of a node.

    Raises:
      NodeError: a node failed.
      CancelledError: the run was stopped.
    """

    def __init__(
        self,
        program: Program,
        table: KernelTable,
        go: dict[str, Any] | None = None,
        inner: bool = False,
    ) -> None:
        self.program = program
        self._inner = inner
        self._looped: Callable[..., Sequence[Any]] | None = None
        self._go = going() if go is None else go
        self._calls = 0
        self._function: Callable[..., Sequence[Any]] | None = None
        self._filename = f"<evergraph program {next(_counter)}>"
        registers: dict[int, int] = {}
        for slot in (*program.inputs, *program.constants):
            registers.setdefault(slot, len(registers))
        kept = {*program.outputs, *program.constants}
        last = program.last_use
        self._entries: list[_Entry] = []
        for index, node in enumerate(program.nodes):
            for slot in node.outputs:
                registers.setdefault(slot, len(registers))
            dead = {s for s in node.inputs if last[s] == index and s not in kept}
            dead |= {s for s in node.outputs if s not in last and s not in kept}
            call, watched = _calls(node, table, self._go)
            self._entries.append(
                _Entry(
                    call,
                    tuple([registers[s] for s in node.inputs]),
                    tuple([registers[s] for s in node.outputs]),
                    node.single,
                    tuple([registers[s] for s in dead]),
                    watched,
                )
            )
        self._inputs = [registers[s] for s in program.inputs]
        self._outputs = [registers[s] for s in program.outputs]
        self._template: list[Any] = [None] * len(registers)
        for slot, value in program.constants.items():
            self._template[registers[slot]] = value
        # Kernels that only move values about cannot warn.
        self._quiet = all(node.type in _NEVER_WARN for node in program.nodes)

    def __call__(self, inputs: Sequence[Any], monitor: Monitor | None = None) -> Sequence[Any]:
        if monitor is not None and monitor.watched:
            with np.errstate(all="ignore"):
                return self._monitored(inputs, monitor)
        function = self._function or self._hot()
        if function is None:
            with np.errstate(all="ignore"):
                return self._interpreted(inputs)
        try:
            return function(*inputs)
        except Exception as error:
            if self._is_stopped(error):
                raise run_cancelled() from None
            raise self._located(error) from error

    def _is_stopped(self, error: Exception) -> bool:
        """Whether an error says that the session is being closed."""
        return not self._go and isinstance(error, NameError | CancelledError)

    def block(self, number: int) -> Block:
        """Return the program as the block of that number of a node: NumPy is quiet already."""

        def run(inputs: Sequence[Any]) -> Sequence[Any]:
            function = self._function or self._hot()
            try:
                return self._interpreted(inputs) if function is None else function(*inputs)
            except Exception as error:
                if self._is_stopped(error):
                    raise run_cancelled() from None
                if function is None:
                    if isinstance(error, NodeError):
                        error.block = number
                    raise
                raise self._located(error, number) from error

        return run

    def watched_block(self, number: int, monitor: Monitor) -> Block:
        """Return the program as a block that is watched node by node."""

        def run(inputs: Sequence[Any]) -> Sequence[Any]:
            try:
                return self._monitored(inputs, monitor)
            except NodeError as error:
                error.block = number
                raise

        return run

    def _hot(self) -> Callable[..., Sequence[Any]] | None:
        """Return the generated function, if the program has been called often enough."""
        self._calls += 1
        if self._calls > _HOT_CALLS and len(self._entries) <= _HOT_NODES:
            self._function = self._generated()
        return self._function

    def _interpreted(self, inputs: Sequence[Any]) -> Sequence[Any]:
        values = self._template.copy()
        for register, value in zip(self._inputs, inputs, strict=True):
            values[register] = value
        entry, go = None, self._go
        try:
            for entry in self._entries:
                if not go:
                    break
                result = entry.call(*[values[i] for i in entry.inputs])
                if entry.single:
                    values[entry.outputs[0]] = result
                elif entry.outputs:
                    for register, value in zip(entry.outputs, result, strict=True):
                        values[register] = value
                for register in entry.dead:
                    values[register] = None
        except Exception as error:
            assert entry is not None
            if self._is_stopped(error):
                raise run_cancelled() from None
            index = self._entries.index(entry)
            raise NodeError(index, error, [values[i] for i in entry.inputs]) from error
        if not go:
            raise run_cancelled()
        return [values[i] for i in self._outputs]

    def _monitored(self, inputs: Sequence[Any], monitor: Monitor) -> Sequence[Any]:
        observer = monitor.observer
        values = self._template.copy()
        for register, value in zip(self._inputs, inputs, strict=True):
            values[register] = value
        for index, entry in enumerate(self._entries):
            monitor.check()
            arguments = [values[i] for i in entry.inputs]
            start = perf_counter_ns()
            try:
                call = entry.call if entry.watched is None else entry.watched(index, monitor)
                result = call(*arguments)
            except Exception as error:
                if entry.watched is not None and isinstance(error, OpError):
                    raise  # not a node's: the run is to stop
                raise NodeError(index, error, arguments) from error
            if observer is not None:
                end = perf_counter_ns()
                observer.node(self.program, index, start, end, outputs_of(entry.single, result))
            if entry.single:
                values[entry.outputs[0]] = result
            elif entry.outputs:
                for register, value in zip(entry.outputs, result, strict=True):
                    values[register] = value
        return [values[i] for i in self._outputs]

    def loop(self, carried: int) -> Callable[..., Sequence[Any]]:
        """Return the program, the body of a loop, as the call of its node.

        Args:
          carried: how many values an iteration hands on.
        """

        def run(predicate: Any, *inputs: Any) -> Sequence[Any]:
            values, fixed = inputs[:carried], inputs[carried:]
            while self._looped is None:
                if not predicate:
                    return values
                self._calls += 1
                if self._calls > _HOT_CALLS and len(self._entries) <= _HOT_NODES:
                    self._looped = self._generated(carried)
                else:
                    predicate, *rest = self._interpreted([*values, *fixed])
                    values = tuple(rest)
            try:
                return self._looped(predicate, *values, *fixed)
            except Exception as error:
                if self._is_stopped(error):
                    raise run_cancelled() from None
                raise self._located(error) from error

        return run

    def _generated(self, carried: int | None = None) -> Callable[..., Sequence[Any]]:
        """Return the program as one function, straight-line or the body of a loop.

        A register is a local variable, and one that is free is used again: 20,000 distinct locals
        run at 117 ns a node, a few at 33. Node i is on line i + `_first_line`.

        Args:
          carried: of a loop: how many of the inputs are what it hands on.
        """
        names: dict[int, str] = {}
        free: list[str] = []
        namespace: dict[str, Any] = {"__builtins__": self._go}
        for register, value in enumerate(self._template):
            if value is not None:
                names[register] = f"c{register}"
                namespace[f"c{register}"] = value
        for register in self._inputs:
            names[register] = f"i{register}"
        fresh = itertools.count()
        given = [names[r] for r in self._inputs]
        lines, indent = [f"def step({', '.join(given)}):"], " "
        if carried is not None:
            lines, indent = [f"def step({', '.join(['again', *given])}):", " while again:"], "  "
        self._first_line = len(lines) + 1
        self._locals: list[tuple[str, ...]] = []
        since = 0  # operators since the last call
        for index, entry in enumerate(self._entries):
            arguments = tuple(names[i] for i in entry.inputs)
            self._locals.append(arguments)
            symbol = _symbol(entry.call)
            call = since >= _OPERATORS
            lead = "go(); " if call else "go; " if index or self._inner else ""
            # A matrix product is never small.
            since = _OPERATORS if symbol == "@" else 0 if symbol is None or call else since + 1
            if symbol is not None and len(arguments) == 2:
                right = f"{arguments[0]} {symbol} {arguments[1]}"
            else:
                namespace[f"f{index}"] = entry.call
                right = f"f{index}({', '.join(arguments)})"
            # What dies here may be written over only by a result that does not hold its place.
            for register in entry.outputs:
                names[register] = free.pop() if free else f"v{next(fresh)}"
            left = ", ".join(names[r] for r in entry.outputs)
            comma = "," if len(entry.outputs) == 1 and not entry.single else ""
            lines.append(
                f"{indent}{lead}{left}{comma} = {right}" if left else f"{indent}{lead}{right}"
            )
            free += [names[r] for r in entry.dead if names[r][0] == "v"]
        outputs = ", ".join(names[r] for r in self._outputs)
        # A block of no nodes may be that of an endless loop.
        lead = "go; " if self._inner and not self._entries else ""
        if carried is None:
            lines.append(f" {lead}return ({outputs}{',' if self._outputs else ''})")
        else:
            values = ", ".join(given[:carried])
            lines.append(f"  {lead}{', '.join(['again', *given[:carried]])} = {outputs}")
            lines.append(f" return ({values}{',' if values else ''})")
        exec(compile("\n".join(lines), self._filename, "exec"), namespace)
        step: Callable[..., Sequence[Any]] = namespace["step"]
        # As a decorator, `errstate` costs half of what it does in a `with` statement.
        return step if self._quiet or self._inner else np.errstate(all="ignore")(step)

    def _located(self, error: Exception, block: int = 0) -> NodeError:
        """Find the node that raised by the line of the generated function."""
        trace: TracebackType | None = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._filename:
                index = trace.tb_lineno - self._first_line
                frame = {**trace.tb_frame.f_globals, **trace.tb_frame.f_locals}
                found = NodeError(index, error, [frame[n] for n in self._locals[index]])
                found.block = block
                return found
            trace = trace.tb_next
        raise error


def _calls(
    node: Node, table: KernelTable, go: dict[str, Any]
) -> tuple[Callable[..., Any], Watched | None]:
    """Return the call of a node, and for one with blocks what makes the call that is watched."""
    if not node.blocks:
        return called(node, table), None
    inner = [HostExecutable(block, table, go, inner=True) for block in node.blocks]

    def watched(index: int, monitor: Monitor) -> Callable[..., Any]:
        return table.control(
            node, [b.watched_block(i, monitor.inside(index, i)) for i, b in enumerate(inner)]
        )

    if node.type == "_Loop":
        return inner[0].loop(node.attributes["carried"]), watched
    return table.control(node, [b.block(i) for i, b in enumerate(inner)]), watched


def called(node: Node, table: KernelTable) -> Callable[..., Any]:
    """Return the call of a node without blocks, which waits where it must."""
    call = table.call(node.signature, node.attributes)
    op = registry().get(node.type)
    return _waiting(call) if op is not None and op.blocking else call


def _waiting(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a call that waits for outputs that come later: in a block, nothing else can run."""

    def wait(context: StepContext, *inputs: Any) -> Any:
        result = call(context, *inputs)
        if not isinstance(result, Pending):
            return result
        try:
            context.wait([result])
        finally:
            if not result.done():
                result.cancel()
        return result.result()

    return wait


def _symbol(call: Any) -> str | None:
    try:
        return _SYMBOLS.get(call)
    except TypeError:
        return None


_NEVER_WARN: Final = {
    "Identity",
    "Reshape",
    "Transpose",
    "Shape",
    "Pack",
    "ConcatV2",
    "StridedSlice",
    "GatherV2",
    "Squeeze",
    "ExpandDims",
}

"""Value checks inside a compiled region: the first that fails comes out as a few integers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from evergraph.plugin import Node, NodeError, check_now, errors, failure_text

#: Values that a message may show.
_VALUES: Final = 3


@dataclass
class Check:
    """One check of a traced region.

    Attributes:
      error, message: what to raise.
      shape: of the condition.
      floats: which of the values are floating-point numbers, passed as their bits.
      path: the node that checks: its index, after index and block of every node that it is inside.
    """

    error: type[errors.OpError]
    message: str | Callable[..., str]
    shape: tuple[int, ...]
    floats: tuple[bool, ...]
    path: tuple[int, ...] | None = None


@dataclass
class Trace:
    """The checks of one trace of a region, or of a block inside.

    Attributes:
      number: of the trace of the region.
      checks: all of the region.
      codes: traced, for this block: integers that tell whether a check failed, and which.
      unplaced: checks whose node is still running.
    """

    number: int
    checks: list[Check] = field(default_factory=list)
    codes: list[Any] = field(default_factory=list)
    unplaced: list[Check] = field(default_factory=list)

    def failure(self, code: np.ndarray[Any, Any]) -> NodeError:
        """Return the error that a region's result stands for."""
        check = self.checks[int(code[1])]
        at = tuple(int(i) for i in np.unravel_index(int(code[2]), check.shape))
        bits = code[3 : 3 + len(check.floats)]
        values = [b.view(np.float64) if f else b for b, f in zip(bits, check.floats, strict=True)]
        error: Exception = check.error(None, None, failure_text(check.message, at, values))
        assert check.path is not None
        path = list(check.path)
        found = NodeError(path.pop(), error)
        while path:
            found.block = path.pop()
            found = NodeError(path.pop(), found)
        return found

    def packed(self) -> Any:
        """Return the first code of a check that failed, or that of none."""
        result = self.passed()
        for code in reversed(self.codes):
            result = jnp.where(code[1] < 0, result, code)
        return result

    def passed(self) -> Any:
        """Return the code of a region in which no check failed."""
        nothing = np.zeros(3 + _VALUES, np.int64)
        nothing[:2] = self.number, -1
        return jnp.asarray(nothing)


class _Current(threading.local):
    trace: Trace | None = None


_current = _Current()


def current() -> Trace | None:
    """Return the trace that is under way in this thread."""
    return _current.trace


@contextmanager
def tracing(number: int) -> Iterator[Trace]:
    """Trace a region, or a block of the one that is being traced."""
    outer = _current.trace
    _current.trace = Trace(number) if outer is None else Trace(outer.number, outer.checks)
    try:
        yield _current.trace
    finally:
        _current.trace = outer


class Labels:
    """An observer that notes at which node checks came up.

    Args:
      path: index and block of every node that these nodes are inside of.
    """

    def __init__(self, path: tuple[int, ...] = ()) -> None:
        self._path = path

    def node(
        self, program: Any, index: int, start_ns: int, end_ns: int, outputs: Sequence[Any]
    ) -> None:
        """Note that the checks that came up since the last node are this node's."""
        del program, start_ns, end_ns, outputs
        trace = _current.trace
        if trace is not None:
            for check in trace.unplaced:
                check.path = (*self._path, index)
            trace.unplaced.clear()

    def inside(self, index: int, block: int) -> Labels:
        """Return what is told about the nodes of a block of node `index`."""
        return Labels((*self._path, index, block))

    def of(self, nodes: Sequence[Node]) -> Labels:
        """Return what is told about nodes by their number among these."""
        del nodes
        return self


def record(
    ok: Any, error: type[errors.OpError], message: str | Callable[..., str], *values: Any
) -> None:
    """Check now, if the condition is known; else note it for the region's result."""
    trace = _current.trace
    if trace is None or not isinstance(ok, jax.core.Tracer):
        if isinstance(ok, jax.Array):
            ok = np.asarray(ok)
        check_now(ok, error, message, *values)
        return
    ok = jnp.asarray(ok)
    position = jnp.argmin(jnp.reshape(ok, (-1,))) if ok.size else jnp.zeros((), jnp.int64)
    shown = []
    for value in values[:_VALUES]:
        flat = jnp.reshape(jnp.broadcast_to(jnp.asarray(value), ok.shape), (-1,))
        shown.append(flat[position] if ok.size else jnp.zeros((), flat.dtype))
    floats = tuple(jnp.issubdtype(v.dtype, jnp.floating) for v in shown)
    integers = [
        jax.lax.bitcast_convert_type(v.astype(jnp.float64), jnp.int64)
        if is_float
        else v.astype(jnp.int64)
        for v, is_float in zip(shown, floats, strict=True)
    ]
    integers += [jnp.zeros((), jnp.int64)] * (_VALUES - len(integers))
    # -1 stands for a check that holds.
    head = jnp.where(jnp.all(ok), -1, len(trace.checks))
    number = jnp.full((), trace.number, jnp.int64)
    trace.codes.append(jnp.stack([number, head, position.astype(jnp.int64), *integers]))
    check = Check(error, message, ok.shape, floats)
    trace.checks.append(check)
    trace.unplaced.append(check)

"""Value checks inside a compiled region: the first that fails comes out as a few integers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from evergraph.plugin import NodeError, check_now, errors, failure_text

#: Values that a message may show.
_VALUES: Final = 3


@dataclass
class Check:
    """One check of a traced region.

    Attributes:
      error, message: what to raise.
      shape: of the condition.
      code: traced integers: position, values.
      ok: traced: whether it holds.
      floats: which of the values are floating-point numbers, passed as their bits.
      node: the index of the node that checks.
    """

    error: type[errors.OpError]
    message: str | Callable[..., str]
    shape: tuple[int, ...]
    code: Any
    ok: Any
    floats: tuple[bool, ...]
    node: int = -1


@dataclass
class Trace:
    """The checks of one trace of a region."""

    checks: list[Check] = field(default_factory=list)

    def node(
        self, program: Any, index: int, start_ns: int, end_ns: int, outputs: Sequence[Any]
    ) -> None:
        """Note that the checks that came up since the last node are this node's."""
        del program, start_ns, end_ns, outputs
        for check in reversed(self.checks):
            if check.node >= 0:
                break
            check.node = index

    def failure(self, code: np.ndarray[Any, Any], inputs: Any = ()) -> NodeError:
        """Return the error that a region's result stands for."""
        check = self.checks[int(code[1])]
        at = tuple(int(i) for i in np.unravel_index(int(code[2]), check.shape))
        bits = code[3 : 3 + len(check.floats)]
        values = [b.view(np.float64) if f else b for b, f in zip(bits, check.floats, strict=True)]
        error = check.error(None, None, failure_text(check.message, at, values))
        return NodeError(check.node, error, inputs)


class _Current(threading.local):
    trace: Trace | None = None


current = _Current()


def record(
    ok: Any, error: type[errors.OpError], message: str | Callable[..., str], *values: Any
) -> None:
    """Check now, if the condition is known; else note it for the region's result."""
    trace = current.trace
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
    code = jnp.stack([position.astype(jnp.int64), *integers])
    trace.checks.append(Check(error, message, ok.shape, code, jnp.all(ok), floats))


def packed(trace: Trace, number: int) -> Any:
    """Return what tells the first failing check: trace, check (-1: none), position, values."""
    nothing = np.zeros(3 + _VALUES, np.int64)
    nothing[:2] = number, -1
    result = jnp.asarray(nothing)
    for i, check in reversed(list(enumerate(trace.checks))):
        head = jnp.asarray(np.array([number, i], np.int64))
        result = jnp.where(check.ok, result, jnp.concatenate([head, check.code]))
    return result

"""Conditionals and loops as XLA's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import jax
import jax.core
import jax.numpy as jnp
from jax import lax

from evergraph.plugin import NotCompilableError, numpy_table
from evergraph_jax.checks import current, tracing

#: A block of a node: from inputs to outputs.
_Block: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]


def conditional(
    predicate: Any,
    captured: Sequence[Any],
    *,
    _blocks: Sequence[_Block],
    given: tuple[Sequence[int], Sequence[int]],
    count: int,
) -> Sequence[Any]:
    """XLA's conditional; see `evergraph.ops.control.conditional`."""
    trace = current()
    if trace is None or not isinstance(predicate, jax.core.Tracer):
        plain = numpy_table()["_Conditional"].function
        found: Sequence[Any] = plain(predicate, captured, _blocks=_blocks, given=given, count=count)
        return found
    # What is known stays known inside.
    traced = [i for i, v in enumerate(captured) if isinstance(v, jax.Array)]

    def branch(number: int, missing: Sequence[Any]) -> Callable[..., tuple[list[Any], Any]]:
        def run(arrays: Sequence[Any]) -> tuple[list[Any], Any]:
            values = _with(captured, traced, arrays)
            with tracing(trace.number) as inner:
                results = _blocks[number](values)
                code = inner.packed()
            every = [jnp.zeros(m.shape, m.dtype) if m is not None else None for m in missing]
            for i, value in zip(given[number], results, strict=True):
                every[i] = _plain(value)
            return every, code

        return run

    arrays = [captured[i] for i in traced]
    missing: list[list[Any]] = [[None] * count, [None] * count]
    for number in (0, 1):
        absent = set(range(count)) - set(given[number])
        if absent:
            with tracing(trace.number):
                other, _ = jax.eval_shape(branch(1 - number, missing[1 - number]), arrays)
            for i in absent:
                missing[number][i] = other[i]
    try:
        results: Sequence[Any]
        results, code = lax.cond(
            jnp.reshape(predicate, ()), branch(1, missing[1]), branch(0, missing[0]), arrays
        )
    except TypeError as error:
        raise NotCompilableError(str(error)) from error
    trace.codes.append(code)
    return results


def loop(
    predicate: Any, inputs: Sequence[Any], *, _blocks: Sequence[_Block], carried: int
) -> Sequence[Any]:
    """XLA's loop; see `evergraph.ops.control.loop`."""
    trace = current()
    if trace is None:
        plain = numpy_table()["_Loop"].function
        found: Sequence[Any] = plain(predicate, inputs, _blocks=_blocks, carried=carried)
        return found
    if not isinstance(predicate, jax.core.Tracer) and not predicate:
        return inputs[:carried]
    fixed = inputs[carried:]
    traced = [i for i, v in enumerate(fixed) if isinstance(v, jax.Array)]

    def body(state: tuple[Any, list[Any], Any], arrays: Sequence[Any]) -> Any:
        _, values, _ = state
        with tracing(trace.number) as inner:
            again, *results = _blocks[0]([*values, *_with(fixed, traced, arrays)])
            code = inner.packed()
        return jnp.reshape(_plain(again), ()), [_plain(v) for v in results], code

    first = (
        jnp.reshape(_plain(predicate), ()),
        [_plain(v) for v in inputs[:carried]],
        trace.passed(),
    )
    arrays = [fixed[i] for i in traced]
    try:
        _, results, code = lax.while_loop(
            lambda state: state[0] & (state[2][1] < 0), lambda state: body(state, arrays), first
        )
    except TypeError as error:
        raise NotCompilableError(str(error)) from error
    trace.codes.append(code)
    return results


def _with(values: Sequence[Any], places: Sequence[int], arrays: Sequence[Any]) -> list[Any]:
    result = list(values)
    for i, array in zip(places, arrays, strict=True):
        result[i] = array
    return result


def _plain(value: Any) -> Any:
    """Return an array whose type is its own, not one that Python's numbers have."""
    array = jnp.asarray(value)
    return lax.convert_element_type(array, array.dtype)

"""Conditionals and loops as XLA's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeAlias

import jax
import jax.core
import jax.numpy as jnp
from jax import lax

from evergraph.plugin import NodeError, NotCompilableError, TensorList, numpy_table
from evergraph_jax import stopping
from evergraph_jax.checks import current, tracing
from evergraph_jax.lists import ListArray, as_array, fitted, is_list, joined

#: A block of a node: from inputs to outputs.
_Block: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]
#: How often the type of what a loop carries may change until it is settled.
_MAX_ROUNDS: Final = 8


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
    if trace is None or not isinstance(predicate, jax.core.Tracer) or predicate.ndim:
        plain = numpy_table()["_Conditional"].function
        found: Sequence[Any] = plain(predicate, captured, _blocks=_blocks, given=given, count=count)
        return found
    # What is known stays known inside.
    traced = [i for i, v in enumerate(captured) if isinstance(v, jax.Array)]

    place = trace.next_place()
    templates: list[Any] = [None] * count

    def branch(number: int, missing: Sequence[Any]) -> Callable[..., tuple[list[Any], Any]]:
        def run(arrays: Sequence[Any]) -> tuple[list[Any], Any]:
            values = _with(captured, traced, arrays)
            with tracing(trace.number, f"{place}{'ft'[number]}") as inner:
                results = _blocks[number](values)
                every = [jax.tree.map(_zeros, m) for m in missing]
                for i, value in zip(given[number], results, strict=True):
                    if value is not None:
                        every[i] = _carried(value, templates[i], f"{place}:{i}")
                code = inner.packed()
            return every, code

        return run

    arrays = [captured[i] for i in traced]
    missing: list[list[Any]] = [[None] * count, [None] * count]
    with _compilable():
        shapes = [jax.eval_shape(branch(number, missing[number]), arrays)[0] for number in (0, 1)]
        both = set(given[0]) & set(given[1])
        for number in (0, 1):
            # What a conditional that was decided while tracing did not give is missing as well.
            for i, shape in enumerate(shapes[number]):
                if shape is None:
                    missing[number][i] = shapes[1 - number][i]
        for i in both:
            if isinstance(shapes[0][i], ListArray):
                templates[i] = jax.eval_shape(partial(_joined_types, shapes[0][i], shapes[1][i]))
        results: Sequence[Any]
        results, code = lax.cond(predicate, branch(1, missing[1]), branch(0, missing[0]), arrays)
    trace.codes.append(code)
    return results


@contextmanager
def _compilable() -> Iterator[None]:
    """Leave it to the host to drive branches that give other shapes, or of which one fails.

    A branch is traced in any case, but if it fails, it does so only where it is taken.
    """
    try:
        yield
    except TypeError as error:
        raise NotCompilableError(str(error)) from error
    except NodeError as error:
        innermost = error
        while isinstance(innermost.error, NodeError):
            innermost = innermost.error
        if isinstance(innermost.error, NotCompilableError):
            raise
        raise NotCompilableError(str(error)) from error


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
    place = trace.next_place()
    fixed = [_held(v) for v in inputs[carried:]]
    traced = [i for i, v in enumerate(fixed) if isinstance(v, jax.Array)]
    values = [_carried(v, None, f"{place}:{i}") for i, v in enumerate(inputs[:carried])]

    def body(values: Sequence[Any], wanted: Sequence[Any], arrays: Sequence[Any]) -> Any:
        with tracing(trace.number, place) as inner:
            again, *results = _blocks[0]([*values, *_with(fixed, traced, arrays)])
            results = [_carried(v, w, "") for v, w in zip(results, wanted, strict=True)]
            code = inner.packed()
        return jnp.reshape(_plain(again), ()), results, code

    arrays = [fixed[i] for i in traced]
    if any(isinstance(v, ListArray) for v in values):
        values = _settled(values, lambda given: body(given, [None] * carried, arrays)[1])
    wanted = [v if isinstance(v, ListArray) else None for v in values]
    types = jax.eval_shape(lambda: wanted)
    asks = trace.run is not None
    stopped = trace.stopped() if asks else trace.passed()

    def iteration(state: Any) -> Any:
        again, results, code = body(state[1], types, arrays)
        count = state[3]
        if asks:
            count, stop = stopping.counted(count, trace.run)
            code = jnp.where(stop, stopped, code)
        return again, results, code, count

    goes_on = jnp.reshape(_plain(predicate), ())
    elements = sum(leaf.size for leaf in jax.tree.leaves((values, arrays)))
    count = stopping.first(elements) if asks else ()
    try:
        _, results, code, _ = lax.while_loop(
            lambda state: state[0] & (state[2][1] < 0),
            iteration,
            (goes_on, values, trace.passed(), count),
        )
    except TypeError as error:
        raise NotCompilableError(str(error)) from error
    trace.codes.append(code)
    return results


def _settled(values: list[Any], body: Callable[[list[Any]], list[Any]]) -> list[Any]:
    """Return the first values of a loop with lists of such a type that the loop does not change it.

    Raises:
      NotCompilableError: there is none.
    """
    for _ in range(_MAX_ROUNDS):
        after = jax.eval_shape(body, values)
        before: Any = jax.tree.structure(values)
        values = [
            joined(v, a) if isinstance(v, ListArray) else v
            for v, a in zip(values, after, strict=True)
        ]
        if jax.tree.structure(values) == before:
            return values
    raise NotCompilableError("what a list is made of changes in every iteration")


def _joined_types(one: ListArray, other: ListArray) -> ListArray:
    zeros = [jax.tree.map(_zeros, x) for x in (one, other)]
    return joined(joined(zeros[0], zeros[1]), joined(zeros[1], zeros[0]))


def _held(value: Any) -> Any:
    """Return a value that a loop only reads: a list as an array, so that it is made but once."""
    if not isinstance(value, TensorList) or not any(value.initialized()):
        return value
    try:
        return as_array(value)
    except NotCompilableError:
        return value


def _carried(value: Any, wanted: ListArray | None, key: str) -> Any:
    """Return a value as it leaves a block: lists as arrays of the type that is wanted."""
    if not is_list(value):
        return None if value is None else _plain(value)
    return as_array(value, key) if wanted is None else fitted(value, wanted)


def _zeros(leaf: Any) -> Any:
    return jnp.zeros(leaf.shape, leaf.dtype)


def _with(values: Sequence[Any], places: Sequence[int], arrays: Sequence[Any]) -> list[Any]:
    result = list(values)
    for i, array in zip(places, arrays, strict=True):
        result[i] = array
    return result


def _plain(value: Any) -> Any:
    """Return an array whose type is its own, not one that Python's numbers have."""
    array = jnp.asarray(value)
    return lax.convert_element_type(array, array.dtype)

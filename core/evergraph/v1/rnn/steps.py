"""What all that runs a cell along a sequence shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph.graph.slicing import stack
from evergraph.graph.stacks import get_default_graph
from evergraph.v1 import nest
from evergraph.v1.conditions import cond
from evergraph.v1.filling import zeros
from evergraph.v1.indexing import where
from evergraph.v1.rnn.states import joined


def cache_reads(scope: Any) -> None:
    """Let variables of a scope be read once for all steps, but not in a loop, where they change."""
    context = get_default_graph()._control_flow_context
    if scope.caching_device is None and (context is None or context.loop is None):
        scope.set_caching_device(lambda op: op.device)


def initial_state(cell: Any, state: Any, batch_size: Any, dtype: Any) -> Any:
    """Return a state that is given, or else zeros.

    Raises:
      ValueError: neither a state nor a type is given.
    """
    if state is not None:
        return state
    if not dtype:
        raise ValueError("If no initial_state is provided, argument `dtype` must be specified")
    if getattr(cell, "get_initial_state", None) is not None:
        return cell.get_initial_state(inputs=None, batch_size=batch_size, dtype=dtype)
    return cell.zero_state(batch_size, dtype)


def state_dtype(dtype: Any, state: Any) -> Any:
    """Return the type of outputs: one that is given, or else that of the state.

    Raises:
      ValueError: the state has none, or several.
    """
    if dtype is not None:
        return dtype
    types = [part.dtype for part in nest.flatten(state)]
    if not types:
        raise ValueError(f"Unable to infer dtype from argument state={state}.")
    if any(other != types[0] for other in types):
        raise ValueError(
            f"Argument state={state} has tensors of different inferred dtypes. Unable to infer a "
            f"single representative dtype. Dtypes received: {types}"
        )
    return types[0]


def zero_outputs(cell: Any, batch_size: Any, dtype: Any) -> Any:
    """Return zeros in the structure of a cell's outputs."""
    flat = [
        zeros(stack(joined(batch_size, size)), dtype) for size in nest.flatten(cell.output_size)
    ]
    return nest.pack_sequence_as(cell.output_size, flat)


def chosen(condition: Any, one: Any, other: Any) -> Any:
    """Return the rows of one tensor where a condition holds, of another elsewhere."""
    if not hasattr(other, "shape") or not hasattr(other, "op") or one.shape.rank == 0:
        # Scalars, and arrays of tensors, have no rows.
        return other
    with get_default_graph().colocate_with(other.op):
        return where(condition, one, other)


def step_within(
    time: Any,
    lengths: Any,
    bounds: tuple[Any, Any] | None,
    zero_output: Any,
    state: Any,
    call_cell: Callable[[], tuple[Any, Any]],
) -> tuple[Any, Any]:
    """Return output and state of a step: zeros and the old state where a sequence has ended.

    Args:
      time: the number of the step.
      lengths: how long each sequence is.
      bounds: the least and the greatest length; before and after these nothing is chosen. None for
        a choice in each step.
      zero_output: zeros in the structure of outputs.
      state: the old state.
      call_cell: returns output and new state.
    """
    old = [*nest.flatten(zero_output), *nest.flatten(state)]
    ended = time >= lengths

    def computed() -> list[Any]:
        output, new_state = call_cell()
        nest.assert_same_structure(zero_output, output)
        nest.assert_same_structure(state, new_state)
        return [*nest.flatten(output), *nest.flatten(new_state)]

    def chosen_of(new: list[Any]) -> list[Any]:
        return [chosen(ended, *pair) for pair in zip(old, new, strict=True)]

    def computed_or_chosen() -> Any:
        assert bounds is not None
        new = computed()
        return cond(time < bounds[0], lambda: new, lambda: chosen_of(new))

    if bounds is None:
        new = chosen_of(computed())
    else:
        new = cond(time >= bounds[1], lambda: old, computed_or_chosen)
        new = new if isinstance(new, list) else [new]
    for given, found in zip(old, new, strict=True):
        if hasattr(found, "set_shape") and hasattr(given, "shape"):
            found.set_shape(given.shape)
    count = len(nest.flatten(zero_output))
    return (
        nest.pack_sequence_as(zero_output, new[:count]),
        nest.pack_sequence_as(state, new[count:]),
    )

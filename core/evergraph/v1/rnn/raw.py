"""tf.nn.raw_rnn: a cell in a loop whose inputs a function chooses, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import node
from evergraph.graph.slicing import shape as shape_of
from evergraph.shapes import TensorShape, dimension_at_index
from evergraph.v1 import nest
from evergraph.v1.filling import zeros
from evergraph.v1.loops import while_loop
from evergraph.v1.reductions import reduce_all
from evergraph.v1.rnn.dynamic import static_size
from evergraph.v1.rnn.states import joined
from evergraph.v1.rnn.steps import cache_reads, chosen
from evergraph.v1.rnn.wrappers import assert_like_rnncell
from evergraph.v1.tensor_array import TensorArray
from evergraph.v1.variable_scopes import variable_scope


def raw_rnn(
    cell: Any,
    loop_fn: Callable[..., Any],
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    scope: Any = None,
) -> Any:
    """Run a cell in a loop, with inputs and states that a function chooses.

    Args:
      cell: the cell; see `tf.nn.rnn_cell`.
      loop_fn: a function of the step's number, the cell's output and state, and a state of the
        loop's own. It returns which sequences have ended, the next input, the next state, what is
        emitted, and the loop's next state. First it is called with None for all but the number,
        and returns zeros as what is emitted, or None for the cell's outputs.
      parallel_iterations, swap_memory: see `tf.while_loop`.
      scope: the variable scope, "rnn" by default.

    Returns:
      TensorArrays with what was emitted, the last state, and the loop's last state.

    Raises:
      TypeError: the cell is none, or `loop_fn` cannot be called.
      ValueError: structures or sizes do not fit.
    """
    assert_like_rnncell("cell", cell)
    if not callable(loop_fn):
        raise TypeError(f"Argument `loop_fn` must be a callable. Received: {loop_fn}.")
    with variable_scope(scope or "rnn") as found:
        cache_reads(found)
        time = constant(0, dtypes.int32)
        finished, first_input, state, emitted, own = loop_fn(time, None, None, None)
        loop_state = constant(0, dtypes.int32) if own is None else own
        flat_input = nest.flatten(first_input)
        batch = dimension_at_index(TensorShape(flat_input[0].shape), 0)
        for value in flat_input:
            batch.assert_is_compatible_with(dimension_at_index(TensorShape(value.shape), 0))
        batch_size = batch.value
        if batch_size is None:
            batch_size = shape_of(flat_input[0])[0]
        nest.assert_same_structure(state, cell.state_size)
        flat_state = [convert_to_tensor(part) for part in nest.flatten(state)]
        state = nest.pack_sequence_as(state, flat_state)
        if emitted is None:
            emitted = cell.output_size
            sizes: list[Any] = nest.flatten(emitted)
            types = [flat_state[0].dtype] * len(sizes)
        else:
            parts = nest.flatten(emitted)
            sizes = [p.shape if p.shape.is_fully_defined() else shape_of(p) for p in parts]
            types = [part.dtype for part in parts]
        arrays = [
            TensorArray(
                dtype,
                size=0,
                dynamic_size=True,
                element_shape=TensorShape([batch.value]).concatenate(static_size(size)),
                name=f"rnn_output_{i}",
            )
            for i, (dtype, size) in enumerate(zip(types, sizes, strict=True))
        ]
        zero = [
            zeros(joined(batch_size, size), dtype) for size, dtype in zip(sizes, types, strict=True)
        ]
        zero_emitted = nest.pack_sequence_as(emitted, zero)

        def step(
            time: Any, finished: Any, value: Any, arrays: Any, state: Any, loop_state: Any
        ) -> Any:
            output, cell_state = cell(value, state)
            nest.assert_same_structure(state, cell_state)
            nest.assert_same_structure(cell.output_size, output)
            next_time = time + 1
            ends, next_value, next_state, emits, next_own = loop_fn(
                next_time, output, cell_state, loop_state
            )
            nest.assert_same_structure(state, next_state)
            nest.assert_same_structure(value, next_value)
            nest.assert_same_structure(arrays, emits)

            def kept(old: Any, new: Any) -> Any:
                return chosen(finished, old, new)

            emits = nest.map_structure(kept, zero_emitted, emits)
            next_state = nest.map_structure(kept, state, next_state)
            arrays = nest.map_structure(lambda array, x: array.write(time, x), arrays, emits)
            return (
                next_time,
                node("LogicalOr", x=finished, y=ends),
                next_value,
                arrays,
                next_state,
                loop_state if next_own is None else next_own,
            )

        *_, arrays, state, loop_state = while_loop(
            lambda _, finished, *__: node("LogicalNot", x=reduce_all(finished)),
            step,
            [
                time,
                finished,
                first_input,
                nest.pack_sequence_as(emitted, arrays),
                state,
                loop_state,
            ],
            parallel_iterations=parallel_iterations or 32,
            swap_memory=swap_memory,
        )
        return arrays, state, None if own is None else loop_state
